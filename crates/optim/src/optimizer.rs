//! The interface of all optimisers: groups of parameters, learning rates, saved states, steps.

use std::panic::Location;

use downhill_tensor::observe::{Note, id, note};
use downhill_tensor::{Error, Float, LoadError, StateDict, Tensor, calling};

use crate::setting::OptionValue;

/// The parameters of an optimiser in groups, each with its options, and the saved state: what all optimisers have in
/// common.
///
/// [`LBFGS`](crate::LBFGS) and [`Newton`](crate::Newton) implement only this trait, because their `step_with` needs
/// the loss as a closure. All others implement [`Optimizer`] as well. Schedulers take either.
///
/// The trait is object-safe.
pub trait ParamGroups {
    /// Sets the gradient of every parameter to `None`. Without it, `backward` adds to the gradients of earlier
    /// batches.
    fn zero_grad(&self) {
        self.groups().iter().for_each(|group| group.zero_grad());
    }

    /// The groups of parameters, each with its own options.
    fn groups(&self) -> Vec<&dyn ParamGroup>;

    /// The groups, mutably, to change their options for the following steps.
    ///
    /// ```
    /// use downhill_optim::{ParamGroups, SGD};
    /// use downhill_tensor::Tensor;
    /// let [w, b] = [1.0, 2.0].map(|x| Tensor::from(x).requires_grad_(true));
    /// let mut optimizer = SGD::new([&w], 0.1).add_group(SGD::new([&b], 0.01));
    /// for group in optimizer.groups_mut() {
    ///     group.set("lr", 0.5 * group.lr());
    /// }
    /// assert_eq!(optimizer.groups().iter().map(|group| group.lr()).collect::<Vec<_>>(), [0.05, 0.005]);
    /// ```
    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup>;

    /// The learning rate; that of the first group if the groups differ.
    fn lr(&self) -> f64 {
        self.groups()[0].lr()
    }

    /// Sets the learning rate of all groups for the following steps.
    ///
    /// # Panics
    /// When it is negative or NaN.
    #[track_caller]
    fn set_lr(&mut self, lr: f64);

    /// The state to save: the options and the buffers of each parameter, under PyTorch's names (`param_groups.0.lr`,
    /// `state.0.exp_avg`). With the parameters themselves it determines the following steps.
    fn state_dict(&self) -> StateDict;

    /// Restores a saved state: the following steps are bit for bit those of the saved optimiser.
    ///
    /// # Errors
    /// When names, shapes, types or values do not fit this optimiser and its parameters. Nothing is changed then.
    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError>;
}

/// Changes parameters by their gradients.
///
/// The trait is object-safe: a program that chooses its optimiser at run time holds a `Box<dyn Optimizer>`.
///
/// Optimisers that need the loss as a closure have no `step`, and using one as an `Optimizer` does not compile:
///
/// ```compile_fail,E0277
/// use downhill_optim::{LBFGS, Optimizer};
/// use downhill_tensor::Tensor;
/// let w = Tensor::from(1.0).requires_grad_(true);
/// let optimizer: Box<dyn Optimizer> = Box::new(LBFGS::new([&w], 1.0));
/// ```
pub trait Optimizer: ParamGroups {
    /// Updates every parameter that has a gradient.
    ///
    /// # Panics
    /// When options contradict each other, such as Nesterov momentum without momentum.
    fn step(&mut self);
}

/// A group of parameters and the options they are updated with.
pub trait ParamGroup {
    /// The learning rate.
    fn lr(&self) -> f64;

    /// Whether the learning rate came with a loaded state in which a schedule had changed it, and has not been set
    /// since: it belongs to a later epoch, and is none that a schedule begins with.
    fn is_resumed(&self) -> bool {
        false
    }

    /// The number of tensors in the group.
    fn num_parameters(&self) -> usize;

    /// Sets the gradient of every parameter of the group to `None`.
    fn zero_grad(&self);

    /// An option by its name in PyTorch, such as `momentum`; the two of `betas` are `beta1` and `beta2`, and
    /// `initial_lr` is the rate that the first schedule began with. `None` when the optimiser has no such option.
    fn get(&self, name: &str) -> Option<OptionValue>;

    /// Like [`set`](trait.ParamGroup.html#method.set), but returns the error; for implementing an optimiser.
    ///
    /// # Errors
    /// When the optimiser has no such option or the value is of another kind or outside its range.
    fn try_set(&mut self, name: &str, value: OptionValue) -> Result<(), Error>;
}

// Not a method of the trait: through `dyn`, `#[track_caller]` is lost and a panic would not name the caller's line.
impl dyn ParamGroup + '_ {
    /// Sets an option for the following steps: `set("momentum", 0.9)`, `set("nesterov", true)`,
    /// `set("max_iter", 10)`.
    ///
    /// # Panics
    /// When the optimiser has no such option or the value is of another kind or outside its range.
    #[track_caller]
    pub fn set(&mut self, name: &str, value: impl Into<OptionValue>) {
        if let Err(error) = self.try_set(name, value.into()) {
            error.raise();
        }
    }
}

/// A boxed optimiser is an optimiser. Through `dyn`, `#[track_caller]` is lost, so the message names the caller's
/// line.
impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
    #[track_caller]
    fn step(&mut self) {
        calling("step", Location::caller(), || (**self).step());
    }
}

/// The groups of a boxed optimiser. Messages name the caller's line, as for `step`.
impl<G: ParamGroups + ?Sized> ParamGroups for Box<G> {
    fn zero_grad(&self) {
        (**self).zero_grad();
    }

    fn groups(&self) -> Vec<&dyn ParamGroup> {
        (**self).groups()
    }

    fn groups_mut(&mut self) -> Vec<&mut dyn ParamGroup> {
        (**self).groups_mut()
    }

    #[track_caller]
    fn set_lr(&mut self, lr: f64) {
        calling("set_lr", Location::caller(), || (**self).set_lr(lr));
    }

    fn state_dict(&self) -> StateDict {
        (**self).state_dict()
    }

    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError> {
        (**self).load_state_dict(state)
    }
}

/// The note for observers about a step on these parameters, with the options of this group.
pub(crate) fn stepped<'a, T: Float>(
    parameters: impl IntoIterator<Item = &'a Tensor<T>>,
    group: &dyn ParamGroup,
) -> Note {
    let parameters: Vec<&Tensor<T>> = parameters.into_iter().collect();
    for parameter in &parameters {
        if !parameter.is_requires_grad_declared() && parameter.grad_array().is_none() {
            note(|| Note::Undeclared { id: id(parameter), shape: parameter.shape().to_vec() });
        }
    }
    let with_gradient =
        parameters.iter().filter(|parameter| parameter.grad_array().is_some()).map(|p| id(p)).collect();
    let (lr, maximize) = (group.lr(), group.get("maximize") == Some(OptionValue::Bool(true)));
    Note::Stepped {
        parameters: parameters.iter().map(|parameter| id(parameter)).collect(),
        with_gradient,
        lr,
        maximize,
    }
}

/// Returns the learning rate; panics if it is negative or NaN.
#[track_caller]
pub(crate) fn checked_lr(op: &'static str, lr: f64) -> f64 {
    if lr >= 0.0 {
        return lr;
    }
    Error::Argument { op, name: "lr", given: lr.to_string(), expected: "at least 0" }.raise()
}
