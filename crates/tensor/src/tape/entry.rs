//! One value on a tape: its role, its operation with formula and derivative, and its inputs.

use std::panic::Location;

use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::observe::OpInfo;
use crate::base::element::Kind;

/// A value on a [`Tape`](crate::Tape): a leaf, or the output of an operation.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) number: usize,
    /// The identity of the tensor.
    pub(super) id: u64,
    pub(super) name: Option<String>,
    pub(super) info: OpInfo,
    pub(super) inputs: Vec<usize>,
    pub(super) value: AnyTensor,
    pub(super) requires_grad: bool,
    pub(super) role: Role,
    /// Whether this is the value of a result after an in-place change.
    pub(super) changed: bool,
    pub(super) line: &'static Location<'static>,
    pub(super) group: Option<String>,
}

/// The role of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A leaf that requires a gradient.
    Parameter,
    /// A leaf that does not: data, labels, constants, and values computed before the recording.
    Data,
    /// The output of an operation.
    Operation,
}

impl Entry {
    /// Its number on the tape: `%3` is entry 3.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The name given by [`Tensor::named`](crate::Tensor::named) or [`Tape::with_names`](crate::Tape::with_names).
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name of the operation; `leaf` if it was not computed on this tape.
    pub fn op(&self) -> &'static str {
        self.info.op
    }

    /// The parameters of the operation besides its inputs, such as `number=0.5`.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let (_, tape) = Tape::record(|| Tensor::from(6.0) * 0.5);
    /// assert_eq!(tape.entries()[1].settings(), "number=0.5");
    /// ```
    pub fn settings(&self) -> &str {
        &self.info.settings
    }

    /// The operation with its inputs, as `name` calls them, and its settings: `mul(%2, number=0.5)`.
    pub fn call(&self, name: impl Fn(usize) -> String) -> String {
        let mut arguments: Vec<String> = self.inputs.iter().map(|&input| name(input)).collect();
        arguments.extend((!self.info.settings.is_empty()).then(|| self.info.settings.clone()));
        format!("{}({})", self.op(), arguments.join(", "))
    }

    /// The textbook formula of the output.
    pub fn formula(&self) -> &'static str {
        self.info.formula
    }

    /// The textbook formula of the gradient of an input.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let (_, tape) = Tape::record(|| Tensor::from(6.0) / &Tensor::from(3.0));
    /// assert_eq!(tape.entries()[2].derivative(1), "-grad * a / b²");
    /// ```
    pub fn derivative(&self, input: usize) -> &'static str {
        self.info.derivative_of(input)
    }

    /// The numbers of its inputs, in the order of the operation.
    pub fn inputs(&self) -> &[usize] {
        &self.inputs
    }

    /// The size of each dimension.
    pub fn shape(&self) -> &[usize] {
        self.value.shape()
    }

    /// The type of the elements.
    pub fn kind(&self) -> Kind {
        self.value.kind()
    }

    /// The value at the time of recording.
    pub fn value(&self) -> &AnyTensor {
        &self.value
    }

    /// Whether gradients flow to it.
    pub fn requires_grad(&self) -> bool {
        self.requires_grad
    }

    /// Its role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The user's line: that of the operation, or for a leaf, where it was named or else first used.
    pub fn line(&self) -> &'static Location<'static> {
        self.line
    }

    /// Whether this is a later value of a tensor that is on the tape already. Such an entry gets a gradient without
    /// being an operation, and passes it on to the earlier value.
    pub(super) fn is_change(&self) -> bool {
        self.changed || self.inputs.is_empty()
    }

    /// The module whose parameter the operation takes. An operation without a parameter belongs to the group of its
    /// youngest input; operations after the last parameter, such as the loss, have no group.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }
}
