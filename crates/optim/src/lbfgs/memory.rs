//! What LBFGS remembers: the last changes of position and gradient, which stand for the Hessian.

use std::collections::VecDeque;

use downhill_tensor::{Float, LoadError, StateDict, Tensor};

use crate::flat::{add_scaled, dot};
use crate::reader::Reader;

/// What is remembered from iteration to iteration, also across steps.
#[derive(Clone, Debug)]
pub(super) struct Memory<T> {
    pub(super) func_evals: usize,
    pub(super) n_iter: usize,
    /// The direction and length of the last step and the gradient where it began; none before the first.
    pub(super) direction: Vec<T>,
    pub(super) step: f64,
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

impl<T: Float> Memory<T> {
    /// Nothing is remembered before the first step.
    pub(super) fn new() -> Self {
        let (direction, prev_grad, history) = (Vec::new(), Vec::new(), VecDeque::new());
        Memory { func_evals: 0, n_iter: 0, direction, step: 0.0, prev_grad, history, h_diag: 1.0 }
    }

    /// Takes note of the gradient and sets the next direction: minus the inverse Hessian times the gradient, by the
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

    /// Puts the memory into a state, under PyTorch's names.
    pub(super) fn save(&self, state: &mut StateDict) {
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

    /// The memory that a state holds, for parameters of `size` elements.
    pub(super) fn load(reader: &mut Reader, size: usize) -> Result<Self, LoadError> {
        let mut memory = Memory::new();
        memory.func_evals = reader.count("state.0.func_evals")?.unwrap_or_default();
        memory.n_iter = reader.count("state.0.n_iter")?.unwrap_or_default();
        if memory.n_iter == 0 {
            return Ok(memory);
        }
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
        Ok(memory)
    }
}
