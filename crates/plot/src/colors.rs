//! The colours and dashes that distinguish series, safe for colour-blind readers.

use crate::series::{Kind, Series};

/// The palette of Okabe and Ito, "Color Universal Design" (2008), without its yellow, which is too faint on white.
const PALETTE: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// The nearest colours in the 256-colour palette of terminals; the last is a grey that is visible on black and on
/// white.
const TERMINAL_PALETTE: [u8; 7] = [33, 202, 35, 175, 214, 81, 245];

/// Dash patterns, advancing each time the palette is used up.
const DASHES: [&str; 4] = ["", "7 4", "2 4", "9 3 2 3"];

const FUNCTION_COLOR: &str = "#555555";

/// The colour of a series in SVG: functions are grey, runs cycle through the palette.
pub(crate) fn color(series: &Series) -> &'static str {
    match series.kind {
        Kind::Function => FUNCTION_COLOR,
        Kind::Curve | Kind::Path => PALETTE[series.rank % PALETTE.len()],
    }
}

/// The dash pattern of a series, empty for a solid line.
pub(crate) fn dash(series: &Series) -> &'static str {
    match series.kind {
        Kind::Function => DASHES[series.rank % DASHES.len()],
        Kind::Curve | Kind::Path => DASHES[series.rank / PALETTE.len() % DASHES.len()],
    }
}

/// The colour number of a series in the 256-colour palette; `None` is the terminal's default colour.
pub(crate) fn terminal_color(series: &Series) -> Option<u8> {
    match series.kind {
        Kind::Function => None,
        Kind::Curve | Kind::Path => Some(TERMINAL_PALETTE[series.rank % TERMINAL_PALETTE.len()]),
    }
}

/// The fill of a contour band, light from the lowest (`at` = 0) to the highest (1), so that paths stand out.
pub(crate) fn band(at: f64) -> String {
    blend([250, 252, 254], [140, 172, 208], at)
}

/// The stroke of a contour line, from the lowest (`at` = 0) to the highest (1).
pub(crate) fn level(at: f64) -> String {
    blend([176, 196, 218], [58, 88, 128], at)
}

fn blend(low: [u8; 3], high: [u8; 3], at: f64) -> String {
    let [r, g, b] = [0, 1, 2].map(|i| {
        let (low, high) = (f64::from(low[i]), f64::from(high[i]));
        (low + (high - low) * at).round() as u8
    });
    format!("#{r:02x}{g:02x}{b:02x}")
}
