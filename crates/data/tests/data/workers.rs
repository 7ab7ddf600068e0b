//! Worker threads of the loader: the same batches in the same order, prepared ahead, and how the threads end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use downhill_data::synthetic::{Digits, LinearRegression};
use downhill_data::{DataLoader, Dataset};
use downhill_tensor::{Tensor, manual_seed};
use downhill_tests::assert_panics;

/// A test that waits this long has failed.
const LONG: Duration = Duration::from_secs(20);

/// Row indices, each with random numbers drawn while the batch is prepared.
struct Noisy(usize);

impl Dataset for Noisy {
    type Batch = (Vec<usize>, Vec<f32>);

    fn len(&self) -> usize {
        self.0
    }

    fn batch(&self, indices: &[usize]) -> Self::Batch {
        (indices.to_vec(), Tensor::randn([indices.len()]).to_vec())
    }
}

#[test]
fn batches_are_the_same_with_any_number_of_workers() {
    for rows in [0, 1, 7, 40] {
        for (shuffle, replacement, drop_last) in
            [(false, false, false), (true, false, false), (true, false, true), (false, true, false)]
        {
            let loader = |workers| {
                let loader = DataLoader::new(Noisy(rows), 3).shuffle(shuffle).replacement(replacement);
                loader.drop_last(drop_last).seed(5).workers(workers)
            };
            let epochs = |loader: DataLoader<Noisy>| [(); 3].map(|()| loader.iter().collect::<Vec<_>>());
            let expected = epochs(loader(0));
            for workers in [1, 2, 3, 5, 50] {
                assert_eq!(epochs(loader(workers)), expected, "{rows} rows, {workers} workers");
                for batch in 0..=expected[1].len() {
                    let resumed: Vec<_> = loader(workers).iter_from(1, batch).collect();
                    assert_eq!(resumed, expected[1][batch..], "{rows} rows, {workers} workers from {batch}");
                }
            }
        }
    }
}

#[test]
fn tensors_are_the_same_to_the_last_bit() {
    let loader =
        |workers| DataLoader::new(Digits::new(200).seed(1).dataset(), 16).shuffle(true).seed(2).workers(workers);
    let bits = |(images, labels): (Tensor, Tensor<i64>)| {
        (images.to_vec().into_iter().map(f32::to_bits).collect::<Vec<_>>(), labels.to_vec())
    };
    assert!(loader(2).iter().map(bits).eq(loader(0).iter().map(bits)));
}

#[test]
fn random_numbers_of_a_batch_are_its_own() {
    let numbers = |seed| DataLoader::new(Noisy(12), 3).seed(seed).iter().map(|(_, x)| x).collect::<Vec<_>>();
    let first = numbers(1);
    assert!(first.iter().enumerate().all(|(i, x)| first[..i].iter().all(|other| other != x)));
    assert_ne!(first, numbers(2));

    // The training thread's generator continues as if the loader had drawn nothing.
    let next = |workers| {
        manual_seed(3);
        DataLoader::new(Noisy(12), 3).seed(1).workers(workers).iter().for_each(drop);
        Tensor::rand([1]).item()
    };
    manual_seed(3);
    let undisturbed = Tensor::rand([1]).item();
    assert_eq!([next(0), next(2)], [undisturbed; 2]);

    // In order and without a seed or workers, batches use the thread's default generator, seeded by `manual_seed`.
    manual_seed(4);
    let drawn = DataLoader::new(Noisy(5), 5).iter().next().unwrap().1;
    manual_seed(4);
    assert_eq!(drawn, Tensor::randn([5]).to_vec());
}

#[test]
fn without_a_seed_the_default_generator_decides() {
    let numbers = |seed| {
        manual_seed(seed);
        DataLoader::new(Noisy(12), 3).workers(2).iter().collect::<Vec<_>>()
    };
    assert_eq!(numbers(1), numbers(1));
    assert_ne!(numbers(1), numbers(2));
}

#[test]
fn the_length_counts_the_remaining_batches() {
    let loader = DataLoader::new(LinearRegression::default().seed(1).dataset(), 300).workers(2);
    let mut batches = loader.iter();
    for left in (0..4).rev() {
        assert_eq!(batches.next().unwrap().0.shape()[0], if left == 0 { 100 } else { 300 });
        assert_eq!(batches.len(), left);
    }
    assert!(batches.next().is_none() && batches.next().is_none());
}

/// Reports each batch that it has prepared.
struct Telling(Mutex<Sender<usize>>);

impl Telling {
    fn new() -> (Self, Receiver<usize>) {
        let (sender, told) = channel();
        (Telling(Mutex::new(sender)), told)
    }
}

impl Dataset for Telling {
    type Batch = usize;

    fn len(&self) -> usize {
        100
    }

    fn batch(&self, indices: &[usize]) -> usize {
        self.0.lock().unwrap().send(indices[0]).unwrap();
        indices[0]
    }
}

#[test]
fn workers_prepare_two_batches_ahead() {
    for workers in [1, 2, 3] {
        let (dataset, told) = Telling::new();
        let loader = DataLoader::new(dataset, 1).workers(workers);
        let mut batches = loader.iter();
        assert_eq!(batches.next(), Some(0));
        // While this thread holds batch 0, the workers fill their queues: two batches each, plus the one taken.
        let mut ahead: Vec<usize> =
            (0..2 * workers + 1).map(|_| told.recv_timeout(LONG).expect("prepared ahead")).collect();
        ahead.sort_unstable();
        assert!(ahead.contains(&1) || ahead.contains(&workers), "{ahead:?}");
        assert!(told.recv_timeout(Duration::from_millis(30)).is_err(), "more than the queues hold");
        drop(batches);
        assert_eq!(told.try_iter().count(), 0, "nothing is prepared for a loop that was left");
    }
}

/// A batch completes only while another is being prepared.
#[derive(Default)]
struct InPairs {
    begun: Mutex<usize>,
    more: Condvar,
}

impl Dataset for InPairs {
    type Batch = usize;

    fn len(&self) -> usize {
        20
    }

    fn batch(&self, indices: &[usize]) -> usize {
        let mut begun = self.begun.lock().unwrap();
        *begun += 1;
        let both = begun.div_ceil(2) * 2;
        self.more.notify_all();
        let (_begun, waited) = self.more.wait_timeout_while(begun, LONG, |begun| *begun < both).unwrap();
        assert!(!waited.timed_out(), "no other batch was begun");
        indices[0]
    }
}

#[test]
fn workers_prepare_batches_side_by_side() {
    let loader = DataLoader::new(InPairs::default(), 1).workers(2);
    assert!(loader.iter().eq(0..20));
}

/// Panics at one index.
struct Faulty(usize);

impl Dataset for Faulty {
    type Batch = usize;

    fn len(&self) -> usize {
        10
    }

    fn batch(&self, indices: &[usize]) -> usize {
        assert!(indices[0] != self.0, "image {} is damaged", self.0);
        indices[0]
    }
}

#[test]
fn a_panic_of_the_data_set_comes_at_its_batch_with_its_text() {
    for workers in [0, 1, 2, 3] {
        for faulty in [0, 1, 6, 9] {
            let loader = DataLoader::new(Faulty(faulty), 1).workers(workers);
            let mut batches = loader.iter();
            for position in 0..faulty {
                assert_eq!(batches.next(), Some(position));
            }
            let panic = catch_unwind(AssertUnwindSafe(|| batches.next())).unwrap_err();
            assert_eq!(*panic.downcast::<String>().unwrap(), format!("image {faulty} is damaged"));
            if workers > 0 {
                assert_eq!((batches.next(), batches.len()), (None, 0));
            }
        }
    }
}

/// Counts its owners and the batches that were begun.
struct Held(Arc<AtomicUsize>);

impl Dataset for Held {
    type Batch = ();

    fn len(&self) -> usize {
        1_000_000
    }

    fn batch(&self, _: &[usize]) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn leaving_a_loop_ends_its_threads() {
    for taken in [0, 1, 5] {
        let begun = Arc::new(AtomicUsize::new(0));
        let loader = DataLoader::new(Held(Arc::clone(&begun)), 1).workers(4);
        for _ in 0..20 {
            loader.iter().take(taken).for_each(drop);
        }
        assert!(begun.load(Ordering::SeqCst) <= 20 * (taken + 2 * 4), "{begun:?}");
        // The threads own the data set: once the loader is gone, nobody does.
        drop(loader);
        assert_eq!(Arc::strong_count(&begun), 1);
    }
}

#[test]
fn two_epochs_at_once() {
    let loader = DataLoader::new(Noisy(30), 3).shuffle(true).seed(1).workers(2);
    let expected = [loader.iter_from(0, 0).collect::<Vec<_>>(), loader.iter_from(1, 0).collect::<Vec<_>>()];
    let (first, second) = (loader.iter_from(0, 0), loader.iter_from(1, 0));
    let (first, second): (Vec<_>, Vec<_>) = first.zip(second).unzip();
    assert_eq!([first, second], expected);
}

#[test]
fn too_many_workers_are_refused() {
    let loader = || DataLoader::new(Noisy(8), 1);
    assert_eq!(loader().workers(1024).iter().count(), 8);
    let text = "DataLoader::workers: workers is 1048576; it must be at most 1024; one per processor is usually \
                enough";
    assert_panics(text, || loader().workers(1 << 20));
}

/// Not a test of its own: the next test runs it in another process with little memory.
#[test]
#[ignore = "runs in a process of its own"]
fn workers_in_little_memory() {
    let loader = DataLoader::new(Noisy(2000), 1).workers(1000);
    let result = catch_unwind(AssertUnwindSafe(|| loader.iter().next().unwrap().0));
    let message = result.unwrap_err().downcast::<String>().unwrap();
    println!("said: {message}");
}

#[cfg(target_os = "linux")]
#[test]
fn threads_that_cannot_start_are_an_error() {
    let binary = std::env::current_exe().unwrap();
    let limited = "ulimit -v 400000; exec \"$0\" --exact workers::workers_in_little_memory --ignored --nocapture";
    let output = std::process::Command::new("sh").args(["-c", limited]).arg(binary).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let start = "said: DataLoader: expected 1000 threads, as `DataLoader::workers` asks for; ask for fewer, got ";
    assert!(said.contains(start), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("from the operating system ("), "{said}");
}
