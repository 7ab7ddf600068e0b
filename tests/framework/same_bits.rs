//! The same seed gives the same bits at any number of threads.

use downhill::prelude::*;
use downhill::{num_threads, set_num_threads};

use crate::model::LeNet;

/// The loss of each step and then every parameter, as bits.
type Bits = Vec<u32>;

fn train(net: &impl Module, forward: impl Fn(&Tensor) -> Tensor, batches: &[(Tensor, Tensor<i64>)]) -> Bits {
    let criterion = nn::CrossEntropyLoss::new();
    let mut optimizer = optim::SGD::new(net.parameters(), 0.01).momentum(0.9);
    let mut numbers = Vec::new();
    for (inputs, labels) in batches {
        optimizer.zero_grad();
        let loss = criterion.forward(&forward(inputs), labels);
        loss.backward();
        optimizer.step();
        numbers.extend(loss.to_vec());
    }
    numbers.extend(net.parameters().iter().flat_map(|parameter| parameter.to_vec()));
    assert!(numbers.iter().all(|number| number.is_finite()));
    numbers.iter().map(|number| number.to_bits()).collect()
}

/// With batches large enough that the pools use several threads.
fn lenet() -> Bits {
    manual_seed(1);
    let net = LeNet::new();
    let digits = data::synthetic::Digits::new(64).seed(1).dataset();
    let batches: Vec<_> = data::DataLoader::new(digits, 32).iter().collect();
    train(&net, |images| net.forward(images), &batches)
}

/// Every matrix product uses several threads, and has more rows, columns and depth than one block.
fn mlp() -> Bits {
    manual_seed(2);
    let net = nn::Sequential::new().add(nn::Linear::new(40, 1030)).add(nn::Tanh).add(nn::LayerNorm::new(1030));
    let net = net.add(nn::Linear::new(1030, 20)).add(nn::ReLU).add(nn::Linear::new(20, 10));
    let labels = Tensor::from_vec((0..130).map(|i| i % 10).collect(), [130]).unwrap();
    let batches: Vec<_> = (0..2).map(|_| (Tensor::randn([130, 40]), labels.clone())).collect();
    train(&net, |x| net.forward(x), &batches)
}

// One test, because the number of threads is global to the process.
#[test]
fn the_number_of_threads_changes_no_bit() {
    let before = num_threads();
    for (name, run) in [("LeNet", lenet as fn() -> Bits), ("MLP", mlp)] {
        set_num_threads(1);
        let expected = run();
        // Twice, because two runs on several threads divide the work differently.
        for threads in [2, 4, 2, 4] {
            set_num_threads(threads);
            assert_eq!(num_threads(), threads);
            let found = run();
            let different = expected.iter().zip(&found).filter(|(expected, found)| expected != found).count();
            assert_eq!(
                different,
                0,
                "{name}: numbers that differ between 1 and {threads} threads, of {}",
                expected.len()
            );
        }
    }
    set_num_threads(before);
}
