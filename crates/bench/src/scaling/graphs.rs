//! Graphs of n tensors: backward passes, hooks, tapes, pictures.

use downhill_tensor::{Backward, Tape, Tensor};
use downhill_viz::Graph;

use super::seconds;

fn leaves(n: usize) -> Vec<Tensor> {
    (0..n).map(|i| Tensor::from([i as f32]).requires_grad_(true)).collect()
}

fn joined(parts: &[Tensor]) -> Tensor {
    Tensor::cat(&parts.iter().collect::<Vec<_>>(), 0)
}

pub fn sum_of_leaves(n: usize) -> f64 {
    let leaves = leaves(n);
    seconds(|| {
        let mut y = Tensor::zeros([1]);
        for leaf in &leaves {
            y = y + leaf;
        }
        y.backward();
    })
}

pub fn consumers(n: usize) -> f64 {
    let x = Tensor::from([0.5]).requires_grad_(true);
    seconds(|| {
        let parts: Vec<Tensor> = (0..n).map(|i| &x * i as i64).collect();
        joined(&parts).sum().backward();
    })
}

/// `cat` passes gradients to its inputs in their order, so each new pending node is older than the ones already
/// queued.
pub fn youngest_first(n: usize) -> f64 {
    let mut leaves = leaves(n);
    leaves.reverse();
    seconds(|| joined(&leaves).sum().backward())
}

pub fn oldest_first(n: usize) -> f64 {
    let leaves = leaves(n);
    seconds(|| joined(&leaves).sum().backward())
}

pub fn outputs(n: usize) -> f64 {
    let x = Tensor::from([0.5]).requires_grad_(true);
    let outputs: Vec<Tensor> = (0..n).map(|_| x.square()).collect();
    seconds(|| {
        let (last, others) = outputs.split_last().expect("at least one");
        others.iter().rev().fold(Backward::of(last), Backward::and).run();
    })
}

pub fn asked_for(n: usize) -> f64 {
    let leaves = leaves(n);
    let loss = joined(&leaves).square().sum();
    seconds(|| Backward::of(&loss).grads_of(&leaves.iter().collect::<Vec<_>>()))
}

pub fn hooks(n: usize) -> f64 {
    let x = Tensor::from([0.5]).requires_grad_(true);
    seconds(|| {
        let handles: Vec<_> = (0..n).map(|_| x.register_hook(|_| None)).collect();
        handles.into_iter().for_each(|handle| handle.remove());
    })
}

pub fn slices(n: usize) -> f64 {
    let x = Tensor::zeros([n]).requires_grad_(true);
    seconds(|| {
        let parts: Vec<Tensor> = (0..n as isize).map(|i| x.slice(0, i..i + 1)).collect();
        joined(&parts).sum().backward();
    })
}

pub fn tape(n: usize) -> f64 {
    let leaves = leaves(n);
    let names: Vec<_> = leaves.iter().enumerate().map(|(i, leaf)| (format!("layer{i}.weight"), leaf)).collect();
    seconds(|| {
        let (_, tape) = Tape::record(|| {
            let mut y = Tensor::zeros([1]);
            for leaf in &leaves {
                y = y + leaf * leaf;
            }
            y.sum().backward();
        });
        let tape = tape.with_names(names);
        let audit = tape.audit();
        let grads = (0..tape.entries().len()).filter_map(|number| tape.gradient(number)).count();
        (audit.rows().len(), grads, tape.explain(&leaves[n / 2], [0]).gradient())
    })
}

pub fn picture(n: usize) -> f64 {
    let x = Tensor::from([0.5]).requires_grad_(true);
    let (_, tape) = Tape::record(|| {
        let mut y = x.clone();
        for _ in 0..n {
            y = y.tanh();
        }
        y.sum().backward();
    });
    seconds(|| Graph::of(&tape).expand().to_svg())
}
