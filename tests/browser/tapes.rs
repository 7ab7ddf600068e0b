//! Tapes of all kinds, from which the tests make pages.

use downhill::prelude::*;
use downhill::tensor::Tape;

#[path = "../../examples/lenet/model.rs"]
mod model;

/// A name that would end the script and start another one.
pub const HOSTILE: &str = "</script><script>window.broken = 1</script>\u{2028}\"w\\";

/// A regression that can be followed by hand: %0 x, %1 w, %2 = matmul, %3 b, %4 = add, %5 y, %6 = sub, %7 = square,
/// %8 = mean.
pub fn linear_regression() -> Tape {
    let x = Tensor::from([[1.0, 2.0], [3.0, -1.0], [0.5, 0.1]]).named("x");
    let y = Tensor::from([[1.0], [2.0], [0.5]]).named("y");
    let w = Tensor::from([[0.5], [-1.0]]).requires_grad_(true).named("w");
    let b = Tensor::from([0.25]).requires_grad_(true).named("b");
    Tape::record(|| (x.matmul(&w) + &b - &y).square().mean().backward()).1
}

/// A value with three consumers, two of them the inputs of one product.
pub fn shared() -> Tape {
    let a = Tensor::from([0.5, -1.0]).requires_grad_(true).named("a");
    Tape::record(|| (&a * &a * &a.exp()).sum().backward()).1
}

/// LeNet in its usual form (after LeCun and others, 1998), with a batch of four.
pub fn lenet() -> Tape {
    manual_seed(0);
    let net = model::LeNet::new();
    let (images, labels) = data::synthetic::Digits::new(4).seed(1).dataset().batch(&[0, 1, 2, 3]);
    let images = images.named("images");
    let (_, tape) = Tape::record(|| nn::CrossEntropyLoss::new().forward(&net.forward(&images), &labels).backward());
    tape.with_names(net.named_parameters())
}

/// Enough layers that the graph shows each as one node.
fn deep() -> Tape {
    let net = (0..40).fold(nn::Sequential::new(), |net, _| net.add(nn::Linear::new(2, 2)).add(nn::Tanh));
    let (_, tape) = Tape::record(|| net.forward(&Tensor::ones([1, 2])).sum().backward());
    tape.with_names(net.named_parameters())
}

/// Tapes that a page must be able to show, each under the name of its special feature.
pub fn all() -> Vec<(&'static str, Tape)> {
    let w = Tensor::from([[0.5, -1.0], [2.0, 0.25]]).requires_grad_(true);
    let x = Tensor::from([[1.0, 2.0]]);
    let training = || {
        for _ in 0..2 {
            w.zero_grad();
            x.matmul(&w).square().sum().backward();
            no_grad(|| drop(w.sub_(&(0.01 * w.grad().unwrap()))));
        }
    };
    let twice = || {
        let y = (&w * &w * &w).sum();
        let [first] = Backward::of(&y).create_graph().grads([&w]);
        first.expect("y depends on w").square().sum().backward();
    };
    let wide = Tensor::<f64>::ones([3, 12, 70]).requires_grad_(true);
    let hostile = w.copy().detach().requires_grad_(true).named(HOSTILE);
    let zero = Tensor::from([0.0, 1.0, f32::INFINITY]).requires_grad_(true);
    let none = Tensor::zeros([0, 3]).requires_grad_(true);
    vec![
        ("deep", deep()),
        ("nothing", Tape::record(|| ()).1),
        ("no-backward", Tape::record(|| (&x * 2.0).square()).1),
        ("integers", Tape::record(|| x.gt(1.5).cast::<f32>() * 2.0).1),
        ("training", Tape::record(training).1),
        ("second-derivative", Tape::record(twice).1),
        ("not-finite", Tape::record(|| (zero.log() * &zero).sum().backward()).1),
        ("no-elements", Tape::record(|| none.square().sum().backward()).1),
        ("wide", Tape::record(|| wide.square().mean().backward()).1),
        ("hostile", Tape::record(|| hostile.square().sum().backward()).1),
    ]
}
