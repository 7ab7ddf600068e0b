//! The batches of one epoch: which rows they contain, and the worker threads that prepare them ahead.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use downhill_tensor::{Error, Generator};
use rand::SeedableRng;

use crate::Dataset;
use crate::random::with_default_generator;

/// What determines the batches of an epoch.
#[derive(Debug)]
pub(crate) struct Epoch {
    /// The row indices in the order of the epoch.
    pub(crate) order: Vec<usize>,
    pub(crate) batch_size: usize,
    /// The seed for random numbers drawn in batch 0; batch `b` uses this seed plus `b`. Without it they come from the
    /// thread's default generator.
    pub(crate) seed: Option<u64>,
}

impl Epoch {
    /// The number of batches.
    pub(crate) fn len(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// Prepares one batch. The result depends neither on the thread nor on the batches prepared before.
    pub(crate) fn prepare<D: Dataset>(&self, dataset: &D, batch: usize) -> D::Batch {
        let start = batch * self.batch_size;
        let rows = &self.order[start..self.order.len().min(start.saturating_add(self.batch_size))];
        match self.seed {
            None => dataset.batch(rows),
            Some(seed) => {
                let own = Generator::seed_from_u64(seed.wrapping_add(batch as u64));
                with_default_generator(own, || dataset.batch(rows))
            }
        }
    }
}

/// Threads that prepare the batches of an epoch ahead of time.
///
/// Worker `w` of `n` prepares the batches `w`, `w + n`, `w + 2n`, ... into its own queue, and the queues are read in
/// turn. The order therefore needs no sorting, and a slow batch delays only the batches after it.
#[derive(Debug)]
pub(crate) struct Prefetch<D: Dataset> {
    /// The queue of each worker, holding what `Dataset::batch` returned or its panic.
    queues: Vec<Receiver<thread::Result<<D as Dataset>::Batch>>>,
    workers: Vec<JoinHandle<()>>,
    /// The queue that holds the next batch.
    turn: usize,
}

/// Starts the threads of a loader. Stored as a function because only a `'static` data set can be sent to threads.
pub(crate) type Start<D> = fn(&Arc<D>, &Arc<Epoch>, usize, usize) -> Prefetch<D>;

impl<D: Dataset + 'static> Prefetch<D> {
    /// Starts `workers` threads that prepare an epoch from batch `first` on.
    #[track_caller]
    pub(crate) fn start(dataset: &Arc<D>, epoch: &Arc<Epoch>, first: usize, workers: usize) -> Self {
        let workers = workers.min(epoch.len() - first);
        let mut prefetch = Prefetch { queues: Vec::new(), workers: Vec::new(), turn: 0 };
        for worker in 0..workers {
            // Each worker has one batch in the queue and one finished, which it holds until the queue has room.
            let (sender, queue) = sync_channel(1);
            let (dataset, epoch) = (Arc::clone(dataset), Arc::clone(epoch));
            let work = move || {
                for batch in (first + worker..epoch.len()).step_by(workers) {
                    let prepared = catch_unwind(AssertUnwindSafe(|| epoch.prepare(&*dataset, batch)));
                    let panicked = prepared.is_err();
                    // Sending fails when the loop was left early.
                    if sender.send(prepared).is_err() || panicked {
                        return;
                    }
                }
            };
            let thread = thread::Builder::new().name(format!("data loader {worker}")).spawn(work);
            match thread {
                Ok(thread) => {
                    prefetch.queues.push(queue);
                    prefetch.workers.push(thread);
                }
                Err(reason) => {
                    // The workers already started end before the panic propagates.
                    drop(prefetch);
                    let expected = format!("{workers} threads, as `DataLoader::workers` asks for; ask for fewer");
                    let given = format!("{worker} from the operating system ({reason})");
                    Error::expected("DataLoader", expected, given).raise();
                }
            }
        }
        prefetch
    }
}

impl<D: Dataset> Prefetch<D> {
    /// Waits for the next batch, which must exist. Resumes a panic of the data set.
    pub(crate) fn next(&mut self) -> D::Batch {
        let prepared = self.queues[self.turn].recv().expect("a worker sends each of its batches");
        self.turn = (self.turn + 1) % self.queues.len();
        prepared.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<D: Dataset> Drop for Prefetch<D> {
    fn drop(&mut self) {
        // Without a receiver, a worker stops as soon as it has finished its current batch.
        self.queues.clear();
        for worker in self.workers.drain(..) {
            worker.join().expect("a worker catches the panics of the data set");
        }
    }
}
