//! f(x, y) = (x² + κ y²)/2: how many steps momentum saves in an elongated bowl.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};

const START: [f64; 2] = [-10.0, 0.6];
/// The run has arrived when f is this fraction of its first value.
const ARRIVED: f64 = 1e-6;

/// The points visited until f is small.
fn descend(curvature: f64, lr: f64, momentum: f64) -> Vec<(f64, f64)> {
    let at = Tensor::<f64>::new(START).requires_grad_(true);
    let scale = Tensor::<f64>::new([1.0, curvature]);
    let mut optimizer = optim::SGD::new([&at], lr).momentum(momentum);
    let (mut visited, mut first) = (Vec::new(), None);
    loop {
        optimizer.zero_grad();
        let f = (at.square() * &scale).sum() / 2;
        visited.push((at.at([0]), at.at([1])));
        if f.item() <= ARRIVED * *first.get_or_insert(f.item()) {
            return visited;
        }
        f.backward();
        optimizer.step();
    }
}

/// The best rate without momentum.
fn plain(curvature: f64) -> (f64, f64) {
    (2.0 / (1.0 + curvature), 0.0)
}

/// The best rate and momentum (Polyak, 1964).
fn heavy_ball(curvature: f64) -> (f64, f64) {
    let root = curvature.sqrt();
    ((2.0 / (root + 1.0)).powi(2), ((root - 1.0) / (root + 1.0)).powi(2))
}

pub fn show(file: &Path) -> io::Result<()> {
    println!("f = (x² + κ y²)/2 from {START:?} until f is {ARRIVED:.0e} of its first value");
    for curvature in [4.0, 25.0, 100.0, 400.0] {
        let steps = |(lr, momentum)| descend(curvature, lr, momentum).len() - 1;
        let ((lr, _), (ball_lr, ball)) = (plain(curvature), heavy_ball(curvature));
        println!(
            "  κ = {curvature:>3}: plain with rate {lr:.4} {:>4} steps; \
             rate {ball_lr:.4} with momentum {ball:.3} {:>3} steps",
            steps((lr, 0.0)),
            steps((ball_lr, ball))
        );
    }
    const CURVATURE: f64 = 25.0;
    let mut grid = Grid::new("Down a bowl with κ = 25").columns(3).panel_size(330.0, 300.0);
    let (best, ball) = (plain(CURVATURE), heavy_ball(CURVATURE));
    for (name, (lr, momentum)) in [("rate 0.02", (0.02, 0.0)), ("rate 0.077", best), ("momentum 0.44", ball)] {
        let visited = descend(CURVATURE, lr, momentum);
        let plot = Plot::new(format!("{name}: {} steps", visited.len() - 1)).x_label("x").y_label("y");
        let bowl = |x: f64, y: f64| (x * x + CURVATURE * y * y) / 2.0;
        grid = grid.panel(plot.contour(-10.5..=4.0, -2.0..=2.0, bowl).path("steps", visited));
    }
    grid.save(file)
}
