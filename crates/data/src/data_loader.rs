//! Batches of a data set: in order, shuffled, or drawn with replacement, optionally prepared ahead by worker threads.

use std::iter::FusedIterator;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use downhill_tensor::{Error, with_generator};
use rand::Rng;

use crate::Dataset;
use crate::epoch::{Epoch, Prefetch, Start};
use crate::random::{below, permutation, stream};

mod state;

/// More threads than any machine can use; each costs memory, and the operating system limits their number.
const MAX_WORKERS: usize = 1024;

/// Splits a data set into batches; each `for` over `&loader` is the next epoch.
///
/// The rows come in order unless [`shuffle`](DataLoader::shuffle) or [`replacement`](DataLoader::replacement) is set.
/// The last batch of an epoch holds the rows that remain, unless [`drop_last`](DataLoader::drop_last) is set.
///
/// ```
/// use downhill_data::{DataLoader, TensorDataset};
/// use downhill_tensor::Tensor;
/// let dataset = TensorDataset::new(Tensor::arange(0, 5, 1), Tensor::from([0, 1, 2, 3, 4]))?;
/// let loader = DataLoader::new(dataset, 2);
/// let batches: Vec<_> = loader.iter().map(|(x, _)| x.to_vec()).collect();
/// assert_eq!(batches, [vec![0.0, 1.0], vec![2.0, 3.0], vec![4.0]]);
/// # Ok::<(), downhill_data::Error>(())
/// ```
///
/// # Random order
///
/// The order of the rows in an epoch is a pure function of the seed, the epoch number and the number of rows, so an
/// epoch can be repeated, and a run can be resumed at any batch with [`iter_from`](DataLoader::iter_from). Let `G(s)`
/// be Xoshiro256++ seeded from `s` by SplitMix64. Epoch `e` draws from `G(first(G(seed)) + e)`, modulo 2^64. A draw
/// below `n` is the upper half of the 128-bit product of the next number and `n`, drawn again while the lower half is
/// less than 2^64 mod `n`. Shuffling is Fisher-Yates: for `i` from `n - 1` down to 1, swap position `i` with a draw
/// below `i + 1`. With replacement, every row is a draw below `n`.
///
/// A data set may draw random numbers from the default generator while it prepares a batch, for example to shift
/// images. When the loader has a seed (given, or drawn for a random order or for [`workers`](DataLoader::workers)),
/// batch `b` of epoch `e` gets its own default generator, `G(first(G(first(G(not seed)) + e)) + b)`, so the numbers
/// are the same in any thread and when a run is resumed.
#[derive(Debug)]
pub struct DataLoader<D: Dataset> {
    dataset: Arc<D>,
    batch_size: usize,
    shuffle: bool,
    replacement: bool,
    drop_last: bool,
    /// The number of worker threads, and the function that starts them.
    workers: Option<(usize, Start<D>)>,
    /// Drawn on first use unless it was given.
    seed: OnceLock<u64>,
    /// The epoch of the next `for` loop.
    epoch: AtomicUsize,
}

impl<D: Dataset> DataLoader<D> {
    /// Batches of `batch_size` rows, in order.
    ///
    /// # Panics
    /// When `batch_size` is 0.
    #[track_caller]
    pub fn new(dataset: D, batch_size: usize) -> Self {
        if batch_size == 0 {
            let (op, given) = ("DataLoader::new", "0".to_owned());
            Error::Argument { op, name: "batch_size", given, expected: "at least 1" }.raise();
        }
        DataLoader {
            dataset: Arc::new(dataset),
            batch_size,
            shuffle: false,
            replacement: false,
            drop_last: false,
            workers: None,
            seed: OnceLock::new(),
            epoch: AtomicUsize::new(0),
        }
    }

    /// Whether each epoch visits the rows in a new random order, each row once (sampling without replacement).
    pub fn shuffle(self, shuffle: bool) -> Self {
        DataLoader { shuffle, ..self }
    }

    /// Whether each row of a batch is drawn independently from all rows (sampling with replacement). An epoch has as
    /// many draws as the data set has rows: some rows come more than once and some not at all. `shuffle` then has no
    /// effect.
    pub fn replacement(self, replacement: bool) -> Self {
        DataLoader { replacement, ..self }
    }

    /// Whether to drop the last batch when it has fewer rows than the others.
    pub fn drop_last(self, drop_last: bool) -> Self {
        DataLoader { drop_last, ..self }
    }

    /// The seed of the random order.
    ///
    /// Without it, a seed is drawn from the default generator at the first epoch that has a random order or workers,
    /// so [`manual_seed`](downhill_tensor::manual_seed) determines it. To resume a run in another process, give a
    /// seed, or save and load the [`state_dict`](DataLoader::state_dict).
    pub fn seed(self, seed: u64) -> Self {
        DataLoader { seed: OnceLock::from(seed), ..self }
    }

    /// The number of worker threads that prepare the next batches while the model works on the current one; with 0,
    /// the default, each batch is prepared when it is requested. Workers help when [`Dataset::batch`] is slow, for
    /// example when it reads files, but not when it only copies rows of a tensor.
    ///
    /// Order and contents are the same for any number of workers. Each worker prepares at most two batches ahead.
    /// When [`Dataset::batch`] panics, the loop panics with the same message at that batch, and the epoch ends. A
    /// loop that is left early waits for the batches that are being prepared.
    ///
    /// The threads share the data set, so it must not borrow: pass the loader the data set by value, or in an `Arc`.
    ///
    /// ```
    /// use downhill_data::{DataLoader, synthetic::LinearRegression};
    /// let dataset = LinearRegression::default().seed(1).dataset();
    /// let loader = DataLoader::new(dataset, 10).shuffle(true).seed(7).workers(2);
    /// for (features, targets) in &loader {
    ///     assert_eq!((features.shape(), targets.shape()), (&[10, 2][..], &[10, 1][..]));
    /// }
    /// ```
    ///
    /// # Panics
    /// With more than 1024 threads. An epoch also panics at its start if the operating system cannot start all its
    /// threads.
    #[track_caller]
    pub fn workers(self, workers: usize) -> Self
    where
        D: 'static,
    {
        if workers > MAX_WORKERS {
            let (op, given) = ("DataLoader::workers", workers.to_string());
            let expected = "at most 1024; one per processor is usually enough";
            Error::Argument { op, name: "workers", given, expected }.raise();
        }
        let workers = (workers > 0).then_some((workers, Prefetch::start as Start<D>));
        DataLoader { workers, ..self }
    }

    /// The data set.
    pub fn dataset(&self) -> &D {
        &self.dataset
    }

    /// The number of rows in each batch; the last one may have fewer.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// The number of batches in an epoch: 0 for an empty data set and, with `drop_last`, for one smaller than a
    /// batch.
    pub fn len(&self) -> usize {
        let rows = self.dataset.len();
        if self.drop_last { rows / self.batch_size } else { rows.div_ceil(self.batch_size) }
    }

    /// Whether an epoch has no batches.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the epoch that the next `for` over the loader runs, counted from 0.
    pub fn epoch(&self) -> usize {
        self.epoch.load(Ordering::Relaxed)
    }

    /// Makes the next `for` over the loader run this epoch.
    ///
    /// ```
    /// use downhill_data::{DataLoader, synthetic::LinearRegression};
    /// let loader = DataLoader::new(LinearRegression::default().seed(1).dataset(), 10).shuffle(true).seed(7);
    /// let first = loader.iter().next().unwrap().0.to_vec();
    /// assert_ne!(loader.iter().next().unwrap().0.to_vec(), first);
    /// loader.set_epoch(0);
    /// assert_eq!(loader.iter().next().unwrap().0.to_vec(), first);
    /// ```
    pub fn set_epoch(&self, epoch: usize) {
        self.epoch.store(epoch, Ordering::Relaxed);
    }

    /// The batches of the next epoch; `for batch in &loader` is the same.
    #[track_caller]
    pub fn iter(&self) -> Batches<'_, D> {
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed);
        self.batches(epoch, 0)
    }

    /// The batches of an epoch starting from `batch`, both counted from 0, to resume an interrupted run. The next
    /// `for` over the loader runs the epoch after it.
    ///
    /// ```
    /// use downhill_data::{DataLoader, synthetic::LinearRegression};
    /// let dataset = LinearRegression::default().seed(1).dataset();
    /// let loader = DataLoader::new(&dataset, 10).shuffle(true).seed(7);
    /// let all: Vec<_> = loader.iter().map(|(x, _)| x.to_vec()).collect();
    /// let resumed: Vec<_> = loader.iter_from(0, 98).map(|(x, _)| x.to_vec()).collect();
    /// assert_eq!(resumed, all[98..]);
    /// ```
    ///
    /// # Panics
    /// When an epoch has fewer than `batch` batches. If it has exactly `batch`, the iterator is empty.
    #[track_caller]
    pub fn iter_from(&self, epoch: usize, batch: usize) -> Batches<'_, D> {
        if batch > self.len() {
            let expected = format!("a batch from 0 to {}", self.len());
            Error::expected("DataLoader::iter_from", expected, batch.to_string()).raise();
        }
        self.set_epoch(epoch + 1);
        self.batches(epoch, batch)
    }

    #[track_caller]
    fn batches(&self, number: usize, batch: usize) -> Batches<'_, D> {
        let mut order = self.order(number);
        if self.drop_last {
            order.truncate(self.len() * self.batch_size);
        }
        if self.workers.is_some() {
            self.seed_or_drawn();
        }
        let seed = self.seed.get().map(|&seed| stream(!seed, number as u64).next_u64());
        let epoch = Arc::new(Epoch { order, batch_size: self.batch_size, seed });
        let prefetch = self.workers.map(|(workers, start)| start(&self.dataset, &epoch, batch, workers));
        Batches { dataset: &self.dataset, epoch, next: batch, prefetch }
    }

    /// The seed, drawn if it was not given.
    fn seed_or_drawn(&self) -> u64 {
        *self.seed.get_or_init(|| with_generator(|generator| generator.next_u64()))
    }

    /// The row indices in the order of an epoch.
    fn order(&self, epoch: usize) -> Vec<usize> {
        let rows = self.dataset.len();
        if !self.shuffle && !self.replacement {
            return (0..rows).collect();
        }
        let mut generator = stream(self.seed_or_drawn(), epoch as u64);
        if self.replacement {
            (0..rows).map(|_| below(rows, &mut generator)).collect()
        } else {
            permutation(rows, &mut generator)
        }
    }
}

impl<'a, D: Dataset> IntoIterator for &'a DataLoader<D> {
    type Item = D::Batch;
    type IntoIter = Batches<'a, D>;

    #[track_caller]
    fn into_iter(self) -> Batches<'a, D> {
        self.iter()
    }
}

/// The batches of one epoch, or the rest of one.
///
/// ```
/// use downhill_data::{DataLoader, synthetic::LinearRegression};
/// let loader = DataLoader::new(LinearRegression::default().seed(1).dataset(), 300);
/// assert_eq!(loader.iter().len(), 4);
/// ```
#[derive(Debug)]
pub struct Batches<'a, D: Dataset> {
    dataset: &'a D,
    epoch: Arc<Epoch>,
    /// The number of the next batch.
    next: usize,
    /// The worker threads; without them this thread prepares the batches.
    prefetch: Option<Prefetch<D>>,
}

impl<D: Dataset> Iterator for Batches<'_, D> {
    type Item = D::Batch;

    fn next(&mut self) -> Option<D::Batch> {
        if self.next >= self.epoch.len() {
            return None;
        }
        let batch = self.next;
        let Some(prefetch) = &mut self.prefetch else {
            self.next += 1;
            return Some(self.epoch.prepare(self.dataset, batch));
        };
        // If the data set panicked, its worker has ended and the epoch is over.
        self.next = self.epoch.len();
        let prepared = prefetch.next();
        self.next = batch + 1;
        Some(prepared)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.epoch.len() - self.next;
        (left, Some(left))
    }
}

impl<D: Dataset> ExactSizeIterator for Batches<'_, D> {}

impl<D: Dataset> FusedIterator for Batches<'_, D> {}
