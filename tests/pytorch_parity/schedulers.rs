//! Schedulers: learning rates and momenta after each step.

use downhill::optim::{
    Anneal, CosineAnnealingLR, ExponentialLR, LambdaLR, LinearLR, MetricMode, MultiStepLR, OneCycleLR, ParamGroups,
    PerGroupValue, ReduceLROnPlateau, SGD, Schedule, Scheduler, StepLR, ThresholdMode,
};
use downhill::tensor::{Float, Tensor};
use serde_json::Value as Json;

use crate::json::{Fields, FromJson, Outcome, refused, schema};
use crate::result::{Results, Tree};

/// A scheduler that looks at the epoch, or one that looks at a metric.
pub enum Stepping {
    Epochs(Scheduler),
    Metric(Box<ReduceLROnPlateau>),
}

impl FromJson for PerGroupValue {
    fn from_json(json: &Json) -> Outcome<Self> {
        if json.is_array() { Ok(Vec::<f64>::from_json(json)?.into()) } else { Ok(f64::from_json(json)?.into()) }
    }
}

impl Stepping {
    /// Builds a scheduler from its name and options, and applies it to the optimiser.
    pub fn build(name: &str, mut options: Fields, optimizer: &mut dyn ParamGroups) -> Outcome<Self> {
        if name == "ReduceLROnPlateau" {
            let scheduler = plateau(&mut options);
            options.finish()?;
            return scheduler.map(|scheduler| Stepping::Metric(Box::new(scheduler)));
        }
        let schedule = schedule(name, &mut options);
        options.finish()?;
        Ok(Stepping::Epochs(schedule?(optimizer)))
    }

    pub fn step(&mut self, optimizer: &mut dyn ParamGroups, metric: Option<f64>) -> Outcome<()> {
        match (self, metric) {
            (Stepping::Epochs(scheduler), _) => scheduler.step(optimizer),
            (Stepping::Metric(scheduler), Some(metric)) => scheduler.step_with(optimizer, metric),
            (Stepping::Metric(_), None) => return schema("ReduceLROnPlateau: a metric is missing"),
        }
        Ok(())
    }
}

type Applied = Box<dyn FnOnce(&mut dyn ParamGroups) -> Scheduler>;

fn applied(schedule: impl Schedule + Send + 'static) -> Applied {
    Box::new(|optimizer| Scheduler::new(optimizer, schedule))
}

fn schedule(name: &str, options: &mut Fields) -> Outcome<Applied> {
    Ok(match name {
        "StepLR" => applied(StepLR::new(options.get("step_size")?).gamma(options.or("gamma", 0.1)?)),
        "MultiStepLR" => {
            let milestones: Vec<usize> = options.get("milestones")?;
            applied(MultiStepLR::new(milestones).gamma(options.or("gamma", 0.1)?))
        }
        "ExponentialLR" => applied(ExponentialLR::new(options.get("gamma")?)),
        "CosineAnnealingLR" => {
            applied(CosineAnnealingLR::new(options.get("T_max")?).eta_min(options.or("eta_min", 0.0)?))
        }
        "LinearLR" => {
            let mut schedule = LinearLR::new();
            if let Some(factor) = options.option("start_factor")? {
                schedule = schedule.start_factor(factor);
            }
            if let Some(factor) = options.option("end_factor")? {
                schedule = schedule.end_factor(factor);
            }
            applied(options.option("total_iters")?.into_iter().fold(schedule, LinearLR::total_iters))
        }
        "LambdaLR" => {
            let table: Vec<f64> = options.get("lambda_table")?;
            applied(LambdaLR::new(move |epoch| table[epoch]))
        }
        "OneCycleLR" => applied(one_cycle(options)?),
        other => return schema(format!("scheduler `{other}` is not understood")),
    })
}

fn one_cycle(options: &mut Fields) -> Outcome<OneCycleLR> {
    let max_lr: PerGroupValue = options.get("max_lr")?;
    let (epochs, steps_per_epoch) = (options.option::<usize>("epochs")?, options.option::<usize>("steps_per_epoch")?);
    let total_steps = match (options.option::<usize>("total_steps")?, epochs, steps_per_epoch) {
        (Some(total_steps), ..) => total_steps,
        (None, Some(epochs), Some(steps)) => epochs * steps,
        _ => return refused("OneCycleLR: `total_steps` is missing"),
    };
    let mut schedule = OneCycleLR::new(max_lr, total_steps);
    if let Some(pct_start) = options.option("pct_start")? {
        schedule = schedule.pct_start(pct_start);
    }
    schedule = match options.option::<String>("anneal_strategy")?.as_deref() {
        None | Some("cos") => schedule.anneal_strategy(Anneal::Cos),
        Some("linear") => schedule.anneal_strategy(Anneal::Linear),
        Some(other) => return refused(format!("OneCycleLR: anneal_strategy `{other}`")),
    };
    schedule =
        schedule.cycle_momentum(options.or("cycle_momentum", true)?).three_phase(options.or("three_phase", false)?);
    if let Some(momentum) = options.option::<PerGroupValue>("base_momentum")? {
        schedule = schedule.base_momentum(momentum);
    }
    if let Some(momentum) = options.option::<PerGroupValue>("max_momentum")? {
        schedule = schedule.max_momentum(momentum);
    }
    if let Some(factor) = options.option("div_factor")? {
        schedule = schedule.div_factor(factor);
    }
    Ok(options.option("final_div_factor")?.into_iter().fold(schedule, OneCycleLR::final_div_factor))
}

fn plateau(options: &mut Fields) -> Outcome<ReduceLROnPlateau> {
    let mut scheduler = ReduceLROnPlateau::new();
    scheduler = match options.option::<String>("mode")?.as_deref() {
        None | Some("min") => scheduler.mode(MetricMode::Min),
        Some("max") => scheduler.mode(MetricMode::Max),
        Some(other) => return refused(format!("ReduceLROnPlateau: mode `{other}`")),
    };
    scheduler = match options.option::<String>("threshold_mode")?.as_deref() {
        None | Some("rel") => scheduler.threshold_mode(ThresholdMode::Rel),
        Some("abs") => scheduler.threshold_mode(ThresholdMode::Abs),
        Some(other) => return refused(format!("ReduceLROnPlateau: threshold_mode `{other}`")),
    };
    if let Some(factor) = options.option("factor")? {
        scheduler = scheduler.factor(factor);
    }
    if let Some(patience) = options.option("patience")? {
        scheduler = scheduler.patience(patience);
    }
    if let Some(threshold) = options.option("threshold")? {
        scheduler = scheduler.threshold(threshold);
    }
    if let Some(cooldown) = options.option("cooldown")? {
        scheduler = scheduler.cooldown(cooldown);
    }
    if let Some(min_lr) = options.option::<PerGroupValue>("min_lr")? {
        scheduler = scheduler.min_lr(min_lr);
    }
    Ok(options.option("eps")?.into_iter().fold(scheduler, ReduceLROnPlateau::eps))
}

pub fn run<T: Float>(mut args: Fields, _: &mut Fields) -> Outcome<Results> {
    let (name, options): (String, Fields) = (args.get("scheduler")?, args.fields("options")?);
    let (base_lrs, steps): (Vec<f64>, usize) = (args.get("base_lrs")?, args.get("steps")?);
    let metrics: Option<Vec<f64>> = args.option("metrics")?;
    let momentum: f64 = args.option("momentum")?.unwrap_or_default();
    args.finish()?;
    let group = |&lr: &f64| {
        let parameter = Tensor::from_vec(vec![T::zero()], [1]).expect("one element").requires_grad_(true);
        SGD::new([parameter], lr).momentum(momentum)
    };
    let Some(mut optimizer) = base_lrs.iter().map(group).reduce(SGD::add_group) else { return schema("no base_lrs") };
    let mut scheduler = Stepping::build(&name, options, &mut optimizer)?;
    let (mut lrs, mut momenta) = (Vec::new(), Vec::new());
    for k in 0..=steps {
        if k > 0 {
            let metric = metrics.as_ref().and_then(|metrics| metrics.get(k - 1).copied());
            scheduler.step(&mut optimizer, metric)?;
        }
        for group in optimizer.groups() {
            lrs.push(group.lr());
            momenta.push(group.get("momentum").and_then(|value| value.as_f64()).unwrap_or(f64::NAN));
        }
    }
    let table = |numbers| Tensor::from_vec(numbers, [steps + 1, base_lrs.len()]).expect("a row for each step");
    Ok(vec![("output", Tree::from(&table(lrs))), ("momentum", Tree::from(&table(momenta)))])
}
