//! The cost of a descent: steps, examples and time until the loss is small, for batches from 1 to all.

use std::time::{Duration, Instant};

use downhill::prelude::*;

pub fn print() {
    regression();
    digits();
}

/// A model trained on batches of type `B`.
pub trait Training<B> {
    fn step(&mut self, batch: B);

    /// The loss over all examples.
    fn loss(&self) -> f64;
}

/// The number of steps until the loss is at most `goal`, computing the loss every `interval` steps. `None` if the
/// batches run out first.
fn steps_until<B>(
    goal: f64,
    interval: usize,
    training: &mut impl Training<B>,
    batches: impl Iterator<Item = B>,
) -> Option<usize> {
    for (batch, steps) in batches.zip(1..) {
        training.step(batch);
        if steps % interval == 0 && no_grad(|| training.loss()) <= goal {
            return Some(steps);
        }
    }
    None
}

/// The time of some steps without making the batches: the median of five runs.
fn time_of<B: Clone, T: Training<B>>(batches: &[B], start: impl Fn() -> T) -> Duration {
    let mut times = [(); 5].map(|()| {
        let (mut training, batches) = (start(), batches.to_vec());
        let clock = Instant::now();
        batches.into_iter().for_each(|batch| training.step(batch));
        clock.elapsed()
    });
    times.sort_unstable();
    times[2]
}

struct Regression {
    w: Tensor,
    b: Tensor,
    optimizer: optim::SGD,
    dataset: data::TensorDataset,
}

impl Regression {
    fn new(lr: f64, dataset: &data::TensorDataset) -> Self {
        let (w, b) = (Tensor::zeros([2, 1]).requires_grad_(true), Tensor::zeros([1]).requires_grad_(true));
        let optimizer = optim::SGD::new([&w, &b], lr);
        Regression { w, b, optimizer, dataset: dataset.clone() }
    }

    fn loss_on(&self, x: &Tensor, y: &Tensor) -> Tensor {
        (x.matmul(&self.w) + &self.b - y).square().mean() / 2
    }
}

impl Training<(Tensor, Tensor)> for Regression {
    fn step(&mut self, (x, y): (Tensor, Tensor)) {
        self.optimizer.zero_grad();
        self.loss_on(&x, &y).backward();
        self.optimizer.step();
    }

    fn loss(&self) -> f64 {
        self.loss_on(&self.dataset.features(), &self.dataset.targets()).item()
    }
}

/// Linear regression on growing data sets: batches of ten, and full batches.
fn regression() {
    const GOAL: f64 = 1e-4;
    println!("linear regression until the loss over all examples is at most {GOAL:.0e}, twice its minimum");
    println!("{:>9} {:>7} {:>6} {:>10} {:>12}", "examples", "batch", "steps", "time", "time/step");
    for examples in [1_000, 10_000, 100_000] {
        let dataset = data::synthetic::LinearRegression::default().examples(examples).seed(1).dataset();
        for (batch, lr) in [(10, 0.2), (examples, 0.999)] {
            let loader = data::DataLoader::new(dataset.clone(), batch).shuffle(true).seed(1);
            let batches = || (0..10).flat_map(|epoch| loader.iter_from(epoch, 0));
            let start = || Regression::new(lr, &dataset);
            let steps = steps_until(GOAL, 1, &mut start(), batches()).expect("both arrive within ten epochs");
            let time = time_of(&batches().take(steps).collect::<Vec<_>>(), start).as_secs_f64();
            println!(
                "{examples:>9} {batch:>7} {steps:>6} {:>7.3} ms {:>9.1} us",
                1e3 * time,
                1e6 * time / steps as f64
            );
        }
    }
}

/// The network that this chapter trains on digits.
pub struct Classifier {
    net: nn::Sequential,
    criterion: nn::CrossEntropyLoss,
    optimizer: optim::SGD,
    dataset: Digits,
}

type Digits = data::TensorDataset<f32, i64>;

impl Classifier {
    pub fn new(lr: f64, dataset: &Digits) -> Self {
        let net = downhill_examples::digits_network();
        let optimizer = optim::SGD::new(net.parameters(), lr);
        Classifier { net, criterion: nn::CrossEntropyLoss::new(), optimizer, dataset: dataset.clone() }
    }

    pub fn accuracy(&self, test: &Digits) -> f64 {
        no_grad(|| nn::accuracy(&self.net.forward(&test.features()), &test.targets()))
    }
}

impl Training<(Tensor, Tensor<i64>)> for Classifier {
    fn step(&mut self, (inputs, labels): (Tensor, Tensor<i64>)) {
        self.optimizer.zero_grad();
        self.criterion.forward(&self.net.forward(&inputs), &labels).backward();
        self.optimizer.step();
    }

    fn loss(&self) -> f64 {
        self.criterion.forward(&self.net.forward(&self.dataset.features()), &self.dataset.targets()).item()
    }
}

/// The rates to try; each batch size uses the one that needs the fewest steps.
const RATES: [f64; 8] = [3.2, 1.6, 0.8, 0.4, 0.2, 0.1, 0.05, 0.025];

/// A network on digits, for each batch size at its best rate, with the largest rate at which it still reaches the
/// goal.
fn digits() {
    const IMAGES: usize = 2048;
    const GOAL: f64 = 0.2;
    let train = data::synthetic::Digits::new(IMAGES).seed(1).dataset();
    let test = data::synthetic::Digits::new(1000).seed(0).dataset();
    println!("\na network of 784-32-10 on {IMAGES} digits until the loss over all of them is at most {GOAL}");
    println!(
        "{:>6} {:>6} {:>13} {:>6} {:>7} {:>9} {:>9} {:>9}",
        "batch", "rate", "largest rate", "steps", "epochs", "images", "time", "accuracy"
    );
    for batch in [1, 4, 16, 64, 256, IMAGES] {
        let loader = data::DataLoader::new(train.clone(), batch).shuffle(true).seed(1);
        let batches = || (0..).flat_map(|epoch| loader.iter_from(epoch, 0));
        let (mut limit, mut best, mut largest) = (8000.min(300 + 8 * IMAGES / batch), None, 0.0f64);
        for lr in RATES {
            let mut classifier = Classifier::new(lr, &train);
            // For small batches the loss jumps from step to step, and computing it costs more than the steps.
            let interval = (64 / batch).max(1);
            if let Some(steps) = steps_until(GOAL, interval, &mut classifier, batches().take(limit)) {
                largest = largest.max(lr);
                best = Some((steps, lr, classifier.accuracy(&test)));
                // Another rate is better only if it needs fewer steps.
                limit = steps - 1;
            }
        }
        let (steps, lr, accuracy) = best.expect("one of the rates arrives");
        let time = time_of(&batches().take(steps).collect::<Vec<_>>(), || Classifier::new(lr, &train));
        println!(
            "{batch:>6} {lr:>6} {largest:>13} {steps:>6} {:>7.1} {:>9} {:>6.1} ms {:>7.1} %",
            (steps * batch) as f64 / IMAGES as f64,
            steps * batch,
            1e3 * time.as_secs_f64(),
            100.0 * accuracy
        );
    }
}
