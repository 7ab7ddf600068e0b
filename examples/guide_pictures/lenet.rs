//! The first steps of LeNet on generated digits: the plateau, and how to leave it sooner.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::Plot;

#[path = "../lenet/model.rs"]
pub mod model;

use model::LeNet;

const STEPS: usize = 2000;
const BATCH: usize = 4;
/// The number of steps averaged into one point of the curve.
const MEAN_OF: usize = 25;

pub fn show(file: &Path) -> io::Result<()> {
    let digits = data::synthetic::Digits::new(STEPS * BATCH).seed(1).dataset();
    let test = data::synthetic::Digits::new(1000).seed(0).dataset();
    println!("LeNet, batches of {BATCH}, momentum 0.9, {STEPS} steps");
    let mut plot = Plot::new("LeNet, the first 2000 steps").x_label("step").y_label("loss").size(700.0, 360.0);
    for lr in [0.001, 0.003, 0.01] {
        manual_seed(0);
        let net = LeNet::new();
        let criterion = nn::CrossEntropyLoss::new();
        let mut optimizer = optim::SGD::new(net.parameters(), lr).momentum(0.9);
        let mut losses = Vec::with_capacity(STEPS);
        for (inputs, labels) in &data::DataLoader::new(digits.clone(), BATCH).shuffle(true).seed(0) {
            optimizer.zero_grad();
            let loss = criterion.forward(&net.forward(&inputs), &labels);
            loss.backward();
            optimizer.step();
            losses.push(loss.item());
        }
        let means = losses.chunks(MEAN_OF).map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64);
        let points: Vec<(f64, f64)> = means.enumerate().map(|(i, loss)| (((i + 1) * MEAN_OF) as f64, loss)).collect();
        let left = points.iter().find(|(_, loss)| *loss < 2.0).map_or(f64::NAN, |(step, _)| *step);
        let accuracy = no_grad(|| nn::accuracy(&net.forward(&test.features()), &test.targets()));
        println!(
            "  rate {lr}: first loss {:.4}, below 2 from step {left}, last {:.4}, {:.1} % of {} other images right",
            losses[0],
            points[points.len() - 1].1,
            100.0 * accuracy,
            test.targets().numel()
        );
        plot = plot.curve(format!("rate {lr}"), points);
    }
    plot.save(file)
}
