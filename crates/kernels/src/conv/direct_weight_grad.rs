//! The gradient of the weight computed directly, as products of rows of images and rows of gradients, where a matrix
//! product would spend most of its time on packing.

#![allow(unsafe_code)]

use super::Convolution;
use crate::element::KernelFloat;
use crate::lanes::{MAX_LANES, SimdVector, VectorLoop};
use crate::memory;

/// The number of features and taps whose sums are in registers at a time.
const FEATURES: usize = 3;
const TAPS: usize = 5;

/// The largest number of vectors of products that are accumulated in one vector before that is added to the total.
const VECTORS_PER_SUM: usize = 512;

/// Writes Σ x grad for each feature and tap of a group, for windows with a horizontal stride of 1.
pub(super) struct DirectWeightGrad<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    pub(super) taps: &'a [usize],
    /// The padded images, starting at the first channel of the group.
    pub(super) x: &'a [T],
    /// The gradients of the output, starting at the first feature of the group.
    pub(super) grad: &'a [T],
    pub(super) images: usize,
    pub(super) sum: &'b mut [T],
}

impl Convolution {
    /// Whether rows of the output are short enough to accumulate all products of one row in one vector.
    pub(super) fn has_short_rows(&self, lanes: usize) -> bool {
        self.output[1] <= VECTORS_PER_SUM * lanes
    }

    /// An estimate of the cycles that [`DirectWeightGrad`] takes for this number of images and of lanes.
    pub(super) fn cost_of_direct_weight_grad(&self, images: usize, lanes: usize) -> f64 {
        let vectors = images * self.output[0] * self.output[1].div_ceil(lanes);
        let sums = self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        1.2 * (vectors as f64 * sums as f64)
    }
}

impl<T: KernelFloat> VectorLoop<T> for DirectWeightGrad<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: SimdVector<Number = T>>(self) {
        let DirectWeightGrad { sizes, taps, x, grad, images, sum } = self;
        let (features, positions, [rows, cols]) = (sizes.features, sizes.positions(), sizes.output);
        let (x_image, grad_image) = (sizes.groups * sizes.channels * sizes.padded_plane(), sizes.output_size());
        let (down, width) = (sizes.window.stride[0], sizes.padded_size()[1]);
        let last = taps.last().copied().unwrap_or(0) + (rows - 1) * down * width + cols - 1;
        assert!(sizes.window.stride[1] == 1 && sum.len() >= features * taps.len() && taps.is_sorted());
        assert!(images == 0 || x.len() > (images - 1) * x_image + last);
        assert!(images == 0 || grad.len() >= (images - 1) * grad_image + features * positions);
        let together = (VECTORS_PER_SUM / cols.div_ceil(V::COUNT).max(1)).max(1);
        // SAFETY: the caller vouches for the instructions. `Convolution::check` has checked, before the loop was
        // entered and in release too, that no product of sizes wraps; so the assertions above hold for the true
        // sizes, and the last elements that are read are inside their buffers.
        unsafe {
            let mut sums = memory::filled(features * taps.len(), V::splat(T::zero()));
            for image in 0..images {
                let (x, grad) = (x.as_ptr().add(image * x_image), grad.as_ptr().add(image * grad_image));
                for feature in (0..features).step_by(FEATURES) {
                    for tap in (0..taps.len()).step_by(TAPS) {
                        let (mut grads, mut columns) = ([grad; FEATURES], [x; TAPS]);
                        // Where there are fewer features or taps left, the last one is computed several times.
                        for (i, grad) in grads.iter_mut().enumerate() {
                            *grad = grad.add((feature + i).min(features - 1) * positions);
                        }
                        for (j, column) in columns.iter_mut().enumerate() {
                            *column = column.add(taps[(tap + j).min(taps.len() - 1)]);
                        }
                        for first in (0..rows).step_by(together) {
                            let mut tile = [[V::splat(T::zero()); TAPS]; FEATURES];
                            for _ in first..(first + together).min(rows) {
                                add_products(&mut tile, grads, columns, cols);
                                for grad in &mut grads {
                                    *grad = grad.wrapping_add(cols);
                                }
                                for column in &mut columns {
                                    *column = column.wrapping_add(down * width);
                                }
                            }
                            for (i, tile) in tile[..FEATURES.min(features - feature)].iter().enumerate() {
                                let sums = &mut sums[(feature + i) * taps.len() + tap..];
                                for (sum, &more) in sums.iter_mut().zip(&tile[..TAPS.min(taps.len() - tap)]) {
                                    *sum = sum.plus(more);
                                }
                            }
                        }
                    }
                }
            }
            for (sum, vector) in sum.iter_mut().zip(sums) {
                let mut numbers = [T::zero(); MAX_LANES];
                vector.store(numbers.as_mut_ptr());
                *sum = numbers.into_iter().fold(T::zero(), |sum, x| sum + x);
            }
        }
    }
}

/// Adds the products of a row of each gradient and a row of what each tap reads.
///
/// # Safety
/// Each row has `count` elements, and the processor has the instructions of the vector.
#[inline(always)]
unsafe fn add_products<V: SimdVector>(
    sums: &mut [[V; TAPS]; FEATURES],
    grads: [*const V::Number; FEATURES],
    columns: [*const V::Number; TAPS],
    count: usize,
) {
    let (mut factors, mut values) = ([sums[0][0]; FEATURES], [sums[0][0]; TAPS]);
    // SAFETY: the caller's.
    unsafe {
        let mut first = 0;
        while first + V::COUNT <= count {
            for (factor, grad) in factors.iter_mut().zip(grads) {
                *factor = V::load(grad.add(first));
            }
            for (value, column) in values.iter_mut().zip(columns) {
                *value = V::load(column.add(first));
            }
            add_tile(sums, factors, values);
            first += V::COUNT;
        }
        if first < count {
            for (factor, grad) in factors.iter_mut().zip(grads) {
                *factor = V::load_part(grad.add(first), 0..count - first);
            }
            for (value, column) in values.iter_mut().zip(columns) {
                *value = V::load_part(column.add(first), 0..count - first);
            }
            add_tile(sums, factors, values);
        }
    }
}

#[inline(always)]
unsafe fn add_tile<V: SimdVector>(sums: &mut [[V; TAPS]; FEATURES], grads: [V; FEATURES], columns: [V; TAPS]) {
    for (sums, grad) in sums.iter_mut().zip(grads) {
        for (sum, column) in sums.iter_mut().zip(columns) {
            // SAFETY: the caller vouches for the instructions.
            *sum = unsafe { sum.plus_product(grad, column) };
        }
    }
}
