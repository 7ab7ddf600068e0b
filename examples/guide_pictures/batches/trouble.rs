//! What goes wrong with descent: features of different scale, wrong labels, sorted examples.

use downhill::prelude::*;
use downhill::tensor::hessian;

use super::cost::{Classifier, Training};

pub fn print() {
    scale();
    outlier();
    order();
}

/// The mean of (x w + b - y)²/2, with w and b in one column.
fn loss(parameters: &Tensor, x: &Tensor, y: &Tensor) -> Tensor {
    let (w, b) = (parameters.slice(0, ..2), parameters.slice(0, 2..));
    (x.matmul(&w) + b - y).square().mean() / 2
}

/// The largest curvature in any direction, by power iteration: multiplying by the Hessian turns a vector towards that
/// direction.
fn largest_curvature(x: &Tensor, y: &Tensor) -> f64 {
    let h = hessian(|parameters| loss(parameters, x, y), &Tensor::zeros([3, 1])).reshape([3, 3]);
    let mut v = Tensor::ones([3, 1]);
    for _ in 0..100 {
        v = h.matmul(&v);
        v = &v / v.norm();
    }
    v.t().matmul(&h.matmul(&v)).item()
}

/// Full batches on features one of which is larger than the other.
fn scale() {
    let dataset = data::synthetic::LinearRegression::default().seed(1).dataset();
    let y = dataset.targets();
    println!("full batches at the rate 1 / largest curvature, until the loss is at most 0.001");
    for factor in [1.0, 10.0, 100.0] {
        let x = dataset.features() * Tensor::from([1.0, factor]);
        let curvature = largest_curvature(&x, &y);
        let parameters = Tensor::zeros([3, 1]).requires_grad_(true);
        let mut optimizer = optim::SGD::new([&parameters], 1.0 / curvature);
        let mut steps = 0;
        loop {
            optimizer.zero_grad();
            let loss = loss(&parameters, &x, &y);
            if loss.item() <= 1e-3 {
                break;
            }
            loss.backward();
            optimizer.step();
            steps += 1;
        }
        println!("  second feature times {factor:>3}: largest curvature {curvature:>9.2}, {steps:>6} steps");
    }
}

/// One label of a thousand is wrong by 1000: the loss with the correct labels, in the second half of the run.
fn outlier() {
    let dataset = data::synthetic::LinearRegression::default().seed(1).dataset();
    let (x, y) = (dataset.features(), dataset.targets());
    let wrong = y.copy();
    wrong.slice_assign_(0, 500..501, &(y.slice(0, 500..501) + 1000));
    let spoilt = data::TensorDataset::new(x.clone(), wrong).expect("one target for each example");
    println!(
        "one label of 1000 is wrong by 1000, rate 0.2: the loss with the right labels in the second half of the run"
    );
    for batch in [1, 10, 100, 1000] {
        let parameters = Tensor::zeros([3, 1]).requires_grad_(true);
        let mut optimizer = optim::SGD::new([&parameters], 0.2);
        let loader = data::DataLoader::new(spoilt.clone(), batch).shuffle(true).seed(1);
        // Enough epochs to forget the start.
        let epochs = 4.max(50 * batch / 1000);
        let mut losses = Vec::new();
        for (x_batch, y_batch) in (0..epochs).flat_map(|epoch| loader.iter_from(epoch, 0)) {
            optimizer.zero_grad();
            loss(&parameters, &x_batch, &y_batch).backward();
            optimizer.step();
            losses.push(no_grad(|| loss(&parameters, &x, &y)).item());
        }
        let mut late = losses.split_off(losses.len() / 2);
        late.sort_by(f64::total_cmp);
        println!("  batch {batch:>4}: median {:.1e}, largest {:.1e}", late[late.len() / 2], late[late.len() - 1]);
    }
}

/// The same digits in random order, and sorted by class.
fn order() {
    let train = data::synthetic::Digits::new(2048).seed(1).dataset();
    let test = data::synthetic::Digits::new(1000).seed(0).dataset();
    let mut sorted: Vec<(i64, i64)> = train.targets().to_vec().into_iter().zip(0..).collect();
    sorted.sort_unstable();
    let rows = Tensor::from_vec(sorted.iter().map(|(_, row)| *row).collect(), [sorted.len()]);
    let rows = rows.expect("one row for each image");
    let by_class = data::TensorDataset::new(train.features().rows(&rows), train.targets().rows(&rows));
    let by_class = by_class.expect("as many labels as images");
    println!("a network of 784-32-10 on 2048 digits, batches of 16, rate 0.05, one epoch");
    for (name, dataset, shuffle) in [("shuffled", &train, true), ("sorted by class", &by_class, false)] {
        let mut classifier = Classifier::new(0.05, dataset);
        for batch in &data::DataLoader::new(dataset.clone(), 16).shuffle(shuffle).seed(1) {
            classifier.step(batch);
        }
        println!("  {name}: {:.1} % of 1000 other images right", 100.0 * classifier.accuracy(&test));
    }
}
