//! Optimisers: their options, groups and steps, and the clipping of gradients.

use std::cell::RefCell;

use downhill::optim::{
    Adagrad, Adam, AdamW, LBFGS, Optimizer, ParamGroups, RMSprop, SGD, clip_grad_norm_, clip_grad_p_norm_,
    clip_grad_value_,
};
use downhill::tensor::{Float, Tensor};
use serde_json::Value as Json;

use crate::json::{Failure, Fields, Outcome, attempt, refused, schema};
use crate::program::Names;
use crate::result::{Results, Tree};
use crate::value::Value;

/// Options that several optimisers have under one name, each only where the case gives it.
macro_rules! options {
    ($optimizer:expr, $options:expr, $($name:ident: $type:ty),+) => {{
        let mut optimizer = $optimizer;
        $(if let Some(value) = $options.option::<$type>(stringify!($name))? {
            optimizer = optimizer.$name(value);
        })+
        optimizer
    }};
}

/// An optimiser that steps along given gradients, or one that evaluates the loss itself.
pub enum Stepper<T: Float> {
    Plain(Box<dyn Optimizer>),
    Lbfgs(Box<LBFGS<T>>),
}

impl<T: Float> Stepper<T> {
    /// Builds an optimiser of groups; each is its parameters and all its options.
    pub fn build(name: &str, groups: Vec<(Vec<Tensor<T>>, Fields)>) -> Outcome<Self> {
        Ok(Stepper::Plain(match name {
            "SGD" => Box::new(joined(groups, sgd, SGD::add_group)?),
            "Adam" if groups.iter().any(|(_, options)| options.has("decoupled_weight_decay")) => {
                Box::new(joined(groups, decoupled_adam, AdamW::add_group)?)
            }
            "Adam" => Box::new(joined(groups, adam, Adam::add_group)?),
            "AdamW" => Box::new(joined(groups, adamw, AdamW::add_group)?),
            "RMSprop" => Box::new(joined(groups, rmsprop, RMSprop::add_group)?),
            "Adagrad" => Box::new(joined(groups, adagrad, Adagrad::add_group)?),
            "LBFGS" => {
                let refuse = |_, _| panic!("LBFGS has one group");
                return Ok(Stepper::Lbfgs(Box::new(joined(groups, lbfgs, refuse)?)));
            }
            other => return schema(format!("optimizer `{other}` is not understood")),
        }))
    }

    pub fn groups(&mut self) -> &mut dyn ParamGroups {
        match self {
            Stepper::Plain(optimizer) => optimizer.as_mut(),
            Stepper::Lbfgs(optimizer) => optimizer.as_mut(),
        }
    }
}

fn joined<T: Float, O>(
    groups: Vec<(Vec<Tensor<T>>, Fields)>,
    build: impl Fn(Vec<Tensor<T>>, &mut Fields) -> Outcome<O>,
    add_group: impl Fn(O, O) -> O,
) -> Outcome<O> {
    let mut joined: Option<O> = None;
    for (parameters, mut options) in groups {
        let group = match attempt(|| Ok(build(parameters, &mut options))) {
            Ok(group) => group?,
            Err(panic) => return options.finish().and(Err(panic)),
        };
        options.finish()?;
        joined = Some(match joined {
            Some(first) => add_group(first, group),
            None => group,
        });
    }
    joined.map_or_else(|| schema("an optimizer needs a group"), Ok)
}

fn sgd<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<SGD<T>> {
    let optimizer = SGD::new(parameters, options.or("lr", 1e-3)?);
    Ok(options!(optimizer, options, momentum: f64, dampening: f64, weight_decay: f64, nesterov: bool, maximize: bool))
}

fn adam<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<Adam<T>> {
    let mut optimizer = Adam::new(parameters, options.or("lr", 1e-3)?);
    if let Some([beta1, beta2]) = betas(options)? {
        optimizer = optimizer.betas(beta1, beta2);
    }
    Ok(options!(optimizer, options, eps: f64, weight_decay: f64, amsgrad: bool, maximize: bool))
}

fn adamw<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<AdamW<T>> {
    let mut optimizer = AdamW::new(parameters, options.or("lr", 1e-3)?);
    if let Some([beta1, beta2]) = betas(options)? {
        optimizer = optimizer.betas(beta1, beta2);
    }
    Ok(options!(optimizer, options, eps: f64, weight_decay: f64, amsgrad: bool, maximize: bool))
}

/// PyTorch's `Adam` with `decoupled_weight_decay=True` is its `AdamW`, but decays nothing by default.
fn decoupled_adam<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<AdamW<T>> {
    if !options.or("decoupled_weight_decay", false)? {
        return refused("Adam: `decoupled_weight_decay` is for all groups or for none");
    }
    let weight_decay = options.or("weight_decay", 0.0)?;
    Ok(adamw(parameters, options)?.weight_decay(weight_decay))
}

fn betas(options: &mut Fields) -> Outcome<Option<[f64; 2]>> {
    let betas = options.option::<Vec<f64>>("betas")?;
    betas.map(|betas| <[f64; 2]>::try_from(betas).or_else(|_| schema("betas: two numbers were expected"))).transpose()
}

fn rmsprop<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<RMSprop<T>> {
    let optimizer = RMSprop::new(parameters, options.or("lr", 1e-2)?);
    let optimizer = options!(optimizer, options, alpha: f64, eps: f64, weight_decay: f64, momentum: f64);
    Ok(options!(optimizer, options, centered: bool, maximize: bool))
}

fn adagrad<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<Adagrad<T>> {
    let optimizer = Adagrad::new(parameters, options.or("lr", 1e-2)?);
    let optimizer = options!(optimizer, options, lr_decay: f64, weight_decay: f64, initial_accumulator_value: f64);
    Ok(options!(optimizer, options, eps: f64, maximize: bool))
}

fn lbfgs<T: Float>(parameters: Vec<Tensor<T>>, options: &mut Fields) -> Outcome<LBFGS<T>> {
    let optimizer = LBFGS::new(parameters, options.or("lr", 1.0)?);
    let optimizer = options!(optimizer, options, max_iter: usize, max_eval: usize, history_size: usize);
    let optimizer = options!(optimizer, options, tolerance_grad: f64, tolerance_change: f64);
    match options.option::<String>("line_search_fn")?.as_deref() {
        None => Ok(optimizer),
        Some("strong_wolfe") => Ok(optimizer.strong_wolfe(true)),
        Some(other) => refused(format!("LBFGS: line_search_fn `{other}`")),
    }
}

/// The groups of a case: all parameters, or those that each group names, with its options before the common ones.
fn groups<T: Float>(args: &mut Fields, parameters: &[Tensor<T>]) -> Outcome<Vec<(Vec<Tensor<T>>, Fields)>> {
    let options = args.fields("options")?;
    let Some(groups) = args.option::<Vec<Json>>("param_groups")? else {
        return Ok(vec![(parameters.to_vec(), options)]);
    };
    let group = |json| {
        let mut group = Fields::of("param_groups", json)?;
        let indices: Vec<usize> = group.get("params")?;
        let chosen = indices.iter().filter_map(|&i| parameters.get(i).cloned()).collect();
        Ok((chosen, group.or_else(&options)))
    };
    groups.into_iter().map(group).collect()
}

pub fn run<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let inputs = Value::<T>::read_all(&case.get("inputs")?)?;
    let parameters = inputs.iter().map(|input| input.float().cloned()).collect::<Outcome<Vec<_>>>()?;
    let name: String = args.get("optimizer")?;
    let mut stepper = Stepper::build(&name, groups(&mut args, &parameters)?)?;
    let (steps, objective): (usize, String) = (args.get("steps")?, args.get("objective")?);
    let lr_before_step: Option<Vec<f64>> = args.option("lr_before_step")?;
    let program: Option<Vec<Json>> = args.option("program")?;
    args.finish()?;
    let given: Option<Vec<Json>> = case.option("given_grads")?;
    let consts = Value::read_all(&case.or("consts", Json::Array(Vec::new()))?)?;

    let evaluations = RefCell::new(0.0);
    let evaluate = || {
        *evaluations.borrow_mut() += 1.0;
        parameters.iter().for_each(Tensor::zero_grad);
        let mut names = Names::of(&inputs).with("c", &consts);
        names.run(program.as_deref().unwrap_or_default())?;
        let y = names.get("y")?.float()?.clone();
        y.backward();
        Ok::<_, Failure>(y)
    };
    let (mut trajectory, mut losses, mut closure_evals) = (Vec::new(), Vec::new(), Vec::new());
    for k in 0..steps {
        match lr_before_step.as_ref().map(|lrs| lrs.get(k)) {
            Some(Some(&lr)) => stepper.groups().set_lr(lr),
            Some(None) => return schema(format!("lr_before_step: no rate for step {k}")),
            None => {}
        }
        evaluations.replace(0.0);
        match (objective.as_str(), &given, &mut stepper) {
            ("given_grads", Some(given), Stepper::Plain(optimizer)) => {
                let grads = Value::<T>::read_optional(given.get(k).unwrap_or(&Json::Null))?;
                for (parameter, grad) in parameters.iter().zip(grads) {
                    parameter.set_grad(grad.map(|grad| grad.float().cloned()).transpose()?);
                }
                optimizer.step();
            }
            ("program", _, Stepper::Plain(optimizer)) => {
                losses.push(Tree::Number(evaluate()?.item()));
                optimizer.step();
            }
            ("program", _, Stepper::Lbfgs(optimizer)) => {
                let loss = optimizer.step_with(|| evaluate().unwrap_or_else(|failure| panic!("{failure:?}")));
                losses.push(Tree::Number(loss.item()));
                closure_evals.push(Tree::Number(*evaluations.borrow()));
            }
            (other, ..) => return schema(format!("objective `{other}` is not understood")),
        }
        trajectory.push(parameters.iter().map(|parameter| Tree::from(&parameter.detach())).collect());
    }
    Ok(vec![
        ("trajectory", Tree::List(trajectory)),
        ("losses", Tree::List(losses)),
        ("closure_evals", Tree::List(closure_evals)),
    ])
}

/// Parameters with the gradients of the case, of which some may be missing.
fn with_gradients<T: Float>(case: &mut Fields) -> Outcome<Vec<Tensor<T>>> {
    let parameter = |grad: Option<Value<T>>| {
        let Some(grad) = grad else {
            return Ok(Tensor::from_vec(vec![T::zero()], [1]).expect("one element").requires_grad_(true));
        };
        let parameter = grad.float()?.zeros_like().requires_grad_(true);
        parameter.set_grad(Some(grad.float()?.detach()));
        Ok(parameter)
    };
    Value::<T>::read_optional(&case.get("inputs")?)?.into_iter().map(parameter).collect()
}

pub fn clip_norm<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let parameters = with_gradients::<T>(case)?;
    let (max_norm, norm_type): (f64, Option<f64>) = (args.get("max_norm")?, args.option("norm_type")?);
    args.finish()?;
    let total = match norm_type {
        Some(norm_type) => clip_grad_p_norm_(&parameters, max_norm, norm_type),
        None => clip_grad_norm_(&parameters, max_norm),
    };
    Ok(vec![("output", parameters.iter().map(Tensor::grad).collect()), ("total_norm", Tree::Number(total))])
}

pub fn clip_value<T: Float>(mut args: Fields, case: &mut Fields) -> Outcome<Results> {
    let parameters = with_gradients::<T>(case)?;
    let value: f64 = args.get("clip_value")?;
    args.finish()?;
    clip_grad_value_(&parameters, value);
    Ok(vec![("output", parameters.iter().map(Tensor::grad).collect())])
}
