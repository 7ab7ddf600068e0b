//! Parts on several threads: each runs exactly once, with panics, concurrent callers and any number of threads.

use std::sync::Barrier;

use downhill_tests::panic_of;

use super::*;

/// Runs the parts on a thread pool with this many helpers that no other test uses.
fn run_parts(helpers: usize, parts: usize, work: impl Fn(usize) + Sync) {
    ThreadPool::default().run_parts(helpers, parts, &work);
}

/// A counter for each part.
fn counts(parts: usize) -> Vec<AtomicUsize> {
    (0..parts).map(|_| AtomicUsize::new(0)).collect()
}

fn count(part: &AtomicUsize) {
    part.fetch_add(1, Ordering::Relaxed);
}

fn all_done_once(counts: &[AtomicUsize]) -> bool {
    counts.iter().all(|count| count.load(Ordering::Relaxed) == 1)
}

#[test]
fn every_part_is_done_once() {
    for helpers in [0, 1, 3, 7] {
        let mut thread_pool = ThreadPool::default();
        for parts in [0, 1, 2, 5, 100] {
            let done = counts(parts);
            thread_pool.run_parts(helpers, parts, &|i: usize| count(&done[i]));
            assert!(all_done_once(&done), "{parts} parts with {helpers} helpers");
        }
    }
    let mut numbers = vec![0; 100];
    for parallel in [false, true] {
        for_each(numbers.iter_mut().collect(), parallel, |number: &mut i32| *number += 1);
    }
    assert_eq!(numbers, [2; 100]);
    for_each(Vec::<()>::new(), true, |()| unreachable!("there is no part"));
}

#[test]
fn as_many_threads_work_at_once_as_are_asked_for() {
    for threads in 1..5 {
        let barrier = Barrier::new(threads);
        // Each thread waits in its part until every other thread has reached its own.
        run_parts(threads - 1, threads, |_| {
            barrier.wait();
        });
    }
}

#[test]
fn a_panic_in_a_part_reaches_the_caller_and_later_work_still_runs() {
    let mut thread_pool = ThreadPool::default();
    for bad in 0..4 {
        let (barrier, done) = (Barrier::new(4), counts(4));
        let panic = catch_unwind(AssertUnwindSafe(|| {
            thread_pool.run_parts(3, 4, &|i: usize| {
                // So that every thread has one part: the panic is in the caller's thread or in a helper.
                barrier.wait();
                count(&done[i]);
                if i == bad {
                    resume_unwind(Box::new(i));
                }
            });
        }));
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&bad));
        assert!(all_done_once(&done), "the other parts are done");
        let done = counts(9);
        thread_pool.run_parts(3, 9, &|i: usize| count(&done[i]));
        assert!(all_done_once(&done), "the work after a panic in part {bad}");
    }
    for parallel in [false, true] {
        let bad = |part| {
            if part == 2 {
                resume_unwind(Box::new(part))
            }
        };
        let panic = catch_unwind(|| for_each(vec![1, 2, 3], parallel, bad));
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&2));
        let done = counts(10);
        for_each(done.iter().collect(), parallel, count);
        assert!(all_done_once(&done));
    }
}

/// A panic whose payload panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            resume_unwind(Box::new("dropped"));
        }
    }
}

#[test]
fn panics_that_panic_are_only_one() {
    let barrier = Barrier::new(3);
    let panics = catch_unwind(AssertUnwindSafe(|| {
        run_parts(2, 3, |_| {
            barrier.wait();
            resume_unwind(Box::new(Bomb))
        });
    }));
    let bomb = panics.unwrap_err().downcast::<Bomb>().expect("the first panic");
    std::mem::forget(bomb);
}

#[test]
fn two_threads_call_at_once_and_parts_call_too() {
    let call = || {
        for _ in 0..200 {
            let done = counts(8);
            for_each(done.iter().collect(), true, |outer: &AtomicUsize| {
                let inner = counts(4);
                for_each(inner.iter().collect(), true, count);
                assert!(all_done_once(&inner));
                count(outer);
            });
            assert!(all_done_once(&done));
        }
    };
    thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(call)));
    });
}

/// The nanoseconds that a thread has run, from Linux.
#[cfg(target_os = "linux")]
fn time_of(thread: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(std::path::Path::new("/proc").join(thread).join("schedstat")).unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn helpers_without_work_sleep() {
    let (barrier, threads) = (Barrier::new(3), Mutex::new(Vec::new()));
    run_parts(2, 3, |_| {
        barrier.wait();
        lock(&threads).push(std::fs::read_link("/proc/thread-self").unwrap());
    });
    let here = std::fs::read_link("/proc/thread-self").unwrap();
    let helpers: Vec<_> = lock(&threads).iter().filter(|thread| **thread != here).cloned().collect();
    assert_eq!(helpers.len(), 2);
    // They spin for a tenth of a millisecond of their own time, which they may get late on a busy machine.
    for helper in helpers {
        let asleep = (0..200).any(|_| {
            let before = time_of(&helper);
            thread::sleep(Duration::from_millis(10));
            time_of(&helper) == before
        });
        assert!(asleep, "a helper without work never stopped running");
        thread::sleep(Duration::from_millis(20));
        let before = time_of(&helper);
        thread::sleep(Duration::from_millis(50));
        // A signal to the program wakes it for some microseconds; a helper that keeps spinning runs for most of the
        // time.
        let ran = time_of(&helper) - before;
        assert!(ran < 5_000_000, "a helper without work ran for {ran} of 50 000 000 nanoseconds");
    }
}

#[test]
fn numbers_of_threads_are_at_least_one() {
    let text = "set_num_threads: given 0; expected at least 1, the thread that calls";
    downhill_tests::assert_panics(text, || set_num_threads(0));
    assert_eq!(["1", "4", "64"].map(count_of), [1, 4, 64]);
    for given in ["", "0", "-1", "two", "1.5", " 2"] {
        let expected = format!("DOWNHILL_NUM_THREADS: given {given:?}; expected a whole number of at least 1");
        assert_eq!(panic_of(|| count_of(given)).unwrap().text, expected);
    }
}
