//! Convolution and its gradient by the images with as many images side by side as a vector has numbers. No number of a vector
//! is wasted on the ends of rows, whatever their length, and what a position adds to the places that its taps read is summed
//! up where it belongs, without columns in between.

#![allow(unsafe_code)]

use super::Convolution;
use crate::buffer::{Buffer, zeroed};
use crate::element::KernelFloat;
use crate::lanes::{SimdVector, VectorLoop, Vectors};

/// How many numbers of the weight of a group may be read again for each position, and how many numbers of a vector's width of
/// images may be kept: what stays in the second-level cache.
const WEIGHT: usize = 1 << 14;
const IMAGES: usize = 1 << 18;

/// Writes the output for some images, no more than a vector has numbers.
pub(super) struct OutputBatchInLanes<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    /// What each tap adds to the place that a position reads in the padded image.
    pub(super) taps: &'a [usize],
    pub(super) x: &'a [T],
    pub(super) weight: &'a [T],
    pub(super) bias: &'a [T],
    pub(super) out: &'b mut [T],
}

/// Writes the gradient by some images, no more than a vector has numbers.
pub(super) struct InputGradBatchInLanes<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    /// What each tap adds to the place that a position reads in the padded image.
    pub(super) taps: &'a [usize],
    /// The gradients of the output.
    pub(super) grad: &'a [T],
    pub(super) weight: &'a [T],
    pub(super) out: &'b mut [T],
}

impl Convolution {
    /// Whether vectors of so many images are full, and all that is read again and again is near.
    pub(super) fn fits_batch_in_lanes(&self, lanes: usize) -> bool {
        let weight = self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        let image = self.output_size() + self.groups * self.channels * self.padded_plane();
        self.batch >= lanes && (1..=WEIGHT).contains(&weight) && image.saturating_mul(lanes) <= IMAGES
    }

    /// Checks that the taps of each position lie inside a padded image, whose sizes [`Convolution::check`] has seen.
    fn check_taps(&self, taps: &[usize]) {
        let ([rows, cols], [down, right]) = (self.output, self.window.stride);
        let last = (rows - 1) * down * self.padded_size()[1] + (cols - 1) * right;
        assert!(
            taps.iter().all(|tap| last + tap < self.channels * self.padded_plane()),
            "a tap lies inside the image"
        );
    }
}

/// Memory for vectors of zeros, which do not cross a line of the cache.
struct Room<T: KernelFloat> {
    numbers: Buffer<T>,
    start: usize,
}

impl<T: KernelFloat> Room<T> {
    fn of<V: SimdVector<Number = T>>(count: usize) -> Self {
        let numbers = zeroed::<T>((count + 1) * V::COUNT);
        let start = numbers.as_ptr().align_offset(size_of::<V>()).min(V::COUNT);
        Room { numbers, start }
    }

    fn vectors<V: SimdVector<Number = T>>(&mut self) -> *mut V {
        self.numbers[self.start..].as_mut_ptr().cast()
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
        // SAFETY: the caller vouches for the instructions. `Convolution::check` has made sure, before the loop was entered, that
        // no product of sizes wraps; so `check_taps` and the assertions above hold for the numbers as they are, and all places
        // lie inside their buffers.
        unsafe {
            // Unused lanes and the padding remain 0.
            let mut padded = Room::of::<V>(groups * channels * plane);
            let padded = padded.vectors::<V>();
            for row in 0..groups * channels * height {
                let to = row / height * plane + (row % height + above) * padded_width + left;
                let to = padded.add(to).cast::<T>();
                transpose(x.as_ptr().add(row * width), image, [images, width], to, V::COUNT);
            }
            // A row of each feature.
            let mut sums = Room::of::<V>(features * cols);
            let sums = sums.vectors::<V>();
            for (group, row) in (0..groups).flat_map(|group| (0..rows).map(move |row| (group, row))) {
                let (weight, bias) = (&weight[group * features * taps.len()..], &bias[group * features..]);
                let x = padded.add(group * channels * plane + row * down * padded_width);
                for col in (0..cols).step_by(2) {
                    // Behind the last position the last one is computed once more.
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
        // SAFETY: the caller vouches for the instructions. `Convolution::check` has made sure, before the loop was entered, that
        // no product of sizes wraps; so `check_taps` and the assertions above hold for the numbers as they are, and all places
        // lie inside their buffers.
        unsafe {
            // Unused lanes remain 0.
            let mut grads = Room::of::<V>(positions * features);
            for group in 0..groups {
                let weight = &weight[group * features * taps.len()..];
                for feature in 0..features {
                    let from = grad.as_ptr().add((group * features + feature) * positions);
                    let to = grads.vectors::<V>().add(feature).cast::<T>();
                    transpose(from, output, [images, positions], to, features * V::COUNT);
                }
                let mut sums = Room::of::<V>(channels * plane);
                for position in 0..positions {
                    let grads = grads.vectors::<V>().add(position * features);
                    let place = position / cols * down * padded_width + position % cols * right;
                    let sums = sums.vectors::<V>().add(place);
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

/// Computes the outputs of the first `N` features, as many as there are biases or fewer, at two positions. Says how many
/// these were.
///
/// # Safety
/// The weight has a row for each of these features, the taps may be read from both places, rows of `step` vectors may be
/// written, and the instructions exist.
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

/// Adds what a position hands on to the first `N` of these taps, given with the number of all taps. Says how many these were.
///
/// # Safety
/// The weight has a row of all taps for each gradient, `sums` may be written at the taps, and the instructions exist.
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
