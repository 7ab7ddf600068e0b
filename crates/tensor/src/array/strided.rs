//! Loops over operands that are not both contiguous: broadcast rows and columns, transposed views.
//!
//! Adjacent dimensions that are contiguous for both operands are merged. The outer dimensions are counted like an
//! odometer, and the innermost loop runs over slices if the strides are 1 or 0.

use crate::base::element::Element;
use crate::base::shape::{Shape, same};
use downhill_kernels::buffer::{self, Buffer};
use downhill_kernels::each;

/// A strided view: a buffer, the offset of the first element and the stride of each dimension.
pub(crate) struct Strided<'a, T> {
    pub(crate) data: &'a [T],
    pub(crate) offset: usize,
    pub(crate) strides: Shape,
}

impl Strided<'_, ()> {
    /// A dummy second operand, for a loop over one operand.
    pub(crate) fn nothing(shape: &[usize]) -> Strided<'static, ()> {
        Strided { data: &[()], offset: 0, strides: Shape::zeros(shape.len()) }
    }
}

impl<T> Strided<'_, T> {
    /// The same elements, broadcast from one shape to a larger one.
    pub(crate) fn expanded(self, from: &[usize], to: &[usize]) -> Self {
        if same(from, to) {
            return self;
        }
        Strided { strides: expanded_strides(from, self.strides.slice(), to), ..self }
    }
}

/// The strides of an array broadcast to a larger shape: 0 where a dimension is new or repeated.
pub(crate) fn expanded_strides(from: &[usize], strides: &[usize], to: &[usize]) -> Shape {
    let mut expanded = Shape::zeros(to.len());
    let offset = to.len() - from.len();
    for (axis, (&size, &stride)) in from.iter().zip(strides).enumerate() {
        expanded[offset + axis] = if size == 1 && to[offset + axis] != 1 { 0 } else { stride };
    }
    expanded
}

/// The dimensions of a loop over two operands, merged where their strides allow: (size, stride of a, stride of b),
/// the innermost last.
fn merged(shape: &[usize], a: &[usize], b: &[usize]) -> Vec<(usize, usize, usize)> {
    let mut dims: Vec<(usize, usize, usize)> = Vec::with_capacity(shape.len());
    for ((&size, &a), &b) in shape.iter().zip(a).zip(b) {
        match dims.last_mut() {
            _ if size == 1 => {}
            Some(outer) if outer.1 == a * size && outer.2 == b * size => *outer = (outer.0 * size, a, b),
            _ => dims.push((size, a, b)),
        }
    }
    dims
}

/// Calls `body` with the offsets of the first elements of every innermost run, in row-major order.
pub(crate) fn for_each_run(
    outer: &[(usize, usize, usize)],
    mut a: usize,
    mut b: usize,
    mut body: impl FnMut(usize, usize),
) {
    let mut count = vec![0; outer.len()];
    loop {
        body(a, b);
        let mut dim = outer.len();
        loop {
            if dim == 0 {
                return;
            }
            dim -= 1;
            let (size, step_a, step_b) = outer[dim];
            count[dim] += 1;
            a += step_a;
            b += step_b;
            if count[dim] < size {
                break;
            }
            count[dim] = 0;
            a -= step_a * size;
            b -= step_b * size;
        }
    }
}

/// Applies `f` to all pairs, in row-major order; errors name the operation `op`. The strides of both operands are
/// already broadcast to `shape`.
#[track_caller]
pub(crate) fn zip_strided<A: Copy, B: Copy, C: Element>(
    op: &'static str,
    shape: &[usize],
    a: Strided<'_, A>,
    b: Strided<'_, B>,
    f: impl Fn(A, B) -> C,
) -> Buffer<C> {
    let mut out = buffer::of_shape(op, shape);
    if out.is_empty() {
        return out;
    }
    let mut dims = merged(shape, a.strides.slice(), b.strides.slice());
    let columns = dims.pop().unwrap_or((1, 1, 1));
    if columns.1 > 1 || columns.2 > 1 {
        // A transposed operand: its neighbouring elements belong to different rows of the result.
        let rows = dims.pop().unwrap_or((1, 0, 0));
        let mut matrices = out.chunks_exact_mut(rows.0 * columns.0);
        for_each_run(&dims, a.offset, b.offset, |i, j| {
            let matrix = matrices.next().expect("a matrix for each run");
            zip_matrix(rows, columns, (&a.data[i..], &b.data[j..]), matrix, &f);
        });
        return out;
    }
    let (size, step_a, step_b) = columns;
    let mut runs = out.chunks_exact_mut(size);
    for_each_run(&dims, a.offset, b.offset, |i, j| {
        let run = runs.next().expect("a run for each run of the operands");
        match (step_a, step_b) {
            (1, 1) => each::zip(&a.data[i..i + size], &b.data[j..j + size], run, &f),
            (1, _) => {
                let y = b.data[j];
                each::map(&a.data[i..i + size], run, |x| f(x, y));
            }
            (_, 1) => {
                let x = a.data[i];
                for (out, &y) in run.iter_mut().zip(&b.data[j..]) {
                    *out = f(x, y);
                }
            }
            _ => run.fill(f(a.data[i], b.data[j])),
        }
    });
    out
}

/// A transposed operand is read in square tiles of this side, small enough that all their cache lines stay in cache.
const TILE: usize = 32;

/// Applies `f` to all pairs of two matrices, given (size, stride of a, stride of b) of their rows and columns.
fn zip_matrix<A: Copy, B: Copy, C>(
    rows: (usize, usize, usize),
    columns: (usize, usize, usize),
    (a, b): (&[A], &[B]),
    out: &mut [C],
    f: impl Fn(A, B) -> C,
) {
    for top in (0..rows.0).step_by(TILE) {
        for left in (0..columns.0).step_by(TILE) {
            for row in top..(top + TILE).min(rows.0) {
                let (a, b) = (&a[row * rows.1..], &b[row * rows.2..]);
                let right = (left + TILE).min(columns.0);
                let out = &mut out[row * columns.0..][left..right];
                for (out, column) in out.iter_mut().zip(left..) {
                    *out = f(a[column * columns.1], b[column * columns.2]);
                }
            }
        }
    }
}

/// Replaces each element of the row-major `target` by `f` of it and the corresponding element of `b`.
pub(crate) fn zip_strided_assign<A: Copy, B: Copy>(
    shape: &[usize],
    target: &mut [A],
    b: Strided<'_, B>,
    f: impl Fn(A, B) -> A,
) {
    if target.is_empty() {
        return;
    }
    let mut dims = merged(shape, crate::base::shape::row_major(shape).slice(), b.strides.slice());
    let (size, _, step_b) = dims.pop().unwrap_or((1, 1, 1));
    for_each_run(&dims, 0, b.offset, |i, j| {
        let run = &mut target[i..i + size];
        match step_b {
            1 => each::zip_assign(run, &b.data[j..j + size], &f),
            0 => {
                let y = b.data[j];
                each::map_assign(run, |x| f(x, y));
            }
            _ => run.iter_mut().enumerate().for_each(|(k, x)| *x = f(*x, b.data[j + k * step_b])),
        }
    });
}
