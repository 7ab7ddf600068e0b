//! col2im: accumulates columns of a convolution into the elements of the images that they were read from.

#![allow(unsafe_code)]

use super::Convolution;
use crate::element::KernelFloat;
use crate::lanes::{SimdVector, VectorLoop};
use crate::memory;
use crate::reduce::MAX_TERMS_OF_NARROW_SUM;

/// Writes, for each element of the images of a group, the sum of the elements of the columns that were read from it.
pub(super) struct Col2im<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    pub(super) group: usize,
    /// One row for each tap, with the positions of all images.
    pub(super) columns: &'a [T],
    pub(super) images: usize,
    /// The sums, with the layout of the images.
    pub(super) sums: &'b mut [T],
}

/// For each row of an image, the rows of output positions that read it, with one tap of each row of taps.
struct Readers {
    /// The offsets of those rows in the columns of the first tap of a channel.
    rows: Vec<usize>,
    /// For each row of the image, the end of its readers in `rows`.
    ends: Vec<usize>,
}

impl Readers {
    fn new(sizes: &Convolution, images: usize) -> Readers {
        let Convolution { image: [height, _], output: [rows, cols], window, .. } = *sizes;
        let [tall, wide] = window.kernel;
        let mut readers = Readers { rows: Vec::new(), ends: memory::room(height) };
        for y in 0..height {
            for ky in 0..tall {
                let start = (y + window.padding[0]).checked_sub(ky * window.dilation[0]);
                let row = start.filter(|start| start.is_multiple_of(window.stride[0]));
                if let Some(row) = row.map(|start| start / window.stride[0]).filter(|&row| row < rows) {
                    readers.rows.push(ky * wide * images * rows * cols + row * cols);
                }
            }
            readers.ends.push(readers.rows.len());
        }
        readers
    }

    /// The readers of each row of an image.
    fn by_row(&self) -> impl Iterator<Item = &[usize]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.rows[std::mem::replace(&mut start, end)..end])
    }
}

impl<T: KernelFloat> VectorLoop<T> for Col2im<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: SimdVector<Number = T>>(self) {
        let Col2im { sizes, group, columns, images, sums: out } = self;
        let Convolution { groups, channels, image: [height, width], output: [rows, cols], window, .. } = *sizes;
        let taps = window.kernel[0] * window.kernel[1];
        let plane = rows * cols;
        assert!(columns.len() == channels * taps * images * plane);
        let readers = Readers::new(sizes, images);
        // SAFETY: the caller's.
        let mut sums = memory::filled(height, unsafe { V::splat(T::zero()) });
        for image in 0..images {
            for channel in 0..channels {
                let columns = &columns[(channel * taps * images + image) * plane..];
                let out = &mut out[((image * groups + group) * channels + channel) * height * width..];
                let out = &mut out[..height * width];
                if window.stride[1] == 1 {
                    for start in (0..width).step_by(V::COUNT) {
                        // SAFETY: the caller's; `Convolution::check` has checked, in release too, that no product of
                        // sizes wraps, so no reader is beyond the last tap of the columns, whose number is asserted
                        // above.
                        unsafe { write_contiguous(sizes, images * plane, columns, &readers, start, &mut sums, out) };
                    }
                    continue;
                }
                out.fill(T::zero());
                for kx in 0..window.kernel[1] {
                    let columns = &columns[kx * images * plane..];
                    let inside = window.positions_inside(1, kx, width, cols);
                    let first = if inside.is_empty() { continue } else { window.index(1, inside.start, kx) };
                    for (sums, readers) in out.chunks_exact_mut(width).zip(readers.by_row()) {
                        for row in readers {
                            let row = &columns[row + inside.start..row + inside.end];
                            for (sum, &x) in sums[first..].iter_mut().step_by(window.stride[1]).zip(row) {
                                *sum += x;
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Writes one vector's width of a plane, starting at the column `start`, for a horizontal stride of 1. The sums are
/// kept in whole vectors, one for each row of the plane: parts of a row would cause store-forwarding stalls.
///
/// # Safety
/// The processor has the instructions of the vector, and all readers of each tap, `tap` elements apart, are inside
/// `columns`.
#[inline(always)]
unsafe fn write_contiguous<V: SimdVector<Number: KernelFloat>>(
    sizes: &Convolution,
    tap: usize,
    columns: &[V::Number],
    readers: &Readers,
    start: usize,
    sums: &mut [V],
    out: &mut [V::Number],
) {
    let (width, cols, window) = (sizes.image[1], sizes.output[1], sizes.window);
    let count = V::COUNT.min(width - start);
    // SAFETY: only lanes that are inside the rows are read and written.
    unsafe {
        let zero = V::splat(V::Number::default());
        sums.fill(zero);
        for kx in 0..window.kernel[1] {
            // Lane i reads position i + first - offset, if there is one.
            let (first, offset) = (start + window.padding[1], kx * window.dilation[1]);
            let lanes = offset.saturating_sub(first)..(cols + offset).saturating_sub(first).min(count);
            if lanes.is_empty() {
                continue;
            }
            let columns = columns.as_ptr().wrapping_add(kx * tap + first).wrapping_sub(offset);
            for (sum, readers) in sums.iter_mut().zip(readers.by_row()) {
                // Many terms get a sum of their own, for accuracy.
                let (mut total, before) =
                    if readers.len() > MAX_TERMS_OF_NARROW_SUM { (zero, *sum) } else { (*sum, zero) };
                for &row in readers {
                    total = total.plus(V::load_part(columns.wrapping_add(row), lanes.clone()));
                }
                *sum = if readers.len() > MAX_TERMS_OF_NARROW_SUM { before.plus(total) } else { total };
            }
        }
        for (sum, row) in sums.iter().zip(out.chunks_exact_mut(width)) {
            sum.store_part(row[start..start + count].as_mut_ptr(), count);
        }
    }
}
