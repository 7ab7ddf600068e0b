//! Many tensors at once: this would take minutes if its time grew with the square of their number. Nothing is timed.

use downhill_tensor::{Backward, StateDict, Tape, Tensor, manual_seed};

const MANY: usize = 100_000;

fn leaves(count: usize) -> Vec<Tensor> {
    (0..count).map(|i| Tensor::from([i as f32]).requires_grad_(true)).collect()
}

fn joined(parts: &[&Tensor]) -> Tensor {
    Tensor::cat(parts, 0)
}

fn grad(tensor: &Tensor) -> f32 {
    tensor.grad().map_or(0.0, |grad| grad.item() as f32)
}

/// The positions from 0 in an order that is neither rising nor falling, each `times` times.
fn scattered(count: usize, times: usize) -> Vec<usize> {
    (0..count * times).map(|i| (i * 7919) % count).collect()
}

/// Each order of pending gradients, with the number of times that each leaf is consumed.
#[test]
fn pending_gradients_in_every_order() {
    let leaves = leaves(MANY);
    let orders: [(&str, Vec<usize>, f32); 4] = [
        ("rising", (0..MANY).collect(), 1.0),
        ("falling", (0..MANY).rev().collect(), 1.0),
        ("scattered", scattered(MANY, 2), 2.0),
        ("there and back", (0..MANY).chain((0..MANY).rev()).collect(), 2.0),
    ];
    for (name, order, times) in orders {
        joined(&order.iter().map(|&i| &leaves[i]).collect::<Vec<_>>()).sum().backward();
        assert!(leaves.iter().all(|leaf| grad(leaf) == times), "{name}");
        leaves.iter().for_each(Tensor::zero_grad);
    }
}

#[test]
fn a_sum_of_leaves_in_a_loop() {
    let leaves = leaves(MANY);
    let mut y = Tensor::zeros([1]);
    for leaf in &leaves {
        y = y + leaf * 2;
    }
    y.backward();
    assert!(leaves.iter().all(|leaf| grad(leaf) == 2.0));
}

#[test]
fn a_tensor_with_many_consumers_and_outputs() {
    let x = Tensor::from([0.5]).requires_grad_(true);
    let outputs: Vec<Tensor> = (0..MANY).map(|_| &x * 2).collect();
    let (last, others) = outputs.split_last().unwrap();
    others.iter().rev().fold(Backward::of(last), Backward::and).run();
    assert_eq!(grad(&x), 2.0 * MANY as f32);
}

/// Small graphs whose pending gradients move between the list and the tree, against the closed form.
#[test]
fn random_graphs_around_the_length_of_the_list() {
    manual_seed(1);
    for count in [1, 31, 32, 33, 34, 48, 63, 64, 65, 100, 200] {
        let leaves = leaves(count);
        // y_i = x_i * x_(7 i), so that dx_i = x_(7 i) + the x_j with 7 j = i, and each order of creation is met.
        let order = scattered(count, 1);
        let products: Vec<Tensor> = order.iter().map(|&i| &leaves[i] * &leaves[(7 * i) % count]).collect();
        let mut expected = vec![0.0; count];
        for i in 0..count {
            expected[i] += ((7 * i) % count) as f32 * order.iter().filter(|&&o| o == i).count() as f32;
            expected[(7 * i) % count] += i as f32 * order.iter().filter(|&&o| o == i).count() as f32;
        }
        joined(&products.iter().rev().collect::<Vec<_>>()).sum().backward();
        assert_eq!(leaves.iter().map(grad).collect::<Vec<_>>(), expected, "{count} leaves");
    }
}

#[test]
fn gradients_asked_for() {
    let leaves = leaves(MANY);
    let loss = joined(&leaves.iter().collect::<Vec<_>>()).square().sum();
    // The last one twice.
    let inputs: Vec<&Tensor> = leaves.iter().rev().chain(leaves.last()).collect();
    let grads = Backward::of(&loss).grads_of(&inputs);
    assert!(inputs.iter().zip(&grads).all(|(input, grad)| grad.as_ref().unwrap().item() == 2.0 * input.item()));
    assert!(!grads[0].as_ref().unwrap().is(grads[MANY].as_ref().unwrap()), "each has a tensor of its own");
    assert!(leaves.iter().all(|leaf| leaf.grad().is_none()));
}

#[test]
fn hooks_run_in_order_and_are_removed() {
    let x = Tensor::from([1.0]).requires_grad_(true);
    let handles: Vec<_> = (0..MANY).map(|_| x.register_hook(|_| panic!("was removed"))).collect();
    x.register_hook(|grad| Some(grad + 1));
    let two = x.register_hook(|grad| Some(grad * 2));
    x.register_hook(|grad| Some(grad * 3));
    handles.into_iter().for_each(|handle| handle.remove());
    x.sum().backward();
    assert_eq!(grad(&x), 12.0);
    two.remove();
    x.zero_grad();
    x.sum().backward();
    assert_eq!(grad(&x), 6.0);
}

#[test]
fn a_state_of_many_names() {
    let mut state = StateDict::new();
    for i in 0..MANY {
        state.insert_number::<i64>(format!("part{}.{i}", i % 2), i as i64);
    }
    state.insert_number::<i64>("part0.0", -1);
    assert_eq!(state.len(), MANY);
    assert!((1..MANY).all(|i| state.number::<i64>(&format!("part{}.{i}", i % 2)).unwrap() == i as i64));
    assert_eq!(state.number::<i64>("part0.0").unwrap(), -1, "the existing name has the new value");
    assert_eq!(state.iter().next().unwrap().0, "part0.0", "and its position");
    assert_eq!((state.under("part1").len(), state.by_prefix()["part0"].len()), (MANY / 2, MANY / 2));
}

#[test]
fn a_tape_of_many_parameters() {
    let count = MANY / 4;
    let leaves = leaves(count);
    let cut = 50;
    let frozen: Vec<Tensor> = (0..cut).map(|_| Tensor::from([1.0]).requires_grad_(true)).collect();
    let (_, tape) = Tape::record(|| {
        let mut y = Tensor::zeros([1]);
        for (leaf, frozen) in leaves.iter().zip(frozen.iter().cycle()) {
            y = y + leaf * &frozen.detach();
        }
        y.backward();
    });
    let name = |kind: &str, i: usize| format!("{kind}{i}.weight");
    let names = leaves.iter().enumerate().map(|(i, leaf)| (name("layer", i), leaf));
    let tape = tape.with_names(names.chain(frozen.iter().enumerate().map(|(i, leaf)| (name("frozen", i), leaf))));
    let audit = tape.audit();
    assert_eq!(audit.rows().len(), count + cut);
    for i in 0..count {
        assert_eq!(audit.row(&name("layer", i)).unwrap().reached().unwrap().norm, 1.0);
    }
    assert!((0..cut).all(|i| audit.row(&name("frozen", i)).unwrap().cuts()[0].op() == "detach"));
    let with_gradient = (0..tape.entries().len()).filter(|&number| tape.gradient(number).is_some()).count();
    // Each leaf, each product and each sum.
    assert_eq!(with_gradient, 3 * count);
}
