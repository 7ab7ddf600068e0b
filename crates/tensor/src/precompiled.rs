//! Operations that nearly every program uses, compiled once here for `f32` instead of again in each program.
//!
//! Generic code is compiled in the crate that uses it, unless a dependency has already instantiated it and the
//! function is `#[inline(never)]`, like those behind `apply` in `op.rs`. Programs then only link the instances made
//! here.

use crate::autograd::tensor::Tensor;

/// Never called; naming the operations is enough to compile them.
fn names(x: &Tensor, y: &Tensor) -> Tensor {
    let scaled = (x * 2.0 + 1.0) / 3.0 - y;
    let combined = -(scaled * Tensor::cat(&[x, y], 0)) / y + x.matmul(&y.t());
    let loss = combined.linear(x, Some(y)).reshape([-1]).mse_loss(y) + x.square().mean() + x.sum().sqrt();
    loss.backward();
    x.copy_(y).sub_(y)
}

#[used]
static NAMES: fn(&Tensor, &Tensor) -> Tensor = names;
