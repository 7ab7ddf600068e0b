//! Training runs, and backward several times through one graph.

use downhill::optim::clip_grad_norm_;
use downhill::tensor::{Backward, CreateFloat, Float, Tensor, no_grad};
use serde_json::Value as Json;

use crate::json::{Fields, Outcome, schema};
use crate::modules::{Net, loss};
use crate::optimizers::Stepper;
use crate::program::{Names, outputs};
use crate::result::{Results, Tree};
use crate::schedulers::Stepping;
use crate::value::Value;

/// Backward from several outputs one after the other; gradients accumulate.
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

/// A training run as a user writes it.
pub fn train<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results>
where
    Tensor<T>: CreateFloat,
{
    let net = Net::<T>::build(args.get("layers")?)?;
    net.load(case.get("state_dict")?)?;
    let criterion = args.fields("loss")?;
    let (name, options): (String, Fields) = (args.get("optimizer")?, args.fields("options")?);
    let parameters: Vec<Tensor<T>> = net.parameters().into_iter().map(|(_, parameter)| parameter).collect();
    let Stepper::Plain(mut optimizer) = Stepper::build(&name, vec![(parameters.clone(), options)])? else {
        return schema(format!("train: `{name}` needs the loss as a closure"));
    };
    let batches: Vec<Vec<i64>> = args.get("batches")?;
    let steps_per_epoch: Option<usize> = args.option("steps_per_epoch")?;
    let clip: Option<f64> = args.option("clip_grad_norm")?;
    let mut scheduler = match args.take("scheduler") {
        None | Some(Json::Null) => None,
        Some(json) => {
            let mut fields = Fields::of("scheduler", json)?;
            let (name, options): (String, Fields) = (fields.get("name")?, fields.fields("options")?);
            fields.finish()?;
            Some(Stepping::build(&name, options, &mut optimizer)?)
        }
    };
    args.finish()?;
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let [x, y] = &inputs[..] else { return schema("train: two inputs were expected") };

    let loss_of = |x: &Value<T>, y: &Value<T>| loss(&criterion, &net.forward(x)?, y);
    let (mut losses, mut epoch_losses, mut grad_norms) = (Vec::new(), Vec::new(), Vec::new());
    for (k, batch) in batches.into_iter().enumerate() {
        let count = batch.len();
        let rows = Tensor::from_vec(batch, [count]).or_else(|error| schema(error.to_string()))?;
        optimizer.zero_grad();
        let loss = loss_of(&x.rows(&rows), &y.rows(&rows))?;
        loss.backward();
        losses.push(Tree::Number(loss.item()));
        if let Some(max_norm) = clip {
            grad_norms.push(Tree::Number(clip_grad_norm_(&parameters, max_norm)));
        }
        optimizer.step();
        if steps_per_epoch.is_some_and(|steps| (k + 1) % steps == 0) {
            let loss = no_grad(|| loss_of(x, y))?.item();
            epoch_losses.push(Tree::Number(loss));
            if let Some(scheduler) = &mut scheduler {
                scheduler.step(&mut optimizer, Some(loss))?;
            }
        }
    }
    Ok(vec![
        ("losses", Tree::List(losses)),
        ("epoch_losses", Tree::List(epoch_losses)),
        ("grad_norms", Tree::List(grad_norms)),
        ("final_state", net.state(false)),
    ])
}
