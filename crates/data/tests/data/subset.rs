//! Subsets and random splits: which rows they contain.

use std::sync::Arc;

use downhill_data::{DataLoader, Dataset, Subset, random_split};
use downhill_tests::assert_panics;

use crate::Positions;

#[test]
fn rows_of_a_subset() {
    let subset = Subset::new(Positions(10), [7, 3, 3, 9]);
    assert_eq!((subset.len(), subset.indices(), subset.dataset().len()), (4, &[7, 3, 3, 9][..], 10));
    assert_eq!(subset.batch(&[3, 0, 1]), [9, 7, 3]);
    let nested = Subset::new(&subset, vec![1, 3]);
    assert_eq!(DataLoader::new(nested, 5).iter().next().unwrap(), [3, 9]);
    assert!(Subset::new(Positions(0), []).is_empty());
    let message = "Subset::new: expected positions below 3, the number of rows, got 3";
    assert_panics(message, || Subset::new(Positions(3), [0, 3]));
}

#[test]
fn a_split_is_disjoint_and_complete() {
    for rows in [0, 1, 2, 10, 101, 1000] {
        let parts = random_split(Positions(rows), [0.7, 0.2, 0.1], 3);
        let mut all: Vec<usize> = parts.iter().flat_map(|part| part.indices().to_vec()).collect();
        assert!(rows < 10 || !all.is_sorted());
        all.sort_unstable();
        assert_eq!(all, (0..rows).collect::<Vec<_>>());
    }
}

#[test]
fn sizes_of_the_parts() {
    let sizes = |rows, fractions| random_split(Positions(rows), fractions, 0).map(|part| part.len());
    // PyTorch's sizes.
    let cases = [
        (10, [0.5, 0.3, 0.2], [5, 3, 2]),
        (10, [0.0, 1.0, 0.0], [0, 10, 0]),
        (11, [0.5, 0.25, 0.25], [6, 3, 2]),
        (3, [0.4, 0.3, 0.3], [2, 1, 0]),
        (1, [0.1, 0.2, 0.7], [1, 0, 0]),
        (0, [0.5, 0.25, 0.25], [0, 0, 0]),
    ];
    for (rows, fractions, expected) in cases {
        assert_eq!(sizes(rows, fractions), expected, "{rows} rows, {fractions:?}");
    }
    // 0.29 * 100 is 28.999999999999996, so one row remains for the first part.
    assert_eq!(random_split(Positions(100), [0.29, 0.71], 0).map(|part| part.len()), [29, 71]);
}

#[test]
fn the_seed_decides() {
    let train = |seed| random_split(Positions(100), [0.8, 0.2], seed)[0].indices().to_vec();
    assert_eq!(train(1), train(1));
    assert_ne!(train(1), train(2));
    // Not the order of the first epoch of a loader with this seed.
    let epoch: Vec<usize> = DataLoader::new(Positions(100), 80).shuffle(true).seed(1).iter().next().unwrap();
    assert_ne!(train(1), epoch);
    // The same on every machine.
    let [first, second] = random_split(Arc::new(Positions(8)), [0.5, 0.5], 1);
    assert_eq!([first.indices(), second.indices()], [&[5, 3, 0, 6][..], &[2, 1, 7, 4]]);
}

#[test]
fn fractions_that_are_no_split() {
    for (fractions, given) in [
        ([0.5, 0.4], "[0.5, 0.4]"),
        ([1.5, -0.5], "[1.5, -0.5]"),
        ([f64::NAN, 1.0], "[NaN, 1.0]"),
        ([f64::INFINITY, 0.0], "[inf, 0.0]"),
        ([80.0, 20.0], "[80.0, 20.0]"),
    ] {
        let message = format!("random_split: expected fractions from 0 to 1 that add up to 1, got {given}");
        assert_panics(&message, || random_split(Positions(10), fractions, 0));
    }
}
