//! What the examples share: output folders, the size of terminal plots, checks of options, descent in one variable,
//! and a network for digits.

use std::io;
use std::path::{Path, PathBuf};

use downhill::prelude::*;

/// The size of a plot in the terminal, in columns and rows.
pub const TERMINAL: (usize, usize) = (76, 18);

/// Makes the folder for an example's pictures, `out/NAME` by default, and checks that these pictures can be written
/// there, so that an example fails before its work instead of after it.
///
/// # Errors
/// When it cannot be made or written to; the message names it.
pub fn picture_folder(example: &str, wanted: Option<PathBuf>, pictures: &[&str]) -> Result<PathBuf, String> {
    let folder = wanted.unwrap_or_else(|| Path::new("out").join(example));
    let describe =
        |error: io::Error| format!("cannot make the folder {} ({error}); name another with --out", folder.display());
    std::fs::create_dir_all(&folder).map_err(describe)?;
    for picture in pictures {
        let path = folder.join(picture);
        let describe =
            |error| format!("{}: cannot be written: {error}; name another folder with --out", path.display());
        downhill_files::check_writable(&path).map_err(describe)?;
    }
    Ok(folder)
}

/// The value of an option that is a count, checked not to be 0.
///
/// # Errors
/// When it is 0; the message names the option.
pub fn at_least_one(option: &str, value: usize) -> Result<usize, lexopt::Error> {
    if value == 0 { Err(format!("{option} is 0; it must be at least 1").into()) } else { Ok(value) }
}

/// The value of an option such as a rate, checked to be finite and not negative.
///
/// # Errors
/// When it is not; the message names the option.
pub fn not_negative(option: &str, value: f64) -> Result<f64, lexopt::Error> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(format!("{option} is {value}; it must be finite and not negative").into())
    }
}

/// The points that gradient descent visits on a function of one variable, including the starting point.
pub fn descend(f: impl Fn(&Tensor<f64>) -> Tensor<f64>, start: f64, rate: f64, steps: usize) -> Vec<f64> {
    let x = Tensor::<f64>::new(start).requires_grad_(true);
    let mut visited = vec![start];
    for _ in 0..steps {
        f(&x).backward();
        no_grad(|| x.sub_(&(rate * x.expect_grad())));
        x.zero_grad();
        visited.push(x.item());
    }
    visited
}

/// The value of a function at a plain number, for plotting it.
pub fn value(f: impl Fn(&Tensor<f64>) -> Tensor<f64>, x: f64) -> f64 {
    f(&Tensor::<f64>::new(x)).item()
}

/// A small classifier of digits, 784-32-10, with the same initial weights at every call.
// Inlined, so that only the examples that use it compile it.
#[inline]
pub fn digits_network() -> nn::Sequential {
    manual_seed(1);
    nn::Sequential::new()
        .add(nn::Flatten::new())
        .add(nn::Linear::new(784, 32))
        .add(nn::ReLU)
        .add(nn::Linear::new(32, 10))
}
