//! Training runs, and backward several times through one graph.

use downhill::tensor::{Backward, Float};
use serde_json::Value as Json;

use crate::json::{Fields, Outcome, schema};
use crate::program::{Names, outputs};
use crate::result::{Results, Tree};
use crate::value::Value;

/// Backward from several outputs one after the other; gradients add up.
pub fn backward_sequence<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let backwards: Vec<String> = args.get("backwards")?;
    let zero_grad_after: Vec<usize> = args.or("zero_grad_after", Vec::new())?;
    let mut names = Names::of(&inputs);
    let output = outputs(&mut args, &mut names)?;
    args.finish()?;
    let seeds: Vec<Json> = case.get("seed_grads")?;
    if seeds.len() != backwards.len() {
        return schema(format!("{} seeds for {} backwards", seeds.len(), backwards.len()));
    }
    let mut grads_after = Vec::new();
    for (k, (name, seed)) in backwards.iter().zip(&seeds).enumerate() {
        let seed = Value::read(seed)?;
        Backward::with(names.get(name)?.float()?, seed.float()?).retain_graph().run();
        grads_after.push(inputs.iter().map(Value::grad).collect());
        if zero_grad_after.contains(&k) {
            inputs.iter().filter_map(|input| input.float().ok()).for_each(|input| input.zero_grad());
        }
    }
    let outputs = output.values();
    let flags = outputs.iter().map(|output| Tree::Flag(output.requires_grad()));
    Ok(vec![
        ("output", outputs.iter().copied().collect()),
        ("output_requires_grad", Tree::List(flags.collect())),
        ("grads_after", Tree::List(grads_after)),
    ])
}
