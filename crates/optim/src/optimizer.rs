//! What all optimisers have in common, seen from outside: steps, groups of parameters, learning rates, saved states.

use std::panic::Location;

use downhill_tensor::observe::{Note, id};
use downhill_tensor::{Error, Float, LoadError, StateDict, Tensor, calling};

use crate::setting::OptionValue;

/// Groups of parameters with their options, and what an optimiser remembers of them: what all optimisers have in common.
///
/// [`LBFGS`](crate::LBFGS) and [`Newton`](crate::Newton) have this and a `step_with`, which takes the loss as a closure; the
/// others are an [`Optimizer`] as well. Schedulers work with either.
///
/// The trait is object-safe.
pub trait ParamGroups {
    /// Sets the gradient of every parameter to none. Without it, gradients of several batches add up.
    fn zero_grad(&self) {
        self.groups().iter().for_each(|group| group.zero_grad());
    }

    /// The groups of parameters, each with its own options.
    fn groups(&self) -> Vec<&dyn ParamGroup>;

    /// The groups, to change their options for the steps to come.
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

    /// The learning rate (of the first group, where they differ).
    fn lr(&self) -> f64 {
        self.groups()[0].lr()
    }

    /// Changes the learning rate of all groups for the steps to come.
    ///
    /// # Panics
    /// When it is negative or not a number.
    #[track_caller]
    fn set_lr(&mut self, lr: f64);

    /// Everything that the next step depends on besides parameters and gradients: options and what is remembered of
    /// each parameter, under PyTorch's names (`param_groups.0.lr`, `state.0.exp_avg`).
    fn state_dict(&self) -> StateDict;

    /// Takes over a saved state: the steps to come are those that the saved optimiser would have made, bit for bit.
    ///
    /// # Errors
    /// When names, shapes, types or values do not fit this optimiser and its parameters. Then nothing has changed.
    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError>;
}

/// Changes parameters by their gradients.
///
/// The trait is object-safe: a program that chooses its optimiser while running holds a `Box<dyn Optimizer>`.
///
/// What needs the loss as a closure has no `step`, which the compiler tells:
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
    /// When options do not fit together.
    fn step(&mut self);
}

/// Some parameters of an optimiser and the options that they are updated with.
pub trait ParamGroup {
    /// The learning rate.
    fn lr(&self) -> f64;

    /// The number of tensors in the group.
    fn num_parameters(&self) -> usize;

    /// Sets the gradient of every parameter of the group to none.
    fn zero_grad(&self);

    /// An option by its name in PyTorch, such as `momentum`; the two of `betas` are `beta1` and `beta2`. `None` when the
    /// optimiser has no such option.
    fn get(&self, name: &str) -> Option<OptionValue>;

    /// As [`set`](trait.ParamGroup.html#method.set), for those who write an optimiser.
    ///
    /// # Errors
    /// When the optimiser has no such option or the value is of another kind or outside its range.
    fn try_set(&mut self, name: &str, value: OptionValue) -> Result<(), Error>;
}

// Not a method of the trait: behind `dyn` a panic would not name the line of the caller.
impl dyn ParamGroup + '_ {
    /// Changes an option for the steps to come: `set("momentum", 0.9)`, `set("nesterov", true)`, `set("max_iter", 10)`.
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

/// An optimiser behind a pointer is that optimiser. Behind `dyn` a panic cannot name the line of the caller, so the text of
/// the error does.
impl<O: Optimizer + ?Sized> Optimizer for Box<O> {
    #[track_caller]
    fn step(&mut self) {
        calling("step", Location::caller(), || (**self).step());
    }
}

/// The groups of an optimiser behind a pointer, with the line of the caller in the text of an error as for `step`.
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

/// What is told to those who watch of a step by the gradients of these parameters, with the options of this group.
pub(crate) fn stepped<'a, T: Float>(
    parameters: impl IntoIterator<Item = &'a Tensor<T>>,
    group: &dyn ParamGroup,
) -> Note {
    let parameters: Vec<&Tensor<T>> = parameters.into_iter().collect();
    let with_gradient = parameters.iter().filter(|parameter| parameter.grad_array().is_some()).map(|p| id(p)).collect();
    let (lr, maximize) = (group.lr(), group.get("maximize") == Some(OptionValue::Bool(true)));
    Note::Stepped {
        parameters: parameters.iter().map(|parameter| id(parameter)).collect(),
        with_gradient,
        lr,
        maximize,
    }
}

/// The learning rate, or a panic that says what it must be.
#[track_caller]
pub(crate) fn checked_lr(op: &'static str, lr: f64) -> f64 {
    if lr >= 0.0 {
        return lr;
    }
    Error::Argument { op, name: "lr", given: lr.to_string(), expected: "at least 0" }.raise()
}
