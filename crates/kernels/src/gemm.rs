//! Products of matrices with any layout, as fast as the machine multiplies and adds.
//!
//! A [`Layout`] says where the rows and the columns of a matrix begin: element (i, j) is `data[rows[i] + cols[j]]`. That
//! covers any strides, a transposed matrix, and the columns of an image under a convolution without writing them out.
//! A [`Plan`] is made for the layouts of three matrices, and computes products of any data in these layouts.
//!
//! The loops are the five of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), with the
//! names that BLIS gives to their steps:
//!
//! ```text
//! for each row block of MC rows of the left operand             (PackedLhs)
//!   for each depth block of KC products                         (every sum runs over the depth in this order)
//!     for each column block that fills half the L2 cache        (ColumnBlock, packed where that pays)
//!       for each micro-panel of NR columns                      (MicroPanel)
//!         for each tile of MR rows                              (Tile: MR x NR sums in registers, a MicroKernel)
//! ```
//!
//! The micro-kernel broadcasts the left operand number by number and reads the right one as vectors, so an operand is packed
//! only where that pays. Every sum has the same order whatever the number of threads.

mod compute;
mod offsets;
mod pack;
mod packed_lhs;
mod plan;
#[cfg(test)]
mod tests;

pub use offsets::Offsets;
pub use plan::{Layout, Plan};

/// The rows of the left operand that are packed before they are multiplied; a multiple of the height of any tile.
const MC: usize = 4080;

/// The depth that is multiplied at a time, at most: all numbers of a small image.
const KC: usize = 800;

/// The bytes of a column block of the right operand: half of a usual second-level cache.
const COLUMN_BLOCK_BYTES: usize = 512 << 10;

/// The number of multiplications from which several threads pay.
const PARALLEL_MIN_FLOPS: usize = 1 << 18;
