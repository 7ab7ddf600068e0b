//! The layouts of the three matrices of a convolution: the weight, the columns and the output.

use super::Convolution;
use crate::carry::at_callers_line;
use crate::element::KernelFloat;
use crate::gemm::{Layout, Offsets, Plan};
use crate::memory;
use crate::window::Window;

/// The weight as a matrix of features × taps, and the output (or its gradient) as one of features × positions.
pub(super) struct Matrices {
    weight_rows: Offsets,
    weight_cols: Offsets,
    features: Offsets,
    positions: ByPart<Offsets>,
}

impl Matrices {
    #[track_caller]
    pub(super) fn new(sizes: &Convolution) -> Self {
        let taps = sizes.taps_per_feature();
        Matrices {
            weight_rows: Offsets::strided(taps, sizes.features),
            weight_cols: Offsets::strided(1, taps),
            features: Offsets::strided(sizes.positions(), sizes.features),
            positions: sizes.positions_written(),
        }
    }

    /// A plan for each number of images, made by `plan` from the layouts of the weight, the columns and the output.
    #[track_caller]
    pub(super) fn plan<'a, T: KernelFloat>(
        &'a self,
        columns: &ByPart<Layout<'a>>,
        plan: impl Fn(Layout<'a>, Layout<'a>, Layout<'a>) -> Plan<'a, T>,
    ) -> ByPart<Plan<'a, T>> {
        let weight = Layout { row_offsets: &self.weight_rows, col_offsets: &self.weight_cols };
        let of_part = |&columns: &Layout<'a>, positions| {
            plan(weight, columns, Layout { row_offsets: &self.features, col_offsets: positions })
        };
        ByPart {
            images: columns.images,
            whole: of_part(&columns.whole, &self.positions.whole),
            rest: of_part(&columns.rest, &self.positions.rest),
        }
    }
}

/// The columns as a matrix of taps × positions, written out for the images of a part.
pub(super) struct Columns {
    taps: ByPart<Offsets>,
    positions: ByPart<Offsets>,
}

impl Columns {
    #[track_caller]
    pub(super) fn new(sizes: &Convolution) -> Self {
        let (taps, positions) = (sizes.taps_per_feature(), sizes.positions());
        Columns {
            taps: sizes.by_part(|images| Offsets::strided(images * positions, taps)),
            positions: sizes.by_part(|images| Offsets::strided(1, images * positions)),
        }
    }

    pub(super) fn layout(&self) -> ByPart<Layout<'_>> {
        let of_part = |row_offsets, col_offsets| Layout { row_offsets, col_offsets };
        ByPart {
            images: self.taps.images,
            whole: of_part(&self.taps.whole, &self.positions.whole),
            rest: of_part(&self.taps.rest, &self.positions.rest),
        }
    }
}

/// One value for all parts of a batch that have the same number of images, and one for the last part if that is
/// smaller.
pub(super) struct ByPart<P> {
    pub(super) images: usize,
    pub(super) whole: P,
    rest: P,
}

impl<P> ByPart<P> {
    /// The value for a part with this number of images.
    pub(super) fn of(&self, images: usize) -> &P {
        if images == self.images { &self.whole } else { &self.rest }
    }
}

impl ByPart<Offsets> {
    /// Columns that are read from the padded images instead of being written out: these are the offsets of the
    /// positions.
    pub(super) fn columns_of<'a>(&'a self, taps: &'a Offsets) -> ByPart<Layout<'a>> {
        let of_part = |positions| Layout { row_offsets: taps, col_offsets: positions };
        ByPart { images: self.images, whole: of_part(&self.whole), rest: of_part(&self.rest) }
    }
}

impl Convolution {
    /// The number of taps of one group: the number of rows of the columns.
    pub(super) fn taps_per_feature(&self) -> usize {
        self.channels * self.window.kernel[0] * self.window.kernel[1]
    }

    /// The offset of each tap from the element that the first tap reads, in the padded image.
    #[track_caller]
    pub(super) fn taps(&self) -> Offsets {
        let Window { kernel, dilation, .. } = self.window;
        let width = self.padded_size()[1];
        let mut taps = memory::room(self.taps_per_feature());
        for channel in 0..self.channels {
            for ky in 0..kernel[0] {
                let row = channel * self.padded_plane() + ky * dilation[0] * width;
                taps.extend((0..kernel[1]).map(|kx| row + kx * dilation[1]));
            }
        }
        taps.into()
    }

    /// Calls `of` with the number of images of each kind of part.
    #[track_caller]
    fn by_part<P>(&self, of: impl Fn(usize) -> P) -> ByPart<P> {
        let images = self.images_of_part();
        let (whole, rest) = at_callers_line(|| (of(images.min(self.batch)), of(self.batch % images)));
        ByPart { images, whole, rest }
    }

    /// The offset of the element that the first tap reads at each output position, in the padded images of a part.
    #[track_caller]
    pub(super) fn positions_read(&self) -> ByPart<Offsets> {
        let ([rows, cols], stride) = (self.output, self.window.stride);
        let width = self.padded_size()[1];
        let image_size = self.groups * self.channels * self.padded_plane();
        self.by_part(|images| {
            let row = |row: usize| row / rows * image_size + row % rows * stride[0] * width;
            let starts = (0..images * rows).map(row);
            match stride[1] {
                1 => Offsets::runs_from(starts, cols),
                stride => {
                    let mut offsets = memory::room(images * rows * cols);
                    offsets.extend(starts.flat_map(|start| (0..cols).map(move |x| start + x * stride)));
                    offsets.into()
                }
            }
        })
    }

    /// The offset of each output position in the outputs of the images of a part.
    #[track_caller]
    fn positions_written(&self) -> ByPart<Offsets> {
        let (plane, image) = (self.positions(), self.output_size());
        self.by_part(|images| Offsets::runs_from((0..images).map(|n| n * image), plane))
    }
}
