//! The batches of one epoch: which rows they hold, and how other threads prepare them ahead.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{self, JoinHandle};

use downhill_tensor::{Error, Generator};
use rand::SeedableRng;

use crate::Dataset;
use crate::random::with_default_generator;

/// What decides the batches of an epoch.
#[derive(Debug)]
pub(crate) struct Epoch {
    /// The positions of the rows in the order of the epoch.
    pub(crate) order: Vec<usize>,
    pub(crate) batch_size: usize,
    /// The seed of the random numbers that are drawn for batch 0; for batch `b` it is larger by `b`. Without it they come
    /// from the default generator of the thread.
    pub(crate) seed: Option<u64>,
}

impl Epoch {
    /// The number of batches.
    pub(crate) fn len(&self) -> usize {
        self.order.len().div_ceil(self.batch_size)
    }

    /// One batch: the same in every thread, and whatever was prepared before it.
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

/// Threads that prepare the batches of an epoch ahead.
///
/// Worker `w` of `n` prepares the batches `w`, `w + n`, `w + 2n`, ... into a queue of its own, and the queues are emptied in
/// turn: so the order needs no sorting, and a slow batch holds up nothing but what comes after it.
#[derive(Debug)]
pub(crate) struct Prefetch<D: Dataset> {
    /// The queue of each worker, with what `Dataset::batch` returned or panicked with.
    queues: Vec<Receiver<thread::Result<<D as Dataset>::Batch>>>,
    workers: Vec<JoinHandle<()>>,
    /// The queue that holds the next batch.
    turn: usize,
}

/// How a loader starts the threads: a function of a loader whose data set they may keep.
pub(crate) type Start<D> = fn(&Arc<D>, &Arc<Epoch>, usize, usize) -> Prefetch<D>;

impl<D: Dataset + 'static> Prefetch<D> {
    /// Starts `workers` threads that prepare an epoch from batch `first` on.
    #[track_caller]
    pub(crate) fn start(dataset: &Arc<D>, epoch: &Arc<Epoch>, first: usize, workers: usize) -> Self {
        let workers = workers.min(epoch.len() - first);
        let mut prefetch = Prefetch { queues: Vec::new(), workers: Vec::new(), turn: 0 };
        for worker in 0..workers {
            // A batch in the queue and one in the hand of the worker, who waits for room.
            let (sender, queue) = sync_channel(1);
            let (dataset, epoch) = (Arc::clone(dataset), Arc::clone(epoch));
            let work = move || {
                for batch in (first + worker..epoch.len()).step_by(workers) {
                    let prepared = catch_unwind(AssertUnwindSafe(|| epoch.prepare(&*dataset, batch)));
                    let panicked = prepared.is_err();
                    // Nobody takes it when the loop was left early.
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
                    // Those that were started end before the panic goes on.
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
    /// Waits for the next batch; there must be one. Goes on with a panic of the data set.
    pub(crate) fn next(&mut self) -> D::Batch {
        let prepared = self.queues[self.turn].recv().expect("a worker sends each of its batches");
        self.turn = (self.turn + 1) % self.queues.len();
        prepared.unwrap_or_else(|panic| resume_unwind(panic))
    }
}

impl<D: Dataset> Drop for Prefetch<D> {
    fn drop(&mut self) {
        // Without a receiver a worker stops as soon as it has finished the batch it is at.
        self.queues.clear();
        for worker in self.workers.drain(..) {
            worker.join().expect("a worker catches the panics of the data set");
        }
    }
}
