//! The pictures of the guide (`downhill::guide`), and the figures quoted in its text.
//!
//! ```text
//! cargo run --release --example guide_pictures             # draws the pictures, prints the figures
//! cargo run --release --example guide_pictures -- times    # prints the figures that are times
//! ```

mod batches;
mod cross_entropy;
mod lenet;
mod momentum;
mod newton;
mod regression;
#[path = "../gradient_descent/slope.rs"]
mod slope;
mod tape;
#[path = "../gradient_descent/valleys.rs"]
mod valleys;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Draws a picture into a file, or writes a text, and prints the figures that belong to it.
type Picture = fn(&Path) -> io::Result<()>;

/// The pictures that take no time to draw.
const QUICK: [(&str, Picture); 9] = [
    ("slope.svg", slope::show),
    ("valleys.svg", valleys::show),
    ("regression.svg", regression::show),
    ("neuron.svg", tape::neuron),
    ("neuron.txt", tape::listing),
    ("explanation.txt", tape::explanation),
    ("cross_entropy.svg", cross_entropy::show),
    ("momentum.svg", momentum::show),
    ("newton.svg", newton::show),
];

/// Those that need an optimised build.
const SLOW: [(&str, Picture); 4] = [
    ("runs.svg", batches::runs::show),
    ("escape.svg", batches::escape::show),
    ("lenet_graph.svg", tape::lenet),
    ("lenet.svg", lenet::show),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => draw().map_err(|error| format!("cannot write to {} ({error})", folder().display())),
        (Some("times"), None) => {
            batches::cost::print();
            Ok(())
        }
        _ => Err("expected no argument, or `times`".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("guide_pictures: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder from which the documentation includes them.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/downhill/src/guide/pictures")
}

fn draw() -> io::Result<()> {
    println!("The pictures are redrawn in place, in crates/downhill/src/guide/pictures.\n");
    for (name, _) in QUICK.into_iter().chain(SLOW) {
        downhill_files::check_writable(&folder().join(name)).map_err(io::Error::other)?;
    }
    for (name, show) in QUICK.into_iter().chain(SLOW) {
        println!("== {name}");
        show(&folder().join(name))?;
        fit_to_page(&folder().join(name))?;
        println!();
    }
    batches::noise::print();
    batches::trouble::print();
    Ok(())
}

/// Makes a picture scale with the page that includes it, and puts it on one line, so that line numbers in test
/// messages match the surrounding text. Texts are unchanged.
fn fit_to_page(file: &Path) -> io::Result<()> {
    if file.extension().is_none_or(|extension| extension != "svg") {
        return Ok(());
    }
    let svg = std::fs::read_to_string(file)?.replace('\n', " ");
    std::fs::write(file, svg.replacen("<svg ", "<svg style=\"max-width:100%;height:auto\" ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_shows_what_this_program_draws() {
        let drawn = std::env::temp_dir().join(format!("downhill-guide-{}", std::process::id()));
        std::fs::create_dir_all(&drawn).unwrap();
        for (name, show) in QUICK {
            let file = drawn.join(name);
            show(&file).and_then(|()| fit_to_page(&file)).unwrap();
            let (new, shown) = (std::fs::read_to_string(&file), std::fs::read_to_string(folder().join(name)));
            let same = new.unwrap() == shown.unwrap();
            assert!(same, "{name} is not what the guide shows; run `cargo run --release --example guide_pictures`");
        }
        std::fs::remove_dir_all(drawn).unwrap();
    }
}
