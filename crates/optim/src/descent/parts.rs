//! Updates a parameter in parts, and keeps the buffers of each part.

use downhill_kernels::simd::{MulAdd, SimdLoop, vectorized};
use downhill_kernels::threads;
use downhill_tensor::{Float, Tensor};

use crate::update_rule::UpdateRule;

/// How many elements a part has: one task of a thread, small enough to stay in the cache.
pub(super) const PART: usize = 1 << 15;

/// The state of one parameter between steps: the number of updates and the buffers.
#[derive(Clone, Debug)]
pub(super) struct ParamState<T> {
    pub(super) step: i64,
    /// The buffers of each part of [`PART`] elements.
    parts: Vec<Box<[Vec<T>]>>,
}

impl<T: Float> ParamState<T> {
    /// The state before the first step, with this number of buffers.
    pub(super) fn new(parameter: &Tensor<T>, buffers: usize) -> Self {
        let buffers = vec![Vec::new(); buffers].into_boxed_slice();
        ParamState { step: 0, parts: vec![buffers; parameter.numel().div_ceil(PART)] }
    }

    /// One buffer for the whole parameter.
    pub(super) fn buffer(&self, index: usize) -> Vec<T> {
        self.parts.iter().flat_map(|buffers| &buffers[index]).copied().collect()
    }

    /// Sets a buffer for the whole parameter.
    pub(super) fn set_buffer(&mut self, index: usize, values: &[T]) {
        for (buffers, values) in self.parts.iter_mut().zip(values.chunks(PART)) {
            buffers[index] = values.to_vec();
        }
    }
}

/// Updates a parameter part by part, on several threads if more than one is allowed.
pub(super) fn update<T: Float, R: UpdateRule<T>>(
    rule: &R,
    lr: f64,
    state: &mut ParamState<T>,
    values: &mut [T],
    grad: &[T],
) {
    let step = state.step;
    let parts = values.chunks_mut(PART).zip(grad.chunks(PART)).zip(&mut state.parts);
    let mut updates = parts.map(|((values, grad), buffers)| Update { rule, lr, step, values, grad, buffers });
    if updates.len() == 1 {
        updates.by_ref().for_each(vectorized);
    } else {
        threads::for_each(updates.collect(), true, vectorized);
    }
}

/// The update of one part, compiled for every level of SIMD instructions.
pub(super) struct Update<'a, T, R> {
    pub(super) rule: &'a R,
    pub(super) lr: f64,
    pub(super) step: i64,
    pub(super) values: &'a mut [T],
    pub(super) grad: &'a [T],
    pub(super) buffers: &'a mut [Vec<T>],
}

impl<T: Float, R: UpdateRule<T>> SimdLoop for Update<'_, T, R> {
    type Output = ();

    // A rule never uses fused multiply-add, so that every machine computes the same bits.
    #[inline(always)]
    fn run(self, _: MulAdd) {
        self.rule.update(self.lr, self.step, self.values, self.grad, self.buffers);
    }
}
