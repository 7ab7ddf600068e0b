//! The gradient by the images with as many images side by side as a vector has numbers: what a position adds to the places
//! that its taps read is summed up where it belongs, and there are no columns in between.

#![allow(unsafe_code)]

use super::Convolution;
use crate::element::Float;
use crate::kernels::lanes::{Lanes, VectorLoop, Vectors};

/// How many numbers of the weight of a group may be read again for each position, and how many numbers of a vector's width of
/// images may be kept: what stays in the second-level cache.
const WEIGHT: usize = 1 << 14;
const IMAGES: usize = 1 << 18;

/// Writes the gradient by some images, no more than a vector has numbers.
pub(super) struct SideBySide<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    /// What each tap adds to the place that a position reads in the padded image.
    pub(super) taps: &'a [usize],
    pub(super) weight: &'a [T],
    /// The gradients of the output.
    pub(super) grad: &'a [T],
    pub(super) out: &'b mut [T],
}

impl Convolution {
    /// Whether vectors of so many images are full, and all that is read again and again is near.
    pub(super) fn fits_side_by_side(&self, lanes: usize) -> bool {
        let weight = self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        let image = self.features * self.positions() + self.channels * self.padded_plane();
        self.batch >= lanes && weight <= WEIGHT && image * lanes <= IMAGES
    }
}

impl<T: Float> VectorLoop<T> for SideBySide<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: Lanes<Number = T>>(self) {
        let SideBySide { sizes, taps, weight, grad, out } = self;
        let Convolution { groups, channels, features, image: [height, width], window, .. } = *sizes;
        let (positions, [rows, cols], [down, right]) = (sizes.positions(), sizes.output, window.stride);
        let (image, output, plane) = (sizes.image_size(), sizes.output_size(), sizes.padded_plane());
        let padded_width = sizes.padded_size()[1];
        let images = grad.len().checked_div(output).unwrap_or(0);
        let last = taps.last().copied().unwrap_or(0) + (rows - 1) * down * padded_width + (cols - 1) * right;
        assert!(images <= V::COUNT && grad.len() >= images * output && out.len() >= images * image);
        assert!(weight.len() >= groups * features * taps.len() && last < channels * plane && taps.is_sorted());
        // SAFETY: the caller vouches for the instructions; that the last places lie inside their buffers has been asserted.
        unsafe {
            // Unused lanes remain 0.
            let mut grads = vec![V::splat(T::zero()); positions * features];
            let mut sums = vec![V::splat(T::zero()); channels * plane];
            for group in 0..groups {
                let weight = &weight[group * features * taps.len()..];
                for feature in 0..features {
                    let from = grad.as_ptr().add((group * features + feature) * positions);
                    let to = grads.as_mut_ptr().add(feature).cast::<T>();
                    transpose(from, output, [images, positions], to, features * V::COUNT);
                }
                sums.fill(V::splat(T::zero()));
                for (position, grads) in grads.chunks_exact(features).enumerate() {
                    let sums = sums.as_mut_ptr().add((position / cols * down) * padded_width + position % cols * right);
                    let mut tap = 0;
                    while tap < taps.len() {
                        let (weight, taps) = (weight.as_ptr().add(tap), (taps.len(), &taps[tap..]));
                        tap += match taps.1.len() {
                            12.. => add_block::<V, 12>(weight, grads, taps, sums),
                            6.. => add_block::<V, 6>(weight, grads, taps, sums),
                            3.. => add_block::<V, 3>(weight, grads, taps, sums),
                            _ => add_block::<V, 1>(weight, grads, taps, sums),
                        };
                    }
                }
                for (channel, y) in (0..channels).flat_map(|channel| (0..height).map(move |y| (channel, y))) {
                    let start = channel * plane + (y + window.padding[0]) * padded_width + window.padding[1];
                    let to = out.as_mut_ptr().add(((group * channels + channel) * height + y) * width);
                    transpose(sums.as_ptr().add(start).cast::<T>(), V::COUNT, [width, images], to, image);
                }
            }
        }
    }
}

/// Adds what a position hands on to the first `N` of these taps, given with the number of all taps. Says how many these were.
///
/// # Safety
/// The weight has a row of all taps for each gradient, `sums` may be written at the taps, and the instructions exist.
#[inline(always)]
unsafe fn add_block<V: Lanes<Number: Float>, const N: usize>(
    weight: *const V::Number,
    grads: &[V],
    (all, taps): (usize, &[usize]),
    sums: *mut V,
) -> usize {
    let taps = &taps[..N];
    // SAFETY: the caller's.
    unsafe {
        let mut block = [V::splat(V::Number::default()); N];
        for i in 0..N {
            block[i] = *sums.add(taps[i]);
        }
        for (feature, &grad) in grads.iter().enumerate() {
            let weight = weight.add(feature * all);
            for (i, sum) in block.iter_mut().enumerate() {
                *sum = sum.plus_product(V::splat(*weight.add(i)), grad).pinned();
            }
        }
        for i in 0..N {
            *sums.add(taps[i]) = block[i];
        }
    }
    N
}

/// Writes a matrix with rows and columns exchanged; rows begin `from_step` and `to_step` apart.
///
/// # Safety
/// Its elements may be read, and written at the places they go to.
#[inline(always)]
unsafe fn transpose<T: Vectors>(
    from: *const T,
    from_step: usize,
    [rows, cols]: [usize; 2],
    to: *mut T,
    to_step: usize,
) {
    // SAFETY: the caller's.
    unsafe {
        for j in (0..cols).step_by(4) {
            for i in (0..rows).step_by(4) {
                if i + 4 <= rows && j + 4 <= cols {
                    let four = [0, 1, 2, 3].map(|row| from.add((i + row) * from_step + j));
                    T::transpose(four, to.add(j * to_step + i), to_step);
                    continue;
                }
                for (i, j) in (i..rows.min(i + 4)).flat_map(|i| (j..cols.min(j + 4)).map(move |j| (i, j))) {
                    *to.add(j * to_step + i) = *from.add(i * from_step + j);
                }
            }
        }
    }
}
