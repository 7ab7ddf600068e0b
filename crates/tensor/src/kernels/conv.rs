//! Convolution and its two gradients as products of matrices, one for each image and group.
//!
//! `unfold` writes under each other what every tap of the window reads, so that each output position is a column; then
//! with the weight as a matrix W and the gradient G the output is W · columns, the gradient of the weight G · columnsᵀ,
//! and the gradient of the columns Wᵀ · G, which `fold` adds back to the places they were read from.
//! (Chellapilla, Puri, Simard: High performance convolutional neural networks for document processing, 2006.)

use crate::element::Float;
use crate::kernels::matmul::Matrix;
use crate::window::Window;

/// All sizes of a convolution.
#[derive(Clone, Copy)]
pub(crate) struct Convolution {
    pub(crate) batch: usize,
    pub(crate) groups: usize,
    /// The input channels of one group.
    pub(crate) channels: usize,
    /// The output channels of one group.
    pub(crate) features: usize,
    /// Height and width of the input.
    pub(crate) image: [usize; 2],
    /// Height and width of the output.
    pub(crate) output: [usize; 2],
    pub(crate) window: Window,
}

impl Convolution {
    /// Adds the convolution of the images with the weight to `out`.
    pub(crate) fn add_output<T: Float>(&self, x: &[T], weight: &[T], out: &mut [T]) {
        let mut columns = self.empty_columns();
        for part in 0..self.batch * self.groups {
            let columns = self.unfold(&x[self.image_of(part)], &mut columns);
            self.weight_matrix(weight, part).write_product(columns, &mut out[self.output_of(part)], true);
        }
    }

    /// Adds the gradient by the images to `out`: the transposed convolution.
    pub(crate) fn add_input_grad<T: Float>(&self, grad: &[T], weight: &[T], out: &mut [T]) {
        let mut columns = self.empty_columns();
        for part in 0..self.batch * self.groups {
            let weight = self.weight_matrix(weight, part).transposed();
            let grad = self.output_matrix(&grad[self.output_of(part)]);
            let image = &mut out[self.image_of(part)];
            if self.is_pointwise() {
                weight.write_product(grad, image, true);
            } else {
                weight.write_product(grad, &mut columns, false);
                self.fold(&columns, image);
            }
        }
    }

    /// Adds the gradient by the weight to `out`.
    pub(crate) fn add_weight_grad<T: Float>(&self, x: &[T], grad: &[T], out: &mut [T]) {
        let mut columns = self.empty_columns();
        for part in 0..self.batch * self.groups {
            let columns = self.unfold(&x[self.image_of(part)], &mut columns);
            let grad = self.output_matrix(&grad[self.output_of(part)]);
            grad.write_product(columns.transposed(), &mut out[self.weight_of(part)], true);
        }
    }

    /// The number of elements of the input that one output element is computed from.
    fn taps(&self) -> usize {
        self.channels * self.window.kernel[0] * self.window.kernel[1]
    }

    fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// Where a part, which is one group of one image, lies in the input.
    fn image_of(&self, part: usize) -> std::ops::Range<usize> {
        let size = self.channels * self.image[0] * self.image[1];
        part * size..(part + 1) * size
    }

    fn output_of(&self, part: usize) -> std::ops::Range<usize> {
        let size = self.features * self.positions();
        part * size..(part + 1) * size
    }

    fn weight_of(&self, part: usize) -> std::ops::Range<usize> {
        let (group, size) = (part % self.groups, self.features * self.taps());
        group * size..(group + 1) * size
    }

    fn weight_matrix<'a, T: Float>(&self, weight: &'a [T], part: usize) -> Matrix<'a, T> {
        Matrix::row_major(&weight[self.weight_of(part)], self.features, self.taps())
    }

    fn output_matrix<'a, T: Float>(&self, output: &'a [T]) -> Matrix<'a, T> {
        Matrix::row_major(output, self.features, self.positions())
    }

    /// Whether each output position reads only the same position of the image, so that the image is its own columns.
    fn is_pointwise(&self) -> bool {
        let Window { kernel, stride, padding, .. } = self.window;
        kernel == [1, 1] && stride == [1, 1] && padding == [0, 0]
    }

    fn empty_columns<T: Float>(&self) -> Vec<T> {
        let size = if self.is_pointwise() { 0 } else { self.taps() * self.positions() };
        vec![T::zero(); size]
    }

    /// The columns of an image. What belongs to the padding is the same for each image and stays 0.
    fn unfold<'a, T: Float>(&self, image: &'a [T], columns: &'a mut [T]) -> Matrix<'a, T> {
        if self.is_pointwise() {
            return Matrix::row_major(image, self.taps(), self.positions());
        }
        let step = self.window.stride[1];
        self.for_each_run(|column, place, count| {
            let columns = &mut columns[column..column + count];
            match step {
                1 => columns.copy_from_slice(&image[place..place + count]),
                _ => columns.iter_mut().zip(image[place..].iter().step_by(step)).for_each(|(to, &x)| *to = x),
            }
        });
        Matrix::row_major(columns, self.taps(), self.positions())
    }

    /// Adds the columns to the places of the image that they are read from.
    fn fold<T: Float>(&self, columns: &[T], image: &mut [T]) {
        let step = self.window.stride[1];
        self.for_each_run(|column, place, count| {
            let columns = &columns[column..column + count];
            match step {
                1 => image[place..place + count].iter_mut().zip(columns).for_each(|(sum, &x)| *sum += x),
                _ => image[place..].iter_mut().step_by(step).zip(columns).for_each(|(sum, &x)| *sum += x),
            }
        });
    }

    /// Calls `run` with what one tap reads from one row of the image: the place of the first element among the columns
    /// and in the image, and their number.
    #[inline]
    fn for_each_run(&self, mut run: impl FnMut(usize, usize, usize)) {
        let Convolution { window, image: [height, width], output: [rows, cols], .. } = *self;
        let mut tap = 0;
        for channel in 0..self.channels {
            for ky in 0..window.kernel[0] {
                let ys = window.positions_inside(0, ky, height, rows);
                for kx in 0..window.kernel[1] {
                    let xs = window.positions_inside(1, kx, width, cols);
                    if !xs.is_empty() {
                        for y in ys.clone() {
                            let row = channel * height + window.place(0, y, ky);
                            let place = row * width + window.place(1, xs.start, kx);
                            run((tap * rows + y) * cols + xs.start, place, xs.len());
                        }
                    }
                    tap += 1;
                }
            }
        }
    }
}
