//! Changing tensors in place: it never changes a gradient, it copies only where a graph needs the old value, and it
//! never deadlocks.

use std::sync::mpsc;
use std::time::Duration;

use downhill_tensor::{Backward, Tensor, no_grad};

use super::{grad_of, leaf};

/// A scalar function of two matrices.
type Function = fn(&Tensor<f64>, &Tensor<f64>) -> Tensor<f64>;

/// Every operation that saves a value, alone or in a sum of squares, which gives it a second derivative.
const FUNCTIONS: &[(&str, Function)] = &[
    ("mul", |a, b| (a * b).square().sum()),
    ("mul by itself", |a, b| (a * a * b).sum()),
    ("div", |a, b| (a / b).sum()),
    ("number / b", |_, b| (2 / b).sum()),
    ("matmul", |a, b| a.matmul(b).square().sum()),
    ("matmul of views", |a, b| a.t().matmul(&b.slice(1, 0..2)).square().sum()),
    ("matmul of vectors", |a, b| a.select(0, 0).matmul(&b.select(1, 1)).square()),
    ("linear", |a, b| a.linear(b, Some(&b.select(0, 0))).square().sum()),
    ("mse_loss", |a, b| a.mse_loss(b).square()),
    ("cross_entropy", |a, b| (a * b).cross_entropy(&Tensor::from([0, 2, 1])).square().sum()),
    ("softmax", |a, b| (a.softmax(1) * b).square().sum()),
    ("log_softmax", |a, b| (a.log_softmax(1) * b).square().sum()),
    ("logsumexp", |a, b| (a * b).logsumexp(1).square().sum()),
    ("tanh", |a, b| (a.tanh() * b).square().sum()),
    ("sigmoid", |a, b| (a.sigmoid() * b).square().sum()),
    ("exp", |a, b| (a.exp() * b).sum()),
    ("log", |a, b| (a.log() * b).sum()),
    ("sqrt", |a, b| (a.sqrt() * b).sum()),
    ("square", |a, b| (a.square() * b).sum()),
    ("pow", |a, b| (a.pow(2.5) * b).sum()),
    ("sin and cos", |a, b| (a.sin() * b.cos()).sum()),
    ("abs and relu", |a, b| ((a - b).abs() * (b - 1).relu()).square().sum()),
    ("clamp", |a, b| (a.clamp(0.5, 1.5) * b).square().sum()),
    ("maximum and minimum", |a, b| (a.maximum(b) * a.minimum(b)).square().sum()),
    ("where", |a, b| Tensor::where_(&a.gt(b), &a.square(), &b.pow(3)).sum()),
    ("max", |a, b| a.max().square() * b.amax(1).square().sum()),
    ("max_dim", |a, b| (a.max_dim(0).0 * b.min_dim(1).0).square().sum()),
    ("var and std", |a, b| (a.var_dim(0, 1) * b.std_dim(1, 0)).sum()),
    ("mean", |a, b| (a.mean() * b).square().mean()),
    ("rows", |a, b| (a.rows(&Tensor::from([2, 0, 2])) * b).square().sum()),
    ("cat", |a, b| Tensor::cat(&[a, b], 0).pow(3).sum()),
];

fn leaves() -> [Tensor<f64>; 2] {
    [
        leaf([[0.3, 1.2, 0.7], [1.9, 0.4, 1.1], [0.8, 1.6, 0.2]]),
        leaf([[1.4, 0.6, 2.1], [0.9, 1.7, 1.3], [2.3, 0.5, 1.8]]),
    ]
}

/// The gradients of first and second order; `update` runs after the forward pass and after the first backward pass.
fn gradients(function: Function, update: impl Fn(&[Tensor<f64>; 2])) -> [Option<Vec<f64>>; 4] {
    let leaves = leaves();
    let value = function(&leaves[0], &leaves[1]);
    update(&leaves);
    let first = Backward::of(&value).create_graph().grads(leaves.each_ref());
    update(&leaves);
    // A weighted sum of the gradients, so that no second derivative cancels another.
    let weights = Tensor::<f64>::new([[1.0, -2.0, 0.5], [0.3, 1.5, -0.7], [2.0, 0.1, -1.0]]);
    let parts = first.iter().flatten().filter(|grad| grad.requires_grad()).map(|grad| (grad * &weights).sum());
    let second = match parts.reduce(|a, b| a + b) {
        Some(sum) => Backward::of(&sum).grads(leaves.each_ref()),
        None => [None, None],
    };
    let [da, db] = first;
    let [dda, ddb] = second;
    [da, db, dda, ddb].map(|grad| grad.map(|grad| grad.to_vec()))
}

/// A change of a leaf in place.
type Update = fn(&Tensor<f64>);

#[test]
fn an_update_after_forward_changes_no_gradient() {
    let updates: &[(&str, Update)] = &[
        ("fill_", |x| drop(x.fill_(-7.0))),
        ("sub_", |x| drop(x.sub_(&(x * 0.5)))),
        ("copy_", |x| drop(x.copy_(&x.t()))),
        ("slice_assign_", |x| drop(x.slice_assign_(0, 1.., &Tensor::<f64>::new([9.0])))),
    ];
    for (name, function) in FUNCTIONS {
        let expected = gradients(*function, |_| {});
        assert!(expected[1].is_some(), "{name} depends on b");
        for (update_name, update) in updates {
            let found = gradients(*function, |leaves| no_grad(|| leaves.iter().for_each(update)));
            assert_eq!(found, expected, "{name} after {update_name}");
        }
    }
}

#[test]
fn an_updated_leaf_keeps_its_place_in_the_graph() {
    // The gradient is that of the old value; the leaf's new value is used from the next forward pass on.
    let w = leaf([3.0]);
    let loss = w.pow(3).sum();
    no_grad(|| w.fill_(10.0));
    Backward::of(&loss).create_graph().run();
    let gradient = w.grad().unwrap();
    assert_eq!(gradient.to_vec(), [27.0]);
    w.zero_grad();
    gradient.sum().backward();
    assert_eq!(grad_of(&w), [18.0]);
    w.zero_grad();
    w.pow(3).sum().backward();
    assert_eq!(grad_of(&w), [300.0]);
}

/// The address of the elements of a tensor.
fn place(tensor: &Tensor<f64>) -> *const f64 {
    tensor.array().as_slice().expect("contiguous").as_ptr()
}

#[test]
fn an_update_copies_only_while_a_graph_holds_the_old_value() {
    let (w, x) = (leaf([1.0, 2.0]), Tensor::<f64>::new([3.0, 4.0]).requires_grad_(true));
    let step = |w: &Tensor<f64>| no_grad(|| w.sub_(&(0.1 * w.grad().unwrap())));

    // After the backward pass the graph holds nothing, even if its output is still alive.
    let loss = (&w * &x).sum();
    loss.backward();
    let before = place(&w);
    step(&w);
    assert_eq!(place(&w), before, "no graph is alive");

    // A graph that is alive holds the old value: the first update copies, the second is in place.
    let loss = (&w * &x).sum();
    step(&w);
    let copied = place(&w);
    assert_ne!(copied, before, "a graph holds the old value");
    step(&w);
    assert_eq!(place(&w), copied, "the graph holds another buffer");
    drop(loss);
    step(&w);
    assert_eq!(place(&w), copied);

    // An operation that saves nothing does not make an update copy.
    let loss = (&w + &x).sum();
    step(&w);
    assert_eq!(place(&w), copied, "a sum saves nothing");
    drop(loss);
}

#[test]
fn gradients_accumulate_in_place() {
    let x = leaf([1.0, 2.0]);
    (&x * 3).sum().backward();
    let before = place(&x.grad().unwrap());
    (&x * 3).sum().backward();
    assert_eq!(place(&x.grad().unwrap()), before);
    let snapshot = x.grad().unwrap();
    (&x * 3).sum().backward();
    assert_eq!(snapshot.to_vec(), [6.0, 6.0], "a snapshot that is held keeps its numbers");
    assert_eq!(grad_of(&x), [9.0, 9.0]);
}

#[test]
fn a_tensor_may_meet_itself() {
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        let w = leaf([1.0, 2.0]);
        no_grad(|| {
            w.copy_(&w);
            assert_eq!(w.to_vec(), [1.0, 2.0]);
            w.add_(&w).mul_(&w);
            assert_eq!(w.to_vec(), [4.0, 16.0]);
            w.slice_assign_(0, .., &w.slice(0, 1..));
            assert_eq!(w.to_vec(), [16.0, 16.0]);
            w.sub_(&w);
            assert_eq!(w.to_vec(), [0.0, 0.0]);
            w.fill_(3.0).div_(&w);
        });
        (&w * &w).sum().backward();
        assert_eq!(grad_of(&w), [2.0, 2.0]);
        w.set_grad(Some(w.clone()));
        w.set_grad(w.grad());
        assert_eq!(grad_of(&w), [1.0, 1.0]);
        done.send(()).unwrap();
    });
    finished.recv_timeout(Duration::from_secs(20)).expect("no deadlock and no failed assertion");
}

#[test]
fn a_change_is_seen_through_every_handle_of_the_tensor_only() {
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0]]);
    let (same, new, detached, view) = (x.clone(), x.copy(), x.detach(), x.t());
    let returned = same.slice_assign_(1, 0..1, &Tensor::<f64>::new([[10.0], [30.0]]));
    assert!(returned.is(&x), "a method that changes a tensor returns the same tensor");
    assert_eq!(x.to_vec(), [10.0, 2.0, 30.0, 4.0]);
    x.add_(1).mul_(2).sub_(0.5).div_(&Tensor::<f64>::new([1.0, 2.0]));
    assert_eq!(same.to_vec(), [21.5, 2.75, 61.5, 4.75]);
    same.add_scaled_(&x.zeros_like().fill_(1.0), -0.5);
    assert_eq!(x.to_vec(), [21.0, 2.25, 61.0, 4.25]);
    x.zero_();
    assert_eq!(same.to_vec(), [0.0; 4]);
    for snapshot in [new, detached] {
        assert_eq!(snapshot.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    }
    assert_eq!(view.to_vec(), [1.0, 3.0, 2.0, 4.0], "a view keeps the numbers it was made with");
}

#[test]
fn update_lends_the_elements_and_takes_them_back() {
    let w = Tensor::from([1.0, 2.0]).requires_grad_(true);
    let loss = w.square().sum();
    no_grad(|| {
        w.update_(|values| {
            // No lock is held meanwhile: the tensor can be read.
            assert!(w.requires_grad() && w.shape() == [2]);
            values.reverse();
        })
    });
    assert_eq!(w.to_vec(), [2.0, 1.0]);
    loss.backward();
    assert_eq!(w.grad().unwrap().to_vec(), [2.0, 4.0], "the graph keeps the old values");

    let panic = std::panic::catch_unwind(|| no_grad(|| w.update_(|_| panic!("no"))));
    assert!(panic.is_err());
    assert_eq!(w.to_vec(), [2.0, 1.0], "also after a panic");
}
