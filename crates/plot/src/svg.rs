//! Writes SVG elements, with coordinates in pixels to one decimal.

use std::fmt::Write;

use crate::number::decimal;
use crate::series::Point;

/// Font sizes in pixels.
pub const TITLE_SIZE: f64 = 16.0;
/// The font size of axis labels, in pixels.
pub const LABEL_SIZE: f64 = 14.0;
/// The font size of tick labels and of small text, in pixels.
pub const TICK_SIZE: f64 = 13.0;

/// The colour of text and of the frame.
pub const INK: &str = "#222222";

/// The approximate width of a text in the wider of the common sans-serif fonts; no font is measured.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|character| character_width(character) * size).sum()
}

/// The width of a character relative to the font size, by groups of similar letters.
fn character_width(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' => 0.33,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '/' | '-' => 0.41,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.0,
        '+' | '=' | '<' | '>' | 'A'..='Z' => 0.84,
        c if c.is_ascii() => 0.64,
        // East Asian characters and emoji are square.
        '\u{2e80}'.. => 1.05,
        _ => 0.8,
    }
}

/// A text cut to a width, with an ellipsis if anything was cut.
pub fn fit_text(text: &str, width: f64, size: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_string();
    }
    let mut used = size;
    let fits = |character: &char| {
        used += character_width(*character) * size;
        used <= width
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// Escapes characters that XML reserves, and replaces those that it forbids.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A length in pixels, with at most one decimal.
pub fn px(value: f64) -> String {
    decimal(tenths(value), -1, false)
}

fn tenths(value: f64) -> i64 {
    (10.0 * value).round() as i64
}

/// The path data of a line. A line of one point has zero length, and round line ends make it a dot.
pub fn path_data(points: impl IntoIterator<Item = Point>, closed: bool) -> String {
    let mut places: Vec<(i64, i64)> = Vec::new();
    for (x, y) in points {
        let place = (tenths(x), tenths(y));
        // Of points on a horizontal or vertical line, only the two ends matter.
        if let [.., (x0, y0), (x1, y1)] = places[..] {
            let between = |a: i64, b: i64, c: i64| (a <= b && b <= c) || (a >= b && b >= c);
            let upright = x0 == x1 && x1 == place.0 && between(y0, y1, place.1);
            let level = y0 == y1 && y1 == place.1 && between(x0, x1, place.0);
            if upright || level {
                places.pop();
            }
        }
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
    let mut data = String::new();
    for (index, &(x, y)) in places.iter().enumerate() {
        let command = ["M", "L", " "][index.min(2)];
        let _ = write!(data, "{command}{} {}", decimal(x, -1, false), decimal(y, -1, false));
    }
    match (closed, places.len()) {
        (true, 1 | 2) => data.clear(),
        (true, 3..) => data.push('Z'),
        (false, 1) => data.push_str("h0"),
        _ => {}
    }
    data
}

/// Where a text is anchored relative to its x.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    /// The text begins at x.
    Start,
    /// The text is centred at x.
    Middle,
    /// The text ends at x.
    End,
}

/// An SVG fragment under construction.
#[derive(Debug, Default)]
pub struct Svg {
    text: String,
}

impl Svg {
    /// Appends one element with the given attributes.
    pub fn element(&mut self, name: &str, attributes: &str) {
        let _ = writeln!(self.text, "<{name} {attributes}/>");
    }

    /// Appends the opening tag of an element.
    pub fn open(&mut self, name: &str, attributes: &str) {
        let _ = writeln!(self.text, "<{name} {attributes}>");
    }

    /// Appends a closing tag.
    pub fn close(&mut self, name: &str) {
        let _ = writeln!(self.text, "</{name}>");
    }

    /// Adds a tooltip of several lines to the element opened last.
    pub fn tooltip(&mut self, lines: &[String]) {
        let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
        let _ = writeln!(self.text, "<title>{}</title>", lines.join("\n"));
    }

    /// Appends a text whose baseline is at y.
    pub fn text(&mut self, (x, y): Point, anchor: Anchor, size: f64, attributes: &str, content: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, size, content) = (px(x), px(y), px(size), escape(content));
        let _ = writeln!(
            self.text,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\"{attributes}>{content}</text>"
        );
    }

    /// Appends a line of the given colour.
    pub fn line(&mut self, data: &str, color: &str, width: f64, dash: &str) {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let width = px(width);
        self.element(
            "path",
            &format!(
                "d=\"{data}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"{dash} \
                 stroke-linejoin=\"round\" stroke-linecap=\"round\""
            ),
        );
    }

    /// Appends a disc, or a ring if `fill` is `none`.
    pub fn circle(&mut self, (x, y): Point, radius: f64, fill: &str, stroke: &str) {
        let (x, y, r) = (px(x), px(y), px(radius));
        let attributes =
            format!("cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"");
        self.element("circle", &attributes);
    }

    /// Appends a diagonal cross with a white outline, visible even on lines of its own colour.
    pub fn cross(&mut self, (x, y): Point, color: &str) {
        let [left, right, top, bottom] = [px(x - 5.0), px(x + 5.0), px(y - 5.0), px(y + 5.0)];
        let data = format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}");
        self.line(&data, "#ffffff", 5.0, "");
        self.line(&data, color, 2.5, "");
    }

    /// Appends a rectangle.
    pub fn rect(&mut self, (x, y): Point, width: f64, height: f64, attributes: &str) {
        let (x, y, width, height) = (px(x), px(y), px(width), px(height));
        self.element("rect", &format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {attributes}"));
    }

    /// The whole document, on a white background.
    pub fn document(self, width: f64, height: f64, description: &str) -> String {
        let (width, height, description) = (px(width), px(height), escape(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{description}\" \
             font-family=\"Helvetica, Arial, sans-serif\" fill=\"{INK}\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.text
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaping() {
        let cases = [
            ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
            ("\"it's\"", "&quot;it&#39;s&quot;"),
            ("x² é 中", "x² é 中"),
            ("\u{1b}[0m\n", " [0m "),
            ("&amp;", "&amp;amp;"),
        ];
        for (text, escaped) in cases {
            assert_eq!(escape(text), escaped);
        }
    }

    #[test]
    fn path_data_is_short() {
        let cases: [(&[Point], bool, &str); 6] = [
            (&[(1.0, 2.04), (3.06, -0.01)], false, "M1 2L3.1 0"),
            (&[(1.0, 2.0), (3.0, 4.0), (5.5, 6.0)], false, "M1 2L3 4 5.5 6"),
            (&[(1.0, 2.0), (3.0, 2.0), (9.0, 2.0), (9.0, 5.0)], true, "M1 2L9 2 9 5Z"),
            (&[(1.0, 2.0), (9.0, 2.0), (3.0, 2.0)], false, "M1 2L9 2 3 2"),
            (&[(1.0, 2.0), (1.01, 2.01)], false, "M1 2h0"),
            (&[(1.0, 2.0)], true, ""),
        ];
        for (points, closed, data) in cases {
            assert_eq!(path_data(points.iter().copied(), closed), data);
        }
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(fit_text("momentum", 1000.0, 10.0), "momentum");
        assert_eq!(fit_text("momentum", 45.0, 10.0), "mome…");
        assert!(text_width("million", 10.0) < text_width("MMMMMMM", 10.0) / 1.5);
    }
}
