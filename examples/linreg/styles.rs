//! The same training step twice: by hand, with tensors alone, and with `nn` and `optim`.

use downhill::prelude::*;

use crate::experiment::Run;

/// A linear model that is being fitted to minimise the mean of (ŷ - y)²/2.
pub trait Regression {
    /// One step downhill on a batch of rows.
    fn step(&mut self, x: &Tensor, y: &Tensor);

    /// The mean of (ŷ - y)²/2 over these rows, in f64: for large targets the squares overflow f32 although the fit
    /// does not.
    fn loss(&self, x: &Tensor<f64>, y: &Tensor<f64>) -> f64 {
        let (weights, bias) = self.parameters();
        let w = Tensor::<f64>::from_vec(weights, [x.shape()[1], 1]).expect("one weight for each feature");
        (x.matmul(&w) + bias - y).square().mean().item() / 2.0
    }

    /// Changes the learning rate.
    fn set_lr(&mut self, lr: f64);

    /// The weights and the bias.
    fn parameters(&self) -> (Vec<f64>, f64);
}

/// Tensors only: the model is a product and a sum, the update a subtraction.
pub struct FromScratch {
    w: Tensor,
    b: Tensor,
    lr: f64,
}

impl FromScratch {
    pub fn new(features: usize, lr: f64) -> Self {
        let w = Tensor::normal(0.0, 0.01, [features, 1]).requires_grad_(true);
        let b = Tensor::zeros([1]).requires_grad_(true);
        FromScratch { w, b, lr }
    }
}

impl Regression for FromScratch {
    fn step(&mut self, x: &Tensor, y: &Tensor) {
        let loss = (x.matmul(&self.w) + &self.b - y).square().sum() / 2;
        loss.backward();
        // The last batch may be smaller: the sum is divided by its actual number of rows.
        let rate = self.lr / x.shape()[0] as f64;
        no_grad(|| {
            for parameter in [&self.w, &self.b] {
                parameter.sub_(&(rate * parameter.expect_grad()));
                parameter.zero_grad();
            }
        });
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn parameters(&self) -> (Vec<f64>, f64) {
        (as_f64(&self.w), self.b.item())
    }
}

/// The same with a layer, a loss and an optimiser.
pub struct WithNn {
    net: nn::Linear,
    criterion: nn::MSELoss,
    optimizer: optim::SGD,
}

impl WithNn {
    pub fn new(features: usize, run: &Run) -> Self {
        let net = nn::Linear::new(features, 1);
        no_grad(|| {
            net.weight.copy_(&Tensor::normal(0.0, 0.01, [1, features]));
            net.bias.as_ref().unwrap().zero_();
        });
        let optimizer = optim::SGD::new(net.parameters(), run.lr)
            .momentum(run.momentum)
            .nesterov(run.nesterov)
            .weight_decay(run.weight_decay);
        WithNn { net, criterion: nn::MSELoss::new(), optimizer }
    }
}

impl Regression for WithNn {
    fn step(&mut self, x: &Tensor, y: &Tensor) {
        self.optimizer.zero_grad();
        let loss = self.criterion.forward(&self.net.forward(x), y) / 2;
        loss.backward();
        self.optimizer.step();
    }

    fn set_lr(&mut self, lr: f64) {
        self.optimizer.set_lr(lr);
    }

    fn parameters(&self) -> (Vec<f64>, f64) {
        (as_f64(&self.net.weight), self.net.bias.as_ref().unwrap().item())
    }
}

fn as_f64(tensor: &Tensor) -> Vec<f64> {
    tensor.to_vec().into_iter().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_styles_take_the_same_steps() {
        let dataset = data::synthetic::LinearRegression::default().seed(3).dataset();
        let loader = data::DataLoader::new(dataset, 64).shuffle(true).seed(3);
        let run = Run { lr: 0.1, ..Run::default() };
        let mut by_hand = FromScratch::new(2, run.lr);
        let mut with_nn = WithNn::new(2, &run);
        no_grad(|| with_nn.net.weight.copy_(&by_hand.w.t()));
        for (x, y) in &loader {
            by_hand.step(&x, &y);
            with_nn.step(&x, &y);
            let ((weights, bias), (other_weights, other_bias)) = (by_hand.parameters(), with_nn.parameters());
            let pairs = weights.iter().chain([&bias]).zip(other_weights.iter().chain([&other_bias]));
            for (a, b) in pairs {
                assert!((a - b).abs() < 1e-5, "{a} by hand, {b} with nn");
            }
            let (x, y) = (x.cast::<f64>(), y.cast::<f64>());
            assert!((by_hand.loss(&x, &y) - with_nn.loss(&x, &y)).abs() < 1e-5);
        }
        assert!((by_hand.parameters().1 - 4.2).abs() < 1.0, "the bias has come near 4.2");
    }
}
