//! Output of a plot: SVG, a file, the terminal, a notebook.

use std::io;
use std::path::Path;

use super::Plot;
use crate::svg::Svg;
use crate::{file, jupyter, picture, terminal};

impl Plot {
    /// The picture as an SVG document.
    ///
    /// # Panics
    /// If a log axis was given a range that is not above zero.
    #[track_caller]
    pub fn to_svg(&self) -> String {
        let (width, height) = self.size;
        let mut svg = Svg::default();
        picture::draw(self, width, height, &mut svg);
        svg.document(width, height, &self.title)
    }

    /// Writes the SVG to a file, creating its folder if it is missing. The file is replaced atomically: the picture
    /// is written to a temporary file and renamed.
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

    /// The picture as text without colours: `rows` lines of at most `columns` characters (at least 8 lines of 24).
    /// Letters at their ends tell several lines apart, and `×` marks where a run became NaN or infinite. A contour is
    /// left out, but the paths over it are drawn.
    ///
    /// ```
    /// use downhill_plot::Plot;
    ///
    /// let text = Plot::new("x³").function("", -1.0..=1.0, |x| x.powi(3)).to_terminal(40, 10);
    /// assert_eq!(text.lines().count(), 10);
    /// ```
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn to_terminal(&self, columns: usize, rows: usize) -> String {
        terminal::draw(self, columns, rows, false)
    }

    /// As [`Plot::to_terminal`], with ANSI colour codes.
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn to_terminal_in_color(&self, columns: usize, rows: usize) -> String {
        terminal::draw(self, columns, rows, true)
    }

    /// Prints the picture to standard output, in colour if that is a terminal and the variable `NO_COLOR` is unset or
    /// empty.
    ///
    /// # Panics
    /// As [`Plot::to_svg`].
    #[track_caller]
    pub fn print(&self, columns: usize, rows: usize) {
        println!("{}", terminal::draw(self, columns, rows, terminal::color_wanted()));
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
