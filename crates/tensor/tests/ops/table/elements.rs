//! Rows for elementwise operations, matrix products, convolutions and pools.

use downhill_tensor::prelude::*;
use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions, Padding};

use super::Row;

pub const ROWS: &[Row] = rows! {
    // Functions of one element.
    abs: |x| x.abs();
    clamp: |x| x.clamp(-1, 1);
    clamp: |x| x.clamp(0.5, None);
    clamp: |x| x.clamp(None, -0.5);
    clamp: |x| x.clamp(1, -1);
    clamp: |x| x.clamp(f64::NAN, 1);
    clamp: |x| x.clamp(-1, f64::NAN);
    cos: |x| x.cos();
    elu: |x| x.elu(1);
    elu: |x| x.elu(0.5);
    erf: |x| x.erf();
    erf: |x| x.gelu();
    erf: |x| x.gelu_tanh();
    exp: |x| x.exp();
    expm1: |x| x.expm1();
    leaky_relu: |x| x.leaky_relu(0.01);
    leaky_relu: |x| x.leaky_relu(2);
    leaky_relu: |x| x.leaky_relu(-0.5);
    log: |x| x.log();
    log1p: |x| x.log1p();
    neg: |x| x.neg();
    pow: |x| x.pow(0);
    pow: |x| x.pow(1);
    pow: |x| x.pow(2);
    pow: |x| x.pow(3);
    pow: |x| x.pow(4);
    pow: |x| x.pow(5);
    pow: |x| x.pow(-1);
    pow: |x| x.pow(-2);
    pow: |x| x.pow(-3);
    pow: |x| x.pow(0.5);
    pow: |x| x.pow(-0.5);
    pow: |x| x.pow(1.5);
    pow: |x| x.pow(-0.7);
    pow: |x| x.pow(2.5);
    relu: |x| x.relu();
    sigmoid: |x| x.sigmoid();
    sigmoid: |x| x.silu();
    sign: |x| x.sign();
    sin: |x| x.sin();
    softplus: |x| x.softplus(1, 20);
    softplus: |x| x.softplus(2.5, 3);
    softplus: |x| x.softplus(-1, 0.5);
    sqrt: |x| x.sqrt();
    sqrt: |x| x.rsqrt();
    square: |x| x.square();
    tanh: |x| x.tanh();

    // Functions of two elements, broadcast.
    add: |a, b| a + b;
    add: |x| x + 2.5;
    div: |a, b| a / b;
    div: |x| x / 3;
    div: |x| x / 0;
    div: |x| 1.5 / x;
    div: |x| 0.0 / x;
    div: |x| x.reciprocal();
    maximum: |a, b| a.maximum(b);
    minimum: |a, b| a.minimum(b);
    mul: |a, b| a * b;
    mul: |x| x * -1.5;
    pow: |a, b| a.pow(b);
    pow: |x| Tensor::new(2.0).pow(x);
    sub: |a, b| a - b;
    sub: |x| x - 2;
    sub: |x| 2 - x;
    compare: |a, b| a.eq(b).cast();
    compare: |a, b| a.ne(b).cast();
    compare: |a, b| a.lt(b).cast();
    compare: |a, b| a.le(b).cast();
    compare: |a, b| a.gt(b).cast();
    compare: |a, b| a.ge(b).cast();
    compare: |x| x.eq(1).cast();
    compare: |x| x.ne(1).cast();
    compare: |x| x.lt(1).cast();
    compare: |x| x.le(1).cast();
    compare: |x| x.gt(1).cast();
    compare: |x| x.ge(1).cast();
    compare: |a, b| a.gt(0).and(&b.gt(0)).cast();
    compare: |a, b| a.gt(0).or(&b.gt(0)).cast();
    compare: |x| x.gt(0).not().cast();

    // Chosen by a mask.
    masked_fill: |x| x.masked_fill(&x.lt(0), 7);
    masked_fill: |x| x.masked_fill(&Tensor::from([true, false, true]), -0.5);
    masked_fill: |x| x.masked_fill(&Tensor::from(true), f64::NAN);
    where_: |a, b| Tensor::where_(&a.gt(0), a, b);
    where_: |a, b| Tensor::where_(&Tensor::from([[true, false, true], [false, true, true]]), a, b);

    // Matrix products.
    linear: |x, w| x.linear(w, None);
    linear: |x, w, b| x.linear(w, Some(b));
    matmul: |a, b| a.matmul(b);

    // Convolutions and pools.
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(2));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new([3, 2]).stride([1, 2]).padding(1));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true));
    avg_pool2d: |x|
        x.avg_pool2d(AvgPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true).count_include_pad(false));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(2).divisor_override(3));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(2).divisor_override(-2));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new());
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new());
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().stride(2).padding(1));
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().stride([2, 1]).padding([0, 2]).dilation([1, 2]));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new().stride([1, 3]).padding([3, 0]).dilation(2));
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().padding(1).groups(2));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new().stride(2).groups(3));
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().padding(Padding::Same));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new().padding(Padding::Same).dilation([2, 3]).groups(2));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(2));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new([3, 2]).stride([1, 2]).padding([1, 0]));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(2).stride(1).dilation([2, 1]).padding(1));
};
