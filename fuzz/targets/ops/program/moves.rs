//! The same elements in another shape or order.

use downhill_tensor::{Element, Tensor};

use super::copied;
use super::step::Move;
use downhill_fuzz::refusal::unless_refused;

/// As many pieces as a tensor is cut into; more take long without any fault.
const MOST_PIECES: usize = 1 << 12;

/// What the move gives; nothing when it is refused.
pub(super) fn moved<X: Element>(x: &Tensor<X>, how: &Move) -> Vec<Tensor<X>> {
    if !copied(x) {
        return Vec::new();
    }
    let one = |call: &dyn Fn() -> Tensor<X>| unless_refused(call).into_iter().collect();
    let size = |dim: isize| {
        let dim = if dim < 0 { dim.saturating_add_unsigned(x.ndim()) } else { dim };
        usize::try_from(dim).ok().and_then(|dim| x.shape().get(dim)).copied().unwrap_or(0)
    };
    match how {
        Move::Reshape(sizes) => one(&|| x.reshape(sizes.ints())),
        Move::Expand(sizes) => one(&|| x.expand(sizes.ints())),
        Move::ExpandFront(front) => {
            let sizes = [front.0].into_iter().chain(x.shape().iter().copied()).map(|size| size as isize);
            one(&|| x.expand(sizes.clone().collect::<Vec<_>>()))
        }
        Move::Permute(dims) => one(&|| x.permute(dims.ints())),
        Move::Transpose(first, second) => one(&|| x.transpose(first.0, second.0)),
        Move::Flatten(start, end) => one(&|| x.flatten_dims(start.0, end.0)),
        Move::Squeeze(dims) => one(&|| x.squeeze_dim(dims.ints())),
        Move::Unsqueeze(dim) => one(&|| x.unsqueeze(dim.0)),
        Move::Flip(dims) => one(&|| x.flip(dims.ints())),
        Move::Narrow(dim, start, length) => one(&|| x.narrow(dim.0, start.0, length.0)),
        Move::Slice(dim, range, step) => one(&|| x.slice_step(dim.0, range.bounds(), step.0)),
        Move::Select(dim, index) => one(&|| x.select(dim.0, index.0)),
        Move::Split(..) | Move::Chunk(..) if x.shape().iter().any(|&size| size > MOST_PIECES && size < 1 << 40) => {
            Vec::new()
        }
        Move::Split(length, dim) if size(dim.0) / length.0.max(1) > MOST_PIECES => Vec::new(),
        Move::Split(length, dim) => unless_refused(|| x.split(length.0, dim.0)).unwrap_or_default(),
        Move::SplitWithSizes(sizes, dim) => {
            unless_refused(|| x.split_with_sizes(&sizes.sizes(), dim.0)).unwrap_or_default()
        }
        Move::Chunk(chunks, dim) => unless_refused(|| x.chunk(chunks.0, dim.0)).unwrap_or_default(),
        Move::Pad(sizes, number) => one(&|| x.pad(sizes.ints(), X::from_number(number.0.to_number()).to_scalar())),
        Move::Copy => one(&|| x.copy()),
        Move::Detach => one(&|| x.detach()),
    }
}
