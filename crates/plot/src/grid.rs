//! Several plots side by side in one SVG.

use std::io;
use std::path::Path;

use crate::plot::Plot;
use crate::svg::{Anchor, Svg, TITLE_SIZE, fit_text, px};
use crate::{file, jupyter, picture};

/// Height of the title above the panels.
const TITLE_HEIGHT: f64 = 34.0;

/// A grid of plots, filled row by row.
///
/// ```
/// use downhill_plot::{Grid, Plot};
///
/// let mut grid = Grid::new("Powers");
/// for power in 1..=4 {
///     grid = grid.panel(Plot::new(format!("x^{power}")).function("", -1.0..=1.0, |x| x.powi(power)));
/// }
/// assert_eq!(grid.to_svg().matches("x^").count(), 4);
/// ```
#[derive(Clone, Debug)]
pub struct Grid {
    title: String,
    columns: usize,
    panel_size: (f64, f64),
    panels: Vec<Plot>,
}

impl Grid {
    /// An empty grid of two columns with a title, which may be empty.
    pub fn new(title: impl Into<String>) -> Grid {
        Grid { title: title.into(), columns: 2, panel_size: (400.0, 320.0), panels: Vec::new() }
    }

    /// The number of panels in a row.
    ///
    /// # Panics
    /// If it is zero.
    #[track_caller]
    pub fn columns(mut self, columns: usize) -> Grid {
        assert!(columns > 0, "Grid::columns: expected at least one column, got 0");
        self.columns = columns;
        self
    }

    /// The size of each panel in pixels, 400 by 320 by default; it replaces the sizes of the plots.
    ///
    /// # Panics
    /// If a side is below 200 or above 10,000 pixels.
    #[track_caller]
    pub fn panel_size(mut self, width: f64, height: f64) -> Grid {
        let sides = 200.0..=10_000.0;
        let fits = sides.contains(&width) && sides.contains(&height);
        assert!(fits, "Grid::panel_size: expected sides from 200 to 10000 pixels, got {width} by {height}");
        self.panel_size = (width, height);
        self
    }

    /// Adds a plot to the right of the last one, or at the start of the next row.
    pub fn panel(mut self, plot: Plot) -> Grid {
        self.panels.push(plot);
        self
    }

    /// The picture as an SVG document.
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn to_svg(&self) -> String {
        let (panel_width, panel_height) = self.panel_size;
        let columns = self.columns.min(self.panels.len()).max(1);
        let rows = self.panels.len().div_ceil(columns).max(1);
        let top = if self.title.is_empty() { 0.0 } else { TITLE_HEIGHT };
        let (width, height) = (panel_width * columns as f64, top + panel_height * rows as f64);
        let mut svg = Svg::default();
        let title = fit_text(&self.title, width, TITLE_SIZE + 2.0);
        svg.text((width / 2.0, 26.0), Anchor::Middle, TITLE_SIZE + 2.0, " font-weight=\"bold\"", &title);
        for (index, plot) in self.panels.iter().enumerate() {
            let x = panel_width * (index % columns) as f64;
            let y = top + panel_height * (index / columns) as f64;
            svg.open("g", &format!("transform=\"translate({} {})\"", px(x), px(y)));
            picture::draw(plot, panel_width, panel_height, &mut svg);
            svg.close("g");
        }
        svg.document(width, height, &self.title)
    }

    /// Writes the SVG to a file, as [`Plot::save`] does.
    ///
    /// # Errors
    /// If the folder or the file cannot be written; the message names the path.
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        file::save(path.as_ref(), &self.to_svg())
    }

    /// Shows the picture in Jupyter with the Rust kernel, which calls this for the value of a cell.
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn evcxr_display(&self) {
        jupyter::display(&self.to_svg());
    }
}
