//! Hooks and `retain_grad`: reading a gradient and replacing it.

use std::sync::{Arc, Mutex};

use downhill_tensor::{Backward, Tensor, enable_grad, grad};

use super::{grad_of, leaf};

/// The gradients that a hook got, one entry for each call.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Vec<f64>>>>);

impl Seen {
    fn note(&self, grad: &Tensor<f64>) {
        self.0.lock().unwrap().push(grad.to_vec());
    }

    fn watch(&self, tensor: &Tensor<f64>) {
        let seen = self.clone();
        tensor.register_hook(move |grad| {
            seen.note(grad);
            None
        });
    }

    fn take(&self) -> Vec<Vec<f64>> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn a_hook_sees_the_sum_over_all_consumers_once() {
    let x = leaf([1.0, 2.0]);
    let h = &x * 2;
    let (on_leaf, on_intermediate) = (Seen::default(), Seen::default());
    on_leaf.watch(&x);
    on_intermediate.watch(&h);
    for _ in 0..2 {
        Backward::of(&(&h * 3 + h.square() + &x).sum()).retain_graph().run();
        // 3 + 2h, and for the leaf 2 (3 + 2h) + 1: of this backward, before it is added to `.grad`.
        assert_eq!(on_intermediate.take(), [[7.0, 11.0]]);
        assert_eq!(on_leaf.take(), [[15.0, 23.0]]);
    }
    assert_eq!(grad_of(&x), [30.0, 46.0]);
}

#[test]
fn what_a_hook_returns_flows_on() {
    let x = leaf([1.0, 2.0]);
    let h = &x * 2;
    h.register_hook(|grad| Some(grad * 10));
    x.register_hook(|grad| Some(grad + 1));
    h.sum().backward();
    assert_eq!(grad_of(&x), [21.0, 21.0]);
}

#[test]
fn hooks_run_in_the_order_they_were_added_and_a_handle_removes_one() {
    let x = leaf(1.0);
    let first = x.register_hook(|grad| Some(grad * 10));
    let second = x.register_hook(|grad| Some(grad + 1));
    let slope = || {
        x.zero_grad();
        (&x * 3).backward();
        grad_of(&x)[0]
    };
    assert_eq!(slope(), 31.0);
    first.remove();
    assert_eq!(slope(), 4.0);
    second.remove();
    assert_eq!(slope(), 3.0);
    // Dropping a handle does not remove its hook.
    drop(x.register_hook(|grad| Some(-grad)));
    assert_eq!(slope(), -3.0);
}

#[test]
fn a_handle_may_outlive_its_tensor() {
    let x = leaf(1.0);
    let handle = x.register_hook(|_| None);
    drop(x);
    handle.remove();
}

#[test]
fn retain_grad_keeps_what_the_hooks_return() {
    let x = leaf([1.0, 2.0]);
    let h = (&x * 2).retain_grad();
    h.register_hook(|grad| Some(grad * 10));
    let loss = h.square().sum();
    Backward::of(&loss).retain_graph().run();
    assert_eq!(grad_of(&h), [40.0, 80.0]);
    assert_eq!(grad_of(&x), [80.0, 160.0]);
    loss.backward();
    assert_eq!(grad_of(&h), [80.0, 160.0], "it accumulates like the gradient of a leaf");
    h.zero_grad();
    assert!(h.grad().is_none());
}

#[test]
fn retain_grad_does_not_change_with_what_flows_on() {
    // The gradients of `h` and `x` share a buffer, and `x` gets another contribution.
    let x = leaf([1.0]);
    let h = (&x + 0).retain_grad();
    (h.sum() + (&x * 5).sum()).backward();
    x.sum().backward();
    assert_eq!(grad_of(&h), [1.0]);
    assert_eq!(grad_of(&x), [7.0]);
}

#[test]
fn grad_shows_its_gradients_to_the_hooks() {
    let (x, other) = (leaf([3.0]), leaf([4.0]));
    let h = x.square();
    h.register_hook(|grad| Some(grad * 10));
    x.register_hook(|grad| Some(grad + 1));
    let seen = Seen::default();
    seen.watch(&other);
    let [dh, dx] = grad(&(&h * &other).sum(), [&h, &x]);
    assert_eq!(dh.unwrap().to_vec(), [40.0]);
    assert_eq!(dx.unwrap().to_vec(), [241.0]);
    assert!(x.grad().is_none());
    assert!(seen.take().is_empty(), "nobody asked for the gradient of this leaf");
}

#[test]
fn a_hook_can_be_differentiated() {
    let x = leaf(2.0);
    x.register_hook(|grad| Some(grad.square()));
    // The gradient is (3x²)², and its derivative 36x³, which the hook squares.
    let [dx] = Backward::of(&x.pow(3)).create_graph().grads([&x]);
    let dx = dx.unwrap();
    assert_eq!(dx.item(), 144.0);
    let [ddx] = grad(&dx, [&x]);
    assert_eq!(ddx.unwrap().item(), 288f64.powi(2));
}

#[test]
fn a_hook_may_run_a_backward_and_change_hooks() {
    let (x, other) = (leaf(2.0), leaf(5.0));
    let (seen, handle) = (Seen::default(), Arc::new(Mutex::new(None)));
    let (hook_seen, hook_handle, hook_x, hook_other) = (seen.clone(), handle.clone(), x.clone(), other.clone());
    let added = x.register_hook(move |grad| {
        // A backward pass inside the hook.
        enable_grad(|| grad.detach() * hook_other.square()).backward();
        // Another hook on the same leaf, which runs from the next backward pass on.
        let (seen, slot) = (hook_seen.clone(), &mut *hook_handle.lock().unwrap());
        if slot.is_none() {
            *slot = Some(hook_x.register_hook(move |grad| {
                seen.note(grad);
                None
            }));
        }
        None
    });
    x.square().backward();
    assert_eq!(grad_of(&other), [40.0]); // 4 * 2 * 5
    assert!(seen.take().is_empty());
    x.square().backward();
    assert_eq!(grad_of(&other), [80.0]);
    assert_eq!(seen.take(), [[4.0]]);
    added.remove();
    // A hook that removes a hook.
    let victim = Arc::clone(&handle);
    x.register_hook(move |_| {
        if let Some(handle) = victim.lock().unwrap().take() {
            handle.remove();
        }
        None
    });
    x.square().backward();
    seen.take();
    x.square().backward();
    assert!(seen.take().is_empty());
    assert_eq!(grad_of(&other), [80.0]);
}

/// A pass for some tensors visits only nodes from which it can reach one of them.
#[test]
fn grad_leaves_branches_alone_that_lead_to_nothing_asked_for() {
    let (x, w) = (leaf([1.0, 2.0]), leaf([3.0, 4.0]));
    let (h, side) = (&x * 2, w.exp());
    let (on_path, beside) = (Seen::default(), Seen::default());
    on_path.watch(&h);
    beside.watch(&side);
    let y = (&h * &side + side.square()).sum();
    let [by_x] = Backward::of(&y).retain_graph().grads([&x]);
    assert_eq!(by_x.unwrap().to_vec(), (w.detach().exp() * 2).to_vec());
    assert_eq!((on_path.take().len(), beside.take().len()), (1, 0));

    // A requested intermediate tensor ends its branch, while another branch goes on.
    let [by_side, by_x] = Backward::of(&y).grads([&side, &x]);
    assert_eq!(by_side.unwrap().to_vec(), (side.detach() * 2 + h.detach()).to_vec());
    assert_eq!(by_x.unwrap().to_vec(), (w.detach().exp() * 2).to_vec());
    side.sum().backward();
    assert_eq!(grad_of(&w), w.detach().exp().to_vec(), "the graph before `side` was not freed");
}
