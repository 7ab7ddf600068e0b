//! Every function that takes a dimension refuses one that does not exist, or one that is named twice, before anything
//! else: also for tensors without dimensions and without elements, where there would be nothing to do.

use downhill_tensor::Tensor;
use downhill_tests::panic_of;

use super::zeros;

type One = fn(&Tensor, isize);
type Two = fn(&Tensor, [isize; 2]);

const ONE: &[(&str, One)] = &[
    ("amax", |x, dim| drop(x.amax(dim))),
    ("amax_keepdim", |x, dim| drop(x.amax_keepdim(dim))),
    ("amin", |x, dim| drop(x.amin(dim))),
    ("amin_keepdim", |x, dim| drop(x.amin_keepdim(dim))),
    ("argmax_dim", |x, dim| drop(x.argmax_dim(dim))),
    ("argmax_keepdim", |x, dim| drop(x.argmax_keepdim(dim))),
    ("argmin_dim", |x, dim| drop(x.argmin_dim(dim))),
    ("argmin_keepdim", |x, dim| drop(x.argmin_keepdim(dim))),
    ("cumsum", |x, dim| drop(x.cumsum(dim))),
    ("flatten_dims", |x, dim| drop(x.flatten_dims(dim, -1))),
    ("flatten_dims", |x, dim| drop(x.flatten_dims(0, dim))),
    ("flip", |x, dim| drop(x.flip(dim))),
    ("gather", |x, dim| drop(x.gather(dim, &Tensor::from(0)))),
    ("index_select", |x, dim| drop(x.index_select(dim, &Tensor::from([0])))),
    ("log_softmax", |x, dim| drop(x.log_softmax(dim))),
    ("logsumexp", |x, dim| drop(x.logsumexp(dim))),
    ("logsumexp_keepdim", |x, dim| drop(x.logsumexp_keepdim(dim))),
    ("max_dim", |x, dim| drop(x.max_dim(dim))),
    ("max_keepdim", |x, dim| drop(x.max_keepdim(dim))),
    ("mean_dim", |x, dim| drop(x.mean_dim(dim))),
    ("mean_keepdim", |x, dim| drop(x.mean_keepdim(dim))),
    ("min_dim", |x, dim| drop(x.min_dim(dim))),
    ("min_keepdim", |x, dim| drop(x.min_keepdim(dim))),
    ("narrow", |x, dim| drop(x.narrow(dim, 0, 0))),
    ("norm_dim", |x, dim| drop(x.norm_dim(dim))),
    ("norm_keepdim", |x, dim| drop(x.norm_keepdim(dim))),
    ("norm_p_dim", |x, dim| drop(x.norm_p_dim(3, dim))),
    ("norm_p_keepdim", |x, dim| drop(x.norm_p_keepdim(3, dim))),
    ("prod_dim", |x, dim| drop(x.prod_dim(dim))),
    ("prod_keepdim", |x, dim| drop(x.prod_keepdim(dim))),
    ("select", |x, dim| drop(x.select(dim, 0))),
    ("slice", |x, dim| drop(x.slice(dim, ..))),
    ("slice_assign_", |x, dim| drop(x.slice_assign_(dim, .., x))),
    ("slice_step", |x, dim| drop(x.slice_step(dim, .., 2))),
    ("softmax", |x, dim| drop(x.softmax(dim))),
    ("split", |x, dim| drop(x.split(1, dim))),
    ("split_with_sizes", |x, dim| drop(x.split_with_sizes(&[0], dim))),
    ("chunk", |x, dim| drop(x.chunk(1, dim))),
    ("squeeze_dim", |x, dim| drop(x.squeeze_dim(dim))),
    ("std_dim", |x, dim| drop(x.std_dim(dim, 1))),
    ("std_keepdim", |x, dim| drop(x.std_keepdim(dim, 1))),
    ("sum_dim", |x, dim| drop(x.sum_dim(dim))),
    ("sum_keepdim", |x, dim| drop(x.sum_keepdim(dim))),
    ("transpose", |x, dim| drop(x.transpose(dim, -1))),
    ("transpose", |x, dim| drop(x.transpose(0, dim))),
    ("var_dim", |x, dim| drop(x.var_dim(dim, 1))),
    ("var_keepdim", |x, dim| drop(x.var_keepdim(dim, 1))),
];

const TWO: &[(&str, Two)] = &[
    ("amax", |x, dims| drop(x.amax(dims))),
    ("amin_keepdim", |x, dims| drop(x.amin_keepdim(dims))),
    ("flip", |x, dims| drop(x.flip(dims))),
    ("logsumexp", |x, dims| drop(x.logsumexp(dims))),
    ("mean_dim", |x, dims| drop(x.mean_dim(dims))),
    ("norm_dim", |x, dims| drop(x.norm_dim(dims))),
    ("norm_p_dim", |x, dims| drop(x.norm_p_dim(0, dims))),
    ("squeeze_dim", |x, dims| drop(x.squeeze_dim(dims))),
    ("std_dim", |x, dims| drop(x.std_dim(dims, 1))),
    ("sum_dim", |x, dims| drop(x.sum_dim(dims))),
    ("sum_keepdim", |x, dims| drop(x.sum_keepdim(dims))),
    ("var_keepdim", |x, dims| drop(x.var_keepdim(dims, 1))),
];

#[track_caller]
fn refused(name: &str, x: &Tensor, text: &str, call: impl FnOnce()) {
    let Some(panic) = panic_of(call) else { panic!("{name} of {:?}: no panic, instead of: {text}", x.shape()) };
    assert!(panic.text.starts_with(text), "{name} of {:?}: {}, instead of: {text}", x.shape(), panic.text);
    assert_eq!(panic.file, file!(), "{name}: {}", panic.text);
}

#[test]
fn no_function_takes_a_dimension_that_does_not_exist() {
    for (x, beyond) in [(zeros([]), 1), (zeros([0]), 1), (zeros([2, 0]), 2), (zeros([1, 3]), 2)] {
        for &(name, call) in ONE {
            for dim in [beyond, -beyond - 1, isize::MAX, isize::MIN] {
                let text = format!("{name}: dimension {dim} does not exist in a tensor of {} dimension(s)", x.ndim());
                refused(name, &x, &text, || call(&x, dim));
            }
        }
    }
}

#[test]
fn no_function_takes_a_dimension_twice() {
    for x in [zeros([]), zeros([0]), zeros([3])] {
        for &(name, call) in TWO {
            for dims in [[0, -1], [0, 0], [-1, -1]] {
                let text = format!("{name}: dimension {} is named twice in {dims:?}", dims[1]);
                refused(name, &x, &text, || call(&x, dims));
            }
        }
    }
}
