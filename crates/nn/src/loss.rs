//! Losses for regression and classification.
//!
//! Each file holds a loss with its formula, or two losses that share a formula. Reductions and checks of shapes are
//! here.

use downhill_tensor::{AnyTensor, Error, Float, Tensor};

mod bce_with_logits;
mod cross_entropy;
mod huber;
mod l1;
mod labels;
mod mse;
mod nll;

pub use bce_with_logits::BCEWithLogitsLoss;
pub use cross_entropy::{ClassTarget, CrossEntropyLoss};
pub use huber::{HuberLoss, SmoothL1Loss};
pub use l1::L1Loss;
pub(crate) use labels::{check_labels, class_dim};
pub use mse::MSELoss;
pub use nll::NLLLoss;

/// How the losses of the elements are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean, the default.
    #[default]
    Mean,
    /// Their sum.
    Sum,
    /// Not combined: one loss for each element.
    None,
}

impl Reduction {
    /// Combines the losses of elements that have equal weights.
    #[track_caller]
    fn reduce<T: Float>(self, losses: Tensor<T>) -> Tensor<T> {
        match self {
            Reduction::Mean => losses.mean(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }
}

/// Targets of another shape are an error even if they broadcast: `[n, 1]` against `[n]` would compare every output
/// with every target.
#[track_caller]
fn check_targets<T: Float>(op: &'static str, outputs: &Tensor<T>, targets: &Tensor<T>) {
    if outputs.shape() != targets.shape() {
        let expected = format!("targets of shape {:?}, as the outputs have", outputs.shape());
        Error::expected(op, expected, given_shape(targets.shape(), outputs.shape())).raise();
    }
}

/// A shape in an error message, with a remedy if the number of elements matches.
fn given_shape(given: &[usize], expected: &[usize]) -> String {
    if given.iter().product::<usize>() == expected.iter().product() {
        format!("{given:?}; call `reshape({expected:?})` on them")
    } else {
        format!("{given:?}")
    }
}

/// A weight as a loss stores it: a detached copy of any float type.
fn constant<T: Float>(weight: &Tensor<T>) -> Option<AnyTensor> {
    Some(AnyTensor::from(&weight.detach().copy()))
}

/// Implements `Module` for a loss, so that it can be a field of a module. Its weights are buffers, as in PyTorch.
macro_rules! module {
    ($loss:ident $(, $weight:ident)*) => {
        impl $crate::module::Module for $loss {
            #[allow(unused_variables)] // Not used by a loss without weights.
            fn visit(&self, visitor: &mut dyn $crate::module::Visitor) {
                $(if let Some(weight) = &self.$weight {
                    visitor.buffer(stringify!($weight), weight.clone());
                })*
            }

            fn name(&self) -> &'static str {
                stringify!($loss)
            }
        }

        impl $crate::copy::DeepCopy for $loss {
            #[allow(unused_variables)]
            fn copy_with(&self, copies: &mut $crate::copy::Copies) -> Self {
                $loss { $($weight: self.$weight.as_ref().map(|weight| copies.of_constant(weight)),)* ..self.clone() }
            }
        }

        $crate::summary::display_as_summary!($loss);
    };
}
use module;
