//! The table: one line for each way to call an operation, under the file in `src/ops/` that holds it.

use downhill_tensor::prelude::*;
use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions};

/// One call, for both types of floating-point numbers.
pub struct Row {
    /// The file that holds the operation, without `.rs`.
    pub file: &'static str,
    /// The text of the call, by which `torch.txt` knows it.
    pub call: &'static str,
    pub f64: fn(&[Tensor<f64>]) -> Tensor<f64>,
    pub f32: fn(&[Tensor<f32>]) -> Tensor<f32>,
}

macro_rules! rows {
    ($($file:ident: |$($x:ident),+| $call:expr;)+) => {
        &[$(Row {
            file: stringify!($file),
            call: stringify!($call),
            f64: |inputs| rows!(@ inputs, $($x),+; $call),
            f32: |inputs| rows!(@ inputs, $($x),+; $call),
        }),+]
    };
    (@ $inputs:ident, $($x:ident),+; $call:expr) => {{
        let [$($x),+] = $inputs else { panic!("the row takes another number of inputs than the case has") };
        $call
    }};
}

#[allow(clippy::reversed_empty_ranges)] // A slice of nothing is meant.
pub const ROWS: &[Row] = rows! {
    // Each element by itself.
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

    // Pairs of elements, broadcast.
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

    // Products of matrices.
    linear: |x, w| x.linear(w, None);
    linear: |x, w, b| x.linear(w, Some(b));
    matmul: |a, b| a.matmul(b);

    // Windows that slide over images.
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(2));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new([3, 2]).stride([1, 2]).padding(1));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true).count_include_pad(false));
    avg_pool2d: |x| x.avg_pool2d(AvgPool2dOptions::new(2).divisor_override(3));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new());
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new());
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().stride(2).padding(1));
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().stride([2, 1]).padding([0, 2]).dilation([1, 2]));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new().stride([1, 3]).padding([3, 0]).dilation(2));
    conv2d: |x, w, b| x.conv2d(w, Some(b), Conv2dOptions::new().padding(1).groups(2));
    conv2d: |x, w| x.conv2d(w, None, Conv2dOptions::new().stride(2).groups(3));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(2));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new([3, 2]).stride([1, 2]).padding([1, 0]));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(3).stride(2).padding(1).ceil_mode(true));
    max_pool2d: |x| x.max_pool2d(MaxPool2dOptions::new(2).stride(1).dilation([2, 1]).padding(1));

    // Many elements to one.
    amax: |x| x.max();
    amax: |x| x.min();
    amax: |x| x.amax(0);
    amax: |x| x.amax(-2);
    amax: |x| x.amax([0, -1]);
    amax: |x| x.amax([2, 0, 1]);
    amax: |x| x.amax_keepdim(1);
    amax: |x| x.amax_keepdim([-1, 0]);
    amax: |x| x.amin(0);
    amax: |x| x.amin(-2);
    amax: |x| x.amin([0, -1]);
    amax: |x| x.amin([2, 0, 1]);
    amax: |x| x.amin_keepdim(1);
    amax: |x| x.amin_keepdim([-1, 0]);
    amax: |x| x.max_keepdim(0).0;
    amax: |x| x.max_keepdim(0).1.cast();
    amax: |x| x.max_keepdim(-1).0;
    amax: |x| x.max_keepdim(-1).1.cast();
    amax: |x| x.min_keepdim(0).0;
    amax: |x| x.min_keepdim(0).1.cast();
    amax: |x| x.min_keepdim(-1).0;
    amax: |x| x.min_keepdim(-1).1.cast();
    amax: |x| x.max_dim(0).0;
    amax: |x| x.max_dim(0).1.cast();
    amax: |x| x.max_dim(-1).0;
    amax: |x| x.max_dim(-1).1.cast();
    amax: |x| x.min_dim(0).0;
    amax: |x| x.min_dim(0).1.cast();
    amax: |x| x.min_dim(-1).0;
    amax: |x| x.min_dim(-1).1.cast();
    argmax: |x| x.argmax().cast();
    argmax: |x| x.argmax_dim(0).cast();
    argmax: |x| x.argmax_dim(-1).cast();
    argmax: |x| x.argmax_keepdim(-1).cast();
    argmax: |x| x.argmin_keepdim(-1).cast();
    argmax: |x| x.argmin().cast();
    argmax: |x| x.argmin_dim(0).cast();
    argmax: |x| x.argmin_dim(-1).cast();
    cumsum: |x| x.cumsum(0);
    cumsum: |x| x.cumsum(-1);
    cumsum: |x| x.cumsum(1);
    logsumexp: |x| x.logsumexp(0);
    logsumexp: |x| x.logsumexp(-2);
    logsumexp: |x| x.logsumexp([0, -1]);
    logsumexp: |x| x.logsumexp([2, 0, 1]);
    logsumexp: |x| x.logsumexp_keepdim(1);
    logsumexp: |x| x.logsumexp_keepdim([-1, 0]);
    mean: |x| x.mean();
    mean: |x| x.mean_dim(0);
    mean: |x| x.mean_dim(-2);
    mean: |x| x.mean_dim([0, -1]);
    mean: |x| x.mean_dim([2, 0, 1]);
    mean: |x| x.mean_keepdim(1);
    mean: |x| x.mean_keepdim([-1, 0]);
    mul: |x| x.prod();
    mul: |x| x.prod_dim(0);
    mul: |x| x.prod_dim(-1);
    mul: |x| x.prod_keepdim(1);
    norm: |x| x.norm();
    norm: |x| x.norm_dim(0);
    norm: |x| x.norm_dim(-2);
    norm: |x| x.norm_dim([0, -1]);
    norm: |x| x.norm_dim([2, 0, 1]);
    norm: |x| x.norm_keepdim(1);
    norm: |x| x.norm_keepdim([-1, 0]);
    sum: |x| x.sum();
    sum: |x| x.sum_dim([]);
    sum: |x| x.sum_dim(0);
    sum: |x| x.sum_dim(-2);
    sum: |x| x.sum_dim([0, -1]);
    sum: |x| x.sum_dim([2, 0, 1]);
    sum: |x| x.sum_keepdim(1);
    sum: |x| x.sum_keepdim([-1, 0]);
    var: |x| x.var();
    var: |x| x.var_dim(0, 1);
    var: |x| x.var_dim(-2, 1);
    var: |x| x.var_dim([0, -1], 1);
    var: |x| x.var_dim([2, 0, 1], 1);
    var: |x| x.var_keepdim(1, 1);
    var: |x| x.var_keepdim([-1, 0], 1);
    var: |x| x.var_dim(-1, 0);
    var: |x| x.var_dim(-1, 2);
    var: |x| x.var_dim(-1, 3);
    var: |x| x.var_dim(-1, 5);
    var: |x| x.std();
    var: |x| x.std_dim(0, 1);
    var: |x| x.std_dim(-2, 1);
    var: |x| x.std_dim([0, -1], 1);
    var: |x| x.std_dim([2, 0, 1], 1);
    var: |x| x.std_keepdim(1, 1);
    var: |x| x.std_keepdim([-1, 0], 1);
    var: |x| x.std_dim(-1, 0);
    var: |x| x.std_dim(-1, 2);
    var: |x| x.std_dim(-1, 3);
    var: |x| x.std_dim(-1, 5);

    // Other shapes and other places.
    cat: |x| Tensor::cat(&[x], 0);
    cat: |a, b| Tensor::cat(&[a, b], -1);
    cat: |a, b, c| Tensor::cat(&[a, b, c], 0);
    cat: |a, b| Tensor::cat(&[a, b, a], 1);
    cat: |x| Tensor::stack(&[x], 0);
    cat: |a, b| Tensor::stack(&[a, b], 0);
    cat: |a, b| Tensor::stack(&[a, b], -1);
    cat: |a, b, c| Tensor::stack(&[a, b, c], 1);
    cat: |x| x.pad([1, 2], 1.5);
    cat: |x| x.pad([1, -1, -1, 2], 0.0);
    cat: |x| x.pad([-2, -2], 0.0);
    cat: |x| x.pad([], 0.0);
    copy: |x| x.copy();
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), None);
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), 2);
    embedding: |x| x.embedding(&Tensor::from([[0, 2, 2], [1, 0, 0]]), -3);
    embedding: |x| x.embedding(&Tensor::from(1), 1);
    expand: |x| x.expand([2, 3, 4]);
    expand: |x| x.expand([2, -1, 3]);
    expand: |x| x.expand([2, 0]);
    gather: |x| x.gather(1, &Tensor::from([[0, 2, 2, 1], [1, 1, 1, 0]]));
    gather: |x| x.gather(-2, &Tensor::from([[1, 0], [1, 1], [0, 0]]));
    flip: |x| x.flip(0);
    flip: |x| x.flip([0, -1]);
    flip: |x| x.flip([]);
    gather: |x| x.gather(0, &Tensor::from(0));
    gather: |x| x.gather(-1, &Tensor::from([0, 0]));
    gather: |x| x.gather(0, &Tensor::from([4, 0, 4]));
    index_select: |x| x.index_select(0, &Tensor::from([2, 0, 2, 2]));
    index_select: |x| x.index_select(0, &Tensor::from([0]));
    index_select: |x| x.index_select(0, &Tensor::from(0));
    index_select: |x| x.index_select(-1, &Tensor::from([1, 1, 0]));
    index_select: |x| x.index_select(1, &Tensor::zeros([0]).cast());
    index_select: |x| x.rows(&Tensor::from([[0, 2, 2], [1, 0, 0]]));
    index_select: |x| x.rows(&Tensor::from(1));
    permute: |x| x.permute([2, 0, 1]);
    permute: |x| x.permute([-1, 1, 0]);
    permute: |x| x.permute([]);
    permute: |x| x.transpose(0, -1);
    permute: |x| x.transpose(-1, 0);
    permute: |x| x.t();
    reshape: |x| x.reshape([-1]);
    reshape: |x| x.reshape([4, -1, 2]);
    reshape: |x| x.reshape([]);
    reshape: |x| x.reshape([3, 0]);
    reshape: |x| x.flatten();
    reshape: |x| x.flatten_dims(0, 1);
    reshape: |x| x.flatten_dims(-2, -1);
    reshape: |x| x.flatten_dims(0, -1);
    reshape: |x| x.squeeze();
    reshape: |x| x.squeeze_dim(0);
    reshape: |x| x.squeeze_dim([]);
    reshape: |x| x.squeeze_dim([0, -1]);
    reshape: |x| x.unsqueeze(0);
    reshape: |x| x.unsqueeze(1);
    reshape: |x| x.unsqueeze(-1);
    reshape: |x| x.unsqueeze(-2);
    reshape: |x| x.unsqueeze(0).unsqueeze(-1);
    slice: |x| x.slice(0, 1..3);
    slice: |x| x.slice(0, 1..=3);
    slice: |x| x.slice(0, 1..);
    slice: |x| x.slice(0, ..);
    slice: |x| x.slice(0, ..2);
    slice: |x| x.slice(0, ..=-1);
    slice: |x| x.slice(0, ..=-2);
    slice: |x| x.slice(0, ..-1);
    slice: |x| x.slice(0, -3..-1);
    slice: |x| x.slice(0, -2..);
    slice: |x| x.slice(0, 3..1);
    slice: |x| x.slice(0, -9..2);
    slice: |x| x.slice(0, 2..99);
    slice: |x| x.slice(0, 7..9);
    slice: |x| x.slice(0, -9..=-7);
    slice: |x| x.slice(0, ..=isize::MAX);
    slice: |x| x.slice(0, isize::MIN..);
    slice: |x| x.slice(1, 1..);
    slice: |x| x.slice(-1, ..=1);
    slice: |x| x.slice(0, 1..).slice(1, ..2);
    slice: |x| x.narrow(0, 1, 3);
    slice: |x| x.narrow(0, -2, 2);
    slice: |x| x.narrow(0, 5, 0);
    slice: |x| x.narrow(-1, 0, 2);
    slice: |x| x.select(0, -1);
    slice: |x| x.select(-1, 1);
    slice: |x| x.slice_step(0, .., 2);
    slice: |x| x.slice_step(-1, 1.., 2);
    slice: |x| x.slice_step(0, -4..=-2, 3);
    slice: |x| x.slice_step(0, 2..1, 7);
    slice: |x| x.slice_step(0, .., 2).slice_step(0, .., 2);
    slice: |x| Tensor::cat(&[&x.split(2, 0)[2], &x.split(2, 0)[0]], 0);
    slice: |x| Tensor::cat(&[&x.split_with_sizes(&[1, 0, 2], -1)[2], &x.split_with_sizes(&[1, 0, 2], -1)[0]], -1);
    slice: |x| x.chunk(2, 1)[1].copy();

    // Distributions and losses, in one pass.
    cross_entropy: |x| x.cross_entropy(&Tensor::from([2, 0, 1]));
    cross_entropy: |x| x.cross_entropy(&Tensor::from([0]));
    cross_entropy: |x| x.cross_entropy(&Tensor::from([1, 1, 2, 1, 2]));
    cross_entropy: |x| x.cross_entropy(&Tensor::zeros([0]).cast());
    log_sigmoid: |x| x.log_sigmoid();
    log_softmax: |x| x.log_softmax(0);
    log_softmax: |x| x.log_softmax(-1);
    log_softmax: |x| x.log_softmax(1);
    mse_loss: |x, y| x.mse_loss(y);
    softmax: |x| x.softmax(0);
    softmax: |x| x.softmax(-1);
    softmax: |x| x.softmax(1);

    // The same scale for every example or channel, and noise against overfitting.
    batch_norm: |x| x.batch_norm(None, None, None, true, 0.1, 0.1);
    batch_norm: |x, w| x.batch_norm(None, Some(w), None, true, 0.1, 1e-5);
    batch_norm: |x, w, b| x.batch_norm(None, Some(w), Some(b), true, 0.1, 1e-5);
    batch_norm: |x, w, b| x.batch_norm(
        Some((&Tensor::new([0.5, -1.0]), &Tensor::new([4.0, 0.25]))), Some(w), Some(b), false, 0.1, 1e-5
    );
    dropout: |x| x.dropout(0.0);
    dropout: |x| x.dropout(1.0);
    layer_norm: |x| x.layer_norm(3, None, None, 1e-5);
    layer_norm: |x, w| x.layer_norm(3, Some(w), None, 0.1);
    layer_norm: |x, b| x.layer_norm(3, None, Some(b), 0.1);
    layer_norm: |x, w, b| x.layer_norm([2, 3], Some(w), Some(b), 1e-5);
};
