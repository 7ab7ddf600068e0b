//! Gradients of gradients.

use downhill::tensor::{Backward, Float, Tensor};

use crate::json::{Fields, Outcome, schema};
use crate::program::{Names, outputs};
use crate::result::{Results, Tree};
use crate::single::Output;
use crate::value::Value;

/// The inputs of a case, and the one output of its program.
fn one_output<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<(Vec<Value<T>>, Tensor<T>)> {
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let output = outputs(&mut args, &mut Names::of(&inputs))?;
    args.finish()?;
    match output {
        Output::One(output) => Ok((inputs, output.float()?.clone())),
        Output::Many(_) => schema("one output was expected"),
    }
}

/// The inputs that require a gradient.
fn wanted<T: Float>(inputs: &[Value<T>]) -> Vec<&Tensor<T>> {
    inputs.iter().filter(|input| input.requires_grad()).filter_map(|input| input.float().ok()).collect()
}

/// The gradients in the order of the inputs; those that require none have none.
fn for_each_input<T: Float>(inputs: &[Value<T>], grads: Vec<Option<Tensor<T>>>, missing: &Tree) -> Tree {
    let mut grads = grads.into_iter();
    let tree = |input: &Value<T>| match input.requires_grad() {
        true => grads.next().flatten().map_or_else(|| missing.clone(), |grad| Tree::from(&grad)),
        false => Tree::Nothing,
    };
    Tree::List(inputs.iter().map(tree).collect())
}

/// Backward of the gradients, each weighted by its `vs`; `None` where nothing depends on anything.
pub fn double_backward<T: Float>(args: Fields, case: &mut Fields) -> Outcome<Results> {
    let (inputs, y) = one_output::<T>(args, case)?;
    let wanted = wanted(&inputs);
    let seed = Value::read(&case.get("seed_grad")?)?;
    let first = Backward::with(&y, seed.float()?).create_graph().grads_of(&wanted);
    let vs: Vec<_> = Value::<T>::read_optional(&case.get("vs")?)?;
    if vs.len() != inputs.len() {
        return schema(format!("{} `vs` for {} inputs", vs.len(), inputs.len()));
    }
    let vs = inputs.iter().zip(vs).filter(|(input, _)| input.requires_grad()).map(|(_, v)| v);
    let mut backward: Option<Backward<T>> = None;
    let weights: Vec<_> = first.iter().zip(vs).filter_map(|(grad, v)| Some((grad.as_ref()?, v?))).collect();
    for (grad, v) in weights.iter().filter(|(grad, _)| grad.requires_grad()) {
        backward = Some(match backward {
            Some(backward) => backward.and_with(grad, v.float()?),
            None => Backward::with(grad, v.float()?),
        });
    }
    let second = backward.map_or_else(|| vec![None; wanted.len()], |backward| backward.grads_of(&wanted));
    Ok(vec![
        ("output", Tree::from(&y)),
        ("first_grads", for_each_input(&inputs, first.clone(), &Tree::NothingOrZeros)),
        ("grads", for_each_input(&inputs, second, &Tree::NothingOrZeros)),
    ])
}

/// The derivatives of orders 0 to `order` by the first input.
pub fn nested_grad<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let order: usize = args.get("order")?;
    let (inputs, y) = one_output::<T>(args, case)?;
    let Some(x) = inputs.first() else { return schema("nested_grad: no inputs") };
    let mut derivatives = vec![y];
    for _ in 0..order {
        let last = &derivatives[derivatives.len() - 1];
        let grad = match last.requires_grad() {
            true => Backward::of(&last.sum()).create_graph().grads_of(&[x.float()?]).remove(0),
            false => None,
        };
        derivatives.push(grad.unwrap_or_else(|| last.zeros_like()));
    }
    Ok(vec![("derivatives", derivatives.iter().collect())])
}

/// An objective to which the square of its own gradient is added.
pub fn gradient_penalty<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let (wrt, lambda): (usize, f64) = (args.get("wrt")?, args.get("lambda")?);
    let (inputs, y) = one_output::<T>(args, case)?;
    let Some(x) = inputs.get(wrt) else { return schema(format!("gradient_penalty: no input {wrt}")) };
    let inner = Backward::of(&y).create_graph().grads_of(&[x.float()?]).remove(0);
    let Some(inner) = inner else { return schema("gradient_penalty: the output does not depend on the input") };
    let output = y + lambda * inner.square().sum();
    let grads = Backward::of(&output).grads_of(&wanted(&inputs));
    Ok(vec![
        ("output", Tree::from(&output)),
        ("inner_grad", Tree::from(&inner)),
        ("grads", for_each_input(&inputs, grads, &Tree::NothingOrZeros)),
    ])
}

/// The second derivatives by all inputs that require a gradient, as one vector.
pub fn hessian<T: Float>(args: Fields, case: &mut Fields) -> Outcome<Results> {
    let (inputs, y) = one_output::<T>(args.clone(), &mut case.clone())?;
    case.take("inputs");
    let wanted = wanted(&inputs);
    let flat = |tensors: &[Tensor<T>]| {
        let flat: Vec<_> = tensors.iter().map(Tensor::flatten).collect();
        Tensor::cat(&flat.iter().collect::<Vec<_>>(), 0)
    };
    let grads = Backward::of(&y).grads_of(&wanted);
    let or_zeros = |(grad, input): (Option<Tensor<T>>, &&Tensor<T>)| grad.unwrap_or_else(|| input.zeros_like());
    let gradient = flat(&grads.into_iter().zip(&wanted).map(or_zeros).collect::<Vec<_>>());

    let sizes: Vec<usize> = wanted.iter().map(|input| input.numel()).collect();
    let of_one_vector = |vector: &Tensor<T>| {
        let mut parts = vector.split_with_sizes(&sizes, 0).into_iter();
        let part = |input: &Value<T>| match (input.requires_grad(), input) {
            (true, Value::Float(input)) => {
                let shape: Vec<isize> = input.shape().iter().map(|&size| size as isize).collect();
                Value::Float(parts.next().expect("a part for each input").reshape(shape))
            }
            _ => input.clone(),
        };
        let inputs: Vec<Value<T>> = inputs.iter().map(part).collect();
        // The program has run already with the inputs themselves, so what fails here is the library.
        let output =
            outputs(&mut args.clone(), &mut Names::of(&inputs)).unwrap_or_else(|failure| panic!("{failure:?}"));
        output.values()[0].float().cloned().unwrap_or_else(|failure| panic!("{failure:?}"))
    };
    let values: Vec<Tensor<T>> = wanted.iter().map(|input| input.detach()).collect();
    let hessian = downhill::tensor::hessian(of_one_vector, &flat(&values));
    Ok(vec![("output", Tree::from(&y)), ("gradient", Tree::from(&gradient)), ("hessian", Tree::from(&hessian))])
}
