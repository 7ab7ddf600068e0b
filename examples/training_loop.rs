//! A training loop to copy: a small classifier on generated data.
//!
//! ```text
//! cargo run --release --example training_loop
//! ```

use downhill::prelude::*;

#[derive(Module)]
struct Net {
    fc1: nn::Linear,
    fc2: nn::Linear,
}

impl Net {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.fc2.forward(&self.fc1.forward(x).relu())
    }
}

fn main() -> Result<(), data::Error> {
    manual_seed(0);
    // Points in the plane; the class is whether a point is outside a circle.
    let x = Tensor::randn([1000, 2]);
    let y = x.square().sum_dim(1).gt(1.4).cast::<i64>();
    let train_data = data::DataLoader::new(data::TensorDataset::new(x.clone(), y.clone())?, 32).shuffle(true);

    let net = Net { fc1: nn::Linear::new(2, 32), fc2: nn::Linear::new(32, 2) };
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.1).momentum(0.9);
    println!("{net}");

    for epoch in 1..=10 {
        let mut total = 0.0;
        for (inputs, labels) in &train_data {
            optimizer.zero_grad();
            let outputs = net.forward(&inputs);
            let loss = criterion.forward(&outputs, &labels);
            loss.backward();
            optimizer.step();
            total += loss.item();
        }
        let predictions = no_grad(|| net.forward(&x).argmax_dim(1));
        let accuracy = predictions.eq(&y).cast::<f32>().mean().item();
        println!("epoch {epoch:2}: loss {:.4}, accuracy {:.1} %", total / train_data.len() as f64, 100.0 * accuracy);
    }
    Ok(())
}
