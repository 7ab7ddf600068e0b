//! Loss against examples seen, for batches of 1, of 10 and of all.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};

/// (batch size, rate), with the rates of the linear-regression example.
const RUNS: [(usize, f64); 3] = [(1, 0.2), (10, 0.2), (1000, 0.999)];
const EPOCHS: usize = 3;

pub fn show(file: &Path) -> io::Result<()> {
    let dataset = data::synthetic::LinearRegression::default().seed(1).dataset();
    let (features, targets) = (dataset.features(), dataset.targets());
    let plot = |title: &str, x: &str| Plot::new(title).x_label(x).y_label("loss").log_y();
    let (mut by_examples, mut by_steps) = (plot("for each example", "examples seen"), plot("for each step", "steps"));
    by_examples = by_examples.log_x();
    by_steps = by_steps.log_x();
    for (batch, lr) in RUNS {
        let (w, b) = (Tensor::zeros([2, 1]).requires_grad_(true), Tensor::zeros([1]).requires_grad_(true));
        let mut optimizer = optim::SGD::new([&w, &b], lr);
        let loader = data::DataLoader::new(dataset.clone(), batch).shuffle(true).seed(1);
        let mut losses = Vec::new();
        for (x, y) in (0..EPOCHS).flat_map(|epoch| loader.iter_from(epoch, 0)) {
            optimizer.zero_grad();
            ((x.matmul(&w) + &b - y).square().mean() / 2).backward();
            optimizer.step();
            losses.push(no_grad(|| (features.matmul(&w) + &b - &targets).square().mean() / 2).item());
        }
        let arrived = losses.iter().position(|loss| *loss < 1e-3).map_or(f64::NAN, |step| (step + 1) as f64);
        println!(
            "batch {batch:>4}, rate {lr}: below 0.001 after {arrived} steps and {} examples; last loss {:.2e}",
            arrived * batch as f64,
            losses[losses.len() - 1]
        );
        // Thin a long run to the same number of points per decade.
        let points = losses.iter().zip(1..).filter(|(_, step)| *step < 300 || step % 10 == 0);
        let points: Vec<(f64, f64)> = points.map(|(loss, step)| (f64::from(step), *loss)).collect();
        let name = format!("batch {batch}, rate {lr}");
        by_examples = by_examples.curve(&name, points.iter().map(|(step, loss)| (step * batch as f64, *loss)));
        by_steps = by_steps.curve(&name, points);
    }
    Grid::new("Three batch sizes").panel(by_examples).panel(by_steps).save(file)
}
