//! Runs the parts of one operation on several threads, with results that do not depend on the number of threads.
//!
//! How an element is computed depends on sizes alone, and each part writes elements that no other part touches. So it
//! does not matter which thread runs a part: the same seed gives the same bits on any number of threads.
//!
//! Between operations the helper threads first spin, because the next operation usually comes within microseconds,
//! then sleep.

#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use crate::carry::{at_callers_line, carrying};
use crate::lock::lock;

static NUM_THREADS: AtomicUsize = AtomicUsize::new(0);

/// The number of threads that an operation may use.
///
/// The number of processors, or the value of the environment variable `DOWNHILL_NUM_THREADS`, until
/// [`set_num_threads`] changes it.
///
/// # Panics
/// When `DOWNHILL_NUM_THREADS` is not a whole number of at least 1. It is read once, by the first operation that is
/// large enough for several threads.
#[inline]
pub fn num_threads() -> usize {
    match NUM_THREADS.load(Ordering::Relaxed) {
        0 => {
            let count = match std::env::var_os("DOWNHILL_NUM_THREADS") {
                Some(given) => count_of(&given.to_string_lossy()),
                None => thread::available_parallelism().map_or(1, usize::from),
            };
            // Another thread may have set the number in the meantime.
            let set = NUM_THREADS.compare_exchange(0, count, Ordering::Relaxed, Ordering::Relaxed);
            set.map_or_else(|count| count, |_| count)
        }
        count => count,
    }
}

/// Parses the value of `DOWNHILL_NUM_THREADS`.
fn count_of(given: &str) -> usize {
    let count = given.parse().ok().filter(|&count| count > 0);
    count.unwrap_or_else(|| panic!("DOWNHILL_NUM_THREADS: given {given:?}; expected a whole number of at least 1"))
}

/// Sets the number of threads that an operation may use, for the whole program. Results have the same bits for any
/// number. A program that does not call this uses the environment variable `DOWNHILL_NUM_THREADS`.
///
/// ```
/// # use downhill_kernels::threads::{num_threads, set_num_threads};
/// set_num_threads(2);
/// assert_eq!(num_threads(), 2);
/// ```
///
/// # Panics
/// When it is 0.
#[track_caller]
pub fn set_num_threads(count: usize) {
    assert!(count > 0, "set_num_threads: given 0; expected at least 1, the thread that calls");
    NUM_THREADS.store(count, Ordering::Relaxed);
}

/// Calls `work` with each part, on several threads if `parallel` is true and more than one is allowed.
///
/// # Panics
/// At the caller's line when there is not enough memory for what a part needs.
#[track_caller]
pub fn for_each<P: Send>(parts: Vec<P>, parallel: bool, work: impl Fn(P) + Sync) {
    at_callers_line(|| do_all(parts, parallel, work));
}

fn do_all<P: Send>(parts: Vec<P>, parallel: bool, work: impl Fn(P) + Sync) {
    let threads = if parallel { num_threads().min(parts.len()) } else { 1 };
    // Only one operation at a time has the thread pool; an operation of another thread runs its parts alone.
    let thread_pool = match threads {
        0 | 1 => None,
        _ => match thread_pool().try_lock() {
            Ok(thread_pool) => Some(thread_pool),
            Err(TryLockError::Poisoned(thread_pool)) => Some(thread_pool.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        },
    };
    let Some(mut thread_pool) = thread_pool else { return parts.into_iter().for_each(work) };
    let parts: Vec<Mutex<Option<P>>> = parts.into_iter().map(|part| Mutex::new(Some(part))).collect();
    thread_pool.run_parts(threads - 1, parts.len(), &|i: usize| {
        let part = lock(&parts[i]).take();
        if let Some(part) = part {
            work(part);
        }
    });
}

/// The work of one operation.
struct Job {
    work: *const (dyn Fn(usize) + Sync),
    parts: usize,
    /// For each thread, the next part of its own range.
    next: Vec<AtomicUsize>,
    done: AtomicUsize,
    panic: Mutex<Option<Box<dyn std::any::Any + Send>>>,
}

// SAFETY: `work` is `Sync`, so it can be called from any thread, and it is called only while the operation waits for
// its parts.
unsafe impl Send for Job {}
unsafe impl Sync for Job {}

impl Job {
    /// The start of the range of parts that belongs to a thread.
    fn start(parts: usize, threads: usize, thread: usize) -> usize {
        parts * thread / threads
    }

    /// Runs parts until none is left: first this thread's own range, whose data is still in its cache from the
    /// operation before, then what other threads have left.
    fn take_parts(&self, thread: usize) {
        let threads = self.next.len();
        (thread..thread + threads).for_each(|thread| self.take_parts_of(thread % threads));
    }

    fn take_parts_of(&self, thread: usize) {
        let end = Job::start(self.parts, self.next.len(), thread + 1);
        loop {
            let part = self.next[thread].fetch_add(1, Ordering::Relaxed);
            if part >= end {
                return;
            }
            // SAFETY: this part is not done, so `run_parts` has not returned and `work` is alive.
            let work = unsafe { &*self.work };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(part))) {
                let mut first = lock(&self.panic);
                match first.as_ref() {
                    None => *first = Some(panic),
                    // Dropping it could panic again, and then this part would never count as done.
                    Some(_) => std::mem::forget(panic),
                }
            }
            self.done.fetch_add(1, Ordering::Release);
        }
    }
}

/// The mailbox in which a helper thread finds its work.
#[derive(Default)]
struct Mailbox {
    /// Counts the jobs, so that a spinning helper sees a new one without a lock.
    count: AtomicU64,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    /// The job, and the index of the thread in it.
    job: Option<(Arc<Job>, usize)>,
    asleep: bool,
}

/// The helpers.
#[derive(Default)]
struct ThreadPool(Vec<Arc<Mailbox>>);

fn thread_pool() -> &'static Mutex<ThreadPool> {
    static CREW: OnceLock<Mutex<ThreadPool>> = OnceLock::new();
    CREW.get_or_init(Mutex::default)
}

impl ThreadPool {
    fn run_parts(&mut self, helpers: usize, parts: usize, work: &(dyn Fn(usize) + Sync)) {
        while self.0.len() < helpers {
            let mailbox = Arc::new(Mailbox::default());
            let theirs = Arc::clone(&mailbox);
            let spawned =
                thread::Builder::new().name("downhill".to_owned()).spawn(move || carrying(|| theirs.serve()));
            if spawned.is_err() {
                break;
            }
            self.0.push(mailbox);
        }
        // SAFETY: only the lifetime is extended; this function returns after the last call of `work`, because it
        // waits until `done` counts all parts.
        let work = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(work) };
        let helpers = helpers.min(self.0.len());
        let next = (0..=helpers).map(|thread| Job::start(parts, helpers + 1, thread).into()).collect();
        let (done, panic) = (AtomicUsize::new(0), Mutex::new(None));
        let job = Arc::new(Job { work, parts, next, done, panic });
        for (i, mailbox) in self.0[..helpers].iter().enumerate() {
            mailbox.offer(&job, i + 1);
        }
        job.take_parts(0);
        let mut turns = 0;
        while job.done.load(Ordering::Acquire) < parts {
            turns += 1;
            if turns % 1024 == 0 { thread::yield_now() } else { std::hint::spin_loop() }
        }
        if let Some(panic) = lock(&job.panic).take() {
            resume_unwind(panic);
        }
    }
}

impl Mailbox {
    /// How long a helper spins before it sleeps.
    const AWAKE: Duration = Duration::from_micros(100);

    fn offer(&self, job: &Arc<Job>, thread: usize) {
        let mut state = lock(&self.state);
        state.job = Some((Arc::clone(job), thread));
        self.count.fetch_add(1, Ordering::Release);
        // Waking a thread is a system call, which takes longer than many operations.
        if state.asleep {
            self.wake.notify_one();
        }
    }

    fn serve(&self) {
        let mut seen = 0;
        loop {
            self.wait_awake(seen);
            let mut state = lock(&self.state);
            let (job, thread) = loop {
                match state.job.take() {
                    Some(job) => break job,
                    None => {
                        state.asleep = true;
                        state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
                        state.asleep = false;
                    }
                }
            };
            seen = self.count.load(Ordering::Acquire);
            drop(state);
            job.take_parts(thread);
        }
    }

    fn wait_awake(&self, seen: u64) {
        let start = Instant::now();
        while self.count.load(Ordering::Acquire) == seen {
            for _ in 0..64 {
                std::hint::spin_loop();
            }
            if start.elapsed() > Self::AWAKE {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
