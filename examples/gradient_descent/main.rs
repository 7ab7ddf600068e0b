//! Gradient descent where it can be watched: a slope, a bowl with noise and momentum, and two valleys.
//!
//! ```text
//! cargo run --release --example gradient_descent
//! ```

mod bowl;
mod slope;
mod valleys;

use std::path::Path;
use std::process::ExitCode;

use downhill::prelude::*;

/// Prints what a path does and draws it into a file.
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
    let folder = downhill_examples::picture_folder("gradient_descent", None)?;
    const PICTURES: [(&str, Picture); 3] =
        [("slope.svg", slope::show), ("bowl.svg", bowl::show), ("valleys.svg", valleys::show)];
    for (name, show) in PICTURES {
        let file = folder.join(name);
        show(&file).map_err(|error| format!("cannot write {} ({error})", file.display()))?;
        println!("Picture: {}\n", file.display());
    }
    Ok(())
}

/// The points that gradient descent visits on a function of one variable, the first before the first step.
fn descend(f: impl Fn(&Tensor<f64>) -> Tensor<f64>, start: f64, rate: f64, steps: usize) -> Vec<f64> {
    let x = Tensor::<f64>::new(start).requires_grad_(true);
    let mut visited = vec![start];
    for _ in 0..steps {
        f(&x).backward();
        no_grad(|| x.sub_(&(rate * x.grad().unwrap())));
        x.zero_grad();
        visited.push(x.item());
    }
    visited
}

/// The value of a function at a plain number, for drawing it.
fn value(f: impl Fn(&Tensor<f64>) -> Tensor<f64>, x: f64) -> f64 {
    f(&Tensor::<f64>::new(x)).item()
}
