//! Results of cells in Jupyter, in the form that its Rust kernel (evcxr) reads from the output of a program.

/// Prints a text whose columns must stay aligned.
pub(crate) fn print(text: &str) {
    println!("{}", of(text));
}

/// The text between the marks that the kernel looks for, for notebooks and for consoles.
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
