//! Small grey images side by side, each with a caption, such as digits, weights or misclassified examples.

use std::fmt::Write;
use std::io;
use std::path::Path;

use crate::svg::{Anchor, LABEL_SIZE, Svg, TICK_SIZE, fit_text, px};
use crate::{file, jupyter};

const TITLE_HEIGHT: f64 = 34.0;
const CAPTION_HEIGHT: f64 = 22.0;
const MARGIN: f64 = 10.0;
/// The number of shades of grey: each is one path in the file.
const SHADES: usize = 16;

/// Grey images in rows, with a square for each pixel.
///
/// ```
/// use downhill_plot::ImageSheet;
///
/// let slash = [0.0, 1.0, 1.0, 0.0];
/// let sheet = ImageSheet::new("Strokes").image("slash", 2, &slash).image("blank", 2, &[0.0; 4]);
/// assert!(sheet.to_svg().contains("slash"));
/// ```
#[derive(Clone, Debug)]
pub struct ImageSheet {
    title: String,
    columns: usize,
    side: f64,
    images: Vec<Image>,
}

#[derive(Clone, Debug)]
struct Image {
    caption: String,
    width: usize,
    /// From 0 (white) to 1 (black), in row-major order.
    pixels: Vec<f64>,
}

impl ImageSheet {
    /// An empty sheet with rows of eight images.
    pub fn new(title: impl Into<String>) -> ImageSheet {
        ImageSheet { title: title.into(), columns: 8, side: 96.0, images: Vec::new() }
    }

    /// The number of images in a row.
    ///
    /// # Panics
    /// If it is zero.
    #[track_caller]
    pub fn columns(mut self, columns: usize) -> ImageSheet {
        assert!(columns > 0, "ImageSheet::columns: expected at least one column, got 0");
        self.columns = columns;
        self
    }

    /// The width of each image in pixels of the picture, 96 by default.
    ///
    /// # Panics
    /// If it is not from 8 to 2000.
    #[track_caller]
    pub fn side(mut self, side: f64) -> ImageSheet {
        assert!((8.0..=2000.0).contains(&side), "ImageSheet::side: expected 8 to 2000 pixels, got {side}");
        self.side = side;
        self
    }

    /// Adds an image whose rows have `width` pixels, from 0 (white) to 1 (black); values outside are clamped, NaN is
    /// white.
    ///
    /// # Panics
    /// If the pixels do not fill whole rows.
    #[track_caller]
    pub fn image<'a>(
        mut self,
        caption: impl Into<String>,
        width: usize,
        pixels: impl IntoIterator<Item = &'a f64>,
    ) -> ImageSheet {
        let pixels: Vec<f64> = pixels.into_iter().copied().collect();
        let fills = width > 0 && !pixels.is_empty() && pixels.len().is_multiple_of(width);
        assert!(fills, "ImageSheet::image: expected whole rows of {width} pixels, got {} pixels", pixels.len());
        self.images.push(Image { caption: caption.into(), width, pixels });
        self
    }

    /// The picture as an SVG document.
    pub fn to_svg(&self) -> String {
        let columns = self.columns.min(self.images.len()).max(1);
        let height = |image: &Image| self.side * (image.pixels.len() / image.width) as f64 / image.width as f64;
        let row_height = self.images.iter().map(height).fold(0.0, f64::max) + CAPTION_HEIGHT + MARGIN;
        let rows = self.images.len().div_ceil(columns);
        let top = if self.title.is_empty() { MARGIN } else { TITLE_HEIGHT };
        let width = MARGIN + columns as f64 * (self.side + MARGIN);
        let mut svg = Svg::default();
        let title = fit_text(&self.title, width - 2.0 * MARGIN, LABEL_SIZE);
        svg.text((width / 2.0, 22.0), Anchor::Middle, LABEL_SIZE, " font-weight=\"bold\"", &title);
        for (index, image) in self.images.iter().enumerate() {
            let x = MARGIN + (index % columns) as f64 * (self.side + MARGIN);
            let y = top + (index / columns) as f64 * row_height;
            let scale = self.side / image.width as f64;
            svg.open("g", &format!("transform=\"translate({} {}) scale({scale:.4})\"", px(x), px(y)));
            draw(image, &mut svg);
            svg.close("g");
            let caption = fit_text(&image.caption, self.side, TICK_SIZE);
            let below = (x + self.side / 2.0, y + height(image) + 16.0);
            svg.text(below, Anchor::Middle, TICK_SIZE, "", &caption);
        }
        svg.document(width, top + rows as f64 * row_height, &self.title)
    }

    /// Writes the SVG to a file, as [`Plot::save`](crate::Plot::save) does.
    ///
    /// # Errors
    /// If the folder or the file cannot be written; the message names the path.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        file::save(path.as_ref(), &self.to_svg())
    }

    /// Shows the picture in Jupyter with the Rust kernel, which calls this for the value of a cell.
    pub fn evcxr_display(&self) {
        jupyter::display(&self.to_svg());
    }
}

/// One path for each shade, merging adjacent pixels of a row into one rectangle.
fn draw(image: &Image, svg: &mut Svg) {
    let shade = |x: f64| (x.clamp(0.0, 1.0) * (SHADES - 1) as f64).round() as usize;
    let mut paths = vec![String::new(); SHADES];
    for (y, row) in image.pixels.chunks_exact(image.width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|&a, &b| shade(a) == shade(b)) {
            let _ = write!(paths[shade(run[0])], "M{x} {y}h{}v1h-{}z", run.len(), run.len());
            x += run.len();
        }
    }
    let height = image.pixels.len() / image.width;
    svg.element("rect", &format!("width=\"{}\" height=\"{height}\" fill=\"#ffffff\"", image.width));
    for (shade, path) in paths.iter().enumerate().skip(1).filter(|(_, path)| !path.is_empty()) {
        let level = 255 - 255 * shade / (SHADES - 1);
        svg.element(
            "path",
            &format!("d=\"{path}\" fill=\"#{level:02x}{level:02x}{level:02x}\" shape-rendering=\"crispEdges\""),
        );
    }
    let frame = format!(
        "width=\"{}\" height=\"{height}\" fill=\"none\" stroke=\"#bbbbbb\" stroke-width=\"0.2\"",
        image.width
    );
    svg.element("rect", &frame);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_equal_pixels_is_one_rectangle() {
        let svg = ImageSheet::new("").image("a", 3, &[1.0, 1.0, 0.0, 0.0, f64::NAN, 1.0]).to_svg();
        assert!(svg.contains("d=\"M0 0h2v1h-2zM2 1h1v1h-1z\" fill=\"#000000\""), "{svg}");
    }

    #[test]
    fn the_sheet_grows_by_rows_and_escapes_captions() {
        let sheet =
            |count: usize| (0..count).fold(ImageSheet::new("x").columns(2), |sheet, _| sheet.image("a<b", 1, &[0.5]));
        let height = |count| {
            let svg = sheet(count).to_svg();
            svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<f64>().unwrap()
        };
        assert_eq!(height(4) - height(2), height(2) - TITLE_HEIGHT);
        assert!(sheet(1).to_svg().contains("a&lt;b"));
    }

    #[test]
    #[should_panic(expected = "ImageSheet::image: expected whole rows of 2 pixels, got 3 pixels")]
    fn ragged_pixels() {
        let _ = ImageSheet::new("").image("", 2, &[0.0; 3]);
    }
}
