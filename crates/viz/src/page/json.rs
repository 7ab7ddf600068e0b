//! Writes JSON that is safe inside a `<script>` element of a page.

use std::fmt::{Debug, Write};

/// A string. Every `<` is escaped, so that no text ends the script or opens a comment in it.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '<' | '\u{2028}' | '\u{2029}' | '\u{feff}' => unicode(character, &mut json),
            control if control.is_control() => unicode(control, &mut json),
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

fn unicode(character: char, json: &mut String) {
    let _ = write!(json, "\\u{:04x}", u32::from(character));
}

/// A string, or `null`.
pub(crate) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_string(), string)
}

/// A number with all its digits; JSON has no NaN or infinity, so these become the strings `NaN`, `inf` and `-inf`.
pub(crate) fn number(x: impl Debug) -> String {
    let text = format!("{x:?}");
    if text.ends_with(|last: char| last.is_ascii_digit()) {
        return text.strip_suffix(".0").unwrap_or(&text).to_string();
    }
    string(&text)
}

/// A list.
pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", joined(items))
}

/// A list of whole numbers.
pub(crate) fn indices(items: &[usize]) -> String {
    array(items.iter().map(number))
}

/// An object with its members in this order.
pub(crate) fn object<N: AsRef<str>>(members: impl IntoIterator<Item = (N, String)>) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{}:{value}", string(name.as_ref())));
    format!("{{{}}}", joined(members))
}

fn joined(items: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&item);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        let cases = [
            ("w", "\"w\""),
            ("", "\"\""),
            ("say \"a\\b\"", "\"say \\\"a\\\\b\\\"\""),
            ("</script><!--", "\"\\u003c/script>\\u003c!--\""),
            ("a\nb\tc\u{0}\u{7f}", "\"a\\nb\\u0009c\\u0000\\u007f\""),
            ("\u{2028}\u{2029}\u{feff}", "\"\\u2028\\u2029\\ufeff\""),
            ("∂ 中 🦀", "\"∂ 中 🦀\""),
        ];
        for (text, json) in cases {
            assert_eq!(string(text), json);
        }
        assert_eq!((optional(None), optional(Some("null"))), ("null".to_string(), "\"null\"".to_string()));
    }

    #[test]
    fn numbers() {
        let cases = [
            (number(1.0), "1"),
            (number(-0.0), "-0"),
            (number(0.1_f32), "0.1"),
            (number(f64::from(0.1_f32)), "0.10000000149011612"),
            (number(2.5e-9), "2.5e-9"),
            (number(3e38_f32), "3e38"),
            (number(7_usize), "7"),
            (number(f32::NAN), "\"NaN\""),
            (number(f64::INFINITY), "\"inf\""),
            (number(f64::NEG_INFINITY), "\"-inf\""),
        ];
        for (json, expected) in cases {
            assert_eq!(json, expected);
        }
    }

    #[test]
    fn nesting() {
        let json = object([("a \"b\"", indices(&[1, 20])), ("c", array([])), ("d", array([object::<&str>([])]))]);
        assert_eq!(json, r#"{"a \"b\"":[1,20],"c":[],"d":[{}]}"#);
    }
}
