//! Rosenbrock's valley with the gradient only, and with second derivatives.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Levels, Plot};

const START: [f64; 2] = [-1.5, 1.5];
const STEPS: usize = 200;

/// f(x, y) = (1 - x)² + 10 (y - x²)².
fn valley(at: &Tensor<f64>) -> Tensor<f64> {
    let (x, y) = (at.select(0, 0), at.select(0, 1));
    (1 - &x).square() + 10 * (y - x.square()).square()
}

/// The points visited until f is below 1e-6, at most `STEPS` steps.
fn descend(mut step: impl FnMut(&Tensor<f64>)) -> Vec<(f64, f64)> {
    let at = Tensor::<f64>::new(START).requires_grad_(true);
    let mut visited = vec![(START[0], START[1])];
    while visited.len() <= STEPS && no_grad(|| valley(&at).item()) > 1e-6 {
        step(&at);
        visited.push((at.at([0]), at.at([1])));
    }
    visited
}

pub fn show(file: &Path) -> io::Result<()> {
    let gradient = descend(|at| {
        at.zero_grad();
        valley(at).backward();
        no_grad(|| at.sub_(&(0.01 * at.expect_grad())));
    });
    let newton = descend(|at| {
        let mut optimizer = optim::Newton::new([at], 1.0);
        optimizer.step_with(|| valley(at)).expect("f curves upwards on this path");
    });
    let mut grid = Grid::new("Rosenbrock's valley");
    for (name, path) in [("gradient descent, rate 0.01", gradient), ("Newton", newton)] {
        let (x, y) = path[path.len() - 1];
        println!("{name}: {} steps, ends at ({x:.4}, {y:.4})", path.len() - 1);
        let plot = Plot::new(format!("{name}: {} steps", path.len() - 1)).x_label("x").y_label("y");
        let contour = |x: f64, y: f64| (1.0 - x).powi(2) + 10.0 * (y - x * x).powi(2);
        grid = grid.panel(plot.contour(-2.0..=2.0, -3.0..=3.0, contour).levels(Levels::Log(8)).path("steps", path));
    }
    grid.save(file)
}
