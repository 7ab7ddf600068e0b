//! The kind that each operation declares (`Op::KIND`) agrees with what it does, also where it declares none.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use downhill_tensor::observe::{Applied, Event, Observer, observe};
use downhill_tensor::prelude::*;
use downhill_tensor::{AnyTensor, Error, OpKind};

use crate::for_each_case;
use crate::torch::Numbers;

/// The operations that were applied.
#[derive(Default)]
struct Operations(Vec<(&'static str, OpKind, Vec<AnyTensor>, AnyTensor)>);

impl Observer for Operations {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if let Event::Applied(Applied { info, inputs, output, .. }) = event {
            let inputs = inputs.iter().map(|input| input.tensor.clone()).collect();
            self.0.push((info.op, info.kind, inputs, output.tensor.clone()));
        }
        Ok(())
    }
}

/// Whether each element of the output is computed from the elements of the inputs at the same place. It is not where
/// an input has another shape, even broadcast, or where the gradient of one element of the output reaches others.
/// `None` where nothing can be seen.
fn acts_by_element(inputs: &[AnyTensor], output: &AnyTensor) -> Option<bool> {
    let fits = |(input, output): (&usize, &usize)| input == output || *input == 1;
    let broadcasts = |input: &AnyTensor| input.shape().iter().rev().zip(output.shape().iter().rev()).all(fits);
    if !inputs.iter().all(broadcasts) {
        return Some(false);
    }
    let output = output.get::<f64>()?;
    let inputs: Vec<&Tensor<f64>> = inputs.iter().filter_map(AnyTensor::get::<f64>).collect();
    let inputs: Vec<&Tensor<f64>> = inputs.into_iter().filter(|input| input.requires_grad()).collect();
    let same_shape = inputs.iter().all(|input| input.shape() == output.shape());
    if !output.requires_grad() || output.is_leaf() || inputs.is_empty() || output.numel() < 2 || !same_shape {
        return None;
    }
    let mut any = false;
    for at in 0..output.numel() {
        let one_hot = (0..output.numel()).map(|i| f64::from(u8::from(i == at))).collect();
        let seed = Tensor::from_vec(one_hot, output.shape()).unwrap();
        for grad in Backward::with(output, &seed).retain_graph().grads_of(&inputs).into_iter().flatten() {
            let reached = |&(_, grad): &(usize, f64)| grad != 0.0 && !grad.is_nan();
            for (i, _) in grad.to_vec().into_iter().enumerate().filter(reached) {
                if i != at {
                    return Some(false);
                }
                any = true;
            }
        }
    }
    any.then_some(true)
}

#[test]
fn operations_are_of_the_kind_that_they_say() {
    // What the cases show about each operation that declares no kind.
    let others: RefCell<HashMap<&str, Vec<bool>>> = RefCell::default();
    let seen: RefCell<HashSet<(&str, String)>> = RefCell::default();
    for_each_case(|row, case| {
        let inputs: Vec<Tensor<f64>> = case.inputs.iter().map(Numbers::tensor).collect();
        inputs.iter().for_each(|input| drop(input.requires_grad_(true)));
        let (_, Operations(operations)) = observe(Operations::default(), || drop((row.f64)(&inputs)));
        for (op, kind, inputs, output) in operations {
            let elements = inputs.iter().map(AnyTensor::numel).max().unwrap_or(0);
            if elements == 0 || output.numel() == 0 {
                continue;
            }
            seen.borrow_mut().insert((op, format!("{kind:?}")));
            let by_element = || acts_by_element(&inputs, &output);
            let same = |x: f64| move |y: &f64| x == *y || (x.is_nan() && y.is_nan());
            let fits = match kind {
                OpKind::Elementwise | OpKind::Masked => by_element() != Some(false),
                OpKind::Reduction => output.numel() <= elements,
                OpKind::View => {
                    let numbers = inputs[0].numbers();
                    output.numbers().into_iter().all(|x| numbers.iter().any(same(x)))
                }
                _ => {
                    others.borrow_mut().entry(op).or_default().extend(by_element());
                    true
                }
            };
            if !fits {
                let shapes: Vec<_> = inputs.iter().map(AnyTensor::shape).collect();
                return Err(format!("`{op}` of {shapes:?} to {:?} is not {kind:?}", output.shape()));
            }
        }
        Ok(())
    });
    for (op, shown) in others.into_inner() {
        assert!(
            shown.is_empty() || shown.contains(&false),
            "`{op}` acts on each element by itself: say so as its KIND"
        );
    }
    let seen = seen.into_inner();
    for kind in ["Elementwise", "Masked", "Reduction", "View", "Other"] {
        assert!(seen.iter().filter(|(_, other)| other == kind).count() > 1, "{kind} was not seen: {seen:?}");
    }
}
