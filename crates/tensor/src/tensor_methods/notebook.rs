//! Results of Jupyter cells, in the format that the Rust kernel (evcxr) expects on the standard output.

/// Prints a text in a monospaced font, so that its columns stay aligned.
pub(crate) fn print(text: &str) {
    println!("{}", of(text));
}

/// The text as HTML for notebooks and as plain text for consoles, between the markers of the kernel.
fn of(text: &str) -> String {
    let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let part = |kind: &str, content: &str| format!("EVCXR_BEGIN_CONTENT {kind}\n{content}\nEVCXR_END_CONTENT");
    format!("{}\n{}", part("text/html", &format!("<pre>{html}</pre>")), part("text/plain", text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn marks_stand_around_escaped_text() {
        let expected = "EVCXR_BEGIN_CONTENT text/html\n<pre>a &lt; b &amp; c\n  d</pre>\nEVCXR_END_CONTENT\n\
                        EVCXR_BEGIN_CONTENT text/plain\na < b & c\n  d\nEVCXR_END_CONTENT";
        assert_eq!(super::of("a < b & c\n  d"), expected);
    }
}
