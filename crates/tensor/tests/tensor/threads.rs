//! Threads: tensors may be shared, and models that train side by side do not disturb each other.

use std::sync::Barrier;
use std::thread;

use downhill_tensor::{Array, Generator, HookHandle, Tensor, enable_grad, is_grad_enabled, no_grad};
use rand::SeedableRng;
use rand_distr::StandardNormal;

#[test]
fn tensors_can_be_sent_and_shared() {
    fn check<X: Send + Sync>() {}
    check::<Tensor<f32>>();
    check::<Tensor<f64>>();
    check::<Tensor<i64>>();
    check::<Tensor<bool>>();
    check::<Array<f32>>();
    check::<HookHandle<f32>>();
}

/// Trains a network of two layers with numbers drawn from a seed; the bits of its weights at the end.
fn train(seed: u64) -> Vec<u32> {
    let mut rng = Generator::seed_from_u64(seed);
    let mut normal = |shape: [usize; 2]| -> Tensor { Tensor::sample(shape, StandardNormal, &mut rng) };
    let (x, y) = (normal([32, 4]), normal([32, 1]));
    let (w1, w2) = (normal([16, 4]).requires_grad_(true), normal([1, 16]).requires_grad_(true));
    let first = x.matmul(&w1.t()).tanh().matmul(&w2.t()).mse_loss(&y).item();
    let mut last = first;
    for _ in 0..200 {
        w1.zero_grad();
        w2.zero_grad();
        let loss = x.matmul(&w1.t()).tanh().matmul(&w2.t()).mse_loss(&y);
        loss.backward();
        last = loss.item();
        no_grad(|| {
            w1.sub_(&(0.02 * w1.grad().unwrap()));
            w2.sub_(&(0.02 * w2.grad().unwrap()));
        });
    }
    assert!(last < 0.5 * first, "the loss went from {first} to {last}");
    [w1, w2].iter().flat_map(Tensor::to_vec).map(f32::to_bits).collect()
}

#[test]
fn two_threads_train_two_models_to_the_same_bits_as_each_alone() {
    let alone = [train(1), train(2)];
    let start = Barrier::new(2);
    let together = thread::scope(|scope| {
        let threads = [1, 2].map(|seed| {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                train(seed)
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(together, alone);
}

#[test]
fn no_grad_holds_for_its_own_thread() {
    let w = Tensor::from([1.0]).requires_grad_(true);
    no_grad(|| {
        assert!(!is_grad_enabled());
        thread::scope(|scope| {
            let elsewhere = scope.spawn(|| (is_grad_enabled(), (&w * 2).requires_grad()));
            assert_eq!(elsewhere.join().unwrap(), (true, true));
            // Nor does a thread that records switch recording on here.
            scope.spawn(|| enable_grad(|| &w * 2)).join().unwrap();
        });
        assert!(!is_grad_enabled() && !(&w * 2).requires_grad());
    });
}

#[test]
fn gradients_from_several_threads_sum_up() {
    const BACKWARDS: usize = 500;
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for factor in [1, 2] {
            let (w, start) = (&w, &start);
            scope.spawn(move || {
                start.wait();
                (0..BACKWARDS).for_each(|_| (w * factor).sum().backward());
            });
        }
    });
    // Whole numbers of this size are exact in f32, so the order of the sums makes no difference.
    assert_eq!(w.grad().unwrap().to_vec(), [3.0 * BACKWARDS as f32; 2]);
}

#[test]
fn a_graph_made_on_one_thread_is_walked_on_another() {
    let w = Tensor::from([3.0]).requires_grad_(true);
    let loss = thread::scope(|scope| scope.spawn(|| w.square().sum()).join().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| loss.backward());
    });
    assert_eq!(w.grad().unwrap().to_vec(), [6.0]);
}

#[test]
fn an_update_is_seen_whole_by_other_threads() {
    // A reader gets the numbers before or after an update, never some of each.
    let w = Tensor::zeros([1000]);
    thread::scope(|scope| {
        let writer = scope.spawn(|| (1..=500).for_each(|step| drop(w.fill_(f64::from(step)))));
        while !writer.is_finished() {
            let numbers = w.to_vec();
            assert!(numbers.iter().all(|&x| x == numbers[0]), "torn between {} and another", numbers[0]);
        }
    });
    assert_eq!(w.at([999]), 500.0);
}
