//! Products of matrices whose elements may lie anywhere, as fast as the machine multiplies and adds.
//!
//! A [`Layout`] says where the rows and the columns of a matrix begin: element (i, j) is `data[rows[i] + cols[j]]`. That
//! covers any strides, a transposed matrix, and the columns of an image under a convolution without writing them out.
//! A [`Plan`] is made for layouts, and computes products of any data that lies so.
//!
//! The product is cut as usual (Goto, van de Geijn: Anatomy of high-performance matrix multiplication, 2008): a block of the
//! right operand that stays in the cache, and tiles of sums that stay in registers. The left operand is broadcast number by
//! number and the right one read as vectors, so an operand is rewritten ("packed") only where that pays. Every sum runs
//! over the depth in the same order, whatever the number of threads.

mod compute;
mod left;
mod pack;
mod places;
mod plan;
#[cfg(test)]
mod tests;

pub use places::Places;
pub use plan::{Layout, Plan};
