//! A finite difference through the operations of a tape: moves one element and recomputes everything that depends on
//! it.

use std::collections::{HashMap, HashSet};

use super::{LARGE, Walk};
use crate::array::Array;
use crate::autograd::tensor::Tensor;
use crate::base::element::Float;
use crate::tape::{Entry, Tape};

/// The rounding error of a loss that is a sum of many numbers, in units in the last place.
const ROUNDINGS: f64 = 4.0;

/// The slope of the loss between two values of one element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Difference {
    pub(super) slope: f64,
    pub(super) below: f64,
    pub(super) above: f64,
    /// The possible error of the slope from rounding of the loss.
    pub(super) rounding: f64,
}

impl Difference {
    /// (L(x + h) - L(x - h)) / 2h. The truncation error is of order h² and the rounding error of order ε/h; their sum
    /// is smallest at h = ∛ε.
    ///
    /// Near 0 that step may be too large, for a function that curves strongly (1/x) or ends (ln x): then a smaller h
    /// is used if its result is closer to the gradient.
    pub(super) fn of<T: Float>(tape: &Tape, walk: &Walk, entry: usize, index: &[usize], gradient: f64) -> Self {
        let Some(tensor) = tape.entries()[entry].value().get::<T>() else {
            return Difference { slope: f64::NAN, below: f64::NAN, above: f64::NAN, rounding: 0.0 };
        };
        let x = super::element(tensor, index).abs();
        let by = |size: f64| Difference::by(tape, walk, entry, (tensor, index), size);
        let usual = by(x.max(1.0));
        if usual.slope == gradient || x >= 1.0 || x == 0.0 {
            return usual;
        }
        let small = by(x);
        let is_closer = (small.slope - gradient).abs() < (usual.slope - gradient).abs() || usual.slope.is_nan();
        if is_closer && usual.is_off(gradient) { small } else { usual }
    }

    /// Whether the slope differs from the gradient by more than expected.
    pub(super) fn is_off(&self, gradient: f64) -> bool {
        let off = (self.slope - gradient).abs();
        off.is_nan() || off > LARGE * self.slope.abs().max(gradient.abs())
    }

    /// The slope for a step of ∛ε times this size.
    fn by<T: Float>(
        tape: &Tape,
        walk: &Walk,
        entry: usize,
        (tensor, index): (&Tensor<T>, &[usize]),
        size: f64,
    ) -> Self {
        let x = super::element(tensor, index);
        let step = T::epsilon().to_scalar().cbrt() * size;
        let [below, above] = [x - step, x + step].map(T::of);
        let [left, right] = [below, above].map(|x| losses(tape, walk, entry, moved(tensor, index, x)));
        let (mut rise, mut rounding) = (0.0, 0.0);
        for (root, seed) in &walk.roots {
            let Some(seed) = seed.get::<T>() else { continue };
            let values = |losses: &HashMap<usize, Array<T>>| losses.get(root).map(Array::to_vec);
            let (Some(left), Some(right)) = (values(&left), values(&right)) else { continue };
            for ((left, right), seed) in left.iter().zip(&right).zip(seed.to_vec()) {
                let (left, right, seed) = (left.to_scalar(), right.to_scalar(), seed.to_scalar());
                rise += seed * (right - left);
                rounding += ROUNDINGS * T::epsilon().to_scalar() * (seed * left).abs().max((seed * right).abs());
            }
        }
        let (below, above) = (below.to_scalar(), above.to_scalar());
        Difference { slope: rise / (above - below), below, above, rounding: rounding / (above - below) }
    }
}

/// The values with one element replaced.
fn moved<T: Float>(tensor: &Tensor<T>, index: &[usize], x: T) -> Array<T> {
    let array = tensor.array();
    let mut values = array.view().to_owned();
    values[index] = x;
    Array::from(values)
}

/// Everything on the path to the loss that depends on an entry.
fn losses<T: Float>(tape: &Tape, walk: &Walk, entry: usize, value: Array<T>) -> HashMap<usize, Array<T>> {
    let mut changed = HashMap::from([(entry, value)]);
    let mut oldest = HashMap::from([(tape.entries()[entry].id, entry)]);
    let passed: HashSet<usize> = walk.steps.iter().map(|step| step.entry()).collect();
    for later in tape.entries()[entry + 1..].iter().filter(|later| passed.contains(&later.number())) {
        let value = match oldest.get(&later.id) {
            Some(before) => moved_along(tape, *before, later, &changed),
            None if later.inputs().iter().any(|input| changed.contains_key(input)) => again(tape, later, &changed),
            None => None,
        };
        if let Some(value) = value {
            oldest.entry(later.id).or_insert(later.number());
            changed.insert(later.number(), value);
        }
    }
    changed
}

/// A later value of a tensor, moved by as much as the earlier one.
fn moved_along<T: Float>(
    tape: &Tape,
    before: usize,
    later: &Entry,
    changed: &HashMap<usize, Array<T>>,
) -> Option<Array<T>> {
    let old = tape.entries()[before].value().get::<T>()?.array();
    let moved = changed.get(&before)?.clone().zip("sub", old, |new, old| new - old);
    Some(later.value().get::<T>()?.array().zip("add", moved, T::plus))
}

/// The output of an operation with the changed values.
fn again<T: Float>(tape: &Tape, entry: &Entry, changed: &HashMap<usize, Array<T>>) -> Option<Array<T>> {
    let edge = entry.value().get::<T>()?.edge()?;
    let value = |input: &usize| match changed.get(input) {
        Some(value) => Some(value.clone()),
        None => tape.entries()[*input].value().get::<T>().map(Tensor::array),
    };
    let inputs: Vec<Array<T>> = entry.inputs().iter().map(value).collect::<Option<_>>()?;
    Some(edge.operation()?.recompute(&inputs))
}
