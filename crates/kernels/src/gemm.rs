//! Matrix products (GEMM) of any layout, close to the peak rate of the machine.
//!
//! A [`Layout`] has the offsets of the rows and the columns of a matrix:
//! element (i, j) is `data[row_offsets[i] + col_offsets[j]]`. That covers any strides, a transposed matrix, and the
//! im2col matrix of a convolution without writing it out. A [`Plan`] is made for the layouts of three matrices and
//! computes products of any data with these layouts.
//!
//! The loops are the five of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), with
//! the names that BLIS gives to their steps:
//!
//! ```text
//! for each row block of MC rows of the left operand             (PackedLhs)
//!   for each depth block of KC products                         (every sum runs over the depth in this order)
//!     for each column block that fills half the L2 cache        (ColumnBlock, packed where that pays)
//!       for each micro-panel of NR columns                      (MicroPanel)
//!         for each tile of MR rows                              (Tile: MR x NR sums in registers, a MicroKernel)
//! ```
//!
//! The micro-kernel broadcasts each element of the left operand and reads the right one as vectors, so either operand
//! is packed only where that pays. Every sum has the same order on any number of threads.

mod compute;
mod offsets;
mod pack;
mod packed_lhs;
mod plan;
#[cfg(test)]
mod tests;

pub use offsets::Offsets;
pub use plan::{Layout, Plan};

/// The number of rows of the left operand that are packed at a time; a multiple of MR of every level.
const MC: usize = 4080;

/// The largest depth that is multiplied at a time: all pixels of a small image.
const KC: usize = 800;

/// The size of a column block of the right operand: half of a typical second-level cache.
const COLUMN_BLOCK_BYTES: usize = 512 << 10;

/// The smallest number of multiplications that is worth several threads.
const PARALLEL_MIN_FLOPS: usize = 1 << 18;
