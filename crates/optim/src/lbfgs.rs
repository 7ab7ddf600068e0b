//! `LBFGS`: quasi-Newton steps, for small problems whose loss is not noisy.

mod history;

use std::borrow::Borrow;

use downhill_tensor::{Float, Tensor, enable_grad, observe};

use crate::flat_params::{dot, grads, max_abs, set_moved, values};
use crate::group::Options;
use crate::line_search::{Point, strong_wolfe};
use crate::optimizer::stepped;
use crate::second_order::SecondOrder;
use crate::setting::Setting;
use history::LBFGSState;

/// Limited-memory BFGS (Nocedal, 1980), with the steps of `torch.optim.LBFGS`; PyTorch's default learning rate is 1.
///
/// Instead of the Hessian it keeps the last changes of parameters and gradient. One [`LBFGS::step_with`] makes up to
/// `max_iter` iterations and evaluates the loss several times, so it takes the loss as a closure.
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
pub type LBFGS<T = f32> = SecondOrder<T, LBFGSOptions, LBFGSState<T>>;

/// The options of [`LBFGS`].
#[derive(Clone, Debug)]
pub struct LBFGSOptions {
    max_iter: usize,
    max_eval: Option<usize>,
    tolerance_grad: f64,
    tolerance_change: f64,
    history_size: usize,
    strong_wolfe: bool,
    maximize: bool,
}

impl<T: Float> LBFGS<T> {
    /// An optimiser for these parameters with this learning rate: the step length, or the first one that the line
    /// search tries.
    ///
    /// # Panics
    /// When the learning rate is negative or NaN, when `parameters` is empty, or when a parameter is given twice, is
    /// a view or is not a leaf.
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
        SecondOrder::with_options(parameters, lr, options)
    }

    /// The maximum number of iterations per step; 20 by default.
    pub fn max_iter(self, max_iter: usize) -> Self {
        self.with("max_iter", max_iter)
    }

    /// The maximum number of evaluations of the loss per step; 5/4 of `max_iter` by default. The line search may use
    /// the remaining ones: with `max_iter(1)` the default leaves none, so that, as in PyTorch, a first step that is
    /// too long is rejected and never shortened. Allow more, such as `max_eval(25)`.
    pub fn max_eval(self, max_eval: usize) -> Self {
        self.with("max_eval", max_eval)
    }

    /// A step ends when every element of the gradient is at most this large; 1e-7 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn tolerance_grad(self, tolerance_grad: f64) -> Self {
        self.with("tolerance_grad", tolerance_grad)
    }

    /// A step ends when the loss or all parameters change by at most this much; 1e-9 by default.
    ///
    /// # Panics
    /// When it is NaN.
    #[track_caller]
    pub fn tolerance_change(self, tolerance_change: f64) -> Self {
        self.with("tolerance_change", tolerance_change)
    }

    /// The number of past changes to keep; 100 by default.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn history_size(self, history_size: usize) -> Self {
        self.with("history_size", history_size)
    }

    /// Searches for a step length that satisfies the strong Wolfe conditions, instead of always using `lr`; off by
    /// default.
    pub fn strong_wolfe(self, strong_wolfe: bool) -> Self {
        self.with("strong_wolfe", strong_wolfe)
    }

    /// Maximises the objective instead of minimising it.
    pub fn maximize(self, maximize: bool) -> Self {
        self.with("maximize", maximize)
    }

    /// Makes up to `max_iter` iterations. The closure clears the gradients (with `zero_grad` of the network, since
    /// the optimiser is borrowed), computes the loss, calls `backward` and returns the loss. Returns the first loss.
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
        self.state.func_evals += 1;
        if max_abs(&grad) <= options.tolerance_grad {
            return first;
        }

        let max_eval = options.max_eval.unwrap_or(options.max_iter * 5 / 4);
        for iteration in 1..=options.max_iter {
            self.state.turn(&grad, options.history_size);
            let state = &mut self.state;
            let prev_loss = loss;
            state.step = match state.n_iter {
                1 => (1.0 / grad.iter().map(|g| g.to_scalar().abs()).sum::<f64>()).min(1.0) * self.group.lr,
                _ => self.group.lr,
            };
            let slope = dot(&grad, &state.direction);
            if slope > -options.tolerance_change {
                break;
            }

            let begin = values(parameters);
            let go = |step: f64| set_moved(parameters, &begin, &state.direction, step);
            let mut new_evaluations = 0;
            if options.strong_wolfe {
                let start = Point { step: 0.0, loss, grad, slope };
                let size = max_abs(&state.direction);
                let tries = max_eval.saturating_sub(evaluations);
                let (point, tried) =
                    strong_wolfe(&start, state.step, size, options.tolerance_change, tries, |step| {
                        go(step);
                        let (loss, grad, _) = evaluate();
                        let slope = dot(&grad, &state.direction);
                        Point { step, loss, grad, slope }
                    });
                (loss, grad, state.step, new_evaluations) = (point.loss, point.grad, point.step, tried);
                go(state.step);
            } else {
                go(state.step);
                // The loss after the last iteration is not needed.
                if iteration != options.max_iter {
                    (loss, grad, _) = evaluate();
                    new_evaluations = 1;
                }
            }
            evaluations += new_evaluations;
            state.func_evals += new_evaluations;

            let moved = max_abs(&state.direction) * state.step.abs();
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

    const SETTINGS: &'static [Setting<Self>] = &[
        Setting::count("max_iter", |o| o.max_iter, |o, value| o.max_iter = value),
        Setting::optional_count("max_eval", |o| o.max_eval, |o, value| o.max_eval = value),
        Setting::number("tolerance_grad", |o| o.tolerance_grad, |o, value| o.tolerance_grad = value),
        Setting::number("tolerance_change", |o| o.tolerance_change, |o, value| o.tolerance_change = value),
        Setting::count_from_1("history_size", |o| o.history_size, |o, value| o.history_size = value),
        Setting::bool("strong_wolfe", |o| o.strong_wolfe, |o, value| o.strong_wolfe = value),
        Setting::bool("maximize", |o| o.maximize, |o, value| o.maximize = value),
    ];
}
