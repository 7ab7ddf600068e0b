//! Networks: built from their layers, loaded from a state, run, and their gradients.

use downhill::nn::{Layer, Module, Sequential};
use downhill::tensor::{Backward, CreateFloat, Float, StateDict, Tensor};
use serde_json::Value as Json;

use crate::json::{Fields, Outcome, refused, schema};
use crate::layers::{Built, layer};
use crate::result::{Results, Tree};
use crate::single::{call, grads};
use crate::value::Value;

/// A network by the type of its input.
pub enum Net<T: Float> {
    OfFloats(Sequential<T>),
    /// One that starts with an `Embedding`.
    OfTokens(Sequential<T, Tensor<i64>>),
}

impl<T: Float> Net<T>
where
    Tensor<T>: CreateFloat,
{
    pub fn build(layers: Vec<Json>) -> Outcome<Self> {
        let mut net = Net::OfFloats(Sequential::new());
        for (i, json) in layers.into_iter().enumerate() {
            net = match (net, layer(Fields::of(format!("layer {i}"), json)?)?) {
                (Net::OfFloats(net), Built::Layer(layer)) => Net::OfFloats(net.add(layer)),
                (Net::OfTokens(net), Built::Layer(layer)) => Net::OfTokens(net.add(layer)),
                (Net::OfFloats(net), Built::Embedding(embedding)) if net.is_empty() => {
                    Net::OfTokens(Sequential::starting_with(embedding))
                }
                (_, Built::Embedding(_)) => {
                    return refused("an `Embedding` takes integers, the layer before gives floats");
                }
            };
        }
        Ok(net)
    }

    pub fn forward(&self, input: &Value<T>) -> Outcome<Tensor<T>> {
        match self {
            Net::OfFloats(net) => Ok(net.forward(input.float()?)),
            Net::OfTokens(net) => Ok(net.forward(input.int()?)),
        }
    }

    pub fn module(&self) -> &dyn Module {
        match self {
            Net::OfFloats(net) => net,
            Net::OfTokens(net) => net,
        }
    }

    /// The parameters under their names.
    pub fn parameters(&self) -> Vec<(String, Tensor<T>)> {
        match self {
            Net::OfFloats(net) => net.named_parameters_of(),
            Net::OfTokens(net) => net.named_parameters_of(),
        }
    }

    /// Loads `{"0.weight": tensor, ...}`.
    pub fn load(&self, state: Json) -> Outcome<()> {
        let Json::Object(tensors) = state else { return schema("state_dict: an object was expected") };
        let mut state = StateDict::new();
        for (name, tensor) in &tensors {
            state.insert_any(name, &Value::<T>::read(tensor)?.any());
        }
        self.module().load_state_dict(&state).or_else(|error| refused(error.to_string()))
    }

    /// The state under its names; only that which is no parameter, if so wanted.
    pub fn state(&self, only_buffers: bool) -> Tree {
        let parameters = self.parameters();
        let state = self.module().state_dict();
        let is_wanted = |name: &str| !only_buffers || parameters.iter().all(|(parameter, _)| parameter != name);
        let named = state.iter().filter(|(name, _)| is_wanted(name));
        Tree::Named(named.map(|(name, tensor)| (name.to_owned(), Tree::Tensor(tensor.detach()))).collect())
    }
}

/// Applies a loss `{op, args}` to outputs and targets.
pub fn loss<T: Float>(loss: &Fields, outputs: &Tensor<T>, targets: &Value<T>) -> Outcome<Tensor<T>> {
    let mut loss = loss.clone();
    let op: String = loss.get("op")?;
    if op == "half_squared_sum_over_batch" {
        loss.finish()?;
        let targets = targets.float()?;
        return Ok((outputs - targets).square().sum() / 2 / targets.shape()[0] as f64);
    }
    let args = loss.fields("args")?;
    loss.finish()?;
    let output = call(&op, args, &[Value::Float(outputs.clone()), targets.clone()])?;
    Ok(output.values()[0].float()?.clone())
}

pub fn run<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results>
where
    Tensor<T>: CreateFloat,
{
    let net = Net::<T>::build(args.get("layers")?)?;
    let mode: String = args.get("mode")?;
    let criterion = args.take("loss").map(|json| Fields::of("loss", json)).transpose()?;
    args.finish()?;
    match mode.as_str() {
        "train" => net.module().train(),
        "eval" => net.module().eval(),
        other => return schema(format!("mode `{other}` is not understood")),
    }
    net.load(case.get("state_dict")?)?;
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let (Some(x), target) = (inputs.first(), inputs.get(1)) else { return schema("module: no inputs") };
    let logits = net.forward(x)?;
    let output = match (&criterion, target) {
        (Some(criterion), Some(target)) => loss(criterion, &logits, target)?,
        (None, None) => logits.clone(),
        _ => return schema("module: a loss goes with a target"),
    };
    if let Some(seed) = case.option::<Json>("seed_grad")? {
        Backward::with(&output, Value::read(&seed)?.float()?).run();
    }
    let param_grads = net.parameters().into_iter().map(|(name, parameter)| (name, parameter.grad().into()));
    let mut results = vec![
        ("output", Tree::from(&output)),
        ("grads", grads(&inputs)),
        ("param_grads", Tree::Named(param_grads.collect())),
        ("buffers_after", net.state(true)),
    ];
    if criterion.is_some() {
        results.push(("logits", Tree::from(&logits)));
    }
    Ok(results)
}
