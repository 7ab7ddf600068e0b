//! Columns of a convolution back at the places that they were read from.

#![allow(unsafe_code)]

use super::Convolution;
use crate::element::KernelFloat;
use crate::lanes::{SimdVector, VectorLoop};
use crate::memory;
use crate::reduce::MAX_TERMS_OF_NARROW_SUM;

/// Writes the columns of a group to the places in the images that its taps read them from, as sums.
pub(super) struct Col2im<'a, 'b, T> {
    pub(super) sizes: &'a Convolution,
    pub(super) group: usize,
    /// One row for each tap, with the positions of all images.
    pub(super) columns: &'a [T],
    pub(super) images: usize,
    pub(super) folded: &'b mut [T],
}

/// The rows of positions that read a row of an image, by one tap of each row of taps.
struct Readers {
    /// Where the rows begin among the columns of the first tap of a channel.
    rows: Vec<usize>,
    /// For each row of the image, where its readers end.
    ends: Vec<usize>,
}

impl Readers {
    fn new(sizes: &Convolution, images: usize) -> Readers {
        let Convolution { image: [height, _], output: [rows, cols], window, .. } = *sizes;
        let [tall, wide] = window.kernel;
        let mut readers = Readers { rows: Vec::new(), ends: memory::room(height) };
        for y in 0..height {
            for ky in 0..tall {
                let place = (y + window.padding[0]).checked_sub(ky * window.dilation[0]);
                let row = place.filter(|place| place.is_multiple_of(window.stride[0]));
                if let Some(row) = row.map(|place| place / window.stride[0]).filter(|&row| row < rows) {
                    readers.rows.push(ky * wide * images * rows * cols + row * cols);
                }
            }
            readers.ends.push(readers.rows.len());
        }
        readers
    }

    /// For each row of an image its readers.
    fn by_row(&self) -> impl Iterator<Item = &[usize]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| &self.rows[std::mem::replace(&mut start, end)..end])
    }
}

impl<T: KernelFloat> VectorLoop<T> for Col2im<'_, '_, T> {
    #[inline(always)]
    unsafe fn run<V: SimdVector<Number = T>>(self) {
        let Col2im { sizes, group, columns, images, folded } = self;
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
                let folded = &mut folded[((image * groups + group) * channels + channel) * height * width..];
                let folded = &mut folded[..height * width];
                if window.stride[1] == 1 {
                    for start in (0..width).step_by(V::COUNT) {
                        // SAFETY: the caller's; `Convolution::check` has made sure that no product of sizes wraps, so no
                        // reader lies behind the last tap of the columns, whose number has been asserted.
                        unsafe {
                            write_side_by_side(sizes, images * plane, columns, &readers, start, &mut sums, folded)
                        };
                    }
                    continue;
                }
                folded.fill(T::zero());
                for kx in 0..window.kernel[1] {
                    let columns = &columns[kx * images * plane..];
                    let inside = window.positions_inside(1, kx, width, cols);
                    let first = if inside.is_empty() { continue } else { window.place(1, inside.start, kx) };
                    for (sums, readers) in folded.chunks_exact_mut(width).zip(readers.by_row()) {
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

/// Writes a vector's width of a plane, from the column `start` on, whose window moves by one column at a time. Vectors of
/// `sums`, one for each row of the plane, are written and read again sooner than parts of rows would be.
///
/// # Safety
/// The instructions of the vector exist, and all readers of each tap, `tap` numbers apart, lie in `columns`.
#[inline(always)]
unsafe fn write_side_by_side<V: SimdVector<Number: KernelFloat>>(
    sizes: &Convolution,
    tap: usize,
    columns: &[V::Number],
    readers: &Readers,
    start: usize,
    sums: &mut [V],
    folded: &mut [V::Number],
) {
    let (width, cols, window) = (sizes.image[1], sizes.output[1], sizes.window);
    let count = V::COUNT.min(width - start);
    // SAFETY: only lanes are read and written that lie in the rows.
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
                // Many readers have a sum of their own.
                let (mut total, before) =
                    if readers.len() > MAX_TERMS_OF_NARROW_SUM { (zero, *sum) } else { (*sum, zero) };
                for &row in readers {
                    total = total.plus(V::load_part(columns.wrapping_add(row), lanes.clone()));
                }
                *sum = if readers.len() > MAX_TERMS_OF_NARROW_SUM { before.plus(total) } else { total };
            }
        }
        for (sum, row) in sums.iter().zip(folded.chunks_exact_mut(width)) {
            sum.store_part(row[start..start + count].as_mut_ptr(), count);
        }
    }
}
