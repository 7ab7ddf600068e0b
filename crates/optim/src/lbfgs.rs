//! `LBFGS`: quasi-Newton steps, for small problems without noise.

mod memory;

use std::borrow::Borrow;

use downhill_tensor::{Error, Float, LoadError, StateDict, Tensor, enable_grad, no_grad, observe};

use crate::flat::{add_scaled, dot, grads, max_abs, numel, set, values};
use crate::group::{Group, Options};
use crate::line_search::{Point, strong_wolfe};
use crate::optimizer::{Optimizer, ParamGroup, checked_lr, stepped};
use crate::reader::Reader;
use crate::setting::Setting;
use memory::Memory;

/// Limited-memory BFGS (Nocedal, 1980), with the steps of `torch.optim.LBFGS`; PyTorch's default learning rate is 1.
///
/// Instead of the Hessian it keeps the last changes of position and gradient. One [`LBFGS::step_with`] makes up to
/// `max_iter` iterations and evaluates the loss several times, so it is given the loss as a closure.
///
/// ```
/// use downhill_optim::LBFGS;
/// use downhill_tensor::Tensor;
/// let w = Tensor::from([3.0, -2.0]).requires_grad_(true);
/// let mut optimizer = LBFGS::new([&w], 1.0).strong_wolfe(true);
/// let loss = || {
///     w.zero_grad();
///     let loss = (w.square() * Tensor::from([1.0, 10.0])).sum();
///     loss.backward();
///     loss
/// };
/// assert_eq!(optimizer.step_with(loss).item(), 49.0);
/// assert!(loss().item() < 1e-6);
/// ```
#[derive(Debug)]
pub struct LBFGS<T: Float = f32> {
    group: Group<T, LBFGSOptions>,
    memory: Memory<T>,
}

#[derive(Clone, Debug)]
struct LBFGSOptions {
    max_iter: usize,
    max_eval: Option<usize>,
    tolerance_grad: f64,
    tolerance_change: f64,
    history_size: usize,
    strong_wolfe: bool,
    maximize: bool,
}

impl<T: Float> LBFGS<T> {
    /// An optimiser of these parameters with a learning rate: the length of a step, or with a line search the first
    /// that is tried.
    ///
    /// # Panics
    /// When the learning rate is negative or not a number, or a parameter is given twice, is a view or not a leaf, or there is
    /// none.
    #[track_caller]
    pub fn new(parameters: impl IntoIterator<Item = impl Borrow<Tensor<T>>>, lr: f64) -> Self {
        let options = LBFGSOptions {
            max_iter: 20,
            max_eval: None,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history_size: 100,
            strong_wolfe: false,
            maximize: false,
        };
        LBFGS { group: Group::new(parameters, lr, options), memory: Memory::new() }
    }

    /// The most iterations of one step; 20 by default.
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        self.group.options.max_iter = max_iter;
        self
    }

    /// The most evaluations of the loss in one step; 5/4 of `max_iter` by default. A line search may use what is left of
    /// them: with `max_iter(1)` the default leaves none, so that, as in PyTorch, a first step that is too long is refused
    /// and never shortened. Give it room, such as `max_eval(25)`.
    pub fn max_eval(mut self, max_eval: usize) -> Self {
        self.group.options.max_eval = Some(max_eval);
        self
    }

    /// A step ends when no element of the gradient is larger; 1e-7 by default.
    pub fn tolerance_grad(mut self, tolerance_grad: f64) -> Self {
        self.group.options.tolerance_grad = tolerance_grad;
        self
    }

    /// A step ends when neither the loss nor a parameter changes by more; 1e-9 by default.
    pub fn tolerance_change(mut self, tolerance_change: f64) -> Self {
        self.group.options.tolerance_change = tolerance_change;
        self
    }

    /// How many changes are kept; 100 by default.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn history_size(mut self, history_size: usize) -> Self {
        if history_size == 0 {
            let (name, given) = ("history_size", "0".to_owned());
            Error::Argument { op: "LBFGS", name, given, expected: "at least 1" }.raise();
        }
        self.group.options.history_size = history_size;
        self
    }

    /// Searches for a step that satisfies the strong Wolfe conditions instead of always going `lr` far; no by default.
    pub fn strong_wolfe(mut self, strong_wolfe: bool) -> Self {
        self.group.options.strong_wolfe = strong_wolfe;
        self
    }

    /// Climbs instead of descending.
    pub fn maximize(mut self, maximize: bool) -> Self {
        self.group.options.maximize = maximize;
        self
    }

    /// Minimises for up to `max_iter` iterations. The closure sets the gradients to none, computes the loss, calls
    /// `backward` and returns the loss; the first is returned.
    ///
    /// # Panics
    /// When the closure returns more than one number.
    #[track_caller]
    pub fn step_with(&mut self, mut closure: impl FnMut() -> Tensor<T>) -> Tensor<T> {
        let (parameters, options) = (&self.group.parameters, &self.group.options);
        let sign = if options.maximize { -1.0 } else { 1.0 };
        let mut evaluate = || {
            let loss = enable_grad(&mut closure);
            let grad: Vec<T> = grads(parameters).into_iter().map(|g| T::of(sign) * g).collect();
            (sign * loss.item(), grad, loss)
        };
        let (mut loss, mut grad, first) = evaluate();
        observe::note(|| stepped(parameters, &self.group));
        let mut evaluations = 1;
        self.memory.func_evals += 1;
        if max_abs(&grad) <= options.tolerance_grad {
            return first;
        }

        let max_eval = options.max_eval.unwrap_or(options.max_iter * 5 / 4);
        for iteration in 1..=options.max_iter {
            self.memory.turn(&grad, options.history_size);
            let memory = &mut self.memory;
            let prev_loss = loss;
            memory.step = match memory.n_iter {
                1 => (1.0 / grad.iter().map(|g| g.to_scalar().abs()).sum::<f64>()).min(1.0) * self.group.lr,
                _ => self.group.lr,
            };
            let slope = dot(&grad, &memory.direction);
            if slope > -options.tolerance_change {
                break;
            }

            let begin = values(parameters);
            let go = |step: f64| {
                let mut moved = begin.clone();
                add_scaled(&mut moved, &memory.direction, step);
                no_grad(|| set(parameters, &moved));
            };
            let mut new_evaluations = 0;
            if options.strong_wolfe {
                let start = Point { step: 0.0, loss, grad, slope };
                let size = max_abs(&memory.direction);
                let tries = max_eval.saturating_sub(evaluations);
                let (point, tried) = strong_wolfe(&start, memory.step, size, options.tolerance_change, tries, |step| {
                    go(step);
                    let (loss, grad, _) = evaluate();
                    let slope = dot(&grad, &memory.direction);
                    Point { step, loss, grad, slope }
                });
                (loss, grad, memory.step, new_evaluations) = (point.loss, point.grad, point.step, tried);
                go(memory.step);
            } else {
                go(memory.step);
                // After the last iteration nobody asks for the loss any more.
                if iteration != options.max_iter {
                    (loss, grad, _) = evaluate();
                    new_evaluations = 1;
                }
            }
            evaluations += new_evaluations;
            memory.func_evals += new_evaluations;

            let moved = max_abs(&memory.direction) * memory.step.abs();
            if evaluations >= max_eval
                || max_abs(&grad) <= options.tolerance_grad
                || moved <= options.tolerance_change
                || (loss - prev_loss).abs() < options.tolerance_change
            {
                break;
            }
        }
        first
    }
}

impl Options for LBFGSOptions {
    const NAME: &'static str = "LBFGS";

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            Setting::count("max_iter", &mut self.max_iter),
            Setting::optional_count("max_eval", &mut self.max_eval),
            Setting::number("tolerance_grad", &mut self.tolerance_grad),
            Setting::number("tolerance_change", &mut self.tolerance_change),
            Setting::count("history_size", &mut self.history_size),
            Setting::switch("strong_wolfe", &mut self.strong_wolfe),
            Setting::switch("maximize", &mut self.maximize),
        ]
    }
}

impl<T: Float> Optimizer for LBFGS<T> {
    #[track_caller]
    fn step(&mut self) {
        let expected = "`step_with(|| loss)`, since it evaluates the loss several times".to_owned();
        Error::Expected { op: "LBFGS", expected, given: "`step()`".to_owned() }.raise()
    }

    fn groups(&self) -> Vec<&dyn ParamGroup> {
        vec![&self.group]
    }

    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup> {
        vec![&mut self.group]
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        self.group.lr = checked_lr("LBFGS", lr);
    }

    fn state_dict(&self) -> StateDict {
        let mut state = StateDict::new();
        self.group.save(0, 0, &mut state);
        self.memory.save(&mut state);
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let (mut reader, mut group) = (Reader::new(state), self.group.clone());
        group.load(0, 0, &mut reader)?;
        let memory = Memory::load(&mut reader, numel(&group.parameters))?;
        reader.finish()?;
        (self.group, self.memory) = (group, memory);
        Ok(())
    }
}
