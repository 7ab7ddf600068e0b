//! Trains the LeNet of the examples for some steps and writes what PyTorch needs to do the same, and the losses.
//!
//! ```text
//! cargo test --release -p downhill-tests --test framework -- --ignored lenet
//! python tests/python/lenet.py
//! ```

use std::path::Path;

use downhill::prelude::*;
use downhill_save::save_file;

use crate::model::LeNet;

/// Enough for the loss to fall. Training magnifies rounding: some hundred steps later f32 and f64 differ visibly.
const STEPS: usize = 1300;
const BATCH_SIZE: usize = 4;

/// The file holds the parameters before the first step, `images` and `labels` in the order of training, and the loss
/// of each step as `losses` (f32) and `losses_f64`.
#[test]
#[ignore = "writes the file that tests/python/lenet.py compares with PyTorch"]
fn write_the_losses_of_lenet() {
    manual_seed(42);
    let net = LeNet::new();
    let digits = data::synthetic::Digits::new(STEPS * BATCH_SIZE).seed(1).dataset();
    let mut trace = net.state_dict();
    trace.insert("images", &digits.features());
    trace.insert("labels", &digits.targets());

    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.001).momentum(0.9);
    let mut losses = Vec::new();
    for (images, labels) in &data::DataLoader::new(digits, BATCH_SIZE) {
        optimizer.zero_grad();
        let loss = criterion.forward(&net.forward(&images), &labels);
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
    }

    assert_eq!(losses.len(), STEPS);
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (first, last) = (mean(&losses[..20]), mean(&losses[STEPS - 20..]));
    assert!(last < first, "the loss did not fall: {first} in the first 20 steps, {last} in the last 20");
    let losses = Tensor::from_vec(losses, [STEPS]).unwrap();
    trace.insert("losses", &losses.cast::<f32>());
    trace.insert("losses_f64", &losses);
    save_file(&trace, Path::new(env!("CARGO_TARGET_TMPDIR")).join("lenet.safetensors")).unwrap();
}
