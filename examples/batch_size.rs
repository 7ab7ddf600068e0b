//! Is a larger batch always better? Trains the same network on the same digits with batches from 1 to all images.
//!
//! ```text
//! cargo run --release --example batch_size
//! ```

use std::process::ExitCode;
use std::time::Instant;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};

const IMAGES: usize = 2048;
const EPOCHS: usize = 8;
const RATE: f64 = 0.05;
/// How many times per epoch the loss over all images is recorded, if there are enough steps.
const RECORDS: usize = 16;

/// The result of one batch size.
struct Outcome {
    batch_size: usize,
    steps: usize,
    /// Seconds of training, without recording the loss.
    seconds: f64,
    /// The loss over all images: (epoch, seconds of training, loss).
    losses: Vec<(f64, f64, f64)>,
}

impl Outcome {
    fn final_loss(&self) -> f64 {
        self.losses.last().map_or(f64::NAN, |(.., loss)| *loss)
    }

    /// The noise of the loss: the mean relative rise between two records in the second half of the run.
    fn noise(&self) -> f64 {
        let half = &self.losses[self.losses.len() / 2..];
        let rises = half.windows(2).map(|pair| ((pair[1].2 - pair[0].2) / pair[0].2).max(0.0));
        rises.sum::<f64>() / (half.len() - 1).max(1) as f64
    }
}

fn train(dataset: &data::TensorDataset<f32, i64>, batch_size: usize) -> Outcome {
    let net = downhill_examples::digits_network();
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), RATE);
    let loader = data::DataLoader::new(dataset.clone(), batch_size).shuffle(true).seed(1);
    let (images, labels) = (dataset.features(), dataset.targets());
    let loss = || no_grad(|| criterion.forward(&net.forward(&images), &labels).item());

    let mut losses = vec![(0.0, 0.0, loss())];
    let (mut steps, mut seconds) = (0, 0.0);
    for epoch in 0..EPOCHS {
        for (batch, (inputs, targets)) in loader.iter().enumerate() {
            let start = Instant::now();
            optimizer.zero_grad();
            criterion.forward(&net.forward(&inputs), &targets).backward();
            optimizer.step();
            seconds += start.elapsed().as_secs_f64();
            steps += 1;
            if (batch + 1) % loader.len().div_ceil(RECORDS) == 0 || batch + 1 == loader.len() {
                losses.push((epoch as f64 + (batch + 1) as f64 / loader.len() as f64, seconds, loss()));
            }
        }
    }
    Outcome { batch_size, steps, seconds, losses }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("batch_size: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let folder = downhill_examples::picture_folder("batch_size", None, &["batch_size.svg"])?;
    let dataset = data::synthetic::Digits::new(IMAGES).seed(1).dataset();
    println!("{IMAGES} generated digits, a network of 784-32-10, SGD with a rate of {RATE}, {EPOCHS} epochs\n");
    println!(
        "{:>6} {:>7} {:>14} {:>11} {:>10} {:>8}",
        "batch", "steps", "time per epoch", "per image", "last loss", "noise"
    );
    let mut outcomes = Vec::new();
    for batch_size in [1, 4, 16, 64, 256, IMAGES] {
        let outcome = train(&dataset, batch_size);
        let epoch = outcome.seconds / EPOCHS as f64;
        println!(
            "{:>6} {:>7} {:>11.1} ms {:>8.1} us {:>10.4} {:>7.1}%",
            outcome.batch_size,
            outcome.steps,
            1e3 * epoch,
            1e6 * epoch / IMAGES as f64,
            outcome.final_loss(),
            100.0 * outcome.noise()
        );
        outcomes.push(outcome);
    }
    println!(
        "\nNoise is the mean rise of the loss between two records in the second half of the run.\n\
         A larger batch costs less time per image and makes the descent smoother, but an epoch has fewer steps:\n\
         at the same rate the loss falls more slowly. The smallest batches take the most time per image, and their\n\
         noise keeps the loss from settling. The best batch size is in between."
    );
    let name = |outcome: &Outcome| format!("batch {}", outcome.batch_size);
    let plot = |title: &str, x: &str| Plot::new(title).x_label(x).y_label("loss").log_y();
    let by_epoch = outcomes.iter().fold(plot("as images go by", "epoch"), |plot, outcome| {
        plot.curve(name(outcome), outcome.losses.iter().map(|&(epoch, _, loss)| (epoch, loss)))
    });
    let by_time = outcomes.iter().fold(plot("as time goes by", "seconds of training").log_x(), |plot, outcome| {
        plot.curve(name(outcome), outcome.losses.iter().skip(1).map(|&(_, seconds, loss)| (seconds, loss)))
    });
    let file = folder.join("batch_size.svg");
    let grid = Grid::new("Batch size").panel_size(480.0, 400.0).panel(by_epoch).panel(by_time);
    grid.save(&file).map_err(|error| format!("cannot write {} ({error})", file.display()))?;
    println!("\nPicture: {}", file.display());
    Ok(())
}
