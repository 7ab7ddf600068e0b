//! Programs: single operations one after the other, their results under names.

use std::collections::HashMap;

use downhill::tensor::Float;
use serde_json::Value as Json;

use crate::json::{Fields, FromJson, Outcome, schema};
use crate::result::Results;
use crate::single::{Output, backward_from, call, grads};
use crate::value::Value;

/// The values of a program under their names.
#[derive(Clone)]
pub struct Names<T: Float>(HashMap<String, Value<T>>);

impl<T: Float> Names<T> {
    /// The inputs as `x0`, `x1`, ...
    pub fn of(inputs: &[Value<T>]) -> Self {
        Names(HashMap::new()).with("x", inputs)
    }

    /// With more values under `prefix0`, `prefix1`, ...
    pub fn with(mut self, prefix: &str, values: &[Value<T>]) -> Self {
        for (i, value) in values.iter().enumerate() {
            self.0.insert(format!("{prefix}{i}"), value.clone());
        }
        self
    }

    pub fn get(&self, name: &str) -> Outcome<&Value<T>> {
        self.0.get(name).map_or_else(|| schema(format!("program: no value is called `{name}`")), Ok)
    }

    /// Runs the steps.
    pub fn run(&mut self, steps: &[Json]) -> Outcome<()> {
        for step in steps {
            let mut step = Fields::of("step", step.clone())?;
            let op: String = step.get("op")?;
            let args = step.fields("args")?;
            let inputs: Vec<String> = step.get("in")?;
            let out: Json = step.get("out")?;
            step.finish()?;
            let inputs = inputs.iter().map(|name| self.get(name).cloned()).collect::<Outcome<Vec<_>>>()?;
            let names = if out.is_array() { Vec::from_json(&out)? } else { vec![String::from_json(&out)?] };
            let values: Vec<Value<T>> = call(&op, args, &inputs)?.values().into_iter().cloned().collect();
            if names.len() != values.len() {
                return schema(format!("{op}: {} names for {} results", names.len(), values.len()));
            }
            self.0.extend(names.into_iter().zip(values));
        }
        Ok(())
    }
}

/// The outputs of a program: one is a tensor, more are a list.
pub fn outputs<T: Float>(args: &mut Fields, names: &mut Names<T>) -> Outcome<Output<T>> {
    names.run(&args.get::<Vec<Json>>("steps")?)?;
    let outputs: Vec<String> = args.get("outputs")?;
    let mut values = outputs.iter().map(|name| names.get(name).cloned()).collect::<Outcome<Vec<_>>>()?;
    Ok(if values.len() == 1 { Output::One(values.remove(0)) } else { Output::Many(values) })
}

pub fn run<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let output = outputs(&mut args, &mut Names::of(&inputs))?;
    args.finish()?;
    backward_from(&output, case)?;
    Ok(vec![("output", output.tree()), ("grads", grads(&inputs))])
}
