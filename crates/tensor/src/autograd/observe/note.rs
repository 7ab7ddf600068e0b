//! Notes about a training loop: cleared gradients, optimiser steps, layers in training mode.

use super::{Event, is_on, tell};
use crate::autograd::tensor::Tensor;
use crate::base::element::Element;
use downhill_kernels::caller;
use downhill_kernels::error::OrRaise;

/// Something other than an operation that a training loop does. Tensors are identified by the numbers of
/// [`Seen`](super::Seen).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The gradient of a tensor was set to none.
    Cleared {
        /// Which tensor.
        id: u64,
    },
    /// The gradient of a tensor was replaced, for example by clipping.
    Replaced {
        /// Which tensor.
        id: u64,
    },
    /// The gradient of a tensor was read.
    Read {
        /// Which tensor.
        id: u64,
    },
    /// The numbers of a tensor were changed in place.
    Changed {
        /// Which tensor.
        id: u64,
        /// By which method, such as `sub_`.
        op: &'static str,
    },
    /// An optimiser makes a step with the gradients in `.grad`; the changes of its parameters follow.
    Stepped {
        /// All parameters of the optimiser.
        parameters: Vec<u64>,
        /// Those that have a gradient.
        with_gradient: Vec<u64>,
        /// The learning rate.
        lr: f64,
        /// Whether it maximizes instead of minimizing.
        maximize: bool,
    },
    /// The optimiser that makes the next step holds a tensor without a gradient on which `requires_grad_` was never
    /// called.
    Undeclared {
        /// Which tensor.
        id: u64,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A scheduler has set the learning rates of an optimiser for its next epoch.
    Scheduled {
        /// How many steps the scheduler has made.
        epoch: usize,
    },
    /// A layer that behaves differently in evaluation has run in training mode.
    RanInTraining {
        /// The name of the layer.
        layer: &'static str,
        /// Its output.
        output: u64,
    },
}

/// Tells the observers of this thread what a training loop does. Without an observer, the note is not even made.
///
/// For your own optimisers and layers; those of downhill call it already.
///
/// ```
/// use downhill_tensor::Tensor;
/// use downhill_tensor::observe::{Note, id, note};
/// let w = Tensor::from(1.0).requires_grad_(true);
/// note(|| Note::Stepped { parameters: vec![id(&w)], with_gradient: vec![], lr: 0.1, maximize: false });
/// ```
#[track_caller]
#[inline]
pub fn note(make: impl FnOnce() -> Note) {
    if is_on() {
        tell_note(&make());
    }
}

#[cold]
#[track_caller]
fn tell_note(note: &Note) {
    tell(&Event::Noted { note, line: caller::line() }).or_raise();
}

/// The number that identifies a tensor to observers.
///
/// ```
/// use downhill_tensor::{Tensor, observe::id};
/// let x = Tensor::ones([2]);
/// assert_eq!(id(&x), id(&x.clone()));
/// assert_ne!(id(&x), id(&x.copy()));
/// ```
pub fn id<T: Element>(tensor: &Tensor<T>) -> u64 {
    tensor.id()
}
