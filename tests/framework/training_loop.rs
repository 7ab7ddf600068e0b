//! The training loop from end to end: it learns, it is reproducible, and it gives the same numbers as tensors alone.

use downhill::prelude::*;

/// Trains a small network on XOR and returns it with the loss of every step.
fn learn_xor(seed: u64) -> (nn::Sequential, Vec<f64>) {
    manual_seed(seed);
    let inputs = Tensor::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let labels = Tensor::from([0, 1, 1, 0]);
    let net = nn::Sequential::new().add(nn::Linear::new(2, 8)).add(nn::Tanh).add(nn::Linear::new(8, 2));
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.5).momentum(0.9);
    let mut losses = Vec::new();
    for _ in 0..200 {
        optimizer.zero_grad();
        let outputs = net.forward(&inputs);
        let loss = criterion.forward(&outputs, &labels);
        loss.backward();
        optimizer.step();
        losses.push(loss.item());
    }
    assert_eq!(net.forward(&inputs).argmax_dim(1).to_vec(), labels.to_vec(), "seed {seed}");
    (net, losses)
}

#[test]
fn six_lines_learn_xor() {
    for seed in 0..5 {
        let (_, losses) = learn_xor(seed);
        // Before training the outputs are near chance: the loss is near ln 2.
        assert!((losses[0] - 2f64.ln()).abs() < 0.2, "seed {seed}: {}", losses[0]);
        assert!(losses[199] < 0.01, "seed {seed}: {}", losses[199]);
    }
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let ((first, losses), (second, again)) = (learn_xor(1), learn_xor(1));
    assert_eq!(losses, again);
    for (a, b) in first.parameters().iter().zip(second.parameters()) {
        assert_eq!(a.to_vec(), b.to_vec());
    }
    assert_ne!(losses, learn_xor(2).1);
}

/// Linear regression in batches of ten: w = [2, -3.4], b = 4.2, as in *Dive into Deep Learning*.
struct Data {
    batches: Vec<(Tensor, Tensor)>,
}

impl Data {
    fn new() -> Self {
        manual_seed(0);
        let w = Tensor::from([[2.0], [-3.4]]);
        let batch = |_| {
            let x = Tensor::randn([10, 2]);
            let y = x.matmul(&w) + 4.2 + Tensor::normal(0.0, 0.01, [10, 1]);
            (x, y)
        };
        Data { batches: (0..50).map(batch).collect() }
    }

    /// Weight and bias after each of the steps of two epochs, by tensors alone and a loss of x, y, w and b.
    fn by_hand(&self, loss: fn([&Tensor; 4]) -> Tensor) -> Vec<[Vec<f32>; 2]> {
        let w = Tensor::zeros([1, 2]).requires_grad_(true);
        let b = Tensor::zeros([1]).requires_grad_(true);
        let mut steps = Vec::new();
        for (x, y) in self.batches.iter().chain(&self.batches) {
            w.zero_grad();
            b.zero_grad();
            loss([x, y, &w, &b]).backward();
            no_grad(|| {
                w.sub_(&(0.03 * w.grad().unwrap()));
                b.sub_(&(0.03 * b.grad().unwrap()));
            });
            steps.push([w.to_vec(), b.to_vec()]);
        }
        steps
    }

    /// The same with a layer, a loss and an optimiser.
    fn with_nn(&self) -> Vec<[Vec<f32>; 2]> {
        let net = nn::Linear::new(2, 1);
        let [w, b] = net.parameters().try_into().expect("a weight and a bias");
        no_grad(|| (w.zero_(), b.zero_()));
        let criterion = nn::MSELoss::new();
        let mut optimizer = optim::SGD::new(net.parameters(), 0.03);
        let mut steps = Vec::new();
        for (x, y) in self.batches.iter().chain(&self.batches) {
            optimizer.zero_grad();
            let loss = criterion.forward(&net.forward(x), y);
            loss.backward();
            optimizer.step();
            steps.push([w.to_vec(), b.to_vec()]);
        }
        steps
    }
}

#[test]
fn tensors_alone_and_nn_learn_the_same_numbers() {
    let data = Data::new();
    let with_nn = data.with_nn();
    let by_hand = data.by_hand(|[x, y, w, b]| x.linear(w, Some(b)).mse_loss(y));
    let spelled_out = data.by_hand(|[x, y, w, b]| (x.matmul(&w.t()) + b - y).square().mean());
    for (step, with_nn) in with_nn.iter().enumerate() {
        assert_eq!(&by_hand[step], with_nn, "step {step}");
        // A sum that starts with the bias rounds differently from one that ends with it.
        for (found, expected) in with_nn.iter().flatten().zip(spelled_out[step].iter().flatten()) {
            assert!((found - expected).abs() < 2e-6, "step {step}: {found} and {expected}");
        }
    }
    let [w, b] = &with_nn[with_nn.len() - 1];
    for (found, truth) in w.iter().chain(b).zip([2.0, -3.4, 4.2]) {
        assert!((found - truth).abs() < 0.03, "{found} instead of {truth}");
    }
}
