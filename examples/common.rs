//! What the examples share: where pictures go, how large the terminal's are, checks of options, descent in one
//! variable, and a network for digits.

use std::io;
use std::path::{Path, PathBuf};

use downhill::prelude::*;

/// The size of a plot in the terminal, in columns and rows.
pub const TERMINAL: (usize, usize) = (76, 18);

/// Makes the folder for an example's pictures, `out/NAME` unless another one is wanted, and makes sure that these pictures
/// can be written there: an example finds out before it works for them.
///
/// # Errors
/// When it cannot be made or written to; the text names it.
pub fn picture_folder(example: &str, wanted: Option<PathBuf>, pictures: &[&str]) -> Result<PathBuf, String> {
    let folder = wanted.unwrap_or_else(|| Path::new("out").join(example));
    let describe =
        |error: io::Error| format!("cannot make the folder {} ({error}); name another with --out", folder.display());
    std::fs::create_dir_all(&folder).map_err(describe)?;
    for picture in pictures {
        let describe = |error| format!("{error}; name another folder with --out");
        downhill::save::check_writable(folder.join(picture)).map_err(describe)?;
    }
    Ok(folder)
}

/// The value of an option that counts something, unless it is 0.
///
/// # Errors
/// When it is 0; the text names the option.
pub fn at_least_one(option: &str, value: usize) -> Result<usize, lexopt::Error> {
    if value == 0 { Err(format!("{option} is 0; it must be at least 1").into()) } else { Ok(value) }
}

/// The value of an option such as a rate, unless it is negative, infinite or not a number.
///
/// # Errors
/// When it is; the text names the option.
pub fn not_negative(option: &str, value: f64) -> Result<f64, lexopt::Error> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(format!("{option} is {value}; it must be finite and not negative").into())
    }
}

/// The points that gradient descent visits on a function of one variable, the first before the first step.
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

/// The value of a function at a plain number, for drawing it.
pub fn value(f: impl Fn(&Tensor<f64>) -> Tensor<f64>, x: f64) -> f64 {
    f(&Tensor::<f64>::new(x)).item()
}

/// A small network that tells digits apart, 784-32-10, with the same weights at every call.
// Compiled by the examples that train it and not by the others.
#[inline]
pub fn digits_network() -> nn::Sequential {
    manual_seed(1);
    nn::Sequential::new()
        .add(nn::Flatten::new())
        .add(nn::Linear::new(784, 32))
        .add(nn::ReLU)
        .add(nn::Linear::new(32, 10))
}
