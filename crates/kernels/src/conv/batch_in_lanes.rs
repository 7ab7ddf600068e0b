//! Convolution and its gradient with respect to the images, with one image in each lane of a vector. No lane is
//! wasted at the ends of rows, whatever their length, and the gradient is accumulated in place, without an im2col
//! matrix in between.

#![allow(unsafe_code)]

use super::Convolution;
use crate::buffer::{Buffer, zeroed};
use crate::element::KernelFloat;
use crate::lanes::{SimdVector, VectorLoop, Vectors};

/// The largest weight of a group, in elements: it is read again for each position, and must stay in the second-level
/// cache.
const MAX_WEIGHT: usize = 1 << 14;

/// The largest total of padded images and outputs of one vector, in elements, for the same reason.
const MAX_IMAGES: usize = 1 << 18;

/// Writes the output for at most one image per lane.
pub(super) struct OutputBatchInLanes<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    /// The offset of each tap from the first, in the padded image.
    pub(super) taps: &'a [usize],
    pub(super) x: &'a [T],
    pub(super) weight: &'a [T],
    pub(super) bias: &'a [T],
    pub(super) out: &'b mut [T],
}

/// Writes the gradient with respect to at most one image per lane.
pub(super) struct InputGradBatchInLanes<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    /// The offset of each tap from the first, in the padded image.
    pub(super) taps: &'a [usize],
    /// The gradients of the output.
    pub(super) grad: &'a [T],
    pub(super) weight: &'a [T],
    pub(super) out: &'b mut [T],
}

impl Convolution {
    /// Whether the batch fills a vector with this number of lanes, and what is read repeatedly stays in the cache.
    pub(super) fn fits_batch_in_lanes(&self, lanes: usize) -> bool {
        let weight = self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        let image = self.output_size() + self.groups * self.channels * self.padded_plane();
        self.batch >= lanes && (1..=MAX_WEIGHT).contains(&weight) && image.saturating_mul(lanes) <= MAX_IMAGES
    }

    /// Checks that the taps of each position are inside a padded image, after [`Convolution::check`] has checked the
    /// sizes.
    fn check_taps(&self, taps: &[usize]) {
        let ([rows, cols], [down, right]) = (self.output, self.window.stride);
        let last = (rows - 1) * down * self.padded_size()[1] + (cols - 1) * right;
        assert!(
            taps.iter().all(|tap| last + tap < self.channels * self.padded_plane()),
            "a tap is outside of the padded image"
        );
    }
}

/// Memory for vectors, filled with zeros and aligned so that no vector crosses a cache line.
struct AlignedVectors<T: KernelFloat> {
    elements: Buffer<T>,
    start: usize,
}

impl<T: KernelFloat> AlignedVectors<T> {
    fn of<V: SimdVector<Number = T>>(count: usize) -> Self {
        let elements = zeroed::<T>((count + 1) * V::COUNT);
        let start = elements.as_ptr().align_offset(size_of::<V>()).min(V::COUNT);
        AlignedVectors { elements, start }
    }

    fn vectors<V: SimdVector<Number = T>>(&mut self) -> *mut V {
        self.elements[self.start..].as_mut_ptr().cast()
    }
}

impl<T: KernelFloat> VectorLoop<T> for OutputBatchInLanes<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: SimdVector<Number = T>>(self) {
        let OutputBatchInLanes { sizes, taps, x, weight, bias, out } = self;
        let Convolution { groups, channels, features, image: [height, width], output: [rows, cols], window, .. } =
            *sizes;
        let (image, output, plane) = (sizes.image_size(), sizes.output_size(), sizes.padded_plane());
        let ([above, left], [down, right], padded_width) = (window.padding, window.stride, sizes.padded_size()[1]);
        let images = x.len() / image;
        sizes.check_taps(taps);
        assert!(images <= V::COUNT && out.len() >= images * output);
        assert!(weight.len() >= groups * features * taps.len() && bias.len() >= groups * features);
        // SAFETY: the caller vouches for the instructions. `Convolution::check` has checked, before the loop was
        // entered and in release too, that no product of sizes wraps; so `check_taps` and the assertions above hold
        // for the true sizes, and all accesses are inside their buffers.
        unsafe {
            // Unused lanes and the padding stay 0.
            let mut padded = AlignedVectors::of::<V>(groups * channels * plane);
            let padded = padded.vectors::<V>();
            for row in 0..groups * channels * height {
                let to = row / height * plane + (row % height + above) * padded_width + left;
                let to = padded.add(to).cast::<T>();
                transpose(x.as_ptr().add(row * width), image, [images, width], to, V::COUNT);
            }
            // One row of the output of each feature.
            let mut sums = AlignedVectors::of::<V>(features * cols);
            let sums = sums.vectors::<V>();
            for (group, row) in (0..groups).flat_map(|group| (0..rows).map(move |row| (group, row))) {
                let (weight, bias) = (&weight[group * features * taps.len()..], &bias[group * features..]);
                let x = padded.add(group * channels * plane + row * down * padded_width);
                for col in (0..cols).step_by(2) {
                    // For an odd number of positions the last one is computed twice.
                    let two = [col, (col + 1).min(cols - 1)];
                    let mut feature = 0;
                    while feature < features {
                        let (weight, bias) = (weight.as_ptr().add(feature * taps.len()), &bias[feature..features]);
                        let (x, to) = (two.map(|col| x.add(col * right).cast_const()), sums.add(feature * cols));
                        let to = two.map(|col| to.add(col));
                        feature += match bias.len() {
                            6.. => sum_block::<V, 6>(weight, bias, taps, x, to, cols),
                            4.. => sum_block::<V, 4>(weight, bias, taps, x, to, cols),
                            2.. => sum_block::<V, 2>(weight, bias, taps, x, to, cols),
                            _ => sum_block::<V, 1>(weight, bias, taps, x, to, cols),
                        };
                    }
                }
                for feature in 0..features {
                    let from = sums.add(feature * cols).cast::<T>();
                    let to = out.as_mut_ptr().add(((group * features + feature) * rows + row) * cols);
                    transpose(from, V::COUNT, [cols, images], to, output);
                }
            }
        }
    }
}

impl<T: KernelFloat> VectorLoop<T> for InputGradBatchInLanes<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: SimdVector<Number = T>>(self) {
        let InputGradBatchInLanes { sizes, taps, grad, weight, out } = self;
        let Convolution { groups, channels, features, image: [height, width], window, .. } = *sizes;
        let (image, output, plane) = (sizes.image_size(), sizes.output_size(), sizes.padded_plane());
        let ([above, left], [down, right], padded_width) = (window.padding, window.stride, sizes.padded_size()[1]);
        let (positions, cols, images) = (sizes.positions(), sizes.output[1], grad.len() / output);
        sizes.check_taps(taps);
        assert!(images <= V::COUNT && out.len() >= images * image && weight.len() >= groups * features * taps.len());
        // SAFETY: the caller vouches for the instructions. `Convolution::check` has checked, before the loop was
        // entered and in release too, that no product of sizes wraps; so `check_taps` and the assertions above hold
        // for the true sizes, and all accesses are inside their buffers.
        unsafe {
            // Unused lanes stay 0.
            let mut grads = AlignedVectors::of::<V>(positions * features);
            for group in 0..groups {
                let weight = &weight[group * features * taps.len()..];
                for feature in 0..features {
                    let from = grad.as_ptr().add((group * features + feature) * positions);
                    let to = grads.vectors::<V>().add(feature).cast::<T>();
                    transpose(from, output, [images, positions], to, features * V::COUNT);
                }
                let mut sums = AlignedVectors::of::<V>(channels * plane);
                for position in 0..positions {
                    let grads = grads.vectors::<V>().add(position * features);
                    let offset = position / cols * down * padded_width + position % cols * right;
                    let sums = sums.vectors::<V>().add(offset);
                    let mut tap = 0;
                    while tap < taps.len() {
                        let (weight, taps) = (weight.as_ptr().add(tap), (taps.len(), &taps[tap..]));
                        tap += match taps.1.len() {
                            12.. => add_block::<V, 12>(weight, (grads, features), taps, sums),
                            6.. => add_block::<V, 6>(weight, (grads, features), taps, sums),
                            3.. => add_block::<V, 3>(weight, (grads, features), taps, sums),
                            _ => add_block::<V, 1>(weight, (grads, features), taps, sums),
                        };
                    }
                }
                for (channel, y) in (0..channels).flat_map(|channel| (0..height).map(move |y| (channel, y))) {
                    let start = channel * plane + (y + above) * padded_width + left;
                    let to = out.as_mut_ptr().add(((group * channels + channel) * height + y) * width);
                    transpose(sums.vectors::<V>().add(start).cast::<T>(), V::COUNT, [width, images], to, image);
                }
            }
        }
    }
}

/// Computes the outputs of the first `N` features at two positions, and returns `N`. There must be at least `N`
/// biases.
///
/// # Safety
/// The weight has a row for each of these features, the taps can be read from both positions, rows of `step` vectors
/// can be written, and the processor has the instructions.
#[inline(always)]
unsafe fn sum_block<V: SimdVector<Number: KernelFloat>, const N: usize>(
    weight: *const V::Number,
    bias: &[V::Number],
    taps: &[usize],
    [x, next]: [*const V; 2],
    [to, next_to]: [*mut V; 2],
    step: usize,
) -> usize {
    let bias = &bias[..N];
    // SAFETY: the caller's.
    unsafe {
        let mut block = [[V::splat(V::Number::default()); 2]; N];
        for (sums, &bias) in block.iter_mut().zip(bias) {
            *sums = [V::splat(bias); 2];
        }
        for (i, &tap) in taps.iter().enumerate() {
            let (x, next) = (V::load(x.add(tap).cast()), V::load(next.add(tap).cast()));
            for (feature, [sum, next_sum]) in block.iter_mut().enumerate() {
                let weight = V::splat(*weight.add(feature * taps.len() + i));
                *sum = sum.plus_product(weight, x).pinned();
                *next_sum = next_sum.plus_product(weight, next).pinned();
            }
        }
        for (feature, [sum, next_sum]) in block.into_iter().enumerate() {
            sum.store(to.add(feature * step).cast());
            next_sum.store(next_to.add(feature * step).cast());
        }
    }
    N
}

/// Accumulates the gradient of one position into the elements that the first `N` of `taps` read, and returns `N`;
/// `all` is the number of all taps.
///
/// # Safety
/// The weight has a row of `all` taps for each gradient, `sums` can be written at the taps, and the processor has the
/// instructions.
#[inline(always)]
unsafe fn add_block<V: SimdVector<Number: KernelFloat>, const N: usize>(
    weight: *const V::Number,
    (grads, features): (*const V, usize),
    (all, taps): (usize, &[usize]),
    sums: *mut V,
) -> usize {
    let taps = &taps[..N];
    // SAFETY: the caller's.
    unsafe {
        let mut block = [V::splat(V::Number::default()); N];
        for i in 0..N {
            block[i] = V::load(sums.add(taps[i]).cast());
        }
        for feature in 0..features {
            let (grad, weight) = (V::load(grads.add(feature).cast()), weight.add(feature * all));
            for (i, sum) in block.iter_mut().enumerate() {
                *sum = sum.plus_product(V::splat(*weight.add(i)), grad).pinned();
            }
        }
        for i in 0..N {
            block[i].store(sums.add(taps[i]).cast());
        }
    }
    N
}

/// Writes the transpose of a matrix; `from_step` and `to_step` are the row strides.
///
/// # Safety
/// All elements of the matrix can be read, and all elements of its transpose written.
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
