//! Reductions over any dimensions: a pass for each group of adjacent dimensions, the last first.

use crate::array::Array;
use crate::base::element::{Element, Float};
use crate::base::shape::{Axes, IntoShape, Shape};
use downhill_kernels::buffer::{self, Buffer};
use downhill_kernels::carry::at_callers_line;
use downhill_kernels::reduce::{AxisLanes, dot, sum, sum_and_squares, write_sums};

/// The sums over some dimensions, in the row-major order of the remaining dimensions.
#[track_caller]
pub(crate) fn sum_axes<T: Element>(x: Array<T>, axes: Axes) -> Buffer<T> {
    let x = x.contiguous();
    if axes.are_all(x.shape().len()) {
        return buffer::of_vec(vec![sum(x.slice())]);
    }
    reduce_axes(&x, axes, write_sums)
}

/// The sums of elementwise products over some dimensions; the operands broadcast. Contiguous rows are multiplied and
/// summed in one pass.
#[track_caller]
pub(crate) fn dot_axes<T: Float>(x: Array<T>, y: Array<T>, axes: Axes) -> Buffer<T> {
    match (x.as_slice(), y.as_slice(), last_reduced(x.shape(), axes)) {
        (Some(xs), Some(ys), Some(last)) if x.shape() == y.shape() => {
            let rows = xs.chunks_exact(last.n).zip(ys.chunks_exact(last.n));
            last.sum_rest(buffer::collect(rows.len(), rows.map(|(x, y)| dot(x, y))))
        }
        _ => sum_axes(x.zip("mul", y, |x, y| x * y), axes),
    }
}

/// The sums and the sums of squares over some dimensions, in one pass over contiguous rows.
#[track_caller]
pub(crate) fn sum_and_squares_axes<T: Float>(x: &Array<T>, axes: Axes) -> (Buffer<T>, Buffer<T>) {
    let Some((xs, last)) = x.as_slice().zip(last_reduced(x.shape(), axes)) else {
        return (sum_axes(x.clone(), axes), dot_axes(x.clone(), x.clone(), axes));
    };
    let rows = xs.len() / last.n;
    let (mut sums, mut squares) = (buffer::dirty(rows), buffer::dirty(rows));
    for ((sum, square), row) in sums.iter_mut().zip(squares.iter_mut()).zip(xs.chunks_exact(last.n)) {
        [*sum, *square] = sum_and_squares(row);
    }
    (last.sum_rest(sums), last.sum_rest(squares))
}

/// The trailing reduced dimensions of a shape, whose elements form contiguous rows.
struct Last {
    /// The number of elements of a row.
    n: usize,
    /// The shape after each row is reduced to one element.
    kept: Shape,
    /// The other reduced dimensions.
    rest: Axes,
}

fn last_reduced(shape: &[usize], axes: Axes) -> Option<Last> {
    let first = (0..shape.len()).rev().take_while(|&axis| axes.contains(axis) || shape[axis] == 1).last()?;
    let (mut kept, n) = (shape.into_shape(), shape[first..].iter().product());
    kept.slice_mut()[first..].fill(1);
    (n > 0).then(|| Last { n, kept, rest: axes.before(first) })
}

impl Last {
    /// Sums the results of the rows over the other reduced dimensions.
    #[track_caller]
    fn sum_rest<T: Element>(&self, rows: Buffer<T>) -> Buffer<T> {
        if self.rest.count(self.kept.slice()) == 1 {
            return rows;
        }
        sum_axes(Array::own(self.kept.clone(), rows), self.rest)
    }
}

/// Folds `f` over some dimensions, first element to last; results are in the row-major order of the remaining
/// dimensions. Every lane must have at least one element.
#[track_caller]
pub(crate) fn fold_axes<T: Element>(x: Array<T>, axes: Axes, f: impl Fn(T, T) -> T) -> Buffer<T> {
    reduce_axes(&x.contiguous(), axes, |data, lanes, out| {
        let first = |start: usize| lanes.lane(data, start).copied().reduce(&f);
        out.iter_mut().zip(lanes.starts().filter_map(first)).for_each(|(out, x)| *out = x);
    })
}

/// Applies `reduce`, which writes one number for each lane, over some dimensions.
#[track_caller]
fn reduce_axes<T: Element>(x: &Array<T>, axes: Axes, reduce: impl Fn(&[T], AxisLanes, &mut [T])) -> Buffer<T> {
    at_callers_line(|| reduce_in_passes(x, axes, reduce))
}

fn reduce_in_passes<T: Element>(x: &Array<T>, axes: Axes, reduce: impl Fn(&[T], AxisLanes, &mut [T])) -> Buffer<T> {
    let shape = x.shape();
    // Adjacent dimensions are reduced together, the last ones first; each pass leaves fewer numbers.
    let mut reduced: Option<Buffer<T>> = None;
    let mut inner = 1;
    let mut end = shape.len();
    while end > 0 {
        let summed = axes.contains(end - 1);
        let start = (0..end).rev().find(|&axis| axes.contains(axis) != summed).map_or(0, |axis| axis + 1);
        let n: usize = shape[start..end].iter().product();
        if summed {
            let lanes = AxisLanes { outer: shape[..start].iter().product(), n, inner };
            let mut out = buffer::dirty(lanes.outer * inner);
            reduce(reduced.as_deref().unwrap_or(x.slice()), lanes, &mut out);
            reduced = Some(out);
        } else {
            inner *= n;
        }
        end = start;
    }
    reduced.unwrap_or_else(|| x.copied())
}

/// The sums over the dimensions in which an array of this shape was broadcast.
#[track_caller]
pub(crate) fn sum_to<T: Element>(values: Array<T>, shape: &Shape) -> Array<T> {
    if values.shape_ref() == shape {
        return values;
    }
    let axes = Axes::broadcast(values.shape(), shape.slice());
    Array::own(shape.clone(), sum_axes(values, axes))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::{dot_axes, fold_axes, sum_and_squares_axes, sum_axes};
    use crate::array::Array;
    use crate::base::shape::{Axes, IntoShape};
    use downhill_kernels::buffer;

    /// Integers, so that every sum is exact in any order.
    fn whole(length: usize) -> Vec<f32> {
        (0..length).map(|i| (i * i % 23) as f32 - 11.0).collect()
    }

    /// Random layouts: permuted, strided or broadcast dimensions, some of which are summed.
    #[test]
    fn reductions_of_all_shapes() {
        let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(8);
        let array = |shape: &[usize], random: &mut rand::rngs::Xoshiro256PlusPlus| {
            // Enough integers for the offsets of every layout.
            let strides: Vec<usize> = match random.random_range(0..3) {
                0 => (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect(),
                1 => (0..shape.len()).map(|axis| shape[..axis].iter().product()).collect(),
                _ => shape.iter().map(|_| random.random_range(0..4)).collect(),
            };
            let reach: usize = shape.iter().zip(&strides).map(|(size, stride)| size * stride).sum();
            let offset = random.random_range(0..4);
            let data = Array::own([reach + offset + 1].into_shape(), buffer::of_vec(whole(reach + offset + 1)));
            data.viewed(shape.into_shape(), offset, (&strides[..]).into_shape())
        };
        for case in 0..60 {
            let rank = random.random_range(1..5);
            // One dimension may be longer than one block of the summation.
            let mut shape: Vec<usize> = (0..rank).map(|_| random.random_range(1..5)).collect();
            shape[random.random_range(0..rank)] = [3, 40, 300, 700][case % 4];
            let reduced: Vec<isize> = (0..rank as isize).filter(|_| random.random()).collect();
            let axes = Axes::some("sum", &reduced, rank).unwrap();
            let (x, y) = (array(&shape, &mut random), array(&shape, &mut random));
            let what = format!("{shape:?} over {reduced:?}");

            let fold = |start: f32, f: &dyn Fn(f32, f32, f32) -> f32| {
                let kept = axes.kept(&shape);
                let mut results = vec![start; kept.slice().iter().product()];
                for ((at, &x), y) in x.view().indexed_iter().zip(y.to_vec()) {
                    let at = kept.slice().iter().enumerate().map(|(axis, size)| (size, at[axis] % size));
                    let place = at.fold(0, |place, (size, at)| place * size + at);
                    results[place] = f(results[place], x, y);
                }
                results
            };
            assert_eq!(*sum_axes(x.clone(), axes), fold(0.0, &|sum, x, _| sum + x), "sum of {what}");
            assert_eq!(*dot_axes(x.clone(), y.clone(), axes), fold(0.0, &|sum, x, y| sum + x * y), "dot of {what}");
            let (sums, squares) = sum_and_squares_axes(&x, axes);
            assert_eq!(*sums, fold(0.0, &|sum, x, _| sum + x), "sum, with squares, of {what}");
            assert_eq!(*squares, fold(0.0, &|sum, x, _| sum + x * x), "squares of {what}");
            let largest = fold_axes(x.clone(), axes, f32::max);
            assert_eq!(*largest, fold(f32::NEG_INFINITY, &|max, x, _| max.max(x)), "largest of {what}");
        }
    }
}
