//! Convolution and its two gradients as products of matrices.
//!
//! Written under each other, what every tap of the window reads makes a matrix C of columns, one for each output position;
//! with the weight as a matrix W and the gradient G of the output, the output is W C, the gradient of the weight G Cᵀ, and
//! the gradient of the columns Wᵀ G, which `fold` adds back to the places they were read from.
//! (Chellapilla, Puri, Simard: High performance convolutional neural networks for document processing, 2006.)
//!
//! C is never written out: tap i reads position j at `taps[i] + positions[j]` of the padded images, and that is all that
//! a [`Plan`] needs to know of a matrix.

mod batch_in_lanes;
mod col2im;
mod direct_weight_grad;

use crate::buffer::{Buffer, dirty, zeroed};
use crate::carry::at_callers_line;
use crate::element::KernelFloat;
use crate::gemm::{Layout, Offsets, Plan};
use crate::lanes::{lanes, with_vectors};
use crate::memory;
use crate::simd::{Level, widest};
use crate::threads;
use crate::window::Window;
use batch_in_lanes::{InputGradBatchInLanes, OutputBatchInLanes};
use col2im::Col2im;
use direct_weight_grad::DirectWeightGrad;

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

/// How many output positions are computed together, and into about how many parts a batch is cut.
const POSITIONS: usize = 1024;
const PARTS: usize = 8;

/// The number of multiplications from which several threads pay.
const PARALLEL_MIN_FLOPS: usize = 1 << 18;

impl Convolution {
    /// Whether every product of sizes that is formed here and in the kernels can be counted, and every tap of every position
    /// lies inside the padded image.
    pub fn is_countable(&self) -> bool {
        let Convolution { batch, groups, channels, features, image: [height, width], output: [rows, cols], window } =
            *self;
        let [tall, wide] = window.kernel;
        let [Some(high), Some(broad)] = [0, 1].map(|axis| window.padded(axis, self.image[axis])) else {
            return false;
        };
        let inside = [(0, high), (1, broad)].into_iter().all(|(axis, padded)| {
            let moved = self.output[axis].checked_sub(1).and_then(|last| last.checked_mul(window.stride[axis]));
            let reach = moved.and_then(|moved| moved.checked_add(window.span(axis)));
            window.kernel[axis] > 0 && reach.is_some_and(|reach| reach <= padded)
        });
        // No more images than all, and no fewer positions than these, are computed together.
        let together = batch.clamp(1, POSITIONS);
        let products: [&[usize]; 6] = [
            &[batch, groups, channels, height, width],
            &[batch, groups, features, rows, cols],
            &[groups, features, channels, tall, wide],
            &[together, groups, channels, high, broad],
            &[together, channels, tall, wide, rows, cols],
            &[PARTS + 1, groups, features, channels, tall, wide],
        ];
        inside && products.into_iter().all(|sizes| memory::count(sizes).is_some())
    }

    /// The check that all kernels rely on, before one is entered: [`Convolution::is_countable`], and that the images, the
    /// weight and the output have as many numbers as the sizes say.
    #[track_caller]
    fn check(&self, images: usize, weight: usize, output: usize) {
        assert!(self.is_countable(), "the sizes of a convolution can be counted");
        let weights = self.groups * self.features * self.channels * self.window.kernel[0] * self.window.kernel[1];
        assert!(
            images == self.batch * self.image_size()
                && weight == weights
                && output == self.batch * self.output_size(),
            "a convolution has as many numbers as its sizes say"
        );
    }

    /// Writes the convolution of the images with the weight, plus the bias of each feature.
    #[track_caller]
    pub fn write_output<T: KernelFloat>(&self, x: &[T], weight: &[T], bias: &[T], out: &mut [T]) {
        self.check(x.len(), weight.len(), out.len());
        assert!(bias.len() == self.groups * self.features, "a bias for each feature");
        if out.is_empty() {
            return;
        }
        let (image, output) = (self.image_size(), self.output_size());
        if self.channels == 0 {
            return self.fill_with_bias(bias, out);
        }
        let together = lanes::<T>(widest());
        // Without vector instructions that read a number of the weight and multiply and add in one go, tiles are twice as fast.
        if widest() > Level::Portable && self.fits_batch_in_lanes(together) {
            let (taps, parts) = (self.taps(), x.chunks(image * together).zip(out.chunks_mut(output * together)));
            return threads::for_each(parts.collect(), self.is_large(), |(x, out): (&[T], &mut [T])| {
                let (sizes, taps) = (self, taps.as_slice());
                with_vectors(widest(), OutputBatchInLanes { sizes, taps, x, weight, bias, out });
            });
        }
        let parts = self.cut(x, image).zip(out.chunks_mut((output * self.images_of_part()).max(1))).collect();
        let (taps, features) = (self.taps(), Offsets::every(self.positions(), self.features));
        let (weight_rows, weight_cols) = (Offsets::every(taps.len(), self.features), Offsets::every(1, taps.len()));
        let weight_layout = Layout { rows: &weight_rows, cols: &weight_cols };
        let (read, written) = (self.positions_read(), self.positions_written());
        let plan = read.join(&written, |read, written| {
            let columns = Layout { rows: &taps, cols: read };
            Plan::new(weight_layout, columns, Layout { rows: &features, cols: written })
        });
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

    /// Writes the gradient by the images: the transposed convolution.
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
        let (taps, positions) = (self.channels * self.window.kernel[0] * self.window.kernel[1], self.positions());
        let (weight_rows, weight_cols) = (Offsets::every(1, taps), Offsets::every(taps, self.features));
        let (features, written) = (Offsets::every(positions, self.features), self.positions_written());
        let weight_layout = Layout { rows: &weight_rows, cols: &weight_cols };
        let column_rows = self.by_part(|images| Offsets::every(images * positions, taps));
        let column_cols = self.by_part(|images| Offsets::every(1, images * positions));
        let columns = column_rows.join(&column_cols, |rows, cols| Layout { rows, cols });
        let plan = written.join(&columns, |written, &columns| {
            Plan::new(weight_layout, Layout { rows: &features, cols: written }, columns)
        });
        threads::for_each(parts, self.is_large(), |(grad, out): (&[T], &mut [T])| {
            let images = grad.len() / output;
            let mut columns = dirty::<T>(taps * images * positions);
            for group in 0..self.groups {
                let weight = &weight[group * self.features * taps..];
                let grad = &grad[group * self.features * positions..];
                plan.of(images).compute(weight, grad, &mut columns, false);
                with_vectors(widest(), Col2im { sizes: self, group, columns: &columns, images, folded: &mut *out });
            }
        });
    }

    /// Writes the gradient by the weight.
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
        // Each part has a sum of its own, so that the whole is added in one order on any number of threads.
        let mut sums = dirty::<T>(parts.len() * size);
        let parts = parts.zip(sums.chunks_mut(size.max(1))).collect();
        let (sum_rows, sum_cols) = (Offsets::every(taps.len(), self.features), Offsets::every(1, taps.len()));
        let features = Offsets::every(self.positions(), self.features);
        let (read, written) = (self.positions_read(), self.positions_written());
        let plan = read.join(&written, |read, written| {
            let (grad, columns) = (Layout { rows: &features, cols: written }, Layout { rows: read, cols: &taps });
            Plan::new(grad, columns, Layout { rows: &sum_rows, cols: &sum_cols })
        });
        let correlates = self.window.stride[1] == 1
            && self.has_short_rows(lanes::<T>(widest()))
            && self.cost_of_correlation(plan.images, lanes::<T>(widest())) < plan.whole.cost();
        threads::for_each(parts, self.is_large(), |((x, grad), sum): ((&[T], &[T]), &mut [T])| {
            let images = x.len() / image;
            let padded = self.padded(x);
            let x = padded.as_deref().unwrap_or(x);
            for group in 0..self.groups {
                let grad = &grad[group * self.features * self.positions()..];
                let x = &x[group * self.channels * self.padded_plane()..];
                let sum = &mut sum[group * self.features * taps.len()..];
                if correlates {
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

    /// How many images are computed together; a question of sizes alone.
    fn images_of_part(&self) -> usize {
        POSITIONS.div_ceil(self.positions().max(1)).min(self.batch.div_ceil(PARTS)).max(1)
    }

    fn is_large(&self) -> bool {
        let taps = self.channels * self.window.kernel[0] * self.window.kernel[1];
        (self.batch * self.output_size()).saturating_mul(taps) >= PARALLEL_MIN_FLOPS
    }

    /// The images, or the outputs, of each part.
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

    /// What each tap adds to the place that a position reads in the padded image.
    #[track_caller]
    fn taps(&self) -> Offsets {
        let Window { kernel, dilation, .. } = self.window;
        let width = self.padded_size()[1];
        let mut taps = memory::room(self.channels * kernel[0] * kernel[1]);
        for channel in 0..self.channels {
            for ky in 0..kernel[0] {
                let row = channel * self.padded_plane() + ky * dilation[0] * width;
                taps.extend((0..kernel[1]).map(|kx| row + kx * dilation[1]));
            }
        }
        taps.into()
    }

    /// What belongs to so many images, for each part.
    #[track_caller]
    fn by_part<P>(&self, places: impl Fn(usize) -> P) -> ByPart<P> {
        let images = self.images_of_part();
        let (whole, rest) = at_callers_line(|| (places(images.min(self.batch)), places(self.batch % images)));
        ByPart { images, whole, rest }
    }

    /// The place in the padded images of a part that the first tap reads from each output position.
    #[track_caller]
    fn positions_read(&self) -> ByPart<Offsets> {
        let ([rows, cols], stride) = (self.output, self.window.stride);
        let width = self.padded_size()[1];
        let image_size = self.groups * self.channels * self.padded_plane();
        self.by_part(|images| {
            let row = |row: usize| row / rows * image_size + row % rows * stride[0] * width;
            let starts = (0..images * rows).map(row);
            match stride[1] {
                1 => Offsets::pieces(starts, cols),
                step => {
                    let mut places = memory::room(images * rows * cols);
                    places.extend(starts.flat_map(|start| (0..cols).map(move |x| start + x * step)));
                    places.into()
                }
            }
        })
    }

    /// The place of each output position in the outputs of the images of a part.
    #[track_caller]
    fn positions_written(&self) -> ByPart<Offsets> {
        let (plane, image) = (self.positions(), self.output_size());
        self.by_part(|images| Offsets::pieces((0..images).map(|n| n * image), plane))
    }

    /// The images surrounded by zeros, unless there is no padding.
    fn padded<T: KernelFloat>(&self, x: &[T]) -> Option<Buffer<T>> {
        let ([height, width], [above, left]) = (self.image, self.window.padding);
        (self.window.padding != [0, 0]).then(|| {
            let mut padded = zeroed::<T>(x.len() / (height * width) * self.padded_plane());
            let mut rows = x.chunks_exact(width);
            for plane in padded.chunks_exact_mut(self.padded_plane()) {
                for padded in plane.chunks_exact_mut(self.padded_size()[1]).skip(above).take(height) {
                    padded[left..left + width]
                        .copy_from_slice(rows.next().expect("as many rows as there are places"));
                }
            }
            padded
        })
    }
}

/// What belongs to a part of the images, and to the last part if that is smaller.
struct ByPart<P> {
    images: usize,
    whole: P,
    rest: P,
}

impl<P> ByPart<P> {
    fn of(&self, images: usize) -> &P {
        if images == self.images { &self.whole } else { &self.rest }
    }

    /// What follows from this and that.
    fn join<'a, Q, R>(&'a self, other: &'a ByPart<Q>, body: impl Fn(&'a P, &'a Q) -> R) -> ByPart<R> {
        ByPart { images: self.images, whole: body(&self.whole, &other.whole), rest: body(&self.rest, &other.rest) }
    }
}

#[cfg(test)]
mod tests;
