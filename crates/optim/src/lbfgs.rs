//! `LBFGS`: quasi-Newton steps, for small problems without noise.

use std::borrow::Borrow;
use std::collections::VecDeque;

use downhill_tensor::{Error, Float, LoadError, StateDict, Tensor, enable_grad, no_grad};

use crate::flat::{add_scaled, dot, grads, max_abs, numel, set, values};
use crate::group::{Group, Options};
use crate::line_search::{Point, strong_wolfe};
use crate::optimizer::{Optimizer, ParamGroup, checked_lr};
use crate::reader::Reader;
use crate::setting::Setting;

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

/// What is remembered from iteration to iteration, also across steps.
#[derive(Clone, Debug, Default)]
struct Memory<T> {
    func_evals: usize,
    n_iter: usize,
    /// The direction and length of the last step and the gradient where it began; none before the first.
    direction: Vec<T>,
    step: f64,
    prev_grad: Vec<T>,
    /// Changes of the gradient and of the position, oldest first.
    history: VecDeque<Change<T>>,
    /// The diagonal that the inverse Hessian begins with.
    h_diag: f64,
}

/// What one step changed.
#[derive(Clone, Debug)]
struct Change<T> {
    /// The change of the gradient.
    y: Vec<T>,
    /// The change of the position.
    s: Vec<T>,
    /// 1 / (y · s).
    rho: f64,
}

impl<T: Float> LBFGS<T> {
    /// An optimiser of these parameters with a learning rate: the length of a step, or with a line search the first
    /// that is tried.
    ///
    /// # Panics
    /// When the learning rate is negative or not a number, or a parameter is given twice, is not a leaf, or there is none.
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
        LBFGS { group: Group::new(parameters, lr, options), memory: Memory { h_diag: 1.0, ..Memory::default() } }
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

impl<T: Float> Memory<T> {
    /// Takes note of the gradient and sets the next direction: minus the inverse Hessian times the gradient, by the
    /// two-loop recursion (Nocedal and Wright, algorithm 7.4).
    fn turn(&mut self, grad: &[T], history_size: usize) {
        self.n_iter += 1;
        let mut direction: Vec<T> = grad.iter().map(|&g| -g).collect();
        if self.n_iter > 1 {
            self.remember(grad, history_size);
            let mut alphas = Vec::with_capacity(self.history.len());
            for Change { y, s, rho } in self.history.iter().rev() {
                let alpha = dot(s, &direction) * rho;
                add_scaled(&mut direction, y, -alpha);
                alphas.push(alpha);
            }
            let h_diag = T::of(self.h_diag);
            direction.iter_mut().for_each(|d| *d *= h_diag);
            for (Change { y, s, rho }, alpha) in self.history.iter().zip(alphas.into_iter().rev()) {
                let beta = dot(y, &direction) * rho;
                add_scaled(&mut direction, s, alpha - beta);
            }
        }
        self.direction = direction;
        self.prev_grad = grad.to_vec();
    }

    /// Keeps the last change of gradient and position, when the loss curves upwards along it.
    fn remember(&mut self, grad: &[T], history_size: usize) {
        let y: Vec<T> = grad.iter().zip(&self.prev_grad).map(|(&now, &before)| now - before).collect();
        let step = T::of(self.step);
        let s: Vec<T> = self.direction.iter().map(|&d| d * step).collect();
        let ys = dot(&y, &s);
        if ys > 1e-10 {
            if self.history.len() == history_size {
                self.history.pop_front();
            }
            self.h_diag = ys / dot(&y, &y);
            self.history.push_back(Change { y, s, rho: 1.0 / ys });
        }
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

    fn zero_grad(&self) {
        self.group.parameters.iter().for_each(Tensor::zero_grad);
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
        let (mut state, memory) = (StateDict::new(), &self.memory);
        self.group.save(0, 0, &mut state);
        state.insert_number::<i64>("state.0.func_evals", memory.func_evals as i64);
        state.insert_number::<i64>("state.0.n_iter", memory.n_iter as i64);
        if memory.n_iter == 0 {
            return state;
        }
        let rows = |rows: Vec<T>| {
            let count = rows.len() / memory.direction.len().max(1);
            Tensor::from_vec(rows, [count, memory.direction.len()]).expect("rows of one length")
        };
        state.insert("state.0.d", &rows(memory.direction.clone()));
        state.insert_number::<f64>("state.0.t", memory.step);
        state.insert("state.0.prev_flat_grad", &rows(memory.prev_grad.clone()));
        state.insert("state.0.old_dirs", &rows(memory.history.iter().flat_map(|change| change.y.clone()).collect()));
        state.insert("state.0.old_stps", &rows(memory.history.iter().flat_map(|change| change.s.clone()).collect()));
        state.insert_number::<f64>("state.0.H_diag", memory.h_diag);
        state
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        let (mut reader, mut group) = (Reader::new(state), self.group.clone());
        let mut memory = Memory { h_diag: 1.0, ..Memory::default() };
        group.load(0, 0, &mut reader)?;
        memory.func_evals = reader.count("state.0.func_evals")?.unwrap_or_default();
        memory.n_iter = reader.count("state.0.n_iter")?.unwrap_or_default();
        if memory.n_iter > 0 {
            let size = numel(&group.parameters);
            let mut row = |name| Ok(reader.tensor::<T>(name, &[1, size])?.map_or_else(Vec::new, |row| row.to_vec()));
            memory.direction = row("state.0.d")?;
            memory.prev_grad = row("state.0.prev_flat_grad")?;
            memory.step = reader.number::<f64>("state.0.t")?.unwrap_or_default();
            memory.h_diag = reader.number::<f64>("state.0.H_diag")?.unwrap_or_default();
            let ys = reader.tensor_of_any_shape::<T>("state.0.old_dirs")?;
            let count = ys.as_ref().map_or(0, |ys| ys.shape().first().copied().unwrap_or(0));
            let ys = reader.tensor::<T>("state.0.old_dirs", &[count, size]);
            let ss = reader.tensor::<T>("state.0.old_stps", &[count, size])?;
            if let (Some(ys), Some(ss)) = (ys?, ss) {
                let rows = |rows: Tensor<T>| rows.to_vec().chunks(size.max(1)).map(<[T]>::to_vec).collect::<Vec<_>>();
                let change = |(y, s): (Vec<T>, Vec<T>)| Change { rho: 1.0 / dot(&y, &s), y, s };
                memory.history = rows(ys).into_iter().zip(rows(ss)).map(change).collect();
            }
        }
        reader.finish()?;
        (self.group, self.memory) = (group, memory);
        Ok(())
    }
}
