//! Sizes, strides, paddings and positions that no tensor can have or no memory can hold: each call either gives the
//! right shape or panics with an error of this crate at the line that calls it. Nothing wraps, aborts, or runs for
//! long.

use std::ops::Bound::{Excluded, Included, Unbounded};

use downhill_tensor::prelude::*;
use downhill_tensor::{
    Array, AvgPool2dOptions, Conv2dOptions, Generator, IntoDims, IntoShape, MaxPool2dOptions, Padding, hessian,
    jacobian,
};
use downhill_tests::panic_of;
use rand::SeedableRng;

const MOST: usize = isize::MAX as usize;
const LAST: isize = isize::MAX;
const FIRST: isize = isize::MIN;
/// Three times this is 2 modulo 2⁶⁴.
const THIRD: isize = 6148914691236517206;

const FAR: &str = "dimension 64 of a tensor is out of reach";

/// The required outcome of a call.
enum Outcome {
    /// A tensor of this shape.
    Gives(Vec<usize>),
    /// An error that begins with this text.
    Says(&'static str),
}
use Outcome::{Gives, Says};

/// A row: its line, the required outcome, and the call, which returns a shape.
type Row = (u32, Outcome, fn() -> Vec<usize>);

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (line, outcome, call) in rows {
        let mut shape = None;
        let panic = panic_of(|| shape = Some(call()));
        match (outcome, shape, panic) {
            (Gives(expected), Some(shape), _) if shape == *expected => {}
            (Says(text), None, Some(panic)) => {
                // The error of a call of several lines names one of them.
                let here = panic.file.ends_with("hostile_sizes.rs") && (*line..line + 12).contains(&panic.line);
                if !panic.text.starts_with(text) || !here {
                    wrong.push(format!("line {line}: {}:{}: {}", panic.file, panic.line, panic.text));
                }
            }
            (_, shape, panic) => wrong.push(format!("line {line}: {shape:?}, {:?}", panic.map(|panic| panic.text))),
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// A row whose call returns a tensor.
macro_rules! row {
    ($outcome:expr, $call:expr) => {
        (line!(), $outcome, || $call.shape().to_vec())
    };
}

#[track_caller]
fn ones(shape: impl IntoShape) -> Tensor {
    Tensor::ones(shape)
}

/// One number expanded to many with strides of 0.
#[track_caller]
fn many(shape: impl IntoDims) -> Tensor {
    Tensor::from([1.0]).expand(shape)
}

#[test]
fn shapes_that_cannot_be_counted() {
    check(&[
        row!(
            Says("zeros: a tensor of shape [4294967296, 4294967296] would have more"),
            Tensor::zeros([1 << 32, 1 << 32])
        ),
        row!(Says("zeros: a tensor of shape [17179869184, 17179869184, 0] would have"), {
            Tensor::zeros([1 << 34, 1 << 34, 0]).flatten_dims(0, 1)
        }),
        row!(Says("zeros: a tensor of shape [9223372036854775808, 0] would have"), Tensor::zeros([1 << 63, 0])),
        row!(Says("zeros: a tensor of shape [4611686018427387904, 6, 1, 0, 4] would"), {
            Tensor::zeros([1 << 62, 6, 1, 0, 4]).mean()
        }),
        row!(Says("ones: a tensor of shape"), Tensor::<f64>::ones([MOST, 3])),
        row!(Says("full: a tensor of shape"), Tensor::<i64>::full([usize::MAX, usize::MAX], 3)),
        row!(Says("eye: a tensor of shape"), Tensor::eye(1 << 32)),
        row!(Says("rand: a tensor of shape"), Tensor::rand([1 << 32, 1 << 32])),
        row!(Says("randn: a tensor of shape"), Tensor::<f64>::randn([1 << 32, 1 << 32])),
        row!(Says("normal: a tensor of shape"), Tensor::normal(0.0, 1.0, [1 << 32, 1 << 32])),
        row!(Says("arange: a tensor of shape [18446744073709551615]"), Tensor::arange(0, f64::MAX, 1)),
        row!(Says("linspace: a tensor of shape [18446744073709551615]"), Tensor::linspace(0, 1, usize::MAX)),
        row!(Says("full: a tensor of shape"), Tensor::from_array(Array::full([1 << 33, 1 << 33], 1.0f32))),
        row!(Says("expand: a tensor of shape [4294967296, 4294967296] would have more"), many([1 << 32, 1 << 32])),
        row!(Says("expand: a tensor of shape [4, 4611686018427387904] would have more"), {
            ones([4, 1]).expand([4, 1 << 62])
        }),
        row!(Says("expand: a tensor of shape [3, 6148914691236517206] would"), many([3, THIRD]).copy()),
        row!(Says("expand: a tensor of shape [9223372036854775807, 2] would"), {
            assert!(many([LAST, 2]).at([5, 1]) == 1.0);
            ones([])
        }),
        row!(Gives(vec![MOST]), many([LAST])),
        row!(Gives(vec![2, MOST / 2]), many([2, LAST / 2])),
        row!(Gives(vec![0, MOST]), ones([0, 1]).expand([0, LAST])),
        row!(
            Says("expand: a tensor of shape [0, 9223372036854775807, 2] would"),
            ones([0, 1, 1]).expand([0, LAST, 2])
        ),
        row!(Says("add: a tensor of shape [4294967296, 4294967296] would"), many([1 << 32, 1]) + many([1, 1 << 32])),
        row!(Says("lt: a tensor of shape [4294967296, 4294967296] would"), {
            many([1 << 32, 1]).lt(&many([1, 1 << 32])).cast::<f32>()
        }),
        row!(Says("where: a tensor of shape [4294967296, 4294967296] would"), {
            Tensor::where_(&Tensor::from(true), &many([1 << 32, 1]), &many([1, 1 << 32]))
        }),
        row!(Says("matmul: a tensor of shape [4294967296, 4294967296] would"), {
            ones([1, 0]).expand([1 << 32, 0]).matmul(&ones([0, 1]).expand([0, 1 << 32]))
        }),
        row!(
            Says("matmul: a tensor of shape [4294967296, 4294967296] would"),
            many([1 << 32, 1]).matmul(&many([1, 1 << 32]))
        ),
        row!(Says("matmul: a tensor of shape [2097152, 2097152, 2097152, 2097152] would"), {
            many([1 << 21, 1, 1 << 21, 1]).matmul(&many([1, 1 << 21, 1, 1 << 21]))
        }),
        row!(
            Says("reshape: a tensor of shape [9223372036854775807, 9223372036854775807] would"),
            ones([1]).reshape([LAST, LAST])
        ),
        row!(
            Says("reshape: a tensor of shape [6, 1099511627776,"),
            ones([4]).reshape([6, 1 << 40, 1 << 40, 1 << 40])
        ),
        row!(Says("reshape: a tensor of shape [3, 6148914691236517206] would"), ones([2]).reshape([3, THIRD])),
        row!(Says("reshape: a tensor of shape"), ones([0]).reshape([0, LAST, LAST])),
        row!(Says("reshape: a tensor of shape [0, 9223372036854775807,"), ones([0]).reshape([-1, LAST, LAST, 0])),
        row!(Says("cat: a tensor of shape [9223372036854775808, 0] would"), {
            let a = Tensor::zeros([1 << 62, 0]);
            Tensor::cat(&[&a, &a], 0)
        }),
        row!(Says("cat: a tensor of shape [18446744073709551615] would"), {
            let a = many([LAST]);
            Tensor::cat(&[&a, &a, &a], 0)
        }),
        row!(Says("cat: a tensor of shape"), {
            let a = Tensor::zeros([1 << 62, 0]);
            Tensor::stack(&[&a, &a, &a], 0)
        }),
        row!(Says("index_select: a tensor of shape"), {
            Tensor::zeros([2, MOST / 2, 0]).index_select(0, &Tensor::from([0, 0, 0]))
        }),
        row!(Says("rows: a tensor of shape"), { ones([1, 4]).rows(&Tensor::<i64>::zeros([1 << 62, 0])) }),
        row!(Says("one_hot: a tensor of shape [0, 8, 9223372036854775807]"), {
            Tensor::<i64>::zeros([0, 8]).one_hot(LAST).cast::<f32>()
        }),
        row!(Gives(vec![0, MOST]), Tensor::<i64>::zeros([0]).one_hot(LAST)),
        row!(Says("linear: a tensor of shape"), {
            ones([1, 0]).expand([1 << 32, 0]).linear(&ones([1, 0]).expand([1 << 32, 0]), Some(&many([1 << 32])))
        }),
        row!(Gives(vec![0]), ones([0, 7]).sum_dim(1)),
    ]);
}

#[test]
fn memory_that_is_not_there() {
    // 4 TiB of `f32`, and operations on an expanded view of that many elements.
    const MANY: usize = 1 << 40;
    check(&[
        row!(
            Says("zeros: a tensor of shape [1099511627776] (f32) would take 4398046511104 bytes"),
            Tensor::zeros([MANY])
        ),
        row!(Says("ones: a tensor of shape [1099511627776] (f64) would take 8796093022208 bytes"), {
            Tensor::<f64>::ones([MANY])
        }),
        row!(Says("full: a tensor of shape [1099511627776] (bool) would take 1099511627776 bytes"), {
            Tensor::<bool>::full([MANY], true)
        }),
        row!(Says("full: a tensor of shape [4611686018427387904] (i64) would take 36893488147419103232 bytes"), {
            Tensor::<i64>::full([1 << 62], 7)
        }),
        row!(Says("randn: a tensor of shape [1099511627776] (f32) would"), Tensor::randn([MANY])),
        row!(Says("rand: a tensor of shape [1099511627776] (f32) would"), Tensor::rand([MANY])),
        row!(Says("normal: a tensor of shape [1099511627776] (f32) would"), Tensor::normal(0.0, 1.0, [MANY])),
        row!(Says("sample: a tensor of shape [1099511627776] (f32) would"), {
            Tensor::<f32>::sample([MANY], rand::distr::StandardUniform, &mut Generator::seed_from_u64(1))
        }),
        row!(Says("arange: a tensor of shape [1000000000000000] (f32) would"), Tensor::arange(0, 1e15, 1)),
        row!(Says("linspace: a tensor of shape [1099511627776] (f32) would"), Tensor::linspace(0, 1, MANY)),
        row!(Says("eye: a tensor of shape [1048576, 1048576] (f32) would"), Tensor::eye(1 << 20)),
        row!(Says("zeros_like: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).zeros_like()),
        row!(Says("ones_like: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).ones_like()),
        row!(Says("full_like: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).full_like(2.0)),
        row!(Says("rand: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).rand_like()),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).copy()),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), {
            drop(many([MANY as isize]).to_vec());
            ones([])
        }),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), {
            drop(many([MANY as isize]).to_array());
            ones([])
        }),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).exp()),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), many([MANY as isize]).sum()),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), many([1 << 20, 1 << 20]).amax(1)),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), many([1 << 20, 1 << 20]).softmax(1)),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), many([1 << 20, 1 << 20]).cumsum(0)),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), many([1 << 20, 1 << 20]).flatten()),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), {
            many([1 << 20, 1 << 20]).argmax_dim(0).cast::<f32>()
        }),
        row!(Says("copy: a tensor of shape [1048576, 1048576] (f32) would"), {
            many([1 << 20, 1 << 20]).cast::<f64>().cast::<f32>()
        }),
        row!(Says("mul: a tensor of shape [1048576, 1048576] (f32) would"), ones([1 << 20, 1]) * ones([1 << 20])),
        row!(Says("matmul: a tensor of shape [1048576, 1048576] (f32) would"), {
            ones([1 << 20, 1]).matmul(&ones([1, 1 << 20]))
        }),
        row!(Says("matmul: a tensor of shape [1024, 1048576, 1024] (f32) would"), {
            many([1 << 10, 1 << 20, 1]).matmul(&many([1 << 10, 1, 1 << 10]))
        }),
        row!(Says("linear: a tensor of shape [1048576, 1048576] (f32) would"), {
            ones([1 << 20, 1]).linear(&ones([1 << 20, 1]), Some(&ones([1 << 20])))
        }),
        row!(Says("pad: a tensor of shape"), ones([2]).pad([LAST; 2], 0.0)),
        row!(Says("cat: a tensor of shape [1099511627777] (f32) would"), ones([1]).pad([0, 1 << 40], 0.0)),
        row!(Says("cat: a tensor of shape [2199023255552] (f32) would"), {
            let a = many([1 << 40]);
            Tensor::cat(&[&a, &a], 0)
        }),
        row!(Says("one_hot: num_classes is 1099511627776; it must be"), {
            Tensor::from([0, 1]).one_hot(1 << 40).cast::<f32>()
        }),
        row!(Says("index_select: a tensor of shape [1048576, 1048576] (f32) would"), {
            ones([1, 1 << 20]).index_select(0, &Tensor::<i64>::zeros([1 << 20]))
        }),
        row!(Says("jacobian: a tensor of shape [1099511627776, 1] (f32) would"), {
            jacobian(|x| x.expand([1 << 40]), &ones([1]))
        }),
        row!(Says("hessian: a tensor of shape [1048576, 1048576] (f32) would"), {
            hessian(|x| x.square().sum(), &ones([1 << 20]))
        }),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), {
            let w = ones([1]).requires_grad_(true);
            w.expand([1 << 40]).backward_with(&many([1 << 40]));
            w
        }),
        row!(Says("copy: a tensor of shape [1099511627776] (f32) would"), {
            let w = ones([1]).requires_grad_(true);
            drop(Backward::with(&w.expand([1 << 40]), &many([1 << 40])).create_graph().grads([&w]));
            w
        }),
        row!(Says("out of memory: a list of 2147483648 entries"), {
            drop(Tensor::zeros([1 << 31, 0]).split(1, 0));
            ones([])
        }),
        row!(Says("out of memory: a list of 2147483648 entries"), {
            drop(Tensor::zeros([0]).chunk(1 << 31, 0));
            ones([])
        }),
        row!(Says("out of memory: a list of 1099511627776 entries"), {
            drop(Tensor::zeros([0]).chunk(1 << 40, 0));
            ones([])
        }),
    ]);
}

/// A convolution of ones with these options; its shape.
#[track_caller]
fn conv<const N: usize, const M: usize>(x: [usize; N], weight: [usize; M], options: Conv2dOptions) -> Tensor {
    ones(x).conv2d(&ones(weight), None, options)
}

/// The gradients of a convolution by its images and its weight.
#[track_caller]
fn conv_grads(x: [usize; 4], weight: [usize; 4], options: Conv2dOptions) -> Tensor {
    let (x, weight) = (ones(x).requires_grad_(true), ones(weight).requires_grad_(true));
    x.conv2d(&weight, None, options).sum().backward();
    assert_eq!(weight.grad().unwrap().shape(), weight.shape());
    x.grad().unwrap()
}

#[test]
fn windows_that_wrap() {
    check(&[
        // (101 + 2 * 1844674407370955121) * 5 is 99 modulo 2⁶⁴.
        row!(Says("conv2d: stride is [9223372036854775808, 1]"), {
            let options = Conv2dOptions::new().stride([1 << 63, 1]).padding([1844674407370955121, 2]);
            conv([16, 60, 101, 1], [1, 60, 1, 1], options)
        }),
        row!(Says("conv2d: expected images that can be counted, with their padding"), {
            let options = Conv2dOptions::new().stride([MOST, 1]).padding([1844674407370955121, 2]);
            conv([16, 60, 101, 1], [1, 60, 1, 1], options)
        }),
        row!(Says("expand: a tensor of shape [16, 1, 3, 6148914691236517206] would"), {
            let x = many([16, 1, 3, THIRD]);
            x.conv2d(&ones([1, 1, 1, 1]), None, Conv2dOptions::new().stride([4, 1 << 63]))
        }),
        row!(Says("copy: a tensor of shape [16, 1, 3, 192153584101141162] (f32) would"), {
            let x = many([16, 1, 3, LAST / 48]);
            x.conv2d(&ones([1, 1, 1, 1]), None, Conv2dOptions::new().stride([4, LAST as usize]))
        }),
        row!(Gives(vec![1, 1, 1, 1]), conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().stride(MOST))),
        row!(Says("conv2d: stride is [9223372036854775808, 9223372036854775808]"), {
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().stride(1 << 63))
        }),
        row!(Says("conv2d: a tensor of shape [1, 1, 2097154, 2097154] (f32) would take 17592219598864 bytes"), {
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().padding(1 << 20))
        }),
        row!(
            Says("out of memory: "),
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().padding(1 << 20).stride(MOST))
        ),
        row!(Says("conv2d: expected images that can be counted, with their padding"), {
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().padding(1 << 40))
        }),
        row!(Says("conv2d: expected a padding with which the image can be counted, got [2, 2] with"), {
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().padding(usize::MAX))
        }),
        row!(Says("conv2d: expected a padding with which"), {
            conv([1, 1, 2, 2], [1, 1, 1, 1], Conv2dOptions::new().padding([0, MOST]))
        }),
        row!(Says("conv2d: expected a padding with which the image can be counted"), {
            conv([1, 1, 2, 2], [1, 1, 2, 2], Conv2dOptions::new().dilation(usize::MAX).padding(Padding::Same))
        }),
        row!(Says("conv2d: expected an image of at least"), {
            conv([1, 1, 2, 2], [1, 1, 3, 3], Conv2dOptions::new().dilation(1 << 63).padding(1))
        }),
        row!(Says("conv2d: expected an input with 18446744073709551615 channels"), {
            conv([1, 2, 2, 2], [0, 2, 1, 1], Conv2dOptions::new().groups((1 << 63) + 1))
        }),
        row!(Says("conv2d: expected images that can be counted, with their padding"), {
            conv([1, 0, 2, 2], [0, 0, 1, 1], Conv2dOptions::new().groups((1 << 63) + 1))
        }),
        // Tensors without elements need no memory, forward or backward.
        row!(Gives(vec![1, 1, 2, 2]), conv_grads([1, 1, 2, 2], [0, 1, 1, 1], Conv2dOptions::new().padding(1 << 20))),
        row!(Gives(vec![0, 1, 2, 2]), conv_grads([0, 1, 2, 2], [3, 1, 1, 1], Conv2dOptions::new().padding(1 << 20))),
        row!(Says("conv2d: expected images that can be counted, with their padding"), {
            conv_grads([1, 1, 2, 2], [0, 1, 1, 1], Conv2dOptions::new().padding(1 << 40))
        }),
        row!(Says("conv2d: expected images that can be counted, with their padding"), {
            conv_grads([0, 1, 2, 2], [3, 1, 1, 1], Conv2dOptions::new().padding(1 << 61))
        }),
        row!(Gives(vec![3, 0, 2, 2]), conv_grads([3, 0, 2, 2], [2, 0, 1, 1], Conv2dOptions::new())),
        row!(
            Says("max_pool2d: expected a padding"),
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(1).padding(MOST))
        ),
        row!(
            Says("max_pool2d: expected a padding"),
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(1).padding(1 << 63))
        ),
        row!(Says("avg_pool2d: expected a padding"), {
            ones([1, 2, 2]).avg_pool2d(AvgPool2dOptions::new(usize::MAX).padding(usize::MAX / 2))
        }),
        row!(
            Says("max_pool2d: expected an image of at least"),
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(1 << 40))
        ),
        row!(Gives(vec![1, 3, 3]), {
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(1 << 40).padding(1 << 39).stride(1))
        }),
        row!(Gives(vec![1, 3, 3]), {
            ones([1, 2, 2]).avg_pool2d(AvgPool2dOptions::new(1 << 40).padding(1 << 39).stride(1))
        }),
        row!(Gives(vec![1, 1, 1]), {
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(3).ceil_mode(true).stride(MOST).dilation(1).padding(1))
        }),
        row!(Says("max_pool2d: stride is [18446744073709551615, 18446744073709551615]"), {
            ones([1, 2, 2]).max_pool2d(MaxPool2dOptions::new(2).ceil_mode(true).stride(usize::MAX))
        }),
        row!(Says("max_pool2d: dilation is"), {
            let options = MaxPool2dOptions::new(1).ceil_mode(true).dilation(usize::MAX);
            ones([1, 2, 2]).max_pool2d(options)
        }),
        row!(Gives(vec![0, 1, 1, 1 << 40]), Tensor::zeros([0, 1, 1, 1 << 40]).max_pool2d(MaxPool2dOptions::new(1))),
        row!(Gives(vec![0, 1, 1, 1 << 40]), Tensor::zeros([0, 1, 1, 1 << 40]).avg_pool2d(AvgPool2dOptions::new(1))),
        row!(Gives(vec![0, 1, 1, 1 << 40]), {
            Tensor::zeros([0, 1, 1, 1 << 40]).conv2d(&ones([1, 1, 1, 1]), None, Conv2dOptions::new())
        }),
        row!(Says("max_pool2d: expected fewer than 4294967295 elements at a time"), {
            many([1, 1, 1 << 16, 1 << 16]).max_pool2d(MaxPool2dOptions::new(1))
        }),
    ]);
}

#[test]
fn positions_and_ranges_at_the_ends_of_the_integers() {
    check(&[
        row!(Gives(vec![3]), ones([3]).slice(0, (Excluded(-7), Unbounded))),
        row!(Gives(vec![0]), ones([3]).slice(0, (Excluded(-1), Unbounded))),
        row!(Gives(vec![3]), ones([3]).slice(0, (Excluded(FIRST), Included(LAST)))),
        row!(Gives(vec![0]), ones([3]).slice(0, (Excluded(LAST), Unbounded))),
        row!(Gives(vec![MOST]), many([LAST]).slice(0, (Included(FIRST), Included(LAST)))),
        row!(Gives(vec![MOST - 1]), many([LAST]).slice(0, (Excluded(FIRST), Excluded(-1)))),
        row!(Gives(vec![1]), ones([3]).slice_step(0, .., usize::MAX)),
        row!(Gives(vec![2, 1]), many([2, LAST / 2]).slice_step(1, .., usize::MAX)),
        row!(Gives(vec![0, 1]), Tensor::zeros([0, MOST]).slice_step(1, .., usize::MAX)),
        row!(Gives(vec![0, 0]), Tensor::zeros([0, MOST]).slice(1, LAST..).slice_step(1, .., usize::MAX)),
        row!(Says("narrow: expected a range"), ones([3]).narrow(0, LAST, usize::MAX)),
        row!(Says("narrow: expected a range"), ones([3]).narrow(0, FIRST, 1)),
        row!(Says("select: index"), ones([3]).select(0, FIRST)),
        row!(Says("select: dimension"), ones([3]).select(FIRST, 0)),
        row!(Says("pad: expected no more to remove"), ones([2]).pad([FIRST, FIRST], 0.0)),
        row!(Says("pad: expected no more to remove"), ones([2]).pad([FIRST, LAST], 0.0)),
        row!(Says("pad: expected no more to remove"), ones([2]).pad([-1, -2], 0.0)),
        row!(Says("pad: expected no more to remove"), ones([2]).pad([-3, 3], 0.0)),
        row!(Gives(vec![1]), ones([2]).pad([-2, 1], 0.0)),
        row!(Says("unsqueeze: dimension"), ones([2]).unsqueeze(LAST)),
        row!(Says("permute: dimension"), ones([2, 2]).permute([FIRST, LAST])),
        row!(Says("flatten_dims: dimension"), ones([2, 2]).flatten_dims(FIRST, LAST)),
        row!(Says("sum_dim: dimension"), ones([2, 2]).sum_dim([LAST])),
        row!(Says("index_select: index"), ones([2]).index_select(0, &Tensor::from([i64::MAX]))),
        row!(Says("index_select: index"), ones([2]).index_select(0, &Tensor::from([i64::MIN]))),
        row!(Says("gather: index"), ones([2]).gather(0, &Tensor::from([i64::MIN]))),
        row!(Says("embedding: index"), ones([2, 2]).embedding(&Tensor::from([i64::MAX]), None)),
        row!(Says("one_hot: "), Tensor::from([i64::MAX]).one_hot(-1).cast::<f32>()),
        row!(Says("one_hot: num_classes"), Tensor::from([0]).one_hot(FIRST).cast::<f32>()),
        row!(Gives(vec![]), many([LAST]).select(0, -1)),
        row!(Gives(vec![]), many([2, LAST / 2]).select(1, LAST / 2 - 1).sum()),
    ]);
    let x = Tensor::from([1.0, 2.0, 3.0]);
    x.slice_assign_(0, (Excluded(-7), Unbounded), &Tensor::from([4.0, 5.0, 6.0]));
    assert_eq!(x.to_vec(), [4.0, 5.0, 6.0]);
    assert_eq!(many([LAST]).at([LAST - 1]), 1.0);
    assert!(many([1 << 20, 1 << 40]).to_string().contains("..."));
}

/// There are 2³⁴ rows without elements, and nothing to do.
#[test]
fn nothing_takes_no_time() {
    let empty = || Tensor::zeros([1 << 34, 0]);
    let start = std::time::Instant::now();
    assert_eq!(Tensor::cat(&[&empty(), &empty()], 1).shape(), [1 << 34, 0]);
    assert_eq!(Tensor::cat(&[&empty(), &empty()], 0).shape(), [1 << 35, 0]);
    assert_eq!(Tensor::stack(&[&empty(), &empty()], 1).shape(), [1 << 34, 2, 0]);
    let w = Tensor::zeros([1 << 34, 3, 0]).requires_grad_(true);
    w.index_select(1, &Tensor::from([0, 1, 1])).sum().backward();
    assert_eq!(w.grad().unwrap().shape(), w.shape());
    let w = Tensor::zeros([1 << 34, 0]).requires_grad_(true);
    w.slice(1, ..).sum().backward();
    assert_eq!(w.grad().unwrap().shape(), w.shape());
    empty().slice_assign_(1, .., &Tensor::zeros([0]));
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).cumsum(1).shape(), [1 << 34, 3, 0]);
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).softmax(1).shape(), [1 << 34, 3, 0]);
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).argmax_dim(1).shape(), [1 << 34, 0]);
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).amax(1).shape(), [1 << 34, 0]);
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).flip([0, 1]).shape(), [1 << 34, 3, 0]);
    assert_eq!(Tensor::zeros([1 << 34, 3, 0]).sum_dim(1).shape(), [1 << 34, 0]);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn more_dimensions_than_can_be_named() {
    check(&[
        row!(Says(FAR), ones(vec![1; 65]).sum()),
        row!(Says(FAR), ones(vec![1; 65]).mean()),
        row!(Says(FAR), ones(vec![1; 65]).select(64, 0)),
        row!(Says(FAR), ones(vec![1; 65]).var()),
        row!(Says(FAR), ones(vec![1; 65]).max()),
        row!(Says(FAR), ones(vec![1; 65]).norm()),
        row!(Says(FAR), ones(vec![1; 65]).flip(64)),
        row!(Says(FAR), ones(vec![1; 65]).max_dim(64).0),
        row!(Says(FAR), ones(vec![1; 65]).squeeze_dim(64)),
        row!(Says(FAR), Tensor::cat(&[&ones(vec![1; 65])], 64)),
        row!(Says(FAR), ones(vec![1; 65]).argmax_dim(64).cast::<f32>()),
        row!(Says(FAR), ones(vec![1; 65]).logsumexp(64)),
        row!(Gives(vec![1]), {
            let w = ones([1]).requires_grad_(true);
            (&w * ones(vec![1; 65])).backward_with(&ones(vec![1; 65]));
            w
        }),
        row!(Says(FAR), {
            let w = ones(vec![1; 65]).requires_grad_(true);
            (&w + ones([2])).backward_with(&ones([vec![1; 64], vec![2]].concat()));
            w
        }),
        row!(Gives(vec![1; 65]), ones(vec![1; 65]).exp() * 2.0 + ones(vec![1; 65])),
        row!(Says(FAR), ones(vec![1; 65]).cumsum(64)),
        row!(Says(FAR), ones(vec![1; 65]).softmax(64)),
        row!(Gives(vec![1; 66]), ones(vec![1; 65]).unsqueeze(65)),
        row!(Gives(vec![]), ones(vec![1; 65]).squeeze()),
        row!(Gives(vec![1; 65]), ones(vec![1; 65]).transpose(0, 64)),
        row!(Gives(vec![1; 65]), ones([1]).expand(vec![1; 65])),
        row!(Gives(vec![1; 64]), ones(vec![1; 64]).sum_keepdim([0, 63])),
        row!(Gives(vec![]), ones(vec![1; 64]).sum()),
    ]);
    assert!(ones(vec![1; 65]).to_string().starts_with("tensor([[["));
}
