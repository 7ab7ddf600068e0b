//! The innermost part of every product: a tile of sums that stays in registers while the depth passes by.

#![allow(unsafe_code)]

use crate::lanes::{SimdVector, Vectors, prefetch};
use crate::simd::Level;

/// A tile of a product. Row i of the left operand is broadcast, row p of the right one is read as vectors.
pub struct Tile<'a, T> {
    pub a: *const T,
    /// Where each row of the left operand begins, and each column in it.
    pub a_rows: &'a [usize],
    pub a_cols: &'a [usize],
    pub b: *const T,
    /// Where each row of the right operand begins.
    pub b_rows: &'a [usize],
    pub out: *mut T,
    /// Where each row of the tile begins.
    pub out_rows: &'a [usize],
    /// How many numbers of each row are written.
    pub columns: usize,
    /// Whether the tile is added to what is there.
    pub accumulate: bool,
    /// Whether the places of the tile are asked for before it is computed.
    pub ahead: bool,
}

/// Computes a tile whose number of rows and vectors is fixed.
///
/// # Safety
/// All places that the tile names can be read or written, and the instructions of the level exist.
pub type MicroKernel<T> = unsafe fn(&Tile<'_, T>);

/// Micro-kernels of one width, for tiles of fewer and fewer rows, down to one.
pub struct MicroKernels<T: 'static> {
    /// NR: the number of columns of the tile.
    pub nr: usize,
    /// The micro-kernel of MR rows, for operands that are both packed: column p of the left one and row p of the right one begin where
    /// those before end. Without tables of places it has fewer numbers to read.
    packed: MicroKernel<T>,
    by_rows: &'static [(usize, MicroKernel<T>)],
}

/// No tile has more rows, or more columns.
pub const MAX_MR: usize = 12;
pub const MAX_NR: usize = 32;

impl<T> MicroKernels<T> {
    /// MR: the number of rows of the tallest tile.
    pub fn mr(&self) -> usize {
        self.by_rows[0].0
    }

    /// The tallest tile that is not taller than so many rows, for operands that are both packed or for any.
    pub fn for_rows(&self, rows: usize, packed: bool) -> (usize, MicroKernel<T>) {
        if packed && rows >= self.mr() {
            return (self.mr(), self.packed);
        }
        *self.by_rows.iter().find(|(tall, _)| *tall <= rows).expect("there is a kernel for one row")
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

/// What a level computes with, the widest first.
pub fn kernels<T: Vectors>(level: Level) -> &'static [MicroKernels<T>] {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => {
            const {
                &[
                    kernels!(avx512, T::Avx512, 2, 12 8 6 4 2 1),
                    kernels!(avx512, T::Avx512, 1, 12 8 6 4 2 1),
                    // With 512 bits come more registers for vectors of 256.
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
    // SAFETY: the caller vouches for all places, and for the instructions.
    unsafe {
        let mut sums = [[V::splat(V::Number::default()); VECTORS]; ROWS];
        let depth = tile.a_cols.len();
        let mut rows = [tile.a; ROWS];
        for (i, row) in rows.iter_mut().enumerate() {
            *row = row.add(*tile.a_rows.get_unchecked(i));
        }
        // The lines that the sums will be written to are asked for one by one while these are computed.
        for i in 0..ROWS {
            if tile.ahead {
                let out = tile.out.wrapping_add(*tile.out_rows.get_unchecked(i));
                for v in 1..=VECTORS {
                    prefetch(out.wrapping_add(v * V::COUNT - 1));
                }
            }
            for p in depth * i / ROWS..depth * (i + 1) / ROWS {
                if PACKED {
                    let a = tile.a.add(p * ROWS);
                    add_products(&mut sums, |i| *a.add(i), tile.b.add(p * VECTORS * V::COUNT));
                } else {
                    let (a_col, b_row) = (*tile.a_cols.get_unchecked(p), *tile.b_rows.get_unchecked(p));
                    add_products(&mut sums, |i| *rows[i].add(a_col), tile.b.add(b_row));
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            let out = tile.out.add(*tile.out_rows.get_unchecked(i));
            for (v, sum) in sums.into_iter().enumerate() {
                if tile.columns == VECTORS * V::COUNT {
                    let out = out.add(v * V::COUNT);
                    let sum = if tile.accumulate { V::load(out).plus(sum) } else { sum };
                    sum.store(out);
                    continue;
                }
                // Of a vector behind the last column nothing is written, and its place need not exist.
                let out = out.wrapping_add(v * V::COUNT);
                let count = tile.columns.saturating_sub(v * V::COUNT).min(V::COUNT);
                let sum = if tile.accumulate { V::load_part(out, 0..count).plus(sum) } else { sum };
                sum.store_part(out, count);
            }
        }
    }
}

/// Adds the products of numbers of the left operand and a row of the right one to the sums of a tile.
#[inline(always)]
unsafe fn add_products<V: SimdVector, const ROWS: usize, const VECTORS: usize>(
    sums: &mut [[V; VECTORS]; ROWS],
    a: impl Fn(usize) -> V::Number,
    b: *const V::Number,
) {
    // SAFETY: the caller vouches for all places, and for the instructions.
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
