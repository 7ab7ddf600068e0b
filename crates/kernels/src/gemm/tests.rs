//! Products of every level against the plain sums they stand for.

use rand::{RngExt, SeedableRng};

use super::*;
use crate::element::KernelFloat;
use crate::simd::Level;

type Random = rand::rngs::Xoshiro256PlusPlus;

/// A matrix of random numbers that lies in its buffer in some way.
struct Case {
    data: Vec<f64>,
    rows: Vec<usize>,
    cols: Vec<usize>,
}

impl Case {
    fn new(rows: usize, cols: usize, layout: usize, random: &mut Random) -> Self {
        let gap = random.random_range(0..3);
        let (mut row_places, mut col_places) = match layout % 4 {
            0 => (steps_of(rows, cols + gap), steps_of(cols, 1)),
            1 => (steps_of(rows, 1), steps_of(cols, rows + gap)),
            2 => (steps_of(rows, (cols + gap) * 2), steps_of(cols, 2)),
            // Rows and columns of an image under a window: places repeat, and neighbours are not always neighbours.
            _ => ((0..rows).map(|i| i / 5 * 7 + i % 5).collect(), (0..cols).map(|j| j / 3 * 7 + j % 3).collect()),
        };
        let offset = random.random_range(0..5);
        row_places.iter_mut().for_each(|place| *place += offset);
        col_places.iter_mut().for_each(|place| *place += 1);
        let size = row_places.last().unwrap_or(&0) + col_places.last().unwrap_or(&0) + 1;
        // Small whole numbers, so that every sum is exact in any order.
        let data = (0..size).map(|_| f64::from(random.random_range(-8i8..9))).collect();
        Case { data, rows: row_places, cols: col_places }
    }

    fn places(&self) -> [Offsets; 2] {
        [self.rows.clone().into(), self.cols.clone().into()]
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.data[self.rows[i] + self.cols[j]]
    }
}

fn layout_of([rows, cols]: &[Offsets; 2]) -> Layout<'_> {
    Layout { rows, cols }
}

/// Offsets of the same distance from one another.
fn steps_of(count: usize, step: usize) -> Vec<usize> {
    (0..count).map(|i| i * step).collect()
}

fn check<T: KernelFloat>(level: Level, [m, k, n]: [usize; 3], layouts: [usize; 3], random: &mut Random) {
    let a = Case::new(m, k, layouts[0], random);
    let b = Case::new(k, n, layouts[1], random);
    // Elements of a product do not share places.
    let out = Case::new(m, n, layouts[2] % 3, random);
    let accumulate = random.random();
    let of = |data: &[f64]| data.iter().map(|&x| T::narrow(x)).collect::<Vec<T>>();
    let (a_data, b_data, mut out_data) = (of(&a.data), of(&b.data), of(&out.data));
    let [a_places, b_places, out_places] = [&a, &b, &out].map(Case::places);
    let [a_layout, b_layout, out_layout] = [&a_places, &b_places, &out_places].map(layout_of);
    Plan::at(level, a_layout, b_layout, out_layout).compute(&a_data, &b_data, &mut out_data, accumulate);
    let mut expected = out.data.clone();
    for i in 0..m {
        for j in 0..n {
            let sum: f64 = (0..k).map(|p| a.at(i, p) * b.at(p, j)).sum();
            let place = &mut expected[out.rows[i] + out.cols[j]];
            *place = if accumulate { *place + sum } else { sum };
        }
    }
    // What lies between the elements of the product must not change either.
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
    // More depth, columns or rows than are multiplied at a time, enough of all for several threads, and both operands packed.
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

/// The product of two matrices of four numbers whose rows begin at these places, written to a buffer of this size.
fn multiply(rows: [[usize; 2]; 3], size: usize) {
    let places = rows.map(|rows| [Offsets::from(rows.to_vec()), Offsets::every(1, 2)]);
    let [a, b, out] = [&places[0], &places[1], &places[2]].map(layout_of);
    Plan::new(a, b, out).compute(&[1.0f32; 4], &[1.0; 4], &mut vec![0.0; size], false);
}

#[test]
#[should_panic(expected = "a place for each element")]
fn a_product_does_not_leave_its_buffer() {
    multiply([[0, 2], [0, 2], [0, 2]], 3);
}

#[test]
#[should_panic(expected = "inside its buffer")]
fn an_operand_does_not_leave_its_buffer() {
    multiply([[0, 2], [0, 3], [0, 2]], 4);
}

#[test]
#[should_panic(expected = "places of their own")]
fn elements_of_a_product_do_not_share_places() {
    multiply([[0, 2], [0, 2], [0, 1]], 3);
}

/// Wherever the check is content, no two places are the same; and it is content with what operations ask for.
#[test]
fn rows_and_columns_that_are_apart() {
    let mut random = Random::seed_from_u64(9);
    let mut content = 0;
    for _ in 0..3000 {
        let mut some =
            || -> Vec<usize> { (0..random.random_range(1..5)).map(|_| random.random_range(0..12)).collect() };
        let (mut rows, mut cols) = (some(), some());
        rows.sort_unstable();
        cols.sort_unstable();
        if are_apart(rows.clone(), cols.clone()) {
            content += 1;
            let mut all: Vec<usize> = rows.iter().flat_map(|row| cols.iter().map(move |col| row + col)).collect();
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{rows:?} {cols:?}");
        }
    }
    assert!(content > 100);
    // A matrix, its transpose, a part of it, and features of two images.
    let places = steps_of;
    assert!(are_apart(places(3, 5), places(5, 1)) && are_apart(places(5, 1), places(3, 5)));
    assert!(are_apart(places(5, 2), places(9, 10)) && !are_apart(places(3, 4), places(5, 1)));
    assert!(are_apart(vec![0, 2, 4], vec![0, 1, 12, 13]) && !are_apart(vec![0, 2, 4], vec![0, 1, 5, 6]));
}

fn are_apart(rows: Vec<usize>, cols: Vec<usize>) -> bool {
    let (rows, cols) = (Offsets::from(rows), Offsets::from(cols));
    rows.is_apart_from(&cols) || cols.is_apart_from(&rows)
}

/// What is known of places in advance is what is found out of any places, which is what it says.
#[test]
fn what_is_known_of_places() {
    let mut random = Random::seed_from_u64(2);
    let check = |places: Offsets, at: Vec<usize>| {
        let known = |places: &Offsets| {
            (places.last(), places.shortest_run, places.longest_run, places.closest, places.closest_run)
        };
        let runs: Vec<_> = at.chunk_by(|left, right| left + 1 == *right).collect();
        let lengths = || runs.iter().map(|run| run.len());
        let closest = |at: &[usize]| at.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min();
        let starts: Vec<_> = runs.iter().map(|run| run[0]).collect();
        let plain = (
            at.iter().max().copied().unwrap_or(0),
            lengths().min().unwrap_or(0),
            lengths().max().unwrap_or(0),
            closest(&at).unwrap_or(usize::MAX),
            closest(&starts).unwrap_or(usize::MAX),
        );
        assert_eq!((&places.at, known(&places)), (&at, plain));
        assert_eq!(known(&Offsets::from(at)), plain);
    };
    for step in 0..4 {
        for count in 0..5 {
            check(Offsets::every(step, count), steps_of(count, step));
        }
    }
    for _ in 0..200 {
        let (count, length) = (random.random_range(0..4), random.random_range(1..4));
        let starts: Vec<usize> = (0..count).map(|_| random.random_range(0..9)).collect();
        let at = starts.iter().flat_map(|&start| start..start + length).collect();
        check(Offsets::pieces(starts.into_iter(), length), at);
    }
}
