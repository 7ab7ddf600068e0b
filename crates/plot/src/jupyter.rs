//! Shows pictures in Jupyter with the Rust kernel.

use std::io::{self, Write};

/// Writes an SVG document as the evcxr kernel expects the rich output of `evcxr_display`: as printed text.
pub fn show(svg: &str, output: &mut impl Write) -> io::Result<()> {
    writeln!(output, "EVCXR_BEGIN_CONTENT image/svg+xml\n{}\nEVCXR_END_CONTENT", svg.trim_end())
}

/// Shows an SVG document in the running cell. An error is ignored: if the output is closed, nobody can see it.
pub fn display(svg: &str) {
    let _ = show(svg, &mut io::stdout().lock());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_between_its_marks() {
        let mut output = Vec::new();
        show(&crate::Plot::new("loss").to_svg(), &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "EVCXR_BEGIN_CONTENT image/svg+xml");
        assert!(lines[1].starts_with("<svg "), "{}", lines[1]);
        assert_eq!(lines[lines.len() - 2..], ["</svg>", "EVCXR_END_CONTENT"]);
        assert!(text.ends_with("EVCXR_END_CONTENT\n"));
    }
}
