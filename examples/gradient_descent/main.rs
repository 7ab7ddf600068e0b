//! Gradient descent step by step: a slope, a bowl with noise and momentum, and a function with two valleys.
//!
//! ```text
//! cargo run --release --example gradient_descent
//! ```

mod bowl;
mod slope;
mod valleys;

use std::path::Path;
use std::process::ExitCode;

/// Prints a description of some paths and draws them into a file.
type Picture = fn(&Path) -> std::io::Result<()>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("gradient_descent: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    const PICTURES: [(&str, Picture); 3] =
        [("slope.svg", slope::show), ("bowl.svg", bowl::show), ("valleys.svg", valleys::show)];
    let folder = downhill_examples::picture_folder("gradient_descent", None, &PICTURES.map(|(name, _)| name))?;
    for (name, show) in PICTURES {
        let file = folder.join(name);
        show(&file).map_err(|error| format!("cannot write {} ({error})", file.display()))?;
        println!("Picture: {}\n", file.display());
    }
    Ok(())
}
