//! One run: batches, epochs, the decay of the learning rate, and the recorded loss.

use std::time::{Duration, Instant};

use downhill::prelude::*;

use crate::styles::Regression;

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Run {
    pub name: String,
    pub batch_size: usize,
    pub lr: f64,
    pub epochs: usize,
    /// After this epoch, every epoch multiplies the learning rate by 0.1.
    pub decay_after: Option<usize>,
    /// The loss over the whole set is recorded whenever the number of rows seen in the epoch is a multiple of this.
    pub record_every: usize,
    pub momentum: f64,
    pub nesterov: bool,
    pub weight_decay: f64,
    pub replacement: bool,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            name: "your run".to_owned(),
            batch_size: 10,
            lr: 0.1,
            epochs: 10,
            decay_after: None,
            record_every: 10,
            momentum: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            replacement: false,
        }
    }
}

impl Run {
    /// The five runs of the chapter on gradient descent: batch size, learning rate and decay.
    pub fn chapter() -> Vec<Run> {
        let run = |name: &str, batch_size, lr, decay_after, record_every| Run {
            name: name.to_owned(),
            batch_size,
            lr,
            epochs: 3,
            decay_after,
            record_every,
            ..Run::default()
        };
        vec![
            run("stochastic", 1, 0.2, Some(2), 10),
            run("full batch", 1000, 0.999, None, 1000),
            run("mini-batch", 10, 0.2, Some(2), 10),
            run("too large a rate", 10, 5.0, Some(2), 10),
            run("too small a rate", 10, 0.002, Some(2), 10),
        ]
    }
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The loss over the whole set against epochs; the first value is from before training.
    pub losses: Vec<(f64, f64)>,
    pub weights: Vec<f64>,
    pub bias: f64,
    pub steps: usize,
    /// The time of the training steps, without recording the loss.
    pub time: Duration,
}

impl Outcome {
    pub fn first_loss(&self) -> f64 {
        self.losses.first().map_or(f64::NAN, |(_, loss)| *loss)
    }

    pub fn last_loss(&self) -> f64 {
        self.losses.last().map_or(f64::NAN, |(_, loss)| *loss)
    }

    /// The epoch at which the run counted as diverged, if it did.
    pub fn diverged_at(&self) -> Option<f64> {
        self.losses.iter().find(|(_, loss)| !loss.is_finite()).map(|(epoch, _)| *epoch)
    }
}

/// A run whose loss grows by this factor has diverged, whatever the units of its targets.
const DIVERGED: f64 = 1e30;

/// Trains `model` on the data set and calls `progress` with each recorded loss.
///
/// A loss that has grown by the factor [`DIVERGED`] counts as infinite. A run whose loss becomes NaN ends there,
/// because no further step could recover.
pub fn train(
    model: &mut dyn Regression,
    run: &Run,
    dataset: &data::TensorDataset,
    seed: u64,
    mut progress: impl FnMut(f64, f64),
) -> Outcome {
    let (features, targets) = (dataset.features().cast::<f64>(), dataset.targets().cast::<f64>());
    let rows = features.shape()[0];
    let loader =
        data::DataLoader::new(dataset.clone(), run.batch_size).shuffle(true).replacement(run.replacement).seed(seed);

    let mut losses = vec![(0.0, model.loss(&features, &targets))];
    let (mut lr, mut steps, mut time) = (run.lr, 0, Duration::ZERO);
    'epochs: for epoch in 1..=run.epochs {
        if run.decay_after.is_some_and(|last| epoch > last) {
            lr *= 0.1;
            model.set_lr(lr);
        }
        let mut seen = 0;
        for (x, y) in &loader {
            let start = Instant::now();
            model.step(&x, &y);
            time += start.elapsed();
            steps += 1;
            seen += x.shape()[0];
            if seen % run.record_every == 0 || seen == rows {
                let at = (epoch - 1) as f64 + seen as f64 / rows as f64;
                let loss = model.loss(&features, &targets);
                let loss = if loss > DIVERGED * losses[0].1 { f64::INFINITY } else { loss };
                losses.push((at, loss));
                progress(at, loss);
                if loss.is_nan() {
                    break 'epochs;
                }
            }
        }
    }
    let (weights, bias) = model.parameters();
    Outcome { losses, weights, bias, steps, time }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::styles::{FromScratch, WithNn};

    fn outcome(run: &Run, seed: u64) -> Outcome {
        manual_seed(seed);
        let dataset = data::synthetic::LinearRegression::default().seed(seed).dataset();
        train(&mut FromScratch::new(2, run.lr), run, &dataset, seed, |_, _| {})
    }

    #[test]
    fn the_chapter_comes_out_as_it_should_for_any_seed() {
        for seed in 0..3 {
            let outcomes: Vec<Outcome> = Run::chapter().iter().map(|run| outcome(run, seed)).collect();
            let [stochastic, full, mini, too_large, too_small] = &outcomes[..] else { panic!("five runs") };
            for (good, tolerance) in [(stochastic, 0.02), (full, 0.02), (mini, 0.02)] {
                let (weights, bias) = (&good.weights, good.bias);
                let distance = [weights[0] - 2.0, weights[1] + 3.4, bias - 4.2].map(f64::abs);
                assert!(distance.iter().all(|&d| d < tolerance), "seed {seed}: {weights:?} {bias}");
                assert_eq!(good.diverged_at(), None);
            }
            assert_eq!([stochastic, full, mini].map(|run| run.steps), [3000, 3, 300]);
            assert_eq!([stochastic, full, mini].map(|run| run.losses.len()), [301, 4, 301]);
            assert!(too_large.diverged_at().is_some_and(|epoch| epoch > 0.0 && epoch < 3.0));
            assert!(too_large.weights.iter().any(|weight| !weight.is_finite()));
            assert!(too_small.last_loss() > 0.5 && too_small.last_loss() < too_small.first_loss());
        }
    }

    #[test]
    fn the_learning_rate_decays_after_the_given_epoch() {
        struct Rates(Vec<f64>);
        impl Regression for Rates {
            fn step(&mut self, _: &Tensor, _: &Tensor) {}
            fn loss(&self, _: &Tensor<f64>, _: &Tensor<f64>) -> f64 {
                1.0
            }
            fn set_lr(&mut self, lr: f64) {
                self.0.push(lr);
            }
            fn parameters(&self) -> (Vec<f64>, f64) {
                (Vec::new(), 0.0)
            }
        }
        let dataset = data::synthetic::LinearRegression::default().examples(25).seed(0).dataset();
        let mut rates = Rates(Vec::new());
        let run = Run { lr: 1.0, epochs: 4, decay_after: Some(2), ..Run::default() };
        let outcome = train(&mut rates, &run, &dataset, 0, |_, _| {});
        assert_eq!(rates.0, [0.1, 0.1 * 0.1]);
        let epochs: Vec<f64> = outcome.losses.iter().map(|(epoch, _)| *epoch).take(4).collect();
        assert_eq!(epochs, [0.0, 0.4, 0.8, 1.0], "also the end of an epoch whose last batch is short");
    }

    /// The verdict is based on the weights, not on squares that overflow f32.
    #[test]
    fn large_targets_converge_and_are_reported_so() {
        for scale in [1e-30, 1.0, 1e10, 1e19, 1e30] {
            let made = data::synthetic::LinearRegression::default().seed(0).dataset();
            let dataset = data::TensorDataset::new(made.features(), made.targets() * scale).unwrap();
            let run = Run { lr: 0.1, epochs: 3, ..Run::default() };
            manual_seed(0);
            for model in [&mut FromScratch::new(2, run.lr) as &mut dyn Regression, &mut WithNn::new(2, &run)] {
                let outcome = train(model, &run, &dataset, 0, |_, _| {});
                assert_eq!(outcome.diverged_at(), None, "targets around {scale:e}");
                assert!((outcome.weights[0] / scale - 2.0).abs() < 0.02 || scale < 1.0, "{outcome:?}");
                assert!(outcome.last_loss() < 1e-3 * outcome.first_loss(), "{outcome:?}");
            }
        }
    }

    #[test]
    fn momentum_is_used_by_the_nn_style() {
        let dataset = data::synthetic::LinearRegression::default().seed(0).dataset();
        let last_loss = |momentum| {
            manual_seed(0);
            let run = Run { lr: 0.002, epochs: 1, momentum, ..Run::default() };
            train(&mut WithNn::new(2, &run), &run, &dataset, 0, |_, _| {}).last_loss()
        };
        assert!(last_loss(0.9) < 0.5 * last_loss(0.0));
    }
}
