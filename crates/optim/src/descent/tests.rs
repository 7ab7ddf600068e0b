//! SIMD updates and updates in parts give the bits of the plain loop.

use downhill_kernels::simd::vectorized;

use super::parts::{PART, Update};
use super::*;
use crate::{Adagrad, Adam, AdamW, RMSprop, SGD};

/// The bits of the parameter and of all buffers after three updates.
fn bits<R: UpdateRule<f32>>(
    optimizer: &Descent<f32, R>,
    length: usize,
    update: impl Fn(Update<'_, f32, R>),
) -> Vec<u32> {
    let grad = |step: usize| (0..length).map(move |i| ((i * 7 + step * 3) % 13) as f32 / 3.0 - 2.0);
    let mut values: Vec<f32> = (0..length).map(|i| (i % 11) as f32 - 5.0).collect();
    let mut buffers = vec![Vec::new(); R::BUFFERS.len()];
    for step in 1..=3 {
        let (rule, grad) = (&optimizer.groups[0].options, grad(step).collect::<Vec<_>>());
        let (values, step) = (&mut values, step as i64);
        update(Update { rule, lr: 0.1, step, values, grad: &grad, buffers: &mut buffers });
    }
    values.iter().chain(buffers.iter().flatten()).map(|x| x.to_bits()).collect()
}

fn check<R: UpdateRule<f32>>(optimizer: Descent<f32, R>) {
    for length in (0..40).chain([1000]) {
        let plain = bits(&optimizer, length, |update| {
            let Update { rule, lr, step, values, grad, buffers } = update;
            rule.update(lr, step, values, grad, buffers);
        });
        let vectors = bits(&optimizer, length, |update| vectorized(update));
        assert!(plain == vectors, "{:?}, {length} elements", optimizer.groups[0].options);
    }
}

#[test]
fn vectors_give_the_same_bits_as_the_plain_loop() {
    let w = [Tensor::from(0.0).requires_grad_(true)];
    check(SGD::new(&w, 0.1).weight_decay(0.01));
    check(SGD::new(&w, 0.1).momentum(0.9).maximize(true));
    check(SGD::new(&w, 0.1).momentum(0.9).nesterov(true).weight_decay(0.1));
    check(Adam::new(&w, 0.1).weight_decay(0.1));
    check(Adam::new(&w, 0.1).amsgrad(true));
    check(AdamW::new(&w, 0.1).weight_decay(0.1));
    check(RMSprop::new(&w, 0.1));
    check(RMSprop::new(&w, 0.1).momentum(0.9));
    check(RMSprop::new(&w, 0.1).centered(true));
    check(RMSprop::new(&w, 0.1).centered(true).momentum(0.9).weight_decay(0.1));
    check(Adagrad::new(&w, 0.1).weight_decay(0.1));
}

#[test]
fn a_parameter_in_parts_is_updated_and_saved_as_in_one_piece() {
    let length = 2 * PART + 5;
    let w = Tensor::zeros([length]).requires_grad_(true);
    let new = || RMSprop::new([&w], 0.1).centered(true).momentum(0.9);
    let (mut optimizer, mut whole, mut buffers) = (new(), vec![0.0; length], vec![Vec::new(); 3]);
    for step in 1..=4 {
        let grad: Vec<f32> = (0..length).map(|i| ((i * 7 + step * 3) % 13) as f32 / 3.0 - 2.0).collect();
        optimizer.groups[0].options.update(0.1, step as i64, &mut whole, &grad, &mut buffers);
        w.set_grad(Some(Tensor::from_vec(grad, [length]).unwrap()));
        optimizer.step();
        // The next step is made by a new optimiser that has loaded the state of this one.
        let state = std::mem::replace(&mut optimizer, new()).state_dict();
        optimizer.load_state_dict(&state).unwrap();
    }
    assert!(w.to_vec() == whole);
    assert!((0..3).all(|index| optimizer.states[0].buffer(index) == buffers[index]));
}
