//! Products on every SIMD level against plain sums.

use rand::{RngExt, SeedableRng};

use super::*;
use crate::element::KernelFloat;
use crate::simd::Level;

type Random = rand::rngs::Xoshiro256PlusPlus;

/// A matrix of random numbers with one of several layouts.
struct Case {
    data: Vec<f64>,
    row_offsets: Vec<usize>,
    col_offsets: Vec<usize>,
}

impl Case {
    fn new(rows: usize, cols: usize, layout: usize, random: &mut Random) -> Self {
        let gap = random.random_range(0..3);
        let (mut row_offsets, mut col_offsets) = match layout % 4 {
            0 => (steps_of(rows, cols + gap), steps_of(cols, 1)),
            1 => (steps_of(rows, 1), steps_of(cols, rows + gap)),
            2 => (steps_of(rows, (cols + gap) * 2), steps_of(cols, 2)),
            // Rows and columns of an image under a window: offsets repeat, and are only partly consecutive.
            _ => ((0..rows).map(|i| i / 5 * 7 + i % 5).collect(), (0..cols).map(|j| j / 3 * 7 + j % 3).collect()),
        };
        let start = random.random_range(0..5);
        row_offsets.iter_mut().for_each(|offset| *offset += start);
        col_offsets.iter_mut().for_each(|offset| *offset += 1);
        let size = row_offsets.last().unwrap_or(&0) + col_offsets.last().unwrap_or(&0) + 1;
        // Small whole numbers, so that every sum is exact in any order.
        let data = (0..size).map(|_| f64::from(random.random_range(-8i8..9))).collect();
        Case { data, row_offsets, col_offsets }
    }

    fn offsets(&self) -> [Offsets; 2] {
        [self.row_offsets.clone().into(), self.col_offsets.clone().into()]
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[self.row_offsets[i] + self.col_offsets[j]]
    }
}

fn layout_of([row_offsets, col_offsets]: &[Offsets; 2]) -> Layout<'_> {
    Layout { row_offsets, col_offsets }
}

/// Offsets with a constant stride.
fn steps_of(count: usize, step: usize) -> Vec<usize> {
    (0..count).map(|i| i * step).collect()
}

fn check<T: KernelFloat>(level: Level, [m, k, n]: [usize; 3], layouts: [usize; 3], random: &mut Random) {
    let a = Case::new(m, k, layouts[0], random);
    let b = Case::new(k, n, layouts[1], random);
    // Elements of a product do not share an offset.
    let out = Case::new(m, n, layouts[2] % 3, random);
    let accumulate = random.random();
    let of = |data: &[f64]| data.iter().map(|&x| T::narrow(x)).collect::<Vec<T>>();
    let (a_data, b_data, mut out_data) = (of(&a.data), of(&b.data), of(&out.data));
    let offsets = [&a, &b, &out].map(Case::offsets);
    let [a_layout, b_layout, out_layout] = [&offsets[0], &offsets[1], &offsets[2]].map(layout_of);
    Plan::for_level(level, a_layout, b_layout, out_layout).compute(&a_data, &b_data, &mut out_data, accumulate);
    let mut expected = out.data.clone();
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..k).map(|p| a.at(i, p) * b.at(p, j)).sum();
            let element = &mut expected[out.row_offsets[i] + out.col_offsets[j]];
            *element = if accumulate { *element + sum } else { sum };
        }
    }
    // What is between the elements of the product must not change either.
    assert!(
        out_data == of(&expected),
        "{level:?} {} [{m}, {k}] [{k}, {n}] {layouts:?} {accumulate}",
        std::any::type_name::<T>()
    );
}

#[test]
fn every_level_multiplies_matrices_of_all_sizes_and_layouts() {
    let mut random = Random::seed_from_u64(1);
    for level in Level::available() {
        for m in [0, 1, 5, 12, 31] {
            for k in [0, 1, 3, 16, 33] {
                for n in [0, 1, 8, 9, 31, 70] {
                    let layouts = std::array::from_fn(|_| random.random_range(0..4));
                    check::<f32>(level, [m, k, n], layouts, &mut random);
                    check::<f64>(level, [m, k, n], layouts, &mut random);
                }
            }
        }
    }
}

#[test]
fn every_level_multiplies_in_blocks() {
    let mut random = Random::seed_from_u64(2);
    // More depth, columns or rows than are multiplied at a time, enough of all for several threads, and both operands
    // packed.
    let sizes =
        [[100, 830, 12], [14, 40, 1100], [1100, 5, 97], [1, 1100, 50], [13, 801, 97], [97, 9, 390], [4100, 2, 97]];
    let layouts = [[0, 0, 0], [1, 0, 1], [0, 1, 0], [2, 3, 2], [1, 1, 0], [0, 1, 0], [1, 0, 0]];
    for level in Level::available() {
        for (size, layouts) in sizes.into_iter().zip(layouts) {
            check::<f32>(level, size, layouts, &mut random);
            check::<f64>(level, size, layouts, &mut random);
        }
    }
}

/// Multiplies two 2 × 2 matrices with these row offsets, into a buffer of this size.
fn multiply(rows: [[usize; 2]; 3], size: usize) {
    let offsets = rows.map(|rows| [Offsets::from(rows.to_vec()), Offsets::strided(1, 2)]);
    let [a, b, out] = [&offsets[0], &offsets[1], &offsets[2]].map(layout_of);
    Plan::new(a, b, out).compute(&[1.0f32; 4], &[1.0; 4], &mut vec![0.0; size], false);
}

#[test]
#[should_panic(expected = "too small for the product")]
fn a_product_does_not_leave_its_buffer() {
    multiply([[0, 2], [0, 2], [0, 2]], 3);
}

#[test]
#[should_panic(expected = "does not fit into its buffer")]
fn an_operand_does_not_leave_its_buffer() {
    multiply([[0, 2], [0, 3], [0, 2]], 4);
}

#[test]
#[should_panic(expected = "share an offset")]
fn elements_of_a_product_do_not_share_an_offset() {
    multiply([[0, 2], [0, 2], [0, 1]], 3);
}

/// Whatever the check accepts has no two equal sums of offsets; and it accepts the layouts that operations use.
#[test]
fn rows_and_columns_that_are_apart() {
    let mut random = Random::seed_from_u64(9);
    let mut accepted = 0;
    for _ in 0..3000 {
        let mut some =
            || -> Vec<usize> { (0..random.random_range(1..5)).map(|_| random.random_range(0..12)).collect() };
        let (mut rows, mut cols) = (some(), some());
        rows.sort_unstable();
        cols.sort_unstable();
        if are_apart(rows.clone(), cols.clone()) {
            accepted += 1;
            let mut all: Vec<usize> = rows.iter().flat_map(|row| cols.iter().map(move |col| row + col)).collect();
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{rows:?} {cols:?}");
        }
    }
    assert!(accepted > 100);
    // A matrix, its transpose, a part of it, and features of two images.
    let strided = steps_of;
    assert!(are_apart(strided(3, 5), strided(5, 1)) && are_apart(strided(5, 1), strided(3, 5)));
    assert!(are_apart(strided(5, 2), strided(9, 10)) && !are_apart(strided(3, 4), strided(5, 1)));
    assert!(are_apart(vec![0, 2, 4], vec![0, 1, 12, 13]) && !are_apart(vec![0, 2, 4], vec![0, 1, 5, 6]));
}

fn are_apart(rows: Vec<usize>, cols: Vec<usize>) -> bool {
    let (rows, cols) = (Offsets::from(rows), Offsets::from(cols));
    rows.is_apart_from(&cols) || cols.is_apart_from(&rows)
}

/// Every constructor finds the same properties as a plain computation from the list of offsets.
#[test]
fn properties_of_offsets() {
    let mut random = Random::seed_from_u64(2);
    let check = |offsets: Offsets, values: Vec<usize>| {
        let properties = |offsets: &Offsets| {
            (offsets.last(), offsets.shortest_run, offsets.longest_run, offsets.closest, offsets.closest_run)
        };
        let runs: Vec<_> = values.chunk_by(|left, right| left + 1 == *right).collect();
        let lengths = || runs.iter().map(|run| run.len());
        let closest = |values: &[usize]| values.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min();
        let starts: Vec<_> = runs.iter().map(|run| run[0]).collect();
        let plain = (
            values.iter().max().copied().unwrap_or(0),
            lengths().min().unwrap_or(0),
            lengths().max().unwrap_or(0),
            closest(&values).unwrap_or(usize::MAX),
            closest(&starts).unwrap_or(usize::MAX),
        );
        assert_eq!((&offsets.values, properties(&offsets)), (&values, plain));
        assert_eq!(properties(&Offsets::from(values)), plain);
    };
    for step in 0..4 {
        for count in 0..5 {
            check(Offsets::strided(step, count), steps_of(count, step));
        }
    }
    for _ in 0..200 {
        let (count, length) = (random.random_range(0..4), random.random_range(1..4));
        let starts: Vec<usize> = (0..count).map(|_| random.random_range(0..9)).collect();
        let values = starts.iter().flat_map(|&start| start..start + length).collect();
        check(Offsets::runs_from(starts.into_iter(), length), values);
    }
}
