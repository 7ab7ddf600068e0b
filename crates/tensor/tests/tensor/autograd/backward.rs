//! `backward`, `grad`, accumulation, and where recording begins and ends.

use std::panic::{AssertUnwindSafe, catch_unwind};

use downhill_tensor::{Backward, Tensor, enable_grad, grad, is_grad_enabled, no_grad};

use super::{grad_of, leaf};

#[test]
fn a_linear_regression_has_the_gradient_of_the_textbook() {
    let x = Tensor::<f64>::new([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let y = Tensor::<f64>::new([[1.0], [0.0], [-1.0]]);
    let (w, b) = (leaf([[0.5], [-1.0]]), leaf([0.25]));
    (x.matmul(&w) + &b - &y).square().mean().backward();
    // The residuals are -2.25, -2.25 and -2.25; ∂/∂w = 2/3 Xᵀ r and ∂/∂b = 2/3 Σ r.
    assert_eq!(grad_of(&w), [-13.5, -18.0]);
    assert_eq!(grad_of(&b), [-4.5]);
}

#[test]
fn backward_with_weighs_each_element() {
    let x = leaf([1.0, 2.0, 3.0]);
    x.square().backward_with(&Tensor::<f64>::new([1.0, 10.0, -1.0]));
    assert_eq!(grad_of(&x), [2.0, 40.0, -6.0]);
}

#[test]
fn a_leaf_is_its_own_output() {
    let x = leaf(3.0);
    x.backward();
    assert_eq!(grad_of(&x), [1.0]);
}

#[test]
fn gradients_accumulate_until_they_are_zeroed_or_set() {
    let x = leaf([1.0, 2.0]);
    assert!(x.grad().is_none());
    for round in 1..=3 {
        x.square().sum().backward();
        assert_eq!(grad_of(&x), [2.0 * f64::from(round), 4.0 * f64::from(round)]);
    }
    x.zero_grad();
    assert!(x.grad().is_none(), "zero_grad sets the gradient to none");
    x.set_grad(Some(Tensor::<f64>::new([100.0, 200.0])));
    x.square().sum().backward();
    assert_eq!(grad_of(&x), [102.0, 204.0]);
    x.set_grad(None);
    assert!(x.grad().is_none());
}

#[test]
fn a_set_gradient_is_a_snapshot() {
    let (x, given) = (leaf([1.0]), Tensor::<f64>::new([5.0]));
    x.set_grad(Some(given.clone()));
    given.fill_(9.0);
    assert_eq!(grad_of(&x), [5.0]);
    // It may also be set before gradients are required.
    let plain = Tensor::<f64>::new([1.0]);
    plain.set_grad(Some(Tensor::<f64>::new([3.0])));
    assert!(!plain.requires_grad());
    assert_eq!(grad_of(&plain), [3.0]);
}

#[test]
fn a_seed_is_not_changed_by_what_accumulates() {
    let (x, seed) = (leaf([1.0, 1.0]), Tensor::<f64>::new([1.0, 2.0]));
    for _ in 0..3 {
        (&x + 0).backward_with(&seed);
    }
    assert_eq!(grad_of(&x), [3.0, 6.0]);
    assert_eq!(seed.to_vec(), [1.0, 2.0]);
}

#[test]
fn a_clone_is_the_same_tensor_and_a_copy_a_new_one() {
    let x = leaf([1.0, 2.0]);
    let (same, new) = (x.clone(), x.copy());
    assert!(same.is(&x) && !new.is(&x));
    (&same * 3).sum().backward();
    assert_eq!(grad_of(&x), [3.0, 3.0], "the gradient of a clone is that of the tensor");
    (&new * 5).sum().backward();
    assert_eq!(grad_of(&x), [8.0, 8.0], "gradients flow through a copy");
    assert!(new.grad().is_none(), "a copy of a leaf is not a leaf");
}

#[test]
fn detach_and_grad_are_snapshots() {
    let x = leaf([1.0, 2.0]);
    x.square().sum().backward();
    let (value, gradient) = (x.detach(), x.grad().unwrap());
    no_grad(|| x.fill_(7.0));
    x.square().sum().backward();
    assert_eq!(value.to_vec(), [1.0, 2.0]);
    assert_eq!(gradient.to_vec(), [2.0, 4.0]);
    assert_eq!(grad_of(&x), [16.0, 18.0]);
    gradient.fill_(0.0);
    assert_eq!(grad_of(&x), [16.0, 18.0], "writing to the snapshot does not reach the tensor");
    assert!(!value.requires_grad() && value.is_leaf());
}

#[test]
fn detach_cuts_one_path_only() {
    let x = leaf(3.0);
    (&x * x.detach()).backward();
    assert_eq!(grad_of(&x), [3.0]);
}

#[test]
fn no_grad_ends_with_its_closure_and_with_a_panic() {
    let x = leaf([1.0]);
    let (inside, inner, after) = no_grad(|| {
        let inner = enable_grad(|| &x * 2);
        (&x * 2, inner, is_grad_enabled())
    });
    assert!(!inside.requires_grad() && inside.is_leaf());
    assert!(inner.requires_grad(), "enable_grad records inside no_grad");
    assert!(!after, "no_grad is back when enable_grad ends");
    assert!(is_grad_enabled());

    let panicked = catch_unwind(AssertUnwindSafe(|| no_grad(|| panic!("on purpose"))));
    assert!(panicked.is_err() && is_grad_enabled());
    let panicked = catch_unwind(|| no_grad(|| enable_grad(|| panic!("on purpose"))));
    assert!(panicked.is_err() && is_grad_enabled());
    assert!((&x * 2).requires_grad());
}

#[test]
fn grad_mode_is_back_after_a_backward_that_panics() {
    let x = leaf([1.0]);
    x.register_hook(|_| panic!("on purpose"));
    let loss = x.sum();
    assert!(catch_unwind(AssertUnwindSafe(|| loss.backward())).is_err());
    assert!(is_grad_enabled());
    // The locks of the leaf are released.
    x.zero_grad();
    assert!(x.grad().is_none());
}

#[test]
fn retain_graph_keeps_the_saved_values() {
    let x = leaf([3.0]);
    let loss = (x.square() * &x).sum();
    Backward::of(&loss).retain_graph().run();
    Backward::of(&loss).retain_graph().run();
    loss.backward();
    assert_eq!(grad_of(&x), [81.0]);
    assert!(catch_unwind(AssertUnwindSafe(|| loss.backward())).is_err());
    assert_eq!(grad_of(&x), [81.0], "a refused backward adds nothing");
}

#[test]
fn grad_leaves_every_grad_untouched() {
    let (x, y, unrelated) = (leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0]));
    y.set_grad(Some(Tensor::<f64>::new([7.0, 7.0])));
    let h = &x * &y;
    let out = h.square().sum();
    let [dy, none, dh, dx, dx_again] = grad(&out, [&y, &unrelated, &h, &x, &x]);
    // f = Σ (xy)²: ∂/∂x = 2xy², ∂/∂y = 2x²y, ∂/∂h = 2h.
    assert_eq!(dx.unwrap().to_vec(), [18.0, 64.0]);
    assert_eq!(dx_again.unwrap().to_vec(), [18.0, 64.0]);
    assert_eq!(dy.unwrap().to_vec(), [6.0, 32.0]);
    assert_eq!(dh.unwrap().to_vec(), [6.0, 16.0]);
    assert!(none.is_none());
    assert!(x.grad().is_none() && unrelated.grad().is_none());
    assert_eq!(grad_of(&y), [7.0, 7.0]);
}

#[test]
fn grad_of_an_output_by_itself_is_one() {
    let y = leaf(2.0).square();
    let [dy] = grad(&y, [&y]);
    assert_eq!(dy.unwrap().item(), 1.0);
}

#[test]
fn grad_by_an_intermediate_needs_nothing_behind_it() {
    let x = leaf([2.0]);
    let h = x.square();
    h.sum().backward();
    // The graph before `h` is freed, and the gradient by `h` does not need it.
    let [dh] = grad(&h.square().sum(), [&h]);
    assert_eq!(dh.unwrap().to_vec(), [8.0]);
    // And computing it does not free the graph before `h`.
    let h = x.square();
    let [dh] = grad(&h.square().sum(), [&h]);
    assert_eq!(dh.unwrap().to_vec(), [8.0]);
    x.zero_grad();
    h.sum().backward();
    assert_eq!(grad_of(&x), [4.0]);
}

#[test]
fn grads_of_takes_a_list_that_is_known_when_running() {
    let leaves: Vec<Tensor<f64>> = (0..5).map(|i| leaf(f64::from(i))).collect();
    let sum = leaves.iter().fold(leaf(0.0), |sum, x| sum + x.square());
    let grads = Backward::of(&sum).grads_of(&leaves.iter().collect::<Vec<_>>());
    let grads: Vec<f64> = grads.into_iter().map(|grad| grad.unwrap().item()).collect();
    assert_eq!(grads, [0.0, 2.0, 4.0, 6.0, 8.0]);
}

#[test]
fn several_outputs_share_one_pass() {
    let x = leaf([1.0, 2.0]);
    let h = x.square();
    let (sum, triple) = (h.sum(), &h * 3);
    let seed = Tensor::<f64>::new([10.0, 100.0]);
    // h is passed once, with the gradient 1 + 3 * seed.
    Backward::of(&sum).and_with(&triple, &seed).run();
    assert_eq!(grad_of(&x), [62.0, 1204.0]);

    let (a, b) = (leaf(2.0), leaf(3.0));
    let (first, second) = (&a * &b, a.square());
    let [da, db] = Backward::with(&first, &Tensor::<f64>::new(5.0)).and(&second).and(&second).grads([&a, &b]);
    assert_eq!(da.unwrap().item(), 5.0 * 3.0 + 2.0 * 4.0);
    assert_eq!(db.unwrap().item(), 10.0);
}

#[test]
fn a_tensor_used_several_times_gets_the_sum() {
    let x = leaf(3.0);
    (&x * &x).backward();
    assert_eq!(grad_of(&x), [6.0]);
    x.zero_grad();
    ((&x + &x) * (&x - 2 * &x) / &x).backward(); // -2x
    assert_eq!(grad_of(&x), [-2.0]);
}

#[test]
fn diamonds_are_walked_once() {
    // 60 diamonds have 2^60 paths: a traversal of each of them would never end.
    let x = leaf(1.0);
    let mut y = x.clone();
    for _ in 0..60 {
        y = &y + &y;
    }
    y.backward();
    assert_eq!(grad_of(&x), [2f64.powi(60)]);

    // The two sides of each diamond have different lengths here.
    let x = leaf(1.0);
    let mut y = x.clone();
    for _ in 0..60 {
        y = &y + (&y * 2).square().sqrt();
    }
    y.backward();
    assert!((grad_of(&x)[0] / 3f64.powi(60) - 1.0).abs() < 1e-12);
}

#[test]
fn only_what_requires_a_gradient_is_recorded() {
    let (x, constant) = (leaf([1.0]), Tensor::<f64>::new([2.0]));
    assert!(!(&constant * &constant).requires_grad());
    let y = &x * &constant;
    assert!(y.requires_grad() && !y.is_leaf());
    assert_eq!(y.grad_fn(), Some("mul"));
    y.sum().backward();
    assert!(constant.grad().is_none() && y.grad().is_none());
}

#[test]
fn a_leaf_that_is_frozen_before_backward_collects_nothing() {
    let (x, y) = (leaf([2.0]), leaf([3.0]));
    let loss = (&x * &y).sum();
    x.requires_grad_(false);
    loss.backward();
    assert!(x.grad().is_none());
    assert_eq!(grad_of(&y), [2.0]);
}
