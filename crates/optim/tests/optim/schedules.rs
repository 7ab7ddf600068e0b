//! The learning rates of every scheduler against PyTorch's, and early stopping by hand.

use downhill_optim::{
    Adam, Anneal, CosineAnnealingLR, EarlyStopping, ExponentialLR, LambdaLR, LinearLR, Mode, MultiStepLR, OneCycleLR,
    Optimizer, ReduceLROnPlateau, SGD, Schedule, Scheduler, StepLR, ThresholdMode,
};
use downhill_tensor::Tensor;

const METRICS: [f64; 16] = [1.0, 0.9, 0.9, 0.9, 0.95, f64::NAN, 0.8, 0.79, 0.79, 0.79, 0.79, 0.79, 0.5, 0.6, 0.6, 0.6];

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
        "plateau rising" => scheduler.mode(Mode::Max).factor(0.5).patience(1).cooldown(2),
        "plateau absolute" => {
            scheduler.threshold(0.05).threshold_mode(absolute).patience(0).factor(0.7).min_lr([0.05, 0.15])
        }
        "plateau rising absolute" => {
            scheduler.mode(Mode::Max).threshold(0.2).threshold_mode(absolute).patience(3).eps(0.1)
        }
        _ => panic!("unknown case {title}"),
    }
}

/// A schedule in a box, as a program holds it that chooses while running.
struct Chosen(Box<dyn Schedule + Send>);

impl Schedule for Chosen {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn lr(&self, at: &downhill_optim::Moment) -> f64 {
        self.0.lr(at)
    }
    fn base_lr(&self, group: usize) -> Option<f64> {
        self.0.base_lr(group)
    }
    fn momentum(&self, at: &downhill_optim::Moment) -> Option<f64> {
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
            let option = |name| groups.iter().map(move |group| group.get(name).unwrap());
            for (found, expected) in option("lr").chain(option("momentum")).zip(line.split(' ')) {
                let expected: f64 = expected.parse().expect("a number");
                assert!((found - expected).abs() < 1e-15, "{title}, epoch {epoch}: {found} instead of {expected}");
            }
        }
        checked += 1;
    }
    assert_eq!(checked, 20);
}

#[test]
fn one_cycle_moves_the_first_beta_of_adam() {
    let mut optimizer = Adam::new([Tensor::from([1.0]).requires_grad_(true)], 0.1).betas(0.5, 0.6);
    let mut scheduler = Scheduler::new(&mut optimizer, OneCycleLR::new(0.5, 10));
    scheduler.step(&mut optimizer);
    scheduler.step(&mut optimizer);
    let group = optimizer.groups()[0];
    assert_eq!((group.lr(), group.get("beta1"), group.get("beta2")), (0.5, Some(0.85), Some(0.6)));
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
    // 0.85 and 0.84 are not better than 0.9 by more than 0.065, but 0.83 is.
    assert_eq!(stops(EarlyStopping::new(2).min_delta(0.065), &losses), Some(3));
    assert_eq!(stops(EarlyStopping::new(3).min_delta(0.065), &losses), None);
    assert_eq!(stops(EarlyStopping::new(2).mode(Mode::Max), &losses), Some(2));
    assert_eq!(stops(EarlyStopping::new(3), &[f64::NAN; 4]), Some(2), "what is not a number is no improvement");
    let mut stopping = EarlyStopping::new(5);
    let improved = [1.0, 2.0, 0.5].map(|loss| (stopping.step(loss), stopping.improved()).1);
    assert_eq!((improved, stopping.best()), ([true, false, true], 0.5));
}
