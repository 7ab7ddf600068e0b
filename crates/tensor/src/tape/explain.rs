//! Explains an element of a gradient: the chain rule with the actual numbers, next to a finite difference.
//!
//! ∂L/∂x = Σ ∂L/∂y · ∂y/∂x over every element y that was computed from x: upstream gradient times local derivative,
//! for each consumer. The backward rule of an operation computes Σ ∂L/∂y · ∂y/∂x directly and is linear in ∂L/∂y. So
//! its derivative with respect to ∂L/∂y, taken with the same engine, gives every ∂y/∂x.

mod chain;
mod difference;
mod text;

use std::borrow::Cow;

use super::backward::Walk;
use super::{Tape, can_be_walked};
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::tensor::Tensor;
use crate::base::element::{Float, Kind};
use crate::base::shape::{position, unravel};
use chain::Chain;
use difference::Difference;
use downhill_kernels::error::{Error, OrRaise};

/// A relative difference above this is more than rounding explains.
const LARGE: f64 = 2e-2;

/// The gradient of one element, term by term. Print it with `{}`.
#[derive(Clone)]
pub struct Explanation<'a> {
    tape: &'a Tape,
    walk: Cow<'a, Walk>,
    element: Element,
    gradient: f64,
    /// The seed gradient, if the backward pass started here.
    seed: f64,
    difference: Difference,
    consumers: Vec<Consumer>,
    width: usize,
    depth: usize,
}

/// An element of a value on the tape.
#[derive(Clone, Debug)]
struct Element {
    entry: usize,
    index: Vec<usize>,
    value: f64,
}

/// The contribution of one operation that uses the element.
#[derive(Clone, Debug)]
pub struct Consumer {
    entry: usize,
    position: usize,
    rule: String,
    terms: Vec<Term>,
}

/// Upstream gradient times local derivative, for one element of the output of an operation.
#[derive(Clone, Debug)]
pub struct Term {
    index: Vec<usize>,
    upstream: f64,
    local: f64,
    /// The explanation of the upstream gradient, to the requested depth.
    further: Vec<Consumer>,
}

impl Explanation<'_> {
    /// The gradient as the backward pass computed it.
    pub fn gradient(&self) -> f64 {
        self.gradient
    }

    /// The sum of all terms, plus the seed gradient if the backward pass started here.
    pub fn sum(&self) -> f64 {
        self.consumers.iter().fold(self.seed, |sum, consumer| sum + consumer.sum())
    }

    /// The slope of the loss when the element is moved a little, computed with the same operations: (L(x + h) - L(x -
    /// h)) / 2h.
    pub fn finite_difference(&self) -> f64 {
        self.difference.slope
    }

    /// The operations that use the element, each with its terms.
    pub fn consumers(&self) -> &[Consumer] {
        &self.consumers
    }
}

impl Consumer {
    /// The number of the operation on the tape.
    pub fn entry(&self) -> usize {
        self.entry
    }

    /// Which input of the operation the element belongs to.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The terms whose local derivative is not 0.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The contribution of this operation to the gradient of the element.
    pub fn sum(&self) -> f64 {
        // An empty `sum` would be -0.
        self.terms.iter().fold(0.0, |sum, term| sum + term.upstream * term.local)
    }
}

impl Term {
    /// The element of the output.
    pub fn index(&self) -> &[usize] {
        &self.index
    }

    /// The gradient of the loss with respect to that element.
    pub fn upstream(&self) -> f64 {
        self.upstream
    }

    /// The derivative of that element with respect to the explained one.
    pub fn local(&self) -> f64 {
        self.local
    }
}

impl Tape {
    /// Explains the gradient of an element: for each operation that uses it, upstream gradient times local derivative
    /// with the actual numbers, and a finite difference with the same operations.
    ///
    /// It explains the last recorded backward pass that reached the tensor, or if there is none, a pass from the last
    /// value on the tape. [`Explanation::depth`] explains upstream gradients as well, [`Explanation::width`] limits
    /// the printed terms.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// let w = Tensor::from([[0.5], [-1.0]]).requires_grad_(true).named("w");
    /// let (_, tape) = Tape::record(|| x.matmul(&w).square().sum().backward());
    ///
    /// // Outputs -1.5 and -2.5, upstream gradients -3 and -5, local derivatives 1 and 3.
    /// let why = tape.explain(&w, [0, 0]);
    /// assert_eq!(why.gradient(), -3.0 * 1.0 + -5.0 * 3.0);
    /// assert!((why.finite_difference() - why.gradient()).abs() < 1e-3);
    /// println!("{why}");
    /// ```
    ///
    /// # Panics
    /// When the tensor is not on the tape, no backward pass reaches it, or the index is out of range.
    #[track_caller]
    pub fn explain<T: Float, const N: usize>(&self, tensor: &Tensor<T>, index: [isize; N]) -> Explanation<'_> {
        let number = self.number_of("explain", tensor);
        // A tensor that was changed in place has several entries: use the one that the pass reached.
        let number = self.recorder.walks.iter().rev().find_map(|walk| walk.entry_of(tensor.id())).unwrap_or(number);
        let index = resolved(&index, self.entries()[number].shape()).or_raise();
        self.explain_element(number, index)
    }

    /// As [`Tape::explain`], for the entry with this number and the element at this position in row-major order.
    ///
    /// # Panics
    /// As [`Tape::explain`], and when there is no such entry.
    #[track_caller]
    pub fn explain_entry(&self, number: usize, place: usize) -> Explanation<'_> {
        let Some(entry) = self.entries().get(number) else {
            let given = number.to_string();
            Error::Argument { op: "explain", name: "entry", given, expected: "the number of an entry of this tape" }
                .raise()
        };
        if place >= entry.value().numel() {
            let (given, expected) = (place.to_string(), "less than the number of elements");
            Error::Argument { op: "explain", name: "place", given, expected }.raise();
        }
        self.explain_element(number, unravel(place, entry.shape()))
    }

    #[track_caller]
    fn explain_element(&self, number: usize, index: Vec<usize>) -> Explanation<'_> {
        match self.entries()[number].kind() {
            Kind::F32 => Explanation::of::<f32>(self, number, index),
            Kind::F64 => Explanation::of::<f64>(self, number, index),
            Kind::I64 | Kind::Bool => Error::NoPass { op: "explain" }.raise(),
        }
    }

    /// The last recorded pass that reached an entry; if none was recorded at all, one from the last value.
    #[track_caller]
    fn walk_to<T: Float>(&self, number: usize) -> Cow<'_, Walk> {
        if let Some(walk) = self.recorder.walks.iter().rev().find(|walk| walk.grad(number).is_some()) {
            return Cow::Borrowed(walk);
        }
        let last = self.entries().last().and_then(|entry| entry.value.get::<T>());
        // Not a closure: a panic must name the line of this call.
        if let Some(last) =
            last.filter(|last| self.recorder.walks.is_empty() && last.numel() == 1 && can_be_walked(last))
        {
            let walk = self.walk_from(last);
            if walk.grad(number).is_some() {
                return Cow::Owned(walk);
            }
        }
        Error::NoPass { op: "explain" }.raise()
    }
}

impl<'a> Explanation<'a> {
    /// Explains upstream gradients as well: 1 is the element alone, 2 includes the elements computed from it, and so
    /// on.
    #[must_use]
    pub fn depth(self, depth: usize) -> Self {
        match self.tape.entries()[self.element.entry].kind() {
            Kind::F64 => self.set_depth::<f64>(depth),
            _ => self.set_depth::<f32>(depth),
        }
    }

    /// Prints at most this many terms for each operation, the largest; the others as one sum.
    #[must_use]
    pub fn width(mut self, width: usize) -> Self {
        self.width = width.max(1);
        let depth = self.depth;
        self.depth(depth)
    }

    #[track_caller]
    fn of<T: Float>(tape: &'a Tape, entry: usize, index: Vec<usize>) -> Self {
        let walk = tape.walk_to::<T>(entry);
        let read = |values: &AnyTensor| values.get::<T>().map_or(f64::NAN, |values| element(values, &index));
        let value = read(&tape.entries()[entry].value);
        let gradient = walk.grad(entry).map_or(f64::NAN, read);
        let seed = walk.roots.iter().filter(|(root, _)| *root == entry).fold(0.0, |sum, (_, seed)| sum + read(seed));
        let difference = Difference::of::<T>(tape, &walk, entry, &index, gradient);
        let element = Element { entry, index, value };
        let explanation = Explanation {
            tape,
            walk,
            element,
            gradient,
            seed,
            difference,
            consumers: Vec::new(),
            width: 6,
            depth: 1,
        };
        explanation.set_depth::<T>(1)
    }

    fn set_depth<T: Float>(mut self, depth: usize) -> Self {
        self.depth = depth.max(1);
        let chain = Chain { tape: self.tape, walk: &self.walk, width: self.width };
        self.consumers = chain.consumers::<T>(self.element.entry, &self.element.index, self.depth);
        self
    }
}

/// Resolves negative positions of an index, which count from the end, and checks it.
fn resolved(index: &[isize], shape: &[usize]) -> Result<Vec<usize>, Error> {
    if index.len() != shape.len() {
        let expected = format!("one position for each dimension of {shape:?}");
        return Err(Error::expected("explain", expected, format!("{index:?}")));
    }
    index.iter().enumerate().map(|(dim, &at)| position("explain", at, dim, shape)).collect()
}

/// One element of a tensor.
fn element<T: Float>(values: &Tensor<T>, index: &[usize]) -> f64 {
    values.array().view()[index].to_scalar()
}
