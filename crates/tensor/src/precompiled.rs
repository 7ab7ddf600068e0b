//! Operations that nearly every program uses, compiled here for `f32` once and not again in each program.
//!
//! Generic code is compiled by the crate that uses it, unless a crate that it depends on has done so and the function
//! is `#[inline(never)]`, as those behind `apply` of `op.rs` are: then a program only links what is named here.

use crate::autograd::tensor::Tensor;

/// Only names the operations; nobody calls it.
fn names(x: &Tensor, y: &Tensor) -> Tensor {
    let scaled = (x * 2.0 + 1.0) / 3.0 - y;
    let combined = -(scaled * Tensor::cat(&[x, y], 0)) / y + x.matmul(&y.t());
    let loss = combined.linear(x, Some(y)).reshape([-1]).mse_loss(y) + x.square().mean() + x.sum().sqrt();
    loss.backward();
    x.copy_(y).sub_(y)
}

#[used]
static NAMES: fn(&Tensor, &Tensor) -> Tensor = names;
