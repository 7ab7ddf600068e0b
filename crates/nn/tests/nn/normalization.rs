//! What `BatchNorm`, `LayerNorm`, `Embedding` and `Dropout` promise beyond their numbers: errors, types, states,
//! and where they may be used.

use downhill_nn::{
    BatchNorm1d, BatchNorm2d, Dropout, Embedding, Flatten, Layer, LayerNorm, Linear, Module, Sequential,
    functional as F,
};
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::{assert_panics, panic_of};

#[test]
fn inputs_of_another_shape_are_refused() {
    let (one, two) = (BatchNorm1d::new(3), BatchNorm2d::new(3));
    let text = |given: &str| format!("BatchNorm1d: expected an input [n, 3] or [n, 3, length], got {given}");
    let x = Tensor::zeros([3]);
    assert_panics(&text("[3]"), || one.forward(&x));
    let x = Tensor::zeros([4, 2]);
    assert_panics(&text("[4, 2]"), || one.forward(&x));
    let x = Tensor::zeros([4, 3, 2, 2]);
    assert_panics(&text("[4, 3, 2, 2]"), || one.forward(&x));
    let x = Tensor::zeros([4, 3, 2]);
    assert_panics("BatchNorm2d: expected an input [n, 3, height, width], got [4, 3, 2]", || two.forward(&x));
    let x = Tensor::zeros([1, 3]);
    let text = "batch_norm: expected more than one value per channel in training (or `eval()`), got an input [1, 3]";
    assert_panics(text, || one.forward(&x));
    // A batch that was refused has not been counted, and evaluation takes it.
    assert_eq!(one.num_batches_tracked.as_ref().unwrap().item(), 0);
    one.eval();
    assert_eq!(one.forward(&x).shape(), [1, 3]);

    let x = Tensor::zeros([2, 3]);
    let layer = LayerNorm::new(2);
    assert!(panic_of(|| layer.forward(&x)).is_some_and(|panic| panic.text.starts_with("layer_norm: expected")));
    let text = "Embedding: padding_idx is 3 of 3; it must be one of the numbers that have a row, or negative to \
        count from the last";
    assert_panics(text, || Embedding::new(3, 2).padding_idx(3));
    assert_panics(&text.replace("is 3", "is -4"), || Embedding::new(3, 2).padding_idx(-4));
    assert_panics("Dropout: p is 1.5; it must be from 0 to 1", || Dropout::new(1.5));
}

#[test]
fn buffers_are_not_part_of_the_graph_and_not_trained() {
    let layer = BatchNorm1d::<f64>::of(2);
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 6.0]]).requires_grad_(true);
    layer.forward(&x).square().sum().backward();
    let mean = layer.running_mean.as_ref().unwrap();
    assert!(!mean.requires_grad() && mean.is_leaf());
    // 0.9 * 0 + 0.1 * mean, and 0.9 * 1 + 0.1 * the variance of a sample.
    let close = |got: Vec<f64>, want: [f64; 2]| got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-15);
    assert!(close(mean.to_vec(), [0.2, 0.4]));
    assert!(close(layer.running_var.as_ref().unwrap().to_vec(), [1.1, 1.7]));
    let names: Vec<String> = layer.named_parameters_any().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["weight", "bias"]);
    // A constant output has no gradient by the input, up to rounding.
    assert!(x.grad().unwrap().abs().max().item() < 1e-4);
}

#[test]
fn two_forwards_before_one_backward() {
    // The running averages change in between, and in evaluation mode the output depends on them.
    let layer = BatchNorm1d::<f64>::of(2).affine(false);
    layer.eval();
    let x = Tensor::<f64>::ones([3, 2]).requires_grad_(true);
    let y = layer.forward(&x);
    layer.train();
    layer.forward(&Tensor::<f64>::new([[5.0, 50.0], [7.0, 90.0]]));
    y.sum().backward();
    let factor = 1.0 / (1.0f64 + 1e-5).sqrt();
    assert!(x.grad().unwrap().to_vec().iter().all(|grad| (grad - factor).abs() < 1e-15));
}

#[test]
fn embeddings_start_normally_distributed() {
    manual_seed(0);
    let layer = Embedding::new(200, 100).padding_idx(-1);
    let weight = layer.weight.detach();
    assert_eq!(weight.select(0, -1).to_vec(), [0.0; 100]);
    assert!(layer.weight.requires_grad() && layer.weight.is_leaf());
    let rows = weight.narrow(0, 0, 199);
    // Five standard errors of 19900 numbers.
    assert!(rows.mean().item().abs() < 0.036 && (rows.std().item() - 1.0).abs() < 0.026);
}

#[test]
fn a_sequential_may_start_with_an_embedding() {
    let net = Sequential::starting_with(Embedding::<f64>::of(6, 3)).add(Flatten::new()).add(Linear::of(6, 2));
    assert_eq!((net.len(), net.is_empty()), (3, false));
    let names: Vec<String> = net.named_parameters_any().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["0.weight", "2.weight", "2.bias"]);
    assert_eq!(
        net.to_string(),
        "Sequential(\n  (0): Embedding(6, 3)\n  (1): Flatten(start_dim=1, end_dim=-1)\n  \
         (2): Linear(in_features=6, out_features=2, bias=True)\n)"
    );
    let index = Tensor::from([[1, 5], [0, 0]]);
    let parameters = net.parameters_of::<f64>();
    let rows = F::embedding(&index, &parameters[0], None).reshape([2, 6]);
    let expected = F::linear(&rows, &parameters[1], Some(&parameters[2]));
    assert_eq!(net.forward(&index).to_vec(), expected.to_vec());
    let outside = Tensor::from([[6, 0]]);
    let panic = panic_of(|| net.forward(&outside)).expect("a panic");
    let text = "embedding: index 6 is out of range for dimension 0 of size 6 (shape [6, 3])\n  \
                in layer 0 (Embedding) of Sequential, called at ";
    assert!(panic.text.starts_with(text), "{}", panic.text);
    // Both kinds of `Sequential` may be nested in another one.
    let nested = Sequential::starting_with(net).add(Sequential::new().add(Linear::of(2, 1)));
    assert_eq!(nested.forward(&index).shape(), [2, 1]);
}

#[test]
fn dropout_follows_the_mode() {
    manual_seed(3);
    let net = Sequential::new().add(Dropout::new(0.5));
    let x = Tensor::ones([1000]);
    let dropped = net.forward(&x);
    assert!(dropped.to_vec().contains(&0.0) && dropped.to_vec().contains(&2.0));
    net.eval();
    assert!(net.forward(&x).is(&x));
    net.train();
    assert_ne!(net.forward(&x).to_vec(), dropped.to_vec());
    // The function takes the same numbers from the generator as the layer.
    manual_seed(3);
    assert_eq!(F::dropout(&x, 0.5, true).to_vec(), dropped.to_vec());
    assert!(F::dropout(&x, 0.5, false).is(&x));
}
