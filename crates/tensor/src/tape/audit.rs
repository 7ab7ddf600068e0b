//! The gradient audit: how large the gradient of each parameter is, or where its path was cut.
//!
//! A verdict compares the root mean square of a gradient with that of its parameter, because a step subtracts a
//! multiple of the one from the other. A parameter that is all zeros, like a new bias, is compared with all
//! parameters together instead. So is a parameter smaller than these, like a bias after its first step, before its
//! gradient is called exploding.

mod cut;
mod text;
mod ways;
mod zero;

use std::collections::{HashMap, HashSet};

use super::Tape;
use super::entry::Role;
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::tensor::Tensor;

pub use cut::{Cut, CutReason};
use ways::Ways;

/// A gradient below this fraction of its parameter is tiny: with a learning rate of 0.1 the step is 1e-7 of the
/// parameter, less than the rounding error of `f32`, so the parameter does not change.
const TINY: f64 = 1e-6;

/// A gradient this many times as large as its parameter, and as all parameters, is exploding: even with a learning
/// rate of 0.001, one step overwrites everything the parameter has learned.
const EXPLODING: f64 = 1e3;

/// The gradient that a backward pass computed for each parameter. Print it with `{}`.
#[derive(Clone, Debug)]
pub struct Audit {
    rows: Vec<AuditRow>,
    /// The first row of each name.
    indices: HashMap<String, usize>,
}

/// The gradient that a backward pass computed for one parameter.
#[derive(Clone, Debug)]
pub struct AuditRow {
    name: String,
    shape: Vec<usize>,
    verdict: Verdict,
    reached: Option<Reached>,
    cuts: Vec<Cut>,
    hint: Option<String>,
}

/// The verdict on a gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing unusual.
    Ok,
    /// Every element is 0: the parameter does not learn.
    AllZero,
    /// Less than a millionth of the parameter: with a learning rate of 0.1, a step in `f32` is lost to rounding. Near
    /// a minimum this is expected.
    Tiny,
    /// More than a thousand times the parameter, and all parameters together: even with a learning rate of 0.001, one
    /// step overwrites it.
    Exploding,
    /// It holds infinity or NaN; [`detect_anomaly`](crate::detect_anomaly) finds the operation that made it.
    NotFinite,
    /// No gradient has reached this parameter.
    NotReached,
}

/// The gradient of a parameter in numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// The square root of the sum of all squares.
    pub norm: f64,
    /// The largest magnitude of an element.
    pub largest: f64,
    /// The fraction of elements that are 0.
    pub zeros: f64,
}

impl Audit {
    /// One row for each parameter: first those of [`Tape::with_names`] in their order, then the others on the tape.
    pub fn rows(&self) -> &[AuditRow] {
        &self.rows
    }

    /// The row of a parameter by its name.
    pub fn row(&self, name: &str) -> Option<&AuditRow> {
        self.indices.get(name).map(|&index| &self.rows[index])
    }

    /// Whether no row shows a problem. Tensors that do not require a gradient, such as data, need none.
    pub fn is_ok(&self) -> bool {
        let is_frozen = |row: &AuditRow| row.cuts.iter().any(|cut| cut.reason() == CutReason::Frozen);
        self.rows.iter().all(|row| row.verdict == Verdict::Ok || is_frozen(row))
    }
}

impl AuditRow {
    /// The name of the parameter; its number on the tape (`%3`) if it has none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The verdict on the gradient.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The size of the gradient; `None` without one.
    pub fn reached(&self) -> Option<&Reached> {
        self.reached.as_ref()
    }

    /// Where the path from the loss was cut, the cut nearest to the loss first; empty if there is a gradient.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// Which operation has made the gradient 0 and why, if it is 0 everywhere.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// A parameter to be audited.
struct Parameter<'a> {
    name: String,
    tensor: &'a AnyTensor,
}

impl Tape {
    /// What the recorded backward pass computed for each parameter: the size of its gradient and a verdict on it, or,
    /// if there is none, the operation and the line where the path was cut. If there are several passes, the last one
    /// that reached a parameter counts.
    ///
    /// ```
    /// use downhill_tensor::{CutReason, Tape, Tensor, Verdict};
    /// let [a, b] = [2.0, 3.0].map(|x| Tensor::from(x).requires_grad_(true));
    /// let (_, tape) = Tape::record(|| (&a * b.square().detach()).backward());
    /// let audit = tape.with_names([("a", &a), ("b", &b)]).audit();
    /// assert_eq!(audit.rows()[0].reached().unwrap().norm, 9.0);
    /// assert_eq!(audit.rows()[1].verdict(), Verdict::NotReached);
    /// assert_eq!(audit.rows()[1].cuts()[0].reason(), CutReason::Detach);
    /// println!("{audit}");
    /// ```
    ///
    /// If there is no pass on the tape, perhaps because `backward()` failed for lack of a graph, no parameter is
    /// reached; the cuts are those between the parameters and the last value.
    pub fn audit(&self) -> Audit {
        let parameters = self.parameters();
        let sizes: Vec<f64> = parameters.iter().map(|parameter| root_mean_square(parameter.tensor)).collect();
        let of_all = Tensor::from_vec(sizes.clone(), [sizes.len()]).expect("one size for each parameter");
        let typical = root_mean_square(&of_all.into());
        let ways = Ways::of(self);
        let row = |(parameter, &size): (&Parameter<'_>, &f64)| self.audit_row(parameter, size, typical, &ways);
        let rows: Vec<AuditRow> = parameters.iter().zip(&sizes).map(row).collect();
        let mut indices = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            indices.entry(row.name.clone()).or_insert(index);
        }
        Audit { rows, indices }
    }

    /// The named parameters, then the others that were used.
    fn parameters<'a>(&'a self) -> Vec<Parameter<'a>> {
        let (mut parameters, mut known) = (Vec::new(), HashSet::new());
        let mut push = |name: String, tensor: &'a AnyTensor| {
            if known.insert(tensor.id()) {
                parameters.push(Parameter { name, tensor });
            }
        };
        self.names.iter().for_each(|(name, tensor)| push(name.clone(), tensor));
        for entry in self.entries().iter().filter(|entry| entry.role == Role::Parameter) {
            push(entry.name.clone().unwrap_or_else(|| format!("%{}", entry.number)), &entry.value);
        }
        parameters
    }

    /// The verdict on a parameter, given its size and that of all parameters together.
    fn audit_row(&self, parameter: &Parameter<'_>, size: f64, typical: f64, ways: &Ways<'_>) -> AuditRow {
        let id = parameter.tensor.id();
        // If a tensor was changed in place, its last step has the sum over all its values.
        let step = self.recorder.last_step_at(id);
        let elsewhere = || self.recorder.walks.iter().rev().find_map(|walk| walk.elsewhere(id));
        let grad = step.map(|(_, step)| step.grad()).or_else(elsewhere);
        let reached = grad.map(Reached::of);
        let verdict = match (&reached, grad) {
            (Some(reached), Some(grad)) => reached.verdict(grad.numel(), size, typical),
            _ => Verdict::NotReached,
        };
        let cuts = if reached.is_none() { ways.cuts(parameter.tensor) } else { Vec::new() };
        let zero_at = step.filter(|_| verdict == Verdict::AllZero);
        let hint = zero_at.and_then(|(walk, step)| ways.why_zero(walk, step.entry()));
        AuditRow {
            name: parameter.name.clone(),
            shape: parameter.tensor.shape().to_vec(),
            verdict,
            reached,
            cuts,
            hint,
        }
    }
}

impl Reached {
    fn of(grad: &AnyTensor) -> Self {
        let values = grad.numbers();
        let zeros = values.iter().filter(|&&g| g == 0.0).count() as f64 / values.len().max(1) as f64;
        // `f64::max` would ignore NaN.
        let larger = |most: f64, g: &f64| if g.is_nan() || g.abs() > most { g.abs() } else { most };
        let largest = values.iter().fold(0.0, larger);
        Reached { norm: grad.norm(), largest, zeros }
    }

    /// A verdict on the gradient of a parameter with this number of elements and this size.
    fn verdict(&self, numel: usize, size: f64, typical: f64) -> Verdict {
        let own = self.norm / (numel as f64).sqrt();
        let largest_size = size.max(typical);
        match () {
            () if numel == 0 => Verdict::Ok,
            () if !self.largest.is_finite() => Verdict::NotFinite,
            () if self.largest == 0.0 => Verdict::AllZero,
            () if own < TINY * if size > 0.0 { size } else { typical } => Verdict::Tiny,
            () if largest_size > 0.0 && own > EXPLODING * largest_size => Verdict::Exploding,
            () => Verdict::Ok,
        }
    }
}

fn root_mean_square(tensor: &AnyTensor) -> f64 {
    tensor.norm() / (tensor.numel().max(1) as f64).sqrt()
}
