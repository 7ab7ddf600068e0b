//! The legend of a graph: the shapes of the nodes and the widths of the edges.

use super::flow::{Flow, FlowScale};
use super::layout::Rect;
use super::node::Kind;
use super::shape;
use downhill_plot::number::short;
use downhill_plot::svg::{Anchor, Svg, TICK_SIZE, path_data, text_width};

const ROW: f64 = 24.0;
const SAMPLE: f64 = 28.0;
const GAP: f64 = 7.0;
const SEPARATION: f64 = 20.0;

/// The symbol in front of an entry's text.
#[derive(Clone, Copy, Debug)]
enum Mark {
    None,
    Kind(Kind),
    Flow(Flow, f64),
}

/// The entries that a picture needs, in rows.
#[derive(Clone, Debug)]
pub(crate) struct Legend {
    rows: Vec<Vec<(Mark, String)>>,
}

impl Legend {
    /// Lists the kinds, and the flows if gradients are shown, in rows of the given width where possible.
    pub(crate) fn new(mut kinds: Vec<Kind>, flows: &[Flow], scale: Option<FlowScale>, width: f64) -> Legend {
        kinds.sort_unstable();
        kinds.dedup();
        let kinds: Vec<_> = kinds.into_iter().map(|kind| (Mark::Kind(kind), kind.name().to_string())).collect();
        let mut gradients = Vec::new();
        if let Some(scale) = scale {
            gradients.push((Mark::None, "gradient flowing back (norm)".to_string()));
            for norm in scale.samples() {
                let flow = Flow::Norm(norm);
                gradients.push((Mark::Flow(flow, scale.width(flow)), short(norm, 1)));
            }
            for (flow, text) in [(Flow::Zero, "zero"), (Flow::NotFinite, "not finite"), (Flow::None, "none")] {
                if flows.contains(&flow) {
                    gradients.push((Mark::Flow(flow, scale.width(flow)), text.to_string()));
                }
            }
        }
        let mut rows: Vec<Vec<(Mark, String)>> = Vec::new();
        for entries in [kinds, gradients] {
            let mut free = 0.0;
            for entry in entries {
                let needed = entry_width(&entry);
                match rows.last_mut().filter(|_| needed <= free) {
                    Some(row) => row.push(entry),
                    None => {
                        free = width;
                        rows.push(vec![entry]);
                    }
                }
                free -= needed + SEPARATION;
            }
        }
        Legend { rows }
    }

    pub(crate) fn width(&self) -> f64 {
        self.rows.iter().map(|row| row_width(row)).fold(0.0, f64::max)
    }

    pub(crate) fn height(&self) -> f64 {
        ROW * self.rows.len() as f64
    }

    /// Draws the rows, centred at the given x.
    pub(crate) fn draw(&self, middle: f64, top: f64, svg: &mut Svg) {
        svg.open("g", "class=\"legend\"");
        for (index, row) in self.rows.iter().enumerate() {
            let y = top + ROW * (index as f64 + 0.5);
            let mut x = middle - row_width(row) / 2.0;
            for entry in row {
                let (mark, text) = entry;
                match mark {
                    Mark::None => {}
                    Mark::Kind(kind) => {
                        let rect = Rect { left: x, top: y - 8.0, width: SAMPLE, height: 16.0 };
                        shape::outline(*kind, &rect, svg);
                    }
                    Mark::Flow(flow, width) => {
                        let line = path_data([(x, y), (x + SAMPLE, y)], false);
                        svg.element("path", &stroke(*flow, *width, &line));
                    }
                }
                svg.text((x + mark_width(mark), y + 4.5), Anchor::Start, TICK_SIZE, "", text);
                x += entry_width(entry) + SEPARATION;
            }
        }
        svg.close("g");
    }
}

/// The attributes of a line with a gradient.
pub(crate) fn stroke(flow: Flow, width: f64, data: &str) -> String {
    let dash = flow.dash();
    let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
    let (color, width) = (flow.color(), downhill_plot::svg::px(width));
    format!("d=\"{data}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"{dash}")
}

fn mark_width(mark: &Mark) -> f64 {
    if matches!(mark, Mark::None) { 0.0 } else { SAMPLE + GAP }
}

fn entry_width((mark, text): &(Mark, String)) -> f64 {
    mark_width(mark) + text_width(text, TICK_SIZE)
}

fn row_width(row: &[(Mark, String)]) -> f64 {
    row.iter().map(entry_width).sum::<f64>() + SEPARATION * row.len().saturating_sub(1) as f64
}
