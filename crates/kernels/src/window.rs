//! How the window of a convolution or a pooling slides over the rows and columns of images.
//!
//! Along one dimension, the taps of the window at output position o read the indices o · stride + tap · dilation -
//! padding. Indices outside of the image are padding.

use std::ops::Range;

use crate::error::Error;

/// A window of `kernel` taps and how it moves over an image, for the rows and for the columns.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The number of taps.
    pub kernel: [usize; 2],
    /// The distance from one position to the next.
    pub stride: [usize; 2],
    /// The number of rows or columns of padding on each side.
    pub padding: [usize; 2],
    /// The distance from one tap to the next.
    pub dilation: [usize; 2],
}

impl Window {
    /// Its settings as text for a tape, without those that have their default value.
    pub fn settings(&self) -> String {
        let Window { kernel, stride, padding, dilation } = self;
        let defaults =
            [("kernel", kernel, 0), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1)];
        let changed = defaults.into_iter().filter(|(_, sizes, default)| **sizes != [*default; 2]);
        changed.map(|(name, sizes, _)| format!("{name}={sizes:?}")).collect::<Vec<_>>().join(", ")
    }

    /// The size of a dimension with the padding on both sides, or `None` beyond `isize::MAX`.
    pub fn padded(&self, axis: usize, size: usize) -> Option<usize> {
        let padded = self.padding[axis].checked_mul(2)?.checked_add(size)?;
        (padded <= isize::MAX as usize).then_some(padded)
    }

    /// The number of rows or columns from the first tap of the window to the last.
    pub fn span(&self, axis: usize) -> usize {
        self.dilation[axis].saturating_mul(self.kernel[axis] - 1).saturating_add(1)
    }

    /// The largest number of window positions that read the same element.
    pub fn overlap(&self) -> usize {
        let [rows, cols] = [0, 1].map(|axis| self.kernel[axis].div_ceil(self.stride[axis]));
        rows.saturating_mul(cols)
    }

    /// The number of positions along a dimension of this size, or `None` where the window does not fit. With
    /// `ceil_mode` the last window may reach beyond the padding, but must begin before the padding at the end.
    fn positions(&self, axis: usize, size: usize, ceil_mode: bool) -> Option<usize> {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let beyond = if ceil_mode { stride - 1 } else { 0 };
        // A stride beyond isize::MAX is rejected in `output`; here it only must not wrap.
        let padded = self.padded(axis, size)?.saturating_add(beyond);
        let count = padded.checked_sub(self.span(axis))? / stride + 1;
        Some(if ceil_mode && (count - 1) * stride >= size + padding { count - 1 } else { count })
    }

    /// The height and width of the output for an image of this height and width.
    ///
    /// This is the one function that checks how a window moves. If it returns sizes, every tap of every position is
    /// inside the padded image (with `ceil_mode`, the first tap), and the indices below are computed without
    /// wrapping.
    pub fn output(&self, op: &'static str, image: [usize; 2], ceil_mode: bool) -> Result<[usize; 2], Error> {
        if self.kernel.contains(&0) {
            let given = format!("{:?}", self.kernel);
            return Err(Error::Argument { op, name: "kernel_size", given, expected: "at least 1" });
        }
        if image.contains(&0) {
            let expected = "images with at least one row and one column";
            return Err(Error::expected(op, expected, format!("{image:?}")));
        }
        let Window { kernel, stride, padding, dilation } = self;
        let [Some(high), Some(wide)] = [0, 1].map(|axis| self.padded(axis, image[axis])) else {
            let expected = "a padding with which the image can be counted".to_owned();
            return Err(Error::Expected { op, expected, given: format!("{image:?} with a padding of {padding:?}") });
        };
        match [0, 1].map(|axis| self.positions(axis, image[axis], ceil_mode).filter(|&count| count > 0)) {
            [Some(rows), Some(columns)] => {
                let settings = [("kernel_size", kernel), ("stride", stride), ("dilation", dilation)];
                match settings.into_iter().find(|(_, sizes)| sizes.iter().any(|&size| size > isize::MAX as usize)) {
                    None => Ok([rows, columns]),
                    Some((name, sizes)) => {
                        let expected = "at most 2⁶³ - 1, which is more than any image has";
                        Err(Error::Argument { op, name, given: format!("{sizes:?}"), expected })
                    }
                }
            }
            _ => {
                let padded = [high, wide];
                let spans = [0, 1].map(|axis| self.span(axis));
                let expected = format!(
                    "an image of at least {spans:?} with its padding, which a kernel {kernel:?} with dilation \
                     {dilation:?} spans"
                );
                let given = format!(
                    "{image:?}, padded to {padded:?}; use a smaller kernel, more padding, or fewer layers in front"
                );
                Err(Error::expected(op, expected, given))
            }
        }
    }

    /// Those of `count` positions at which a tap reads inside an image of this size.
    pub fn positions_inside(&self, axis: usize, tap: usize, size: usize, count: usize) -> Range<usize> {
        let (stride, padding, offset) = (self.stride[axis], self.padding[axis], tap * self.dilation[axis]);
        let end = (size + padding).saturating_sub(offset).div_ceil(stride).min(count);
        padding.saturating_sub(offset).div_ceil(stride).min(end)..end
    }

    /// The taps that read inside an image of this size at a position.
    pub fn taps_inside(&self, axis: usize, position: usize, size: usize) -> Range<usize> {
        let (dilation, padding, offset) = (self.dilation[axis], self.padding[axis], position * self.stride[axis]);
        let end = (size + padding).saturating_sub(offset).div_ceil(dilation).min(self.kernel[axis]);
        padding.saturating_sub(offset).div_ceil(dilation).min(end)..end
    }

    /// The first of `count` positions at which every tap reads padding, for an image of this size: with a dilation
    /// there can be taps on both sides of it. The padding must be at most half the kernel.
    pub fn first_on_padding(&self, axis: usize, size: usize, count: usize) -> Option<usize> {
        // Taps without gaps, or with gaps smaller than the image, cannot step over it.
        if self.dilation[axis] <= size {
            return None;
        }
        (0..count).find(|&position| self.taps_inside(axis, position, size).is_empty())
    }

    /// The index that a tap reads at a position; it must be inside the image.
    pub fn index(&self, axis: usize, position: usize, tap: usize) -> usize {
        position * self.stride[axis] + tap * self.dilation[axis] - self.padding[axis]
    }
}
