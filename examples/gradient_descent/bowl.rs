//! f(x1, x2) = x1² + 2 x2²: plain descent, with noise, with momentum, with Nesterov momentum.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};

const STEPS: usize = 20;
const START: [f64; 2] = [-5.0, -2.0];

fn bowl(x: &Tensor<f64>) -> Tensor<f64> {
    (x.square() * Tensor::<f64>::new([1.0, 2.0])).sum()
}

/// The points that an optimiser visits; `noise` is the standard deviation of the noise added to each gradient.
fn descend(optimizer: impl Fn(&Tensor<f64>) -> optim::SGD<f64>, noise: f64) -> Vec<(f64, f64)> {
    let x = Tensor::<f64>::new(START).requires_grad_(true);
    if noise > 0.0 {
        // What a batch does to a gradient: unbiased, but off at each step.
        x.register_hook(move |grad| Some(grad + Tensor::<f64>::normal(0.0, noise, [2])));
    }
    let mut optimizer = optimizer(&x);
    let mut visited = vec![(x.at([0]), x.at([1]))];
    for _ in 0..STEPS {
        optimizer.zero_grad();
        bowl(&x).backward();
        optimizer.step();
        visited.push((x.at([0]), x.at([1])));
    }
    visited
}

pub fn show(file: &Path) -> io::Result<()> {
    println!("f(x1, x2) = x1² + 2 x2² from {START:?}, {STEPS} steps");
    manual_seed(1);
    let paths = [
        ("plain, rate 0.1", descend(|x| optim::SGD::new([x], 0.1), 0.0)),
        ("plain with noisy gradients", descend(|x| optim::SGD::new([x], 0.1), 1.0)),
        ("momentum 0.5, rate 0.1", descend(|x| optim::SGD::new([x], 0.1).momentum(0.5), 0.0)),
        ("Nesterov 0.5, rate 0.1", descend(|x| optim::SGD::new([x], 0.1).momentum(0.5).nesterov(true), 0.0)),
    ];
    let mut grid = Grid::new("Four ways down a bowl");
    for (name, path) in paths {
        let (x1, x2) = path[STEPS];
        println!("  {name:<28} ends at ({x1:8.5}, {x2:8.5}), f = {:.2e}", x1 * x1 + 2.0 * x2 * x2);
        let plot = Plot::new(name).x_label("x1").y_label("x2");
        grid = grid.panel(plot.contour(-5.5..=3.0, -3.0..=2.5, |x1, x2| x1 * x1 + 2.0 * x2 * x2).path("steps", path));
    }
    grid.save(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_descent_shrinks_each_coordinate_by_its_own_factor() {
        let path = descend(|x| optim::SGD::new([x], 0.1), 0.0);
        let expected = (START[0] * 0.8f64.powi(20), START[1] * 0.6f64.powi(20));
        assert!((path[STEPS].0 - expected.0).abs() < 1e-12 && (path[STEPS].1 - expected.1).abs() < 1e-12);
    }

    #[test]
    fn noise_changes_the_path_and_momentum_gets_further() {
        manual_seed(1);
        let f = |path: &[(f64, f64)]| path[STEPS].0.powi(2) + 2.0 * path[STEPS].1.powi(2);
        let plain = descend(|x| optim::SGD::new([x], 0.1), 0.0);
        let noisy = descend(|x| optim::SGD::new([x], 0.1), 1.0);
        let momentum = descend(|x| optim::SGD::new([x], 0.1).momentum(0.5), 0.0);
        let nesterov = descend(|x| optim::SGD::new([x], 0.1).momentum(0.5).nesterov(true), 0.0);
        assert_ne!(plain[1], noisy[1]);
        assert!(f(&momentum) < f(&plain) && f(&nesterov) < f(&plain));
    }
}
