//! Operations that compute.

use downhill_nn::functional as F;
use downhill_tensor::{AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions, Tensor};

use super::step::{Along, Reduce, Step, Two, Window};
use super::{COPIED, State, copied, small};
use crate::hostile::{Few, Int};
use downhill_fuzz::refusal::unless_refused;

/// As many elements as images and weights have: the work of a convolution is the product.
const MOST_PIXELS: usize = 1 << 10;

fn pair(two: Two) -> [usize; 2] {
    two.map(|size| size.0)
}

/// Whether a result of both shapes, stretched against each other, is computed quickly or refused.
fn pairs(x: &Tensor, y: &Tensor) -> bool {
    let product = x.numel().saturating_mul(y.numel());
    copied(x) && copied(y) && (product <= COPIED || (small(x) && small(y)))
}

impl State {
    pub(super) fn compute(&mut self, step: &Step) {
        match step {
            Step::Compare(x, y, how) => {
                let (x, y) = (self.floats.get(*x), self.floats.get(*y));
                let flags = pairs(x, y).then(|| unless_refused(|| compare(x, y, *how))).flatten();
                self.flags.take(flags);
            }
            Step::CompareNumber(x, how, number) => {
                let x = self.integers.get(*x);
                let flags = copied(x).then(|| unless_refused(|| compare_number(x, *how, number.0))).flatten();
                self.flags.take(flags);
            }
            Step::Logic(x, y, how) => {
                let (x, y) = (self.flags.get(*x), self.flags.get(*y));
                let logic = || match how % 3 {
                    0 => x.and(y),
                    1 => x.or(y),
                    _ => x.not(),
                };
                let flags = (small(x) && small(y)).then(|| unless_refused(logic)).flatten();
                self.flags.take(flags);
            }
            Step::Along(x, along, dim, keep)
                if matches!(along, Along::Max | Along::Min | Along::ArgMax | Along::ArgMin) =>
            {
                let found = extreme(self.floats.get(*x), *along, dim.0, *keep);
                if let Some((values, places)) = found {
                    self.floats.take(values);
                    self.integers.take(Some(places));
                }
            }
            Step::OneHot(x, classes) => {
                let x = self.integers.get(*x);
                let hot = small(x).then(|| unless_refused(|| F::one_hot(x, classes.0))).flatten();
                self.integers.take(hot);
            }
            Step::Print(x) => self.print(*x),
            Step::Read(x, index) => {
                let x = self.floats.get(*x);
                unless_refused(|| x.at([index[0].0]));
                unless_refused(|| x.at(index.map(|index| index.0)));
                unless_refused(|| x.item());
            }
            other => {
                let result = self.float(other);
                self.floats.take(result);
            }
        }
    }

    fn print(&self, x: u8) {
        let (x, y, z) = (self.floats.get(x), self.integers.get(x), self.flags.get(x));
        unless_refused(|| format!("{x} {x:?} {y} {z}"));
    }

    /// Operations whose result is one tensor of floats.
    fn float(&self, step: &Step) -> Option<Tensor> {
        let get = |which: &u8| self.floats.get(*which);
        let maybe = |which: &Option<u8>| which.map(|which| self.floats.get(which));
        match step {
            Step::Each(x, how) => {
                let x = get(x);
                copied(x).then(|| unless_refused(|| each(x, *how)))?
            }
            Step::EachWith(x, how, a, b) => {
                let x = get(x);
                copied(x).then(|| unless_refused(|| each_with(x, *how, a.0, b.0)))?
            }
            Step::Pair(x, y, how) => {
                let (x, y) = (get(x), get(y));
                pairs(x, y).then(|| unless_refused(|| two(x, y, *how)))?
            }
            Step::Where(flags, x, y) => {
                let (flags, x, y) = (self.flags.get(*flags), get(x), get(y));
                (small(flags) && pairs(x, y)).then(|| unless_refused(|| Tensor::where_(flags, x, y)))?
            }
            Step::MaskedFill(x, flags, number) => {
                let (x, flags) = (get(x), self.flags.get(*flags));
                (copied(x) && small(flags)).then(|| unless_refused(|| x.masked_fill(flags, number.0)))?
            }
            Step::Reduce(x, how, dims, keep) => reduce(get(x), *how, dims, *keep),
            Step::All(x, how) => {
                let x = get(x);
                small(x).then(|| unless_refused(|| all(x, *how)))?
            }
            Step::Along(x, along, dim, keep) => self.along(get(x), *along, dim.0, *keep),
            Step::Cat(which, dim, stack) => {
                let tensors: Vec<&Tensor> = which.0.iter().map(get).collect();
                let quick = tensors.iter().all(|x| copied(x));
                let call = || if *stack { Tensor::stack(&tensors, dim.0) } else { Tensor::cat(&tensors, dim.0) };
                quick.then(|| unless_refused(call))?
            }
            Step::Matmul(x, y) => {
                let (x, y) = (get(x), get(y));
                (small(x) && small(y)).then(|| unless_refused(|| x.matmul(y)))?
            }
            Step::Linear(x, weight, bias) => {
                let (x, weight, bias) = (get(x), get(weight), maybe(bias));
                (small(x) && small(weight)).then(|| unless_refused(|| x.linear(weight, bias)))?
            }
            Step::IndexSelect(x, dim, index) => {
                let (x, index) = (get(x), self.integers.get(*index));
                (copied(x) && small(index)).then(|| unless_refused(|| x.index_select(dim.0, index)))?
            }
            Step::Gather(x, dim, index) => {
                let (x, index) = (get(x), self.integers.get(*index));
                (copied(x) && small(index)).then(|| unless_refused(|| x.gather(dim.0, index)))?
            }
            Step::Embedding(x, index, padding) => {
                let (x, index, padding) = (get(x), self.integers.get(*index), padding.map(|padding| padding.0));
                (copied(x) && small(index)).then(|| unless_refused(|| x.embedding(index, padding)))?
            }
            Step::LayerNorm(x, shape, weight, bias, eps) => {
                let (x, weight, bias) = (get(x), maybe(weight), maybe(bias));
                small(x).then(|| unless_refused(|| x.layer_norm(shape.sizes(), weight, bias, eps.0)))?
            }
            Step::BatchNorm(x, mean, variance, weight, momentum) => {
                let (x, weight) = (get(x), maybe(weight));
                let running = (get(mean).detach(), get(variance).detach());
                let call = || x.batch_norm(Some((&running.0, &running.1)), weight, None, true, momentum.0, 1e-5);
                small(x).then(|| unless_refused(call))?
            }
            Step::CrossEntropy(x, labels) => {
                let (x, labels) = (get(x), self.integers.get(*labels));
                (small(x) && small(labels)).then(|| unless_refused(|| x.cross_entropy(labels)))?
            }
            Step::Dropout(x, p) => {
                let x = get(x);
                small(x).then(|| unless_refused(|| x.dropout(p.0)))?
            }
            window => self.window(window),
        }
    }

    fn along(&self, x: &Tensor, along: Along, dim: isize, keep: bool) -> Option<Tensor> {
        let call = || match along {
            Along::Softmax => x.softmax(dim),
            Along::LogSoftmax => x.log_softmax(dim),
            Along::CumSum => x.cumsum(dim),
            _ if keep => x.prod_keepdim(dim),
            _ => x.prod_dim(dim),
        };
        small(x).then(|| unless_refused(call))?
    }

    /// Windows over images.
    fn window(&self, step: &Step) -> Option<Tensor> {
        let few = |x: &Tensor| x.numel() <= MOST_PIXELS;
        match step {
            Step::Conv2d(x, weight, bias, window, groups) => {
                let (x, weight) = (self.floats.get(*x), self.floats.get(*weight));
                let bias = bias.map(|bias| self.floats.get(bias));
                let call = || {
                    let Window { stride, padding, dilation, flag, .. } = *window;
                    let mut options = Conv2dOptions::new();
                    options = stride.into_iter().fold(options, |options, stride| options.stride(pair(stride)));
                    options = padding.into_iter().fold(options, |options, padding| options.padding(pair(padding)));
                    options =
                        dilation.into_iter().fold(options, |options, dilation| options.dilation(pair(dilation)));
                    x.conv2d(weight, bias, if flag { options.groups(groups.0) } else { options })
                };
                (few(x) && few(weight)).then(|| unless_refused(call))?
            }
            Step::MaxPool2d(x, window) => {
                let x = self.floats.get(*x);
                let call = || {
                    let mut options = MaxPool2dOptions::new(pair(window.kernel)).ceil_mode(window.flag);
                    options = window.stride.into_iter().fold(options, |options, stride| options.stride(pair(stride)));
                    options = window.padding.into_iter().fold(options, |options, two| options.padding(pair(two)));
                    options = window.dilation.into_iter().fold(options, |options, two| options.dilation(pair(two)));
                    x.max_pool2d(options)
                };
                few(x).then(|| unless_refused(call))?
            }
            Step::AvgPool2d(x, window) => {
                let x = self.floats.get(*x);
                let call = || {
                    let mut options = AvgPool2dOptions::new(pair(window.kernel)).ceil_mode(window.flag);
                    options = window.stride.into_iter().fold(options, |options, stride| options.stride(pair(stride)));
                    options = window.padding.into_iter().fold(options, |options, two| options.padding(pair(two)));
                    options = options.count_include_pad(window.dilation.is_some());
                    x.avg_pool2d(options.divisor_override(window.other.map(|divisor| divisor.0)))
                };
                few(x).then(|| unless_refused(call))?
            }
            other => unreachable!("{other:?} is run elsewhere"),
        }
    }
}

fn compare(x: &Tensor, y: &Tensor, how: u8) -> Tensor<bool> {
    match how % 6 {
        0 => x.eq(y),
        1 => x.ne(y),
        2 => x.lt(y),
        3 => x.le(y),
        4 => x.gt(y),
        _ => x.ge(y),
    }
}

fn compare_number(x: &Tensor<i64>, how: u8, number: f64) -> Tensor<bool> {
    match how % 4 {
        0 => x.eq(number),
        1 => x.lt(number),
        2 => x.ge(number),
        _ => x.ne(number),
    }
}

fn extreme(x: &Tensor, along: Along, dim: isize, keep: bool) -> Option<(Option<Tensor>, Tensor<i64>)> {
    let both = |(values, places)| (Some(values), places);
    let call = || match (along, keep) {
        (Along::Max, false) => both(x.max_dim(dim)),
        (Along::Max, true) => both(x.max_keepdim(dim)),
        (Along::Min, false) => both(x.min_dim(dim)),
        (Along::Min, true) => both(x.min_keepdim(dim)),
        (Along::ArgMax, false) => (None, x.argmax_dim(dim)),
        (Along::ArgMax, true) => (None, x.argmax_keepdim(dim)),
        (_, false) => (None, x.argmin_dim(dim)),
        (_, true) => (None, x.argmin_keepdim(dim)),
    };
    small(x).then(|| unless_refused(call))?
}

fn each(x: &Tensor, how: u8) -> Tensor {
    match how % 24 {
        0 => -x,
        1 => x.exp(),
        2 => x.log(),
        3 => x.log1p(),
        4 => x.expm1(),
        5 => x.sqrt(),
        6 => x.rsqrt(),
        7 => x.reciprocal(),
        8 => x.abs(),
        9 => x.sin(),
        10 => x.cos(),
        11 => x.tanh(),
        12 => x.sigmoid(),
        13 => x.relu(),
        14 => x.square(),
        15 => x.sign(),
        16 => x.gelu(),
        17 => x.gelu_tanh(),
        18 => x.silu(),
        19 => x.log_sigmoid(),
        20 => x.erf(),
        21 => x.flatten(),
        22 => x.squeeze(),
        _ => x.t(),
    }
}

fn each_with(x: &Tensor, how: u8, a: f64, b: f64) -> Tensor {
    match how % 10 {
        0 => x.pow(a),
        1 => x.clamp(a, b),
        2 => x.leaky_relu(a),
        3 => x.elu(a),
        4 => x.softplus(a, b),
        5 => x + a,
        6 => a - x,
        7 => x * a,
        8 => a / x,
        _ => x / a,
    }
}

fn two(x: &Tensor, y: &Tensor, how: u8) -> Tensor {
    match how % 12 {
        0 => x + y,
        1 => x - y,
        2 => x * y,
        3 => x / y,
        4 => x.maximum(y),
        5 => x.minimum(y),
        6 => x.pow(y),
        7 => F::mse_loss(x, y),
        8 => F::l1_loss(x, y),
        9 => F::huber_loss(x, y),
        10 => F::smooth_l1_loss(x, y),
        _ => F::binary_cross_entropy_with_logits(x, y),
    }
}

fn all(x: &Tensor, how: u8) -> Tensor {
    match how % 9 {
        0 => x.sum(),
        1 => x.mean(),
        2 => x.prod(),
        3 => x.max(),
        4 => x.min(),
        5 => x.var(),
        6 => x.std(),
        7 => x.norm(),
        _ => x.argmax().cast(),
    }
}

fn reduce(x: &Tensor, how: Reduce, dims: &Few<Int>, keep: bool) -> Option<Tensor> {
    let dims = dims.ints();
    let call = || match (how, keep) {
        (Reduce::Sum, false) => x.sum_dim(dims),
        (Reduce::Sum, true) => x.sum_keepdim(dims),
        (Reduce::Mean, false) => x.mean_dim(dims),
        (Reduce::Mean, true) => x.mean_keepdim(dims),
        (Reduce::Var(correction), false) => x.var_dim(dims, correction.0),
        (Reduce::Var(correction), true) => x.var_keepdim(dims, correction.0),
        (Reduce::Std(correction), false) => x.std_dim(dims, correction.0),
        (Reduce::Std(correction), true) => x.std_keepdim(dims, correction.0),
        (Reduce::Amax, false) => x.amax(dims),
        (Reduce::Amax, true) => x.amax_keepdim(dims),
        (Reduce::Amin, false) => x.amin(dims),
        (Reduce::Amin, true) => x.amin_keepdim(dims),
        (Reduce::Norm, false) => x.norm_dim(dims),
        (Reduce::Norm, true) => x.norm_keepdim(dims),
        (Reduce::NormP(p), false) => x.norm_p_dim(p.0, dims),
        (Reduce::NormP(p), true) => x.norm_p_keepdim(p.0, dims),
        (Reduce::LogSumExp, false) => x.logsumexp(dims),
        (Reduce::LogSumExp, true) => x.logsumexp_keepdim(dims),
    };
    small(x).then(|| unless_refused(call))?
}
