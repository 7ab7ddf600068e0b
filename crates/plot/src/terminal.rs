//! Lays out a plot as text: title, axes, lines and legend.

use std::io::IsTerminal;

use crate::canvas::{Canvas, Cell, letter};
use crate::colors::terminal_color;
use crate::plot::Plot;
use crate::ranges::axes;
use crate::ticks::Tick;

/// The rightmost column at which the legend may start.
const LEGEND_INDENT: usize = 6;

/// The gap between two entries of the legend.
const SEPARATOR: &str = "   ";

/// Whether standard output is a terminal and the variable `NO_COLOR` (no-color.org) is unset or empty.
pub(crate) fn color_wanted() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Draws the plot in `rows` lines of at most `columns` characters.
#[track_caller]
pub(crate) fn draw(plot: &Plot, columns: usize, rows: usize, colored: bool) -> String {
    let (columns, rows) = (columns.max(24), rows.max(8));
    let axes = axes(plot);
    let legend = legend(plot, columns, (rows / 4).max(1));
    let heading = usize::from(!plot.title.is_empty() || !plot.y_label.is_empty());
    let x_label = usize::from(!plot.x_label.is_empty());
    // The axis and its labels take two lines.
    let height = rows - 2 - heading - x_label - legend.len();
    let y_ticks = axes.1.ticks((height / 2).clamp(2, 8));
    let widest = y_ticks.iter().map(|tick| tick.label.len()).max().unwrap_or(0);
    let gutter = widest.min(columns / 2);
    let width = columns - gutter - 2;

    let mut canvas = Canvas::new(width, height);
    canvas.draw(plot, &axes);
    let paint = Paint { plot, colored };
    let indent = gutter + 2;
    let mut lines = Vec::new();
    if heading == 1 {
        lines.push(heading_line(plot, columns, indent));
    }
    for row in 0..height {
        let tick = y_ticks.iter().find(|tick| row_of(tick.at, height) == row);
        let label = tick.map_or(String::new(), |tick| cut(&tick.label, gutter));
        let edge = if tick.is_some() { '┤' } else { '│' };
        lines.push(format!("{label:>gutter$} {edge}{}", paint.cells(canvas.row(row))));
    }
    let [axis, labels] = x_lines(&axes.0.ticks((width / 10).clamp(2, 8)), width);
    lines.push(format!("{:gutter$} └{axis}", ""));
    lines.push(format!("{:indent$}{labels}", ""));
    if x_label == 1 {
        lines.push(centered(&plot.x_label, indent, columns));
    }
    let legend_indent = indent.min(LEGEND_INDENT);
    for entries in &legend {
        lines.push(format!("{:legend_indent$}{}", "", paint.legend(entries)));
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}

/// The row of cells of a position on the y-axis.
fn row_of(unit: f64, height: usize) -> usize {
    ((1.0 - unit).clamp(0.0, 1.0) * (4 * height - 1) as f64).round() as usize / 4
}

/// Turns cells and legend entries into text.
struct Paint<'a> {
    plot: &'a Plot,
    colored: bool,
}

impl Paint<'_> {
    fn cells(&self, cells: &[Cell]) -> String {
        let text = |cell: &Cell| match cell.mark {
            Some(mark) => mark,
            None if cell.dots == 0 => ' ',
            None => char::from_u32(0x2800 + cell.dots).unwrap_or(' '),
        };
        let runs = cells.chunk_by(|a, b| a.series == b.series);
        runs.map(|run| self.color(run[0].series, run.iter().map(text).collect())).collect()
    }

    fn legend(&self, entries: &[(Option<usize>, String)]) -> String {
        let painted: Vec<String> = entries.iter().map(|(series, text)| self.color(*series, text.clone())).collect();
        painted.join(SEPARATOR)
    }

    fn color(&self, series: Option<usize>, text: String) -> String {
        match series.and_then(|index| terminal_color(&self.plot.series[index])) {
            Some(color) if self.colored => format!("\x1b[38;5;{color}m{text}\x1b[0m"),
            _ => text,
        }
    }
}

/// The legend entries broken into lines, each with its series.
fn legend(plot: &Plot, columns: usize, most_lines: usize) -> Vec<Vec<(Option<usize>, String)>> {
    // The last entry may be followed by an ellipsis.
    let room = columns - LEGEND_INDENT - SEPARATOR.len() - 1;
    let mut lines: Vec<Vec<(Option<usize>, String)>> = Vec::new();
    let mut free = 0;
    for (index, series) in plot.series.iter().enumerate() {
        let label = printable(&plot.label(series));
        if label.is_empty() {
            continue;
        }
        let entry = if plot.series.len() > 1 { format!("{} {label}", letter(index)) } else { label };
        let entry = cut(&entry, room);
        let needed = entry.chars().count() + SEPARATOR.len();
        if needed > free + SEPARATOR.len() || lines.is_empty() {
            if lines.len() == most_lines {
                lines[most_lines - 1].push((None, "…".to_string()));
                break;
            }
            lines.push(Vec::new());
            free = room;
        }
        free = free.saturating_sub(needed);
        if let Some(line) = lines.last_mut() {
            line.push((Some(index), entry));
        }
    }
    lines
}

/// The y-axis label above the axis and the title in the middle, or only the title if both do not fit.
fn heading_line(plot: &Plot, columns: usize, indent: usize) -> String {
    let y_label = printable(&plot.y_label);
    if plot.title.is_empty() {
        return cut(&y_label, columns);
    }
    let title = centered(&plot.title, indent, columns);
    let start = title.chars().take_while(|&c| c == ' ').count();
    let used = y_label.chars().count();
    if used + 2 > start {
        return title;
    }
    y_label + &title.chars().skip(used).collect::<String>()
}

/// The line below the frame with its ticks, and the labels below them.
fn x_lines(ticks: &[Tick], width: usize) -> [String; 2] {
    let mut axis = vec!['─'; width];
    let mut labels = vec![' '; width];
    let mut next_free = 0;
    for tick in ticks {
        let column = (tick.at.clamp(0.0, 1.0) * (2 * width - 1) as f64).round() as usize / 2;
        let length = tick.label.len();
        let start = column.saturating_sub(length / 2).min(width.saturating_sub(length));
        if start < next_free {
            continue;
        }
        axis[column] = '┬';
        for (place, character) in labels[start..].iter_mut().zip(tick.label.chars()) {
            *place = character;
        }
        next_free = start + length + 1;
    }
    [axis.into_iter().collect(), labels.into_iter().collect()]
}

/// The text centred between two columns.
fn centered(text: &str, from: usize, to: usize) -> String {
    let text = cut(&printable(text), to - from);
    let space = from + (to - from - text.chars().count()) / 2;
    format!("{:space$}{text}", "")
}

/// The text cut to a width, with an ellipsis if anything was cut.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_string();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// The text without line breaks and control codes, which would break the layout.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
