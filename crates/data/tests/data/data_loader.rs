//! Batches: their sizes, the random orders, epochs and resuming.

use std::collections::HashMap;
use std::sync::Arc;

use downhill_data::{DataLoader, Dataset, TensorDataset};
use downhill_tensor::{StateDict, Tensor, manual_seed};
use downhill_tests::assert_panics;

use crate::Positions;

/// The row indices of the next epoch.
fn epoch(loader: &DataLoader<Positions>) -> Vec<usize> {
    loader.iter().flatten().collect()
}

fn sorted(mut positions: Vec<usize>) -> Vec<usize> {
    positions.sort_unstable();
    positions
}

#[test]
fn sizes_of_batches() {
    // Rows, batch size, drop_last, and the expected batch sizes.
    let cases: [(usize, usize, bool, &[usize]); 10] = [
        (10, 5, false, &[5, 5]),
        (10, 5, true, &[5, 5]),
        (10, 4, false, &[4, 4, 2]),
        (10, 4, true, &[4, 4]),
        (3, 1, false, &[1, 1, 1]),
        (3, 5, false, &[3]),
        (3, 5, true, &[]),
        (3, usize::MAX, false, &[3]),
        (0, 5, false, &[]),
        (0, 5, true, &[]),
    ];
    for (rows, batch_size, drop_last, sizes) in cases {
        for (shuffle, replacement) in [(false, false), (true, false), (false, true), (true, true)] {
            let loader = DataLoader::new(Positions(rows), batch_size).drop_last(drop_last).seed(1);
            let loader = loader.shuffle(shuffle).replacement(replacement);
            let given: Vec<usize> = loader.iter().map(|batch| batch.len()).collect();
            assert_eq!(given, sizes, "{rows} rows in batches of {batch_size}, drop_last {drop_last}");
            assert_eq!((loader.len(), loader.is_empty()), (sizes.len(), sizes.is_empty()));
            let mut batches = loader.iter();
            for left in (0..sizes.len()).rev() {
                assert!(batches.next().is_some());
                assert_eq!(batches.len(), left);
            }
            assert!(batches.next().is_none() && batches.next().is_none());
        }
    }
}

#[test]
fn the_default_order_is_sequential() {
    let loader = DataLoader::new(Positions(5), 2);
    for _ in 0..2 {
        assert_eq!(epoch(&loader), [0, 1, 2, 3, 4]);
    }
}

/// Computed by an independent program from the definition in the documentation of `DataLoader`.
#[test]
fn random_orders_are_those_of_the_documentation() {
    let cases = [
        (0, 0, [4, 6, 1, 2, 9, 0, 5, 3, 7, 8], [8, 8, 3, 8, 1, 6, 6, 6, 0, 7]),
        (7, 0, [1, 2, 9, 3, 0, 4, 6, 5, 7, 8], [8, 7, 6, 8, 7, 0, 7, 0, 3, 0]),
        (7, 1, [0, 9, 5, 3, 1, 8, 6, 2, 4, 7], [7, 4, 3, 9, 6, 3, 8, 4, 7, 0]),
        (8, 0, [9, 4, 1, 0, 8, 2, 3, 7, 5, 6], [6, 5, 9, 4, 4, 5, 0, 5, 6, 2]),
        (u64::MAX, 2, [5, 4, 0, 3, 1, 8, 9, 7, 6, 2], [2, 7, 8, 4, 4, 2, 8, 2, 9, 3]),
    ];
    for (seed, number, shuffled, drawn) in cases {
        let loader = || DataLoader::new(Positions(10), 3).seed(seed);
        let order = |loader: DataLoader<Positions>| loader.iter_from(number, 0).flatten().collect::<Vec<_>>();
        assert_eq!(order(loader().shuffle(true)), shuffled);
        assert_eq!(order(loader().replacement(true)), drawn);
        assert_eq!(order(loader().replacement(true).shuffle(true)), drawn);
        assert_eq!(order(loader().shuffle(true).replacement(true)), drawn);
    }
}

#[test]
fn shuffling_takes_every_row_once() {
    let loader = DataLoader::new(Positions(1000), 7).shuffle(true).seed(3);
    let (first, second) = (epoch(&loader), epoch(&loader));
    assert_ne!(first, second);
    for order in [first, second] {
        assert_eq!(sorted(order), (0..1000).collect::<Vec<_>>());
    }
}

#[test]
fn drop_last_drops_the_end_of_the_order() {
    let all = epoch(&DataLoader::new(Positions(10), 4).shuffle(true).seed(3));
    assert_eq!(epoch(&DataLoader::new(Positions(10), 4).shuffle(true).seed(3).drop_last(true)), all[..8]);
}

/// Each of the 24 orders of four rows is expected 1000 times in 24,000 epochs, with a standard deviation of 31.
#[test]
fn all_orders_are_equally_likely() {
    let loader = DataLoader::new(Positions(4), 4).shuffle(true).seed(5);
    let mut counts = HashMap::new();
    for _ in 0..24_000 {
        *counts.entry(epoch(&loader)).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 24);
    assert!(counts.values().all(|count| (850..1150).contains(count)), "{counts:?}");
}

/// Of n rows drawn n times, the fraction drawn at least once is near 1 - 1/e = 0.632.
#[test]
fn replacement_repeats_some_rows_and_misses_others() {
    let mut drawn = sorted(epoch(&DataLoader::new(Positions(10_000), 10).replacement(true).seed(3)));
    assert_eq!(drawn.len(), 10_000);
    drawn.dedup();
    assert!((drawn.len() as f64 / 10_000.0 - 0.632).abs() < 0.02, "{} rows", drawn.len());
}

#[test]
fn each_for_is_the_next_epoch() {
    let loader = DataLoader::new(Positions(20), 4).shuffle(true).seed(11);
    let epochs: Vec<_> = (0..3).map(|_| epoch(&loader)).collect();
    assert_eq!(loader.epoch(), 3);

    loader.set_epoch(1);
    assert_eq!(epoch(&loader), epochs[1]);
    assert_eq!(epoch(&loader), epochs[2]);

    // An epoch that is left early still counts.
    loader.set_epoch(0);
    assert_eq!(loader.iter().next().unwrap(), epochs[0][..4]);
    assert_eq!(epoch(&loader), epochs[1]);
}

#[test]
fn resuming_is_exact() {
    for (shuffle, replacement) in [(false, false), (true, false), (false, true)] {
        let new = || {
            let loader = DataLoader::new(Positions(23), 4).drop_last(true).seed(11);
            loader.shuffle(shuffle).replacement(replacement)
        };
        let uninterrupted = new();
        let expected: Vec<_> = (0..4).flat_map(|_| uninterrupted.iter().collect::<Vec<_>>()).collect();
        for done in 0..=expected.len() {
            let resumed = new();
            let (epoch, batch) = (done / resumed.len(), done % resumed.len());
            let mut batches: Vec<_> = resumed.iter_from(epoch, batch).collect();
            while resumed.epoch() < 4 {
                batches.extend(&resumed);
            }
            assert_eq!(batches[..expected.len() - done], expected[done..], "after {done} batches");
        }
        assert_eq!(new().iter_from(0, 5).len(), 0);
    }
}

#[test]
fn without_a_seed_the_default_generator_decides() {
    let order = |seed| {
        manual_seed(seed);
        epoch(&DataLoader::new(Positions(50), 4).shuffle(true))
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));

    // The seed is drawn once, and only when it is needed.
    manual_seed(1);
    let loader = DataLoader::new(Positions(50), 4).shuffle(true);
    let first = epoch(&loader);
    manual_seed(9);
    epoch(&DataLoader::new(Positions(50), 4));
    epoch(&DataLoader::new(Positions(50), 4).shuffle(true).seed(3));
    epoch(&loader);
    let next = Tensor::rand([1]).item();
    manual_seed(9);
    assert_eq!(Tensor::rand([1]).item(), next);
    loader.set_epoch(0);
    assert_eq!(epoch(&loader), first);
}

#[test]
fn loaders_share_a_data_set() {
    let positions = Positions(5);
    let (train, evaluate) = (DataLoader::new(&positions, 2).shuffle(true), DataLoader::new(&positions, 5));
    assert_eq!((train.len(), evaluate.len()), (3, 1));
    assert_eq!((train.dataset().len(), train.batch_size()), (5, 2));

    let loader = DataLoader::new(Arc::new(positions), 2).shuffle(true).seed(1);
    let batches: usize =
        std::thread::scope(|scope| [0, 1].map(|_| scope.spawn(|| loader.iter().count())).map(|t| t.join().unwrap()))
            .iter()
            .sum();
    assert_eq!((batches, loader.epoch()), (6, 2));
}

#[test]
fn errors() {
    assert_panics("DataLoader::new: batch_size is 0; it must be at least 1", || DataLoader::new(Positions(5), 0));
    let loader = DataLoader::new(Positions(5), 2);
    assert_panics("DataLoader::iter_from: expected a batch from 0 to 3, got 4", || loader.iter_from(0, 4));
}

#[test]
fn a_position_is_saved_and_loaded_only_where_the_batches_are_the_same() {
    let dataset = |rows: i64| TensorDataset::new(Tensor::arange(0, rows, 1), Tensor::arange(0, rows, 1)).unwrap();
    let saved = DataLoader::new(dataset(10), 3).shuffle(true).seed(7).state_dict(2, 4);
    let loader = |rows, batch_size| DataLoader::new(dataset(rows), batch_size);
    let fits = [loader(10, 3).shuffle(true), loader(10, 3).shuffle(true).seed(8)];
    for mut loader in fits {
        assert_eq!(loader.load_state_dict(&saved).unwrap(), (2, 4));
        assert_eq!(loader.epoch(), 2);
        let order =
            |loader: &DataLoader<TensorDataset>| loader.iter_from(2, 1).map(|(x, _)| x.to_vec()).collect::<Vec<_>>();
        assert_eq!(order(&loader), order(&DataLoader::new(dataset(10), 3).shuffle(true).seed(7)));
    }
    let with = |name: &str, number| {
        let mut state = saved.clone();
        state.insert_number::<i64>(name, number);
        state
    };
    let shuffled = || loader(10, 3).shuffle(true);
    let rows = [
        (loader(11, 3).shuffle(true), saved.clone(), "`rows`: is 10, but this loader has 11"),
        (loader(10, 4).shuffle(true), saved.clone(), "`batch_size`: is 3, but this loader has 4"),
        (loader(10, 3), saved.clone(), "`shuffle`: is 1, but this loader has 0"),
        (shuffled().replacement(true), saved.clone(), "`replacement`: is 0, but this loader has 1"),
        (shuffled().drop_last(true), saved.clone(), "`drop_last`: is 0, but this loader has 1"),
        (shuffled(), with("batch", 5), "`batch`: is 5, expected a number from 0 to 4"),
        (shuffled(), with("epoch", -1), "`epoch`: is -1, expected a number from 0 to 9223372036854775806"),
        (shuffled(), StateDict::new(), "the names differ; missing: rows; unexpected: none"),
    ];
    for (mut loader, state, message) in rows {
        assert_eq!(loader.load_state_dict(&state).unwrap_err().to_string(), message);
        assert_eq!(loader.epoch(), 0, "{message}");
    }
    // A seed that has not been drawn yet is drawn after loading.
    let (early, mut late) = (loader(10, 3).shuffle(true), loader(10, 3).shuffle(true).seed(8));
    late.load_state_dict(&early.state_dict(0, 0)).unwrap();
    let first = |loader: &DataLoader<TensorDataset>| {
        manual_seed(3);
        loader.iter_from(0, 0).map(|(x, _)| x.to_vec()).collect::<Vec<_>>()
    };
    assert_eq!(first(&late), first(&early));
    assert!(early.state_dict(0, 0).get("seed").is_some());
}
