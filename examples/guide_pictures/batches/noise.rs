//! How far the gradient of a batch is from that of all examples, and the loss at which training with a constant rate
//! levels off.

use downhill::prelude::*;

pub fn print() {
    let dataset = data::synthetic::LinearRegression::default().seed(1).dataset();
    spread(&dataset);
    floor(&dataset);
}

/// The gradient of the mean of (x w + b - y)²/2 by (w, b) at w = 0, b = 0.
fn gradient(x: &Tensor, y: &Tensor) -> Vec<f64> {
    let (w, b) = (Tensor::zeros([2, 1]).requires_grad_(true), Tensor::zeros([1]).requires_grad_(true));
    ((x.matmul(&w) + &b - y).square().mean() / 2).backward();
    let both = Tensor::cat(&[&w.expect_grad().flatten(), &b.expect_grad()], 0);
    both.to_vec().into_iter().map(f64::from).collect()
}

/// The root mean square distance between the gradient of a batch and that of all examples.
fn spread(dataset: &data::TensorDataset) {
    let (features, targets) = (dataset.features(), dataset.targets());
    let (all, rows) = (gradient(&features, &targets), features.shape()[0]);
    println!("distance of a batch's gradient from that of all {rows} examples, 1000 batches without replacement");
    let mut single = None;
    for batch in [1, 10, 100, rows] {
        let loader = data::DataLoader::new(dataset.clone(), batch).shuffle(true).seed(1);
        let batches = (0..(1000 * batch).div_ceil(rows)).flat_map(|epoch| loader.iter_from(epoch, 0));
        let distances: Vec<f64> = batches
            .map(|(x, y)| gradient(&x, &y).iter().zip(&all).map(|(one, all)| (one - all).powi(2)).sum())
            .collect();
        let measured = (distances.iter().sum::<f64>() / distances.len() as f64).sqrt();
        let single = *single.get_or_insert(measured);
        let expected = single / (batch as f64).sqrt() * ((rows - batch) as f64 / (rows - 1) as f64).sqrt();
        println!("  batch {batch:>4}: {measured:.3}, expected {expected:.3}");
    }
}

/// How far the loss stays above its minimum at a constant rate.
fn floor(dataset: &data::TensorDataset) {
    let (features, targets) = (dataset.features(), dataset.targets());
    let mean_loss =
        |w: &Tensor, b: &Tensor| no_grad(|| (features.matmul(w) + b - &targets).square().mean() / 2).item();
    println!("batch size 1: the mean of the loss above its minimum, in the last 10 of 20 epochs");
    for lr in [0.2, 0.1, 0.05, 0.025] {
        let (w, b) = (Tensor::zeros([2, 1]).requires_grad_(true), Tensor::zeros([1]).requires_grad_(true));
        let mut optimizer = optim::SGD::new([&w, &b], lr);
        let loader = data::DataLoader::new(dataset.clone(), 1).shuffle(true).seed(1);
        let mut losses = Vec::new();
        for epoch in 0..20 {
            for (step, (x, y)) in loader.iter_from(epoch, 0).enumerate() {
                optimizer.zero_grad();
                ((x.matmul(&w) + &b - y).square().sum() / 2).backward();
                optimizer.step();
                if epoch >= 10 && step % 10 == 0 {
                    losses.push(mean_loss(&w, &b));
                }
            }
        }
        println!("  rate {lr:>5}: {:.2e}", losses.iter().sum::<f64>() / losses.len() as f64 - least(dataset));
    }
}

/// The minimum of the loss: full batches until nothing changes.
pub fn least(dataset: &data::TensorDataset) -> f64 {
    let (x, y) = (dataset.features().cast::<f64>(), dataset.targets().cast::<f64>());
    let (w, b) = (Tensor::<f64>::zeros([2, 1]).requires_grad_(true), Tensor::<f64>::zeros([1]).requires_grad_(true));
    let loss = || (x.matmul(&w) + &b - &y).square().mean() / 2;
    let step = optim::Newton::new([&w, &b], 1.0).step_with(loss);
    step.expect("the loss is a bowl");
    no_grad(|| loss().item())
}
