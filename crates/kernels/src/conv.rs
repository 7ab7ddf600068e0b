//! Convolution and its two gradients as matrix products.
//!
//! im2col: the elements that the taps of the window read at one output position are a column of a matrix C. With the
//! weight as a matrix W and the gradient G of the output, the output is W C, the gradient of the weight G Cᵀ, and the
//! gradient of the columns Wᵀ G, which `col2im` accumulates into the elements that they were read from. (Chellapilla,
//! Puri, Simard: High performance convolutional neural networks for document processing, 2006.)
//!
//! C is not written out: at position j tap i reads `padded[taps[i] + positions[j]]`, and such offsets are all that a
//! `Plan` needs to know of a matrix.

mod batch_in_lanes;
mod col2im;
mod direct_weight_grad;
mod matrices;

use crate::buffer::{Buffer, dirty, zeroed};
use crate::element::KernelFloat;
use crate::gemm::Plan;
use crate::lanes::{lanes, with_vectors};
use crate::memory;
use crate::simd::{Level, widest};
use crate::threads;
use crate::window::Window;
use batch_in_lanes::{InputGradBatchInLanes, OutputBatchInLanes};
use col2im::Col2im;
use direct_weight_grad::DirectWeightGrad;
use matrices::{Columns, Matrices};

/// All sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// The number of images.
    pub batch: usize,
    /// The number of groups of channels.
    pub groups: usize,
    /// The input channels of one group.
    pub channels: usize,
    /// The output channels of one group.
    pub features: usize,
    /// Height and width of the input.
    pub image: [usize; 2],
    /// Height and width of the output.
    pub output: [usize; 2],
    /// How the window moves.
    pub window: Window,
}

/// The number of output positions that are computed together, about.
const POSITIONS_PER_PART: usize = 1024;

/// No part has more images than the batch divided by this, rounded up, so that several threads have work.
const PARTS: usize = 8;

/// The smallest number of multiplications that is worth several threads.
const PARALLEL_MIN_FLOPS: usize = 1 << 18;

impl Convolution {
    /// Whether no product of sizes that is formed here or in the kernels overflows, and every tap of every position
    /// is inside the padded image.
    pub fn is_countable(&self) -> bool {
        let Convolution { batch, groups, channels, features, image: [height, width], output: [rows, cols], window } =
            *self;
        let [kernel_height, kernel_width] = window.kernel;
        let [Some(padded_height), Some(padded_width)] = [0, 1].map(|axis| window.padded(axis, self.image[axis]))
        else {
            return false;
        };
        let inside = [(0, padded_height), (1, padded_width)].into_iter().all(|(axis, padded)| {
            let last_start = self.output[axis].checked_sub(1).and_then(|last| last.checked_mul(window.stride[axis]));
            let end = last_start.and_then(|last_start| last_start.checked_add(window.span(axis)));
            window.kernel[axis] > 0 && end.is_some_and(|end| end <= padded)
        });
        // The largest number of images that are computed together.
        let together = batch.clamp(1, POSITIONS_PER_PART);
        let products: [&[usize]; 6] = [
            &[batch, groups, channels, height, width],
            &[batch, groups, features, rows, cols],
            &[groups, features, channels, kernel_height, kernel_width],
            &[together, groups, channels, padded_height, padded_width],
            &[together, channels, kernel_height, kernel_width, rows, cols],
            &[PARTS + 1, groups, features, channels, kernel_height, kernel_width],
        ];
        inside && products.into_iter().all(|sizes| memory::count(sizes).is_some())
    }

    /// The check that all loops rely on, made before one is entered, in release too: [`Convolution::is_countable`],
    /// and that the images, the weight and the output have the lengths that follow from the sizes.
    #[track_caller]
    fn check(&self, images: usize, weight: usize, output: usize) {
        assert!(self.is_countable(), "the sizes of a convolution multiply to more than isize::MAX");
        let weights = self.groups * self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        assert!(
            images == self.batch * self.image_size()
                && weight == weights
                && output == self.batch * self.output_size(),
            "a buffer of a convolution does not have the length that follows from its sizes"
        );
    }

    /// Writes the convolution of the images with the weight, plus the bias of each feature.
    #[track_caller]
    pub fn write_output<T: KernelFloat>(&self, x: &[T], weight: &[T], bias: &[T], out: &mut [T]) {
        self.check(x.len(), weight.len(), out.len());
        assert!(bias.len() == self.groups * self.features, "expected one bias for each feature");
        if out.is_empty() {
            return;
        }
        let (image, output) = (self.image_size(), self.output_size());
        if self.channels == 0 {
            return self.fill_with_bias(bias, out);
        }
        let together = lanes::<T>(widest());
        // Without a fused multiply-add that broadcasts its operand from memory, matrix products are twice as fast.
        if widest() > Level::Portable && self.fits_batch_in_lanes(together) {
            let (taps, parts) = (self.taps(), x.chunks(image * together).zip(out.chunks_mut(output * together)));
            return threads::for_each(parts.collect(), self.is_large(), |(x, out): (&[T], &mut [T])| {
                let (sizes, taps) = (self, taps.as_slice());
                with_vectors(widest(), OutputBatchInLanes { sizes, taps, x, weight, bias, out });
            });
        }
        let parts = self.cut(x, image).zip(out.chunks_mut((output * self.images_of_part()).max(1))).collect();
        let (taps, positions, matrices) = (self.taps(), self.positions_read(), Matrices::new(self));
        let plan =
            matrices.plan(&positions.columns_of(&taps), |weight, columns, output| Plan::new(weight, columns, output));
        threads::for_each(parts, self.is_large(), |(x, out): (&[T], &mut [T])| {
            let images = x.len() / image;
            let padded = self.padded(x);
            let x = padded.as_deref().unwrap_or(x);
            self.fill_with_bias(bias, out);
            for group in 0..self.groups {
                let weight = &weight[group * self.features * taps.len()..];
                let x = &x[group * self.channels * self.padded_plane()..];
                let out = &mut out[group * self.features * self.positions()..];
                plan.of(images).compute(weight, x, out, true);
            }
        });
    }

    /// Writes the gradient with respect to the images: the transposed convolution.
    #[track_caller]
    pub fn write_input_grad<T: KernelFloat>(&self, grad: &[T], weight: &[T], out: &mut [T]) {
        self.check(out.len(), weight.len(), grad.len());
        if out.is_empty() || grad.is_empty() {
            return out.fill(T::zero());
        }
        let (image, output) = (self.image_size(), self.output_size());
        let together = lanes::<T>(widest());
        if self.fits_batch_in_lanes(together) {
            let (taps, parts) = (self.taps(), grad.chunks(output * together).zip(out.chunks_mut(image * together)));
            return threads::for_each(parts.collect(), self.is_large(), |(grad, out): (&[T], &mut [T])| {
                let (sizes, taps) = (self, taps.as_slice());
                with_vectors(widest(), InputGradBatchInLanes { sizes, taps, grad, weight, out });
            });
        }
        let parts = self.cut(grad, output).zip(out.chunks_mut((image * self.images_of_part()).max(1))).collect();
        let (taps, positions) = (self.taps_per_feature(), self.positions());
        let (matrices, columns) = (Matrices::new(self), Columns::new(self));
        let plan = matrices
            .plan(&columns.layout(), |weight, columns, output| Plan::new(weight.transposed(), output, columns));
        threads::for_each(parts, self.is_large(), |(grad, out): (&[T], &mut [T])| {
            let images = grad.len() / output;
            let mut columns = dirty::<T>(taps * images * positions);
            for group in 0..self.groups {
                let weight = &weight[group * self.features * taps..];
                let grad = &grad[group * self.features * positions..];
                plan.of(images).compute(weight, grad, &mut columns, false);
                with_vectors(widest(), Col2im { sizes: self, group, columns: &columns, images, sums: &mut *out });
            }
        });
    }

    /// Writes the gradient with respect to the weight.
    #[track_caller]
    pub fn write_weight_grad<T: KernelFloat>(&self, x: &[T], grad: &[T], out: &mut [T]) {
        self.check(x.len(), out.len(), grad.len());
        if x.is_empty() || grad.is_empty() {
            return out.fill(T::zero());
        }
        let (image, output) = (self.image_size(), self.output_size());
        let taps = self.taps();
        let size = self.groups * self.features * taps.len();
        let parts = self.cut(x, image).zip(self.cut(grad, output));
        // Each part has a sum of its own, so that the total is added in the same order on any number of threads.
        let mut sums = dirty::<T>(parts.len() * size);
        let parts = parts.zip(sums.chunks_mut(size.max(1))).collect();
        let (positions, matrices) = (self.positions_read(), Matrices::new(self));
        let plan = matrices.plan(&positions.columns_of(&taps), |weight, columns, output| {
            Plan::new(output, columns.transposed(), weight)
        });
        let direct = self.window.stride[1] == 1
            && self.has_short_rows(lanes::<T>(widest()))
            && self.cost_of_direct_weight_grad(plan.images, lanes::<T>(widest())) < plan.whole.cost();
        threads::for_each(parts, self.is_large(), |((x, grad), sum): ((&[T], &[T]), &mut [T])| {
            let images = x.len() / image;
            let padded = self.padded(x);
            let x = padded.as_deref().unwrap_or(x);
            for group in 0..self.groups {
                let grad = &grad[group * self.features * self.positions()..];
                let x = &x[group * self.channels * self.padded_plane()..];
                let sum = &mut sum[group * self.features * taps.len()..];
                if direct {
                    let (sizes, taps) = (self, taps.as_slice());
                    with_vectors(widest(), DirectWeightGrad { sizes, taps, x, grad, images, sum });
                } else {
                    plan.of(images).compute(grad, x, sum, false);
                }
            }
        });
        out.fill(T::zero());
        for sum in sums.chunks(size.max(1)) {
            out.iter_mut().zip(sum).for_each(|(out, &sum)| *out += sum);
        }
    }

    fn fill_with_bias<T: KernelFloat>(&self, bias: &[T], out: &mut [T]) {
        for (plane, &bias) in out.chunks_exact_mut(self.positions()).zip(bias.iter().cycle()) {
            plane.fill(bias);
        }
    }

    /// The number of output positions of an image.
    fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    fn image_size(&self) -> usize {
        self.groups * self.channels * self.image[0] * self.image[1]
    }

    fn output_size(&self) -> usize {
        self.groups * self.features * self.positions()
    }

    /// The number of images that are computed together; it depends on sizes alone.
    fn images_of_part(&self) -> usize {
        POSITIONS_PER_PART.div_ceil(self.positions().max(1)).min(self.batch.div_ceil(PARTS)).max(1)
    }

    fn is_large(&self) -> bool {
        (self.batch * self.output_size()).saturating_mul(self.taps_per_feature()) >= PARALLEL_MIN_FLOPS
    }

    /// Splits images, or outputs, of this size into parts.
    fn cut<'a, T>(&self, images: &'a [T], size: usize) -> std::slice::Chunks<'a, T> {
        images.chunks((size * self.images_of_part()).max(1))
    }

    /// Height and width of an image with its padding.
    fn padded_size(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.image[axis] + 2 * self.window.padding[axis])
    }

    fn padded_plane(&self) -> usize {
        self.padded_size().iter().product()
    }

    /// The images with zeros around them, or `None` without padding.
    fn padded<T: KernelFloat>(&self, x: &[T]) -> Option<Buffer<T>> {
        let ([height, width], [above, left]) = (self.image, self.window.padding);
        (self.window.padding != [0, 0]).then(|| {
            let mut padded = zeroed::<T>(x.len() / (height * width) * self.padded_plane());
            let mut rows = x.chunks_exact(width);
            for plane in padded.chunks_exact_mut(self.padded_plane()) {
                for padded in plane.chunks_exact_mut(self.padded_size()[1]).skip(above).take(height) {
                    padded[left..left + width].copy_from_slice(rows.next().expect("a row for each row of the image"));
                }
            }
            padded
        })
    }
}

#[cfg(test)]
mod tests;
