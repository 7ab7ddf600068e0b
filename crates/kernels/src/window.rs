//! How a window slides over the rows and columns of images, as convolution and pooling do.
//!
//! Along one dimension the taps of the window at output position o read the places o · stride + tap · dilation - padding.
//! Places outside the image belong to the padding.

use std::ops::Range;

use crate::error::Error;

/// A window of `kernel` taps and its way over an image: for the rows and for the columns.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The number of taps.
    pub kernel: [usize; 2],
    /// The distance from one position to the next.
    pub stride: [usize; 2],
    /// The number of places of padding on each side.
    pub padding: [usize; 2],
    /// The distance from one tap to the next.
    pub dilation: [usize; 2],
}

impl Window {
    /// Its sizes as a tape shows them, without those that say nothing.
    pub fn settings(&self) -> String {
        let Window { kernel, stride, padding, dilation } = self;
        let plain =
            [("kernel", kernel, 0), ("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1)];
        let telling = plain.into_iter().filter(|(_, sizes, plain)| **sizes != [*plain; 2]);
        telling.map(|(name, sizes, _)| format!("{name}={sizes:?}")).collect::<Vec<_>>().join(", ")
    }

    /// How many places there are along one dimension with the padding on both sides, if they can be counted.
    pub fn padded(&self, axis: usize, size: usize) -> Option<usize> {
        let padded = self.padding[axis].checked_mul(2)?.checked_add(size)?;
        (padded <= isize::MAX as usize).then_some(padded)
    }

    /// How many places the window spans, from its first tap to its last.
    pub fn span(&self, axis: usize) -> usize {
        self.dilation[axis].saturating_mul(self.kernel[axis] - 1).saturating_add(1)
    }

    /// How many positions of the window can read one place, at most.
    pub fn overlap(&self) -> usize {
        let [rows, cols] = [0, 1].map(|axis| self.kernel[axis].div_ceil(self.stride[axis]));
        rows.saturating_mul(cols)
    }

    /// The number of positions over `size` places, or none where the window does not fit. With `ceil_mode` the last
    /// window may reach beyond the padding, but must begin in front of it.
    fn positions(&self, axis: usize, size: usize, ceil_mode: bool) -> Option<usize> {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let beyond = if ceil_mode { stride - 1 } else { 0 };
        // A stride beyond what can be counted is refused below; here it only must not wrap.
        let places = self.padded(axis, size)?.saturating_add(beyond);
        let count = places.checked_sub(self.span(axis))? / stride + 1;
        Some(if ceil_mode && (count - 1) * stride >= size + padding { count - 1 } else { count })
    }

    /// The height and width of the output for an image of this height and width.
    ///
    /// This is the one place that checks how a window moves. Where it gives sizes, every tap of every position lies inside the
    /// padded image (in `ceil_mode`, the first tap), and the places below are computed without wrapping.
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

    /// The positions at which a tap reads inside an image of `size` places, of `count` positions.
    pub fn positions_inside(&self, axis: usize, tap: usize, size: usize, count: usize) -> Range<usize> {
        let (stride, padding, offset) = (self.stride[axis], self.padding[axis], tap * self.dilation[axis]);
        let end = (size + padding).saturating_sub(offset).div_ceil(stride).min(count);
        padding.saturating_sub(offset).div_ceil(stride).min(end)..end
    }

    /// The taps that read inside an image of `size` places from this position.
    pub fn taps_inside(&self, axis: usize, position: usize, size: usize) -> Range<usize> {
        let (dilation, padding, offset) = (self.dilation[axis], self.padding[axis], position * self.stride[axis]);
        let end = (size + padding).saturating_sub(offset).div_ceil(dilation).min(self.kernel[axis]);
        padding.saturating_sub(offset).div_ceil(dilation).min(end)..end
    }

    /// The first of `count` positions from which every tap reads padding, in an image of `size` places: with a dilation taps
    /// can lie on both sides of it. The padding must be at most half the kernel.
    pub fn first_on_padding(&self, axis: usize, size: usize, count: usize) -> Option<usize> {
        // Taps without gaps, or with gaps smaller than the image, cannot step over it.
        if self.dilation[axis] <= size {
            return None;
        }
        (0..count).find(|&position| self.taps_inside(axis, position, size).is_empty())
    }

    /// The place that a tap reads from a position; it must be inside the image.
    pub fn place(&self, axis: usize, position: usize, tap: usize) -> usize {
        position * self.stride[axis] + tap * self.dilation[axis] - self.padding[axis]
    }
}
