//! The state of LBFGS: the last changes of parameters and gradient, which approximate the Hessian.

use std::collections::VecDeque;

use downhill_tensor::{Float, LoadError, StateDict, Tensor};

use crate::flat_params::{add_scaled, dot};
use crate::second_order::MethodState;
use crate::state_reader::StateReader;

/// The state between iterations, also across steps.
#[derive(Clone, Debug)]
pub struct LBFGSState<T> {
    pub(super) func_evals: usize,
    pub(super) n_iter: usize,
    /// The direction and length of the last iteration and the gradient at its start; empty before the first.
    pub(super) direction: Vec<T>,
    pub(super) step: f64,
    prev_grad: Vec<T>,
    /// Changes of gradient and parameters, oldest first.
    history: VecDeque<Change<T>>,
    /// The diagonal of the initial inverse Hessian.
    h_diag: f64,
}

/// What one iteration changed.
#[derive(Clone, Debug)]
struct Change<T> {
    /// The change of the gradient.
    y: Vec<T>,
    /// The change of the parameters.
    s: Vec<T>,
    /// 1 / (y · s).
    rho: f64,
}

/// The state before the first step.
impl<T> Default for LBFGSState<T> {
    fn default() -> Self {
        let (direction, prev_grad, history) = (Vec::new(), Vec::new(), VecDeque::new());
        LBFGSState { func_evals: 0, n_iter: 0, direction, step: 0.0, prev_grad, history, h_diag: 1.0 }
    }
}

impl<T: Float> LBFGSState<T> {
    /// Records the gradient and computes the next direction: minus the inverse Hessian times the gradient, by the
    /// two-loop recursion (Nocedal and Wright, Numerical Optimization, second edition, 2006, algorithm 7.4).
    pub(super) fn turn(&mut self, grad: &[T], history_size: usize) {
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

    /// Keeps the last change of gradient and parameters if the loss has positive curvature along it.
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

impl<T: Float> MethodState for LBFGSState<T> {
    // The names are PyTorch's.
    fn save(&self, state: &mut StateDict) {
        state.insert_number::<i64>("state.0.func_evals", self.func_evals as i64);
        state.insert_number::<i64>("state.0.n_iter", self.n_iter as i64);
        if self.n_iter == 0 {
            return;
        }
        let rows = |rows: Vec<T>| {
            let count = rows.len() / self.direction.len().max(1);
            Tensor::from_vec(rows, [count, self.direction.len()]).expect("rows of one length")
        };
        state.insert("state.0.d", &rows(self.direction.clone()));
        state.insert_number::<f64>("state.0.t", self.step);
        state.insert("state.0.prev_flat_grad", &rows(self.prev_grad.clone()));
        state.insert("state.0.old_dirs", &rows(self.history.iter().flat_map(|change| change.y.clone()).collect()));
        state.insert("state.0.old_stps", &rows(self.history.iter().flat_map(|change| change.s.clone()).collect()));
        state.insert_number::<f64>("state.0.H_diag", self.h_diag);
    }

    fn load(reader: &mut StateReader, size: usize) -> Result<Self, LoadError> {
        let func_evals = reader.count("state.0.func_evals")?.unwrap_or_default();
        let n_iter = reader.count("state.0.n_iter")?.unwrap_or_default();
        let mut loaded = LBFGSState { func_evals, n_iter, ..LBFGSState::default() };
        if loaded.n_iter == 0 {
            return Ok(loaded);
        }
        let mut row = |name| Ok(reader.tensor::<T>(name, &[1, size])?.map_or_else(Vec::new, |row| row.to_vec()));
        loaded.direction = row("state.0.d")?;
        loaded.prev_grad = row("state.0.prev_flat_grad")?;
        loaded.step = reader.number::<f64>("state.0.t")?.unwrap_or_default();
        loaded.h_diag = reader.number::<f64>("state.0.H_diag")?.unwrap_or_default();
        let ys = reader.tensor_of_any_shape::<T>("state.0.old_dirs")?;
        let count = ys.as_ref().map_or(0, |ys| ys.shape().first().copied().unwrap_or(0));
        let ys = reader.tensor::<T>("state.0.old_dirs", &[count, size]);
        let ss = reader.tensor::<T>("state.0.old_stps", &[count, size])?;
        if let (Some(ys), Some(ss)) = (ys?, ss) {
            let rows = |rows: Tensor<T>| rows.to_vec().chunks(size.max(1)).map(<[T]>::to_vec).collect::<Vec<_>>();
            let change = |(y, s): (Vec<T>, Vec<T>)| Change { rho: 1.0 / dot(&y, &s), y, s };
            loaded.history = rows(ys).into_iter().zip(rows(ss)).map(change).collect();
        }
        Ok(loaded)
    }
}
