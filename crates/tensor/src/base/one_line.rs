//! Escapes names from users and files, so that they can neither break a line nor send control codes to a terminal.

use std::borrow::Cow;

/// A text with its control characters and line breaks escaped as in Rust: a newline becomes `\n`, and so on.
///
/// ```
/// assert_eq!(downhill_tensor::one_line("weight"), "weight");
/// assert_eq!(downhill_tensor::one_line("a\nb\u{1b}[2J größe"), r"a\nb\u{1b}[2J größe");
/// ```
pub fn one_line(text: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_control() || ['\u{2028}', '\u{2029}'].contains(&c);
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if breaks(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(escaped).collect())
}
