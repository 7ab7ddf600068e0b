//! The table of operations: how each is called, and the rule of its shape.

use downhill::Tensor;
use downhill::tensor::{Conv2dOptions, MaxPool2dOptions};

use crate::arguments::Arguments;
use crate::model::{self, Shapes};

type Call = fn(&Tensor, &Tensor, &Arguments) -> Vec<Vec<usize>>;
type Rule = fn(&Arguments) -> Shapes;

fn one(tensor: Tensor) -> Vec<Vec<usize>> {
    vec![tensor.shape().to_vec()]
}

/// Operations that take no time and no memory, however many elements there are.
pub const IS_A_VIEW: [&str; 8] =
    ["expand", "permute", "transpose", "squeeze_dim", "unsqueeze", "narrow", "slice_step", "select"];

#[rustfmt::skip]
pub const OPERATIONS: &[(&str, Call, Rule)] = &[
    ("add", |x, y, _| one(x + y), model::add),
    ("maximum", |x, y, _| one(x.maximum(y)), model::add),
    ("expand", |x, _, a| one(x.expand(&a.dims[..])), model::expand),
    ("reshape", |x, _, a| one(x.reshape(&a.dims[..])), model::reshape),
    ("permute", |x, _, a| one(x.permute(&a.dims[..])), model::permute),
    ("transpose", |x, _, a| one(x.transpose(a.dim, a.other)), model::transpose),
    ("flatten_dims", |x, _, a| one(x.flatten_dims(a.dim, a.other)), model::flatten),
    ("squeeze_dim", |x, _, a| one(x.squeeze_dim(&a.dims[..])), model::squeeze),
    ("unsqueeze", |x, _, a| one(x.unsqueeze(a.dim)), model::unsqueeze),
    ("flip", |x, _, a| one(x.flip(&a.dims[..])), model::flip),
    ("cumsum", |x, _, a| one(x.cumsum(a.dim)), model::same_along),
    ("softmax", |x, _, a| one(x.softmax(a.dim)), model::same_along),
    ("sum", |x, _, a| one(if a.flag { x.sum_keepdim(&a.dims[..]) } else { x.sum_dim(&a.dims[..]) }), model::sum),
    ("mean", |x, _, a| one(if a.flag { x.mean_keepdim(&a.dims[..]) } else { x.mean_dim(&a.dims[..]) }), model::sum),
    ("norm", |x, _, a| one(if a.flag { x.norm_keepdim(&a.dims[..]) } else { x.norm_dim(&a.dims[..]) }), model::sum),
    ("max_dim", |x, _, a| one(x.max_dim(a.dim).0), model::extreme),
    ("narrow", |x, _, a| one(x.narrow(a.dim, a.other, a.size)), model::narrow),
    ("slice_step", |x, _, a| one(x.slice_step(a.dim, a.other.., a.step)), model::slice),
    ("select", |x, _, a| one(x.select(a.dim, a.other)), model::select),
    ("pad", |x, _, a| one(x.pad(&a.dims[..], 0.5)), model::pad),
    ("cat", |x, y, a| one(Tensor::cat(&[x, y], a.dim)), model::cat),
    ("stack", |x, y, a| one(Tensor::stack(&[x, y], a.dim)), model::stack),
    ("split", split, model::split),
    ("matmul", |x, y, _| one(x.matmul(y)), model::matmul),
    ("layer_norm", |x, _, a| one(x.layer_norm(&a.y[..], None, None, 1e-5)), model::layer_norm),
    ("index_select", index_select, model::index_select),
    ("conv2d", conv2d, model::conv2d),
    ("max_pool2d", max_pool2d, model::max_pool2d),
];

fn split(x: &Tensor, _: &Tensor, a: &Arguments) -> Vec<Vec<usize>> {
    x.split(model::piece(a), a.dim).iter().map(|piece| piece.shape().to_vec()).collect()
}

fn index_select(x: &Tensor, _: &Tensor, a: &Arguments) -> Vec<Vec<usize>> {
    let positions = vec![0_i64; model::positions(a)];
    let positions = Tensor::from_vec(positions, [model::positions(a)]).expect("one for each");
    one(x.index_select(a.dim, &positions))
}

fn conv2d(x: &Tensor, weight: &Tensor, a: &Arguments) -> Vec<Vec<usize>> {
    let [_, stride, padding, dilation] = a.window;
    one(x.conv2d(weight, None, Conv2dOptions::new().stride(stride).padding(padding).dilation(dilation)))
}

fn max_pool2d(x: &Tensor, _: &Tensor, a: &Arguments) -> Vec<Vec<usize>> {
    let [kernel, stride, padding, _] = a.window;
    one(x.max_pool2d(MaxPool2dOptions::new(kernel).stride(stride).padding(padding)))
}
