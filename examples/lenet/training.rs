//! The training loop of LeNet, and its checkpoint.

use std::path::Path;
use std::time::Instant;

use downhill::prelude::*;
// In a project of your own: `downhill::save`, with the feature `save`.
use downhill_save::{Checkpoint, Error};
use indicatif::{ProgressBar, ProgressStyle};

use crate::Digits;
use crate::model::LeNet;
use crate::options::Options;

/// A run with everything that determines how it continues.
pub struct Run {
    pub net: LeNet,
    criterion: nn::CrossEntropyLoss,
    optimizer: optim::SGD,
    train_data: data::DataLoader<Digits>,
    epoch: usize,
}

/// The training results of an epoch.
pub struct Summary {
    pub loss: f64,
    pub accuracy: f64,
    pub images_per_second: f64,
}

impl Run {
    pub fn new(net: LeNet, images: Digits, options: &Options) -> Self {
        let optimizer = optim::SGD::new(net.parameters(), options.lr).momentum(options.momentum);
        let train_data = data::DataLoader::new(images, options.batch_size).shuffle(true).seed(options.seed);
        Run { net, criterion: nn::CrossEntropyLoss::new(), optimizer, train_data, epoch: 0 }
    }

    /// The number of completed epochs.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Trains one of `epochs` epochs.
    pub fn train_epoch(&mut self, epochs: usize) -> Summary {
        let (mut total, mut correct, mut seen) = (0.0, 0.0, 0.0);
        let start = Instant::now();
        let progress = progress_bar(self.train_data.len(), self.epoch + 1, epochs);

        for (inputs, labels) in self.train_data.iter_from(self.epoch, 0) {
            self.optimizer.zero_grad();
            let outputs = self.net.forward(&inputs);
            let loss = self.criterion.forward(&outputs, &labels);
            loss.backward();
            self.optimizer.step();

            let images = labels.numel() as f64;
            total += loss.item() * images;
            correct += nn::accuracy(&outputs, &labels) * images;
            seen += images;
            if progress.position().is_multiple_of(64) {
                let speed = seen / start.elapsed().as_secs_f64();
                let message = format!(
                    "loss {:.4}, accuracy {:.1} %, {speed:.0} images/s",
                    total / seen,
                    100.0 * correct / seen
                );
                progress.set_message(message);
            }
            progress.inc(1);
        }

        progress.finish_and_clear();
        self.epoch += 1;
        let images_per_second = seen / start.elapsed().as_secs_f64();
        Summary { loss: total / seen, accuracy: correct / seen, images_per_second }
    }

    /// Writes everything that the run needs to continue.
    pub fn save(&self, file: &Path) -> Result<(), Error> {
        Checkpoint::new()
            .with_state("model", &self.net.state_dict())
            .with_state("optimizer", &self.optimizer.state_dict())
            .with_state("loader", &self.train_data.state_dict(self.epoch, 0))
            .with_generator()
            .save(file)
    }

    /// Restores a checkpoint; nothing changes if a part of it does not fit.
    pub fn resume(&mut self, file: &Path) -> Result<(), Error> {
        let Run { net, optimizer, train_data, epoch, .. } = self;
        Checkpoint::load(file)?
            .restore()
            .state("model", net.state_dict(), |state| net.load_state_dict(state))
            .state("optimizer", optimizer.state_dict(), |state| optimizer.load_state_dict(state))
            .state("loader", train_data.state_dict(0, 0), |state| {
                (*epoch, _) = train_data.load_state_dict(state)?;
                Ok(())
            })
            .generator()
            .finish()
    }
}

/// A progress line that is overwritten; nothing is shown when the output is not a terminal.
fn progress_bar(batches: usize, epoch: usize, epochs: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}").expect("a valid template");
    ProgressBar::new(batches as u64).with_style(style).with_prefix(format!("epoch {epoch}/{epochs}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64) -> Run {
        let options = Options { lr: 0.01, ..Options::default() };
        manual_seed(seed);
        Run::new(LeNet::new(), data::synthetic::Digits::new(64).seed(1).dataset(), &options)
    }

    #[test]
    fn a_resumed_run_is_the_run_that_did_not_stop() {
        let file = std::env::temp_dir().join(format!("downhill-lenet-{}.checkpoint", std::process::id()));
        let mut whole = run(1);
        whole.train_epoch(2);
        whole.save(&file).unwrap();
        let mut resumed = run(2);
        resumed.resume(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(resumed.epoch(), 1);
        let (a, b) = (whole.train_epoch(2), resumed.train_epoch(2));
        assert_eq!(a.loss.to_bits(), b.loss.to_bits());
        for (a, b) in whole.net.parameters().iter().zip(resumed.net.parameters()) {
            assert_eq!(a.to_vec(), b.to_vec());
        }
    }
}
