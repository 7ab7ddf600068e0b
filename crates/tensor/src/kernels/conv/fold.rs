//! Columns of a convolution back at the places that they were read from.

use super::Convolution;
use crate::element::Float;
use crate::kernels::gemm::Places;
use crate::kernels::simd::{Kernel, MulAdd};

/// Adds the columns of a group to the places that its taps read them from.
pub(super) struct Fold<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    pub(super) taps: &'a Places,
    pub(super) group: usize,
    pub(super) columns: &'a [T],
    pub(super) images: usize,
    /// Whether each tap adds to a plane in one run, as the zeros at the ends of the rows change nothing.
    pub(super) whole_planes: bool,
    pub(super) folded: &'b mut [T],
}

impl<T: Float> Kernel for Fold<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: MulAdd) {
        let Fold { sizes, taps, group, columns, images, whole_planes, folded } = self;
        let ([rows, cols], [down, right]) = (sizes.output, sizes.window.stride);
        let (width, wide, padded_plane) = (sizes.padded_size()[1], sizes.wide_row(), sizes.padded_plane());
        let plane = rows * wide;
        for (i, tap) in taps.iter().enumerate() {
            for image in 0..images {
                let columns = &columns[(i * images + image) * plane..][..plane];
                let channels = (image * sizes.groups + group) * sizes.channels;
                let places = &mut folded[channels * padded_plane + tap..];
                if whole_planes {
                    let run = (rows - 1) * width + cols;
                    for (sum, &x) in places[..run].iter_mut().zip(&columns[..run]) {
                        *sum += x;
                    }
                    continue;
                }
                for (y, columns) in columns.chunks_exact(wide).enumerate() {
                    for (sum, &x) in places[y * down * width..].iter_mut().step_by(right).zip(&columns[..cols]) {
                        *sum += x;
                    }
                }
            }
        }
    }
}
