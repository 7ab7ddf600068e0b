//! The micro-kernels: compute a tile of MR x NR sums that stays in registers over the whole depth.

#![allow(unsafe_code)]

use crate::lanes::{SimdVector, Vectors, prefetch};
use crate::simd::Level;

/// A tile of a product. Elements of the left operand are broadcast, rows of the right one are read as vectors.
pub struct Tile<'a, T> {
    pub a: *const T,
    /// The row and column offsets of the left operand.
    pub a_row_offsets: &'a [usize],
    pub a_col_offsets: &'a [usize],
    pub b: *const T,
    /// The row offsets of the right operand.
    pub b_row_offsets: &'a [usize],
    pub out: *mut T,
    /// The row offsets of the tile.
    pub out_row_offsets: &'a [usize],
    /// The number of columns that are written.
    pub columns: usize,
    /// Whether the tile is added to what `out` holds.
    pub accumulate: bool,
    /// Whether to prefetch the output tile.
    pub prefetch: bool,
}

/// Computes a tile with a fixed number of rows and vectors.
///
/// # Safety
/// All elements of the operands and of the output can be read or written, and the processor has the instructions of
/// the level.
pub type MicroKernel<T> = unsafe fn(&Tile<'_, T>);

/// Micro-kernels of one width: the tallest first, down to one row.
pub struct MicroKernels<T: 'static> {
    /// NR: the number of columns of the tile.
    pub nr: usize,
    /// The micro-kernel of MR rows for two packed operands: columns of the left one and rows of the right one follow
    /// one another, so it reads no tables of offsets.
    packed: MicroKernel<T>,
    by_rows: &'static [(usize, MicroKernel<T>)],
}

/// The largest number of rows of any tile.
pub const MAX_MR: usize = 12;
/// The largest number of columns of any tile.
pub const MAX_NR: usize = 32;

impl<T> MicroKernels<T> {
    /// MR: the number of rows of the tallest tile.
    pub fn mr(&self) -> usize {
        self.by_rows[0].0
    }

    /// The tallest micro-kernel for at most `rows` rows and its height; `packed` says that both operands are packed.
    pub fn for_rows(&self, rows: usize, packed: bool) -> (usize, MicroKernel<T>) {
        if packed && rows >= self.mr() {
            return (self.mr(), self.packed);
        }
        *self.by_rows.iter().find(|(mr, _)| *mr <= rows).expect("a micro-kernel for one row")
    }
}

macro_rules! kernels {
    ($level:ident, $lanes:ty, $vectors:literal, $mr:literal $($rows:literal)*) => {
        MicroKernels {
            nr: $vectors * <$lanes as SimdVector>::COUNT,
            packed: $level::<$lanes, $mr, $vectors, true>,
            by_rows: &[
                ($mr, $level::<$lanes, $mr, $vectors, false> as MicroKernel<T>),
                $(($rows, $level::<$lanes, $rows, $vectors, false>)),*
            ],
        }
    };
}

/// The micro-kernels of a level, the widest first.
pub fn kernels<T: Vectors>(level: Level) -> &'static [MicroKernels<T>] {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => {
            const {
                &[
                    kernels!(avx512, T::Avx512, 2, 12 8 6 4 2 1),
                    kernels!(avx512, T::Avx512, 1, 12 8 6 4 2 1),
                    // AVX-512 has 32 registers for vectors of 256 bits too, instead of 16.
                    kernels!(avx512, T::Avx2, 1, 12 8 6 4 2 1),
                ]
            }
        }
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => const { &[kernels!(avx2, T::Avx2, 2, 6 4 2 1), kernels!(avx2, T::Avx2, 1, 6 4 2 1)] },
        _ => const { &[kernels!(portable, T::Portable, 2, 4 2 1), kernels!(portable, T::Portable, 1, 4 2 1)] },
    }
}

unsafe fn portable<V: SimdVector, const ROWS: usize, const VECTORS: usize, const PACKED: bool>(
    tile: &Tile<'_, V::Number>,
) {
    // SAFETY: the caller's.
    unsafe { compute::<V, ROWS, VECTORS, PACKED>(tile) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<V: SimdVector, const ROWS: usize, const VECTORS: usize, const PACKED: bool>(
    tile: &Tile<'_, V::Number>,
) {
    // SAFETY: the caller's.
    unsafe { compute::<V, ROWS, VECTORS, PACKED>(tile) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512<V: SimdVector, const ROWS: usize, const VECTORS: usize, const PACKED: bool>(
    tile: &Tile<'_, V::Number>,
) {
    // SAFETY: the caller's.
    unsafe { compute::<V, ROWS, VECTORS, PACKED>(tile) }
}

#[inline(always)]
unsafe fn compute<V: SimdVector, const ROWS: usize, const VECTORS: usize, const PACKED: bool>(
    tile: &Tile<'_, V::Number>,
) {
    // SAFETY: the caller vouches for all elements and for the instructions.
    unsafe {
        let mut sums = [[V::splat(V::Number::default()); VECTORS]; ROWS];
        let depth = tile.a_col_offsets.len();
        let mut rows = [tile.a; ROWS];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = row.add(*tile.a_row_offsets.get_unchecked(i));
        }
        // Prefetches the lines of the output one by one during the computation: all at once, they would delay the
        // reads.
        for i in 0..ROWS {
            if tile.prefetch {
                let out = tile.out.wrapping_add(*tile.out_row_offsets.get_unchecked(i));
                for v in 1..=VECTORS {
                    prefetch(out.wrapping_add(v * V::COUNT - 1));
                }
            }
            for p in depth * i / ROWS..depth * (i + 1) / ROWS {
                if PACKED {
                    let a = tile.a.add(p * ROWS);
                    add_products(&mut sums, |i| *a.add(i), tile.b.add(p * VECTORS * V::COUNT));
                } else {
                    let (a_col, b_row) = (*tile.a_col_offsets.get_unchecked(p), *tile.b_row_offsets.get_unchecked(p));
                    add_products(&mut sums, |i| *rows[i].add(a_col), tile.b.add(b_row));
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            let out = tile.out.add(*tile.out_row_offsets.get_unchecked(i));
            for (v, sum) in sums.into_iter().enumerate() {
                if tile.columns == VECTORS * V::COUNT {
                    let out = out.add(v * V::COUNT);
                    let sum = if tile.accumulate { V::load(out).plus(sum) } else { sum };
                    sum.store(out);
                    continue;
                }
                // Nothing is written after the last column, so a vector may begin beyond the end of the buffer.
                let out = out.wrapping_add(v * V::COUNT);
                let count = tile.columns.saturating_sub(v * V::COUNT).min(V::COUNT);
                let sum = if tile.accumulate { V::load_part(out, 0..count).plus(sum) } else { sum };
                sum.store_part(out, count);
            }
        }
    }
}

/// Adds the products of a column of the left operand and a row of the right one to the sums of a tile.
#[inline(always)]
unsafe fn add_products<V: SimdVector, const ROWS: usize, const VECTORS: usize>(
    sums: &mut [[V; VECTORS]; ROWS],
    a: impl Fn(usize) -> V::Number,
    b: *const V::Number,
) {
    // SAFETY: the caller vouches for all elements and for the instructions.
    unsafe {
        let mut vectors = [V::splat(V::Number::default()); VECTORS];
        for (v, vector) in vectors.iter_mut().enumerate() {
            *vector = V::load(b.add(v * V::COUNT));
        }
        for (i, sums) in sums.iter_mut().enumerate() {
            let a = V::splat(a(i));
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = sum.plus_product(a, vector).pinned();
            }
        }
    }
}
