//! The learning rates of every scheduler against PyTorch's, and early stopping by hand.

use downhill_optim::{
    Adam, Anneal, CosineAnnealingLR, EarlyStopping, ExponentialLR, LambdaLR, LinearLR, MetricMode, MultiStepLR,
    OneCycleLR, ParamGroups, ReduceLROnPlateau, SGD, Schedule, Scheduler, StepLR, ThresholdMode,
};
use downhill_tensor::Tensor;
use downhill_tests::assert_panics;

const METRICS: [f64; 16] =
    [1.0, 0.9, 0.9, 0.9, 0.95, f64::NAN, 0.8, 0.79, 0.79, 0.79, 0.79, 0.79, 0.5, 0.6, 0.6, 0.6];

fn two_groups() -> SGD {
    let leaf = || Tensor::from([1.0]).requires_grad_(true);
    SGD::new([leaf()], 0.1).add_group(SGD::new([leaf()], 0.4)).momentum(0.6)
}

fn schedule(title: &str) -> Option<Box<dyn Schedule + Send>> {
    Some(match title {
        "step 3" => Box::new(StepLR::new(3)),
        "step 2 gamma 0.5" => Box::new(StepLR::new(2).gamma(0.5)),
        "milestones 2 2 5" => Box::new(MultiStepLR::new([2, 2, 5]).gamma(0.3)),
        "exponential 0.9" => Box::new(ExponentialLR::new(0.9)),
        "cosine 3" => Box::new(CosineAnnealingLR::new(3)),
        "cosine 1" => Box::new(CosineAnnealingLR::new(1).eta_min(0.01)),
        "cosine 4 to 0.02" => Box::new(CosineAnnealingLR::new(4).eta_min(0.02)),
        "linear" => Box::new(LinearLR::new()),
        "linear falling" => Box::new(LinearLR::new().start_factor(1.0).end_factor(0.1).total_iters(4)),
        "lambda" => Box::new(LambdaLR::new(|epoch| 0.95f64.powi(epoch as i32))),
        "lambdas" => {
            Box::new(LambdaLR::new(|epoch| 0.95f64.powi(epoch as i32)).add_group(|epoch| 1.0 / (1.0 + epoch as f64)))
        }
        "one cycle" => Box::new(OneCycleLR::new(0.5, 10)),
        "one cycle of each" => {
            let cycle = OneCycleLR::new([0.5, 0.7], 7).pct_start(0.45);
            Box::new(cycle.base_momentum([0.7, 0.8]).max_momentum(vec![0.9, 0.99]))
        }
        "one cycle linear" => {
            let cycle = OneCycleLR::new(0.5, 9).anneal_strategy(Anneal::Linear);
            Box::new(cycle.div_factor(5.0).final_div_factor(100.0))
        }
        "one cycle in three phases" => Box::new(OneCycleLR::new(0.5, 13).three_phase(true)),
        "one cycle without momentum" => Box::new(OneCycleLR::new(0.5, 6).cycle_momentum(false).pct_start(0.0)),
        _ => return None,
    })
}

fn plateau(title: &str) -> ReduceLROnPlateau {
    let scheduler = ReduceLROnPlateau::new();
    let absolute = ThresholdMode::Abs;
    match title {
        "plateau" => scheduler.patience(2),
        "plateau rising" => scheduler.mode(MetricMode::Max).factor(0.5).patience(1).cooldown(2),
        "plateau absolute" => {
            scheduler.threshold(0.05).threshold_mode(absolute).patience(0).factor(0.7).min_lr([0.05, 0.15])
        }
        "plateau rising absolute" => {
            scheduler.mode(MetricMode::Max).threshold(0.2).threshold_mode(absolute).patience(3).eps(0.1)
        }
        _ => panic!("unknown case {title}"),
    }
}

/// A boxed schedule, as in a program that chooses one at run time.
struct Chosen(Box<dyn Schedule + Send>);

impl Schedule for Chosen {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn lr(&self, at: &downhill_optim::ScheduleStep) -> f64 {
        self.0.lr(at)
    }
    fn base_lr(&self, group: usize) -> Option<f64> {
        self.0.base_lr(group)
    }
    fn momentum(&self, at: &downhill_optim::ScheduleStep) -> Option<f64> {
        self.0.momentum(at)
    }
}

#[test]
fn every_schedule_has_the_rates_of_pytorch() {
    let mut checked = 0;
    for block in include_str!("schedules.txt").split("case ").skip(1) {
        let (title, lines) = block.split_once('\n').expect("a title");
        let mut optimizer = two_groups();
        let mut scheduler = schedule(title).map(|schedule| Scheduler::new(&mut optimizer, Chosen(schedule)));
        let mut reduce = scheduler.is_none().then(|| plateau(title));
        for (epoch, line) in lines.lines().enumerate() {
            match (&mut scheduler, &mut reduce) {
                _ if epoch == 0 => {}
                (Some(scheduler), _) => scheduler.step(&mut optimizer),
                (_, Some(reduce)) => reduce.step_with(&mut optimizer, METRICS[epoch - 1]),
                _ => unreachable!("one of the two"),
            }
            let groups = optimizer.groups();
            let option = |name| groups.iter().map(move |group| group.get(name).unwrap().as_f64().unwrap());
            for (found, expected) in option("lr").chain(option("momentum")).zip(line.split(' ')) {
                let expected: f64 = expected.parse().expect("a number");
                assert!((found - expected).abs() < 1e-15, "{title}, epoch {epoch}: {found} instead of {expected}");
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 20);
}

/// A loop that steps after every batch steps once past the end of the cycle: the last values stay.
#[test]
fn past_its_end_a_schedule_keeps_the_last_rate() {
    type Of = fn() -> Box<dyn Schedule + Send>;
    let table: [(&str, usize, Of); 9] = [
        ("one cycle", 10, || Box::new(OneCycleLR::new(0.5, 10))),
        ("one cycle linear", 9, || Box::new(OneCycleLR::new(0.5, 9).anneal_strategy(Anneal::Linear))),
        ("linear and a tiny end", 9, || {
            Box::new(OneCycleLR::new(0.5, 9).anneal_strategy(Anneal::Linear).final_div_factor(1e30))
        }),
        ("three phases", 13, || Box::new(OneCycleLR::new(0.5, 13).three_phase(true))),
        ("three phases linear", 7, || {
            Box::new(OneCycleLR::new(0.5, 7).three_phase(true).anneal_strategy(Anneal::Linear))
        }),
        ("no rise", 6, || Box::new(OneCycleLR::new(0.5, 6).pct_start(0.0))),
        ("nothing but rise", 6, || Box::new(OneCycleLR::new(0.5, 6).pct_start(1.0))),
        ("one step", 1, || Box::new(OneCycleLR::new(0.5, 1))),
        ("linear to nothing", 7, || Box::new(LinearLR::new().start_factor(0.3).end_factor(0.0).total_iters(7))),
    ];
    for (title, steps, schedule) in table {
        let mut optimizer = two_groups();
        let mut scheduler = Scheduler::new(&mut optimizer, Chosen(schedule()));
        // The last values are those of step `steps - 1` of a cycle, and of step `steps` of a straight line.
        let mut rows: Vec<Vec<f64>> = Vec::new();
        for step in 0..=steps + 1 {
            if step > 0 {
                scheduler.step(&mut optimizer);
            }
            let groups = optimizer.groups();
            rows.push(
                groups
                    .iter()
                    .flat_map(|group| [group.lr(), group.get("momentum").unwrap().as_f64().unwrap()])
                    .collect(),
            );
        }
        assert_eq!(rows[steps], rows[steps + 1], "{title}");
        assert!(title == "linear to nothing" || rows[steps - 1] == rows[steps], "{title}: {:?}", &rows[steps - 1..]);
        assert!(rows.iter().flatten().all(|&value| value >= 0.0), "{title}: {rows:?}");
    }
}

#[test]
fn no_schedule_sets_a_negative_rate() {
    type Of = fn() -> Box<dyn Schedule + Send>;
    // The schedule, and the step that asks for the rate.
    let table: [(Of, usize, &str); 8] = [
        (|| Box::new(LambdaLR::new(|epoch| 1.0 - epoch as f64)), 2, "LambdaLR: the learning rate is -0.1"),
        (|| Box::new(LambdaLR::new(|_| f64::NAN)), 0, "LambdaLR: the learning rate is NaN"),
        (|| Box::new(ExponentialLR::new(-0.5)), 1, "ExponentialLR: the learning rate is -0.05"),
        (|| Box::new(StepLR::new(2).gamma(-1.0)), 2, "StepLR: the learning rate is -0.1"),
        (|| Box::new(MultiStepLR::new([1]).gamma(-1.0)), 1, "MultiStepLR: the learning rate is -0.1"),
        (|| Box::new(CosineAnnealingLR::new(1).eta_min(-1.0)), 1, "CosineAnnealingLR: the learning rate is -1"),
        (|| Box::new(OneCycleLR::new(-25.0, 5)), 0, "OneCycleLR: the learning rate is -1"),
        (|| Box::new(OneCycleLR::new([1.0, f64::NAN], 5)), 0, "OneCycleLR: the learning rate is NaN"),
    ];
    for (schedule, step, text) in table {
        let mut optimizer = two_groups();
        let group = usize::from(text.contains("NaN") && text.contains("OneCycle"));
        let text = format!("{text} for group {group} after {step} step(s); it must be at least 0");
        if step == 0 {
            assert_panics(&text, || Scheduler::new(&mut optimizer, Chosen(schedule())));
            assert_eq!(optimizer.groups()[0].lr(), 0.1, "{text}");
            continue;
        }
        let mut scheduler = Scheduler::new(&mut optimizer, Chosen(schedule()));
        (1..step).for_each(|_| scheduler.step(&mut optimizer));
        let before: Vec<f64> = optimizer.groups().iter().map(|group| group.lr()).collect();
        assert_panics(&text, || scheduler.step(&mut optimizer));
        let after: Vec<f64> = optimizer.groups().iter().map(|group| group.lr()).collect();
        assert_eq!((before, scheduler.epoch()), (after, step - 1), "{text}");
    }
    let mut optimizer = two_groups();
    assert_panics("SGD: lr is -1; it must be at least 0", || optimizer.groups_mut()[0].set("lr", -1.0));
    let text = "ReduceLROnPlateau: min_lr is -0.1; it must be at least 0";
    assert_panics(text, || ReduceLROnPlateau::new().min_lr([0.1, -0.1]));
}

#[test]
fn one_cycle_moves_the_first_beta_of_adam() {
    let mut optimizer = Adam::new([Tensor::from([1.0]).requires_grad_(true)], 0.1).betas(0.5, 0.6);
    let mut scheduler = Scheduler::new(&mut optimizer, OneCycleLR::new(0.5, 10));
    scheduler.step(&mut optimizer);
    scheduler.step(&mut optimizer);
    let group = optimizer.groups()[0];
    assert_eq!((group.lr(), group.get("beta1"), group.get("beta2")), (0.5, Some(0.85.into()), Some(0.6.into())));
}

#[test]
fn a_change_by_hand_is_kept_by_the_recursive_schedules() {
    let mut optimizer = two_groups();
    let mut scheduler = Scheduler::new(&mut optimizer, ExponentialLR::new(0.5));
    optimizer.set_lr(8.0);
    scheduler.step(&mut optimizer);
    assert_eq!((optimizer.lr(), scheduler.epoch()), (4.0, 1));
}

#[test]
fn early_stopping_waits_for_an_improvement() {
    let stops = |mut stopping: EarlyStopping, metrics: &[f64]| metrics.iter().position(|&m| stopping.step(m));
    let losses = [1.0, 0.9, 0.85, 0.84, 0.83, 0.82, 0.81];
    assert_eq!(stops(EarlyStopping::new(2), &losses), None);
    // 0.85 and 0.84 are not better than 0.9 by more than 0.065; 0.83 is.
    assert_eq!(stops(EarlyStopping::new(2).min_delta(0.065), &losses), Some(3));
    assert_eq!(stops(EarlyStopping::new(3).min_delta(0.065), &losses), None);
    assert_eq!(stops(EarlyStopping::new(2).mode(MetricMode::Max), &losses), Some(2));
    assert_eq!(stops(EarlyStopping::new(3), &[f64::NAN; 4]), Some(2), "NaN is no improvement");
    let mut stopping = EarlyStopping::new(5);
    let improved = [1.0, 2.0, 0.5].map(|loss| (stopping.step(loss), stopping.improved()).1);
    assert_eq!((improved, stopping.best()), ([true, false, true], 0.5));
}
