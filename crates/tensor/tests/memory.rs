//! Memory and the stack: graphs of any length are traversed and dropped without recursion, and training leaks
//! nothing.

use std::thread;

use allocation_counter::measure;
use downhill_tensor::{Backward, Tensor, no_grad};

/// What a call allocates on its thread and does not free: blocks and bytes.
///
/// The resident size that the operating system reports would hide a leak of a few bytes a step; this is exact.
fn left_behind(call: impl FnOnce()) -> (i64, i64) {
    let allocated = measure(call);
    (allocated.count_current, allocated.bytes_current)
}

/// Runs a test on a thread with the default stack of 2 MiB, whatever the test runner gives its own threads.
fn on_the_default_stack(test: impl FnOnce() + Send + 'static) {
    thread::spawn(test).join().expect("the test passes without an overflow of the stack");
}

/// x + 1 + 1 + ..., one operation for each 1.
fn chain(x: &Tensor, ops: usize) -> Tensor {
    let mut y = x + 1;
    for _ in 1..ops {
        y = y + 1;
    }
    y
}

fn forward_backward_and_drop(ops: usize) {
    let x = Tensor::from(0.0).requires_grad_(true);
    let walked = left_behind(|| {
        chain(&x, ops).backward();
        assert_eq!(x.grad().unwrap().item(), 1.0);
        x.zero_grad();
    });
    assert_eq!(walked, (0, 0), "after backward");

    let kept_and_dropped = left_behind(|| {
        let mut kept = None;
        let (blocks, _) = left_behind(|| {
            let y = chain(&x, ops);
            Backward::of(&y).retain_graph().run();
            x.zero_grad();
            kept = Some(y);
        });
        assert!(blocks > ops as i64, "the graph is kept");
        drop(kept);
    });
    assert_eq!(kept_and_dropped, (0, 0), "after dropping a graph that was walked");

    let dropped = left_behind(|| drop(chain(&x, ops)));
    assert_eq!(dropped, (0, 0), "after dropping a graph that was never walked");
}

#[test]
fn a_million_ops_run_on_the_default_stack() {
    on_the_default_stack(|| forward_backward_and_drop(1_000_000));
}

#[test]
#[ignore = "takes seconds and gigabytes; a long test, in release"]
fn ten_million_ops_run_on_the_default_stack() {
    on_the_default_stack(|| forward_backward_and_drop(10_000_000));
}

#[test]
fn deep_graphs_with_saved_values_and_branches_are_dropped() {
    on_the_default_stack(|| {
        let x = Tensor::from([0.5, 0.25]).requires_grad_(true);
        let left = left_behind(|| {
            let mut y = x.copy();
            for _ in 0..100_000 {
                // Saves inputs and outputs, joins branches, broadcasts and keeps the gradient of an intermediate
                // tensor.
                y = (&y * &y).tanh().retain_grad() + &x;
            }
            let (twin, view) = (y.clone(), y.slice(0, 0..1));
            drop(y);
            drop(view);
            twin.sum().backward();
            x.zero_grad();
            drop(twin);
        });
        assert_eq!(left, (0, 0));
    });
}

#[test]
fn a_graph_of_gradients_is_dropped() {
    on_the_default_stack(|| {
        let x = Tensor::from(0.5).requires_grad_(true);
        let left = left_behind(|| {
            let mut y = x.copy();
            for _ in 0..50_000 {
                y = y.sin();
            }
            let [dx] = Backward::of(&y).create_graph().grads([&x]);
            drop(y);
            assert!(dx.as_ref().unwrap().requires_grad());
            drop(dx);
        });
        assert_eq!(left, (0, 0));
    });
}

/// Descends towards w = [[2], [-1]] and says what the steps after the first hundredth leave behind.
fn train(steps: usize) -> (i64, i64) {
    let x = Tensor::from([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
    let y = Tensor::from([[2.0], [-1.0], [1.0]]);
    let (w, b) = (Tensor::zeros([2, 1]).requires_grad_(true), Tensor::zeros([1]).requires_grad_(true));
    let step = || {
        w.zero_grad();
        b.zero_grad();
        let hidden = (x.matmul(&w) + &b).retain_grad();
        let hook = hidden.register_hook(|grad| Some(grad * 1));
        let loss = hidden.mse_loss(&y);
        Backward::of(&loss).retain_graph().run();
        hook.remove();
        no_grad(|| {
            w.sub_(&(0.1 * w.grad().unwrap()));
            b.sub_(&(0.1 * b.grad().unwrap()));
        });
    };
    (0..steps / 100).for_each(|_| step());
    let left = left_behind(|| (steps / 100..steps).for_each(|_| step()));
    assert!((w.at([0, 0]) - 2.0).abs() < 1e-3 && (w.at([1, 0]) + 1.0).abs() < 1e-3, "{w}");
    left
}

#[test]
fn memory_is_flat_over_20_000_training_steps() {
    let training = left_behind(|| assert_eq!(train(20_000), (0, 0), "what the steps leave behind"));
    assert_eq!(training, (0, 0), "what the training leaves behind");
}

#[test]
#[ignore = "takes seconds; a long test, in release"]
fn memory_is_flat_over_a_million_training_steps() {
    assert_eq!(train(1_000_000), (0, 0));
}

/// Gradients whose graph leads back to their own tensor are freed with that tensor.
#[test]
fn circles_of_gradients_are_dropped() {
    type Case = (&'static str, fn());
    let cases: [Case; 8] = [
        ("a recorded gradient of a leaf", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            Backward::of(&w.pow(3).sum()).create_graph().run();
            assert!(w.grad().unwrap().requires_grad());
        }),
        ("of a leaf whose graph lives longer", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            let loss = w.pow(3).sum();
            Backward::of(&loss).create_graph().run();
            drop(w);
            Backward::of(&loss).create_graph().run();
        }),
        ("a gradient set to a function of its tensor", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            w.set_grad(Some(&w * 2.0));
            assert_eq!(w.expect_grad().to_vec(), [2.0, 4.0]);
        }),
        ("two leaves that hold each other", || {
            let [a, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
            a.set_grad(Some(&b * 2.0));
            b.set_grad(Some(&a * 2.0));
        }),
        ("a recorded gradient of an intermediate tensor", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            let hidden = w.square().retain_grad();
            Backward::of(&hidden.pow(3).sum()).create_graph().run();
            assert!(hidden.expect_grad().requires_grad());
        }),
        ("an intermediate tensor whose gradient is set", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            let hidden = w.square();
            hidden.set_grad(Some(&hidden * 2.0));
            assert_eq!(hidden.expect_grad().to_vec(), [2.0, 8.0]);
        }),
        ("a hook that owns what it needs of its tensor", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            let now = w.detach();
            w.register_hook(move |grad| Some(grad * &now));
            w.sum().backward();
            assert_eq!(w.expect_grad().to_vec(), [1.0, 2.0]);
        }),
        ("a hook that owns its tensor and is removed", || {
            let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
            let own = w.clone();
            let hook = w.register_hook(move |grad| Some(grad * &own.detach()));
            w.sum().backward();
            hook.remove();
        }),
    ];
    for (name, case) in cases {
        // What the first call does not free belongs to the thread and not to the tensors.
        case();
        assert_eq!(left_behind(|| (0..20).for_each(|_| case())), (0, 0), "{name}");
    }
}

/// A gradient is kept as long as any handle of its tensor.
#[test]
fn a_gradient_stays_as_long_as_a_handle() {
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    let hidden = w.square();
    let twin = hidden.retain_grad();
    drop(hidden);
    Backward::of(&twin.sum()).create_graph().run();
    let other = w.clone();
    drop(w);
    assert_eq!((twin.expect_grad().to_vec(), other.expect_grad().to_vec()), (vec![1.0, 1.0], vec![2.0, 4.0]));
}

#[test]
fn a_graph_may_be_dropped_on_another_thread() {
    let x = Tensor::from(1.0).requires_grad_(true);
    let y = chain(&x, 100_000);
    thread::spawn(move || drop(y)).join().expect("no overflow of the stack");
    x.square().backward();
    assert_eq!(x.grad().unwrap().item(), 2.0);
}

#[test]
fn two_threads_may_drop_the_same_graph() {
    for _ in 0..20 {
        let x = Tensor::from(1.0).requires_grad_(true);
        let trunk = chain(&x, 20_000);
        let branches = [&trunk * 2, &trunk * 3];
        // Each thread holds a branch and the shared trunk: the last one to finish frees the trunk.
        let threads = branches.map(|branch| {
            let trunk = trunk.clone();
            thread::spawn(move || {
                drop(trunk);
                drop(branch);
            })
        });
        drop(trunk);
        threads.into_iter().for_each(|thread| thread.join().expect("no overflow of the stack"));
    }
}
