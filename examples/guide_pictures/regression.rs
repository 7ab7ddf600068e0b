//! Three points, a line, and the bowl of its loss: two views of gradient descent.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Levels, Plot};

const X: [f64; 3] = [0.0, 1.0, 2.0];
const Y: [f64; 3] = [1.0, 3.0, 5.0];
const RATE: f64 = 0.5;
const STEPS: usize = 20;

/// J(w, b) = 1/(2m) Σ (w x + b - y)².
fn loss(w: f64, b: f64) -> f64 {
    let squares = X.iter().zip(Y).map(|(x, y)| (w * x + b - y).powi(2));
    squares.sum::<f64>() / (2 * X.len()) as f64
}

/// The lines (w, b) visited from (0, 0).
fn descend() -> Vec<(f64, f64)> {
    let (x, y) = (Tensor::<f64>::new(X), Tensor::<f64>::new(Y));
    let w = Tensor::<f64>::zeros([]).requires_grad_(true);
    let b = Tensor::<f64>::zeros([]).requires_grad_(true);
    let mut optimizer = optim::SGD::new([&w, &b], RATE);
    let mut visited = vec![(0.0, 0.0)];
    for _ in 0..STEPS {
        optimizer.zero_grad();
        ((&w * &x + &b - &y).square().mean() / 2).backward();
        optimizer.step();
        visited.push((w.item(), b.item()));
    }
    visited
}

pub fn show(file: &Path) -> io::Result<()> {
    let visited = descend();
    println!("y = 2x + 1 at three points, rate {RATE}");
    let mut lines = Plot::new("the line").x_label("x").y_label("y").path("the points", X.into_iter().zip(Y));
    for step in [0, 1, 2, STEPS] {
        let (w, b) = visited[step];
        println!("  after {step:>2} steps: w = {w:.4}, b = {b:.4}, J = {:.5}", loss(w, b));
        lines = lines.curve(format!("after {step} steps"), [0.0, 2.0].map(|x| (x, w * x + b)));
    }
    let bowl = Plot::new("its loss J(w, b)").x_label("w").y_label("b");
    let bowl = bowl.contour(-0.5..=3.5, -0.5..=3.0, loss).levels(Levels::Log(10)).path("steps", visited);
    Grid::new("Three points and a line").panel(lines).panel(bowl).save(file)
}
