//! The valleys of `gradient_descent` from the wrong side: do noisy gradients or smaller steps escape a local minimum?

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::Plot;

/// The number of runs, computed at once as the elements of one tensor.
const RUNS: usize = 1000;
const START: f64 = 3.5;
const STEPS: usize = 500;
const RATE: f64 = 0.05;
/// Example i has the loss f(x) + a x, with a = 8 for half of the examples and -8 for the others: their mean is f.
const SPREAD: f64 = 8.0;

/// The fraction of runs that end in the deeper valley. Each run draws its own batch at each step, with replacement;
/// `None` means all examples, whose gradient is exact.
fn share_in_the_deep_valley(batch: Option<usize>, rate: f64, steps: usize, start: f64) -> f64 {
    let x = Tensor::<f64>::full([RUNS], start).requires_grad_(true);
    let mut optimizer = optim::SGD::new([&x], rate);
    for _ in 0..steps {
        let slope = batch.map_or(Tensor::<f64>::zeros([RUNS]), |batch| {
            let signs = 2 * Tensor::<f64>::rand([RUNS, batch]).lt(0.5).cast::<f64>() - 1;
            SPREAD * signs.mean_dim(1)
        });
        optimizer.zero_grad();
        ((x.square() - 4).square() / 8 + &x / 2 + slope * &x).sum().backward();
        optimizer.step();
    }
    x.lt(0.0).cast::<f64>().mean().item()
}

pub fn show(file: &Path) -> io::Result<()> {
    manual_seed(1);
    println!(
        "f(x) = (x² - 4)²/8 + x/2 from x = {START}: the share of {RUNS} runs that end in the deeper valley, below 0"
    );
    let share = |batch: Option<usize>, slower: usize| {
        share_in_the_deep_valley(batch, RATE / slower as f64, STEPS * slower, START)
    };
    let mut curves = Vec::new();
    for slower in [1, 10] {
        let shares = [1, 2, 4, 8, 16, 32, 64].map(|batch| (batch, share(Some(batch), slower)));
        println!("  rate {}, {} steps:", RATE / slower as f64, STEPS * slower);
        for (batch, share) in shares {
            println!("    batch {batch:>2}: {:5.1} %", 100.0 * share);
        }
        println!("    all:      {:5.1} %", 100.0 * share(None, slower));
        curves.push((slower, shares));
    }
    println!("  rate {}, {} steps, all: {:.1} %", RATE / 100.0, STEPS * 100, 100.0 * share(None, 100));
    let back = 1.0 - share_in_the_deep_valley(Some(1), RATE, STEPS, -2.1);
    println!("  batch 1 from the deeper valley: {:.1} % have left it", 100.0 * back);

    let plot = Plot::new("Who finds the deeper valley?")
        .x_label("batch size")
        .y_label("% of runs in the deeper valley")
        .log_x()
        .size(700.0, 360.0);
    let plot = curves.into_iter().fold(plot, |plot, (slower, shares)| {
        let name = format!("rate {}, {} steps", RATE / slower as f64, STEPS * slower);
        plot.curve(name, shares.map(|(batch, share)| (batch as f64, 100.0 * share)))
    });
    plot.save(file)
}
