//! The trait `Module`: a visitor is shown the parts of a module, and all other methods are built on that.

use std::collections::HashSet;

use downhill_tensor::{AnyTensor, Float, Kind, LoadError, StateDict, Tensor};

use crate::copy::{Copies, DeepCopy};
use crate::state::{self, IncompatibleKeys};
use crate::training::Training;

/// A part of a network that owns parameters, buffers and other modules.
///
/// `#[derive(Module)]` in the `downhill` crate implements `visit` for a struct; the other methods are provided.
pub trait Module: Send + Sync {
    /// Shows each part to the visitor, in the order of the fields.
    fn visit(&self, visitor: &mut dyn Visitor);

    /// The name of the type, as it is printed.
    fn name(&self) -> &'static str;

    /// What is printed in parentheses after the name, such as `in_features=2, out_features=1`.
    fn extra_repr(&self) -> String {
        String::new()
    }

    /// All parameters with their names: `conv1.weight`. A shared tensor is listed once.
    fn named_parameters_any(&self) -> Vec<(String, AnyTensor)> {
        let mut parameters = Collect::default();
        self.visit(&mut parameters);
        parameters.found
    }

    /// All `f32` parameters with their names.
    ///
    /// # Panics
    /// When a parameter has another element type; [`Module::named_parameters_of`] takes the type.
    #[track_caller]
    fn named_parameters(&self) -> Vec<(String, Tensor)> {
        typed(self.named_parameters_any())
    }

    /// All `f32` parameters, for an optimiser.
    ///
    /// ```
    /// use downhill_nn::{Linear, Module};
    /// assert_eq!(Linear::new(2, 1).parameters().len(), 2);
    /// ```
    ///
    /// # Panics
    /// When a parameter has another element type; [`Module::parameters_of`] takes the type.
    #[track_caller]
    fn parameters(&self) -> Vec<Tensor> {
        values(typed(self.named_parameters_any()))
    }

    /// All parameters of a network whose element type is not `f32`, with their names.
    ///
    /// # Panics
    /// When a parameter has another element type.
    #[track_caller]
    fn named_parameters_of<T: Float>(&self) -> Vec<(String, Tensor<T>)>
    where
        Self: Sized,
    {
        typed(self.named_parameters_any())
    }

    /// All parameters of a network whose element type is not `f32`.
    ///
    /// ```
    /// use downhill_nn::{Linear, Module};
    /// assert_eq!(Linear::<f64>::of(2, 1).parameters_of::<f64>().len(), 2);
    /// ```
    ///
    /// # Panics
    /// When a parameter has another element type.
    #[track_caller]
    fn parameters_of<T: Float>(&self) -> Vec<Tensor<T>>
    where
        Self: Sized,
    {
        values(typed(self.named_parameters_any()))
    }

    /// The total number of elements of all parameters.
    fn num_parameters(&self) -> usize {
        self.named_parameters_any().iter().map(|(_, parameter)| parameter.numel()).sum()
    }

    /// Sets the gradient of every parameter to `None`.
    fn zero_grad(&self) {
        for (_, parameter) in self.named_parameters_any() {
            parameter.zero_grad();
        }
    }

    /// A snapshot of all parameters and buffers of every element type, under PyTorch's names. A shared tensor is
    /// listed under each of its names.
    ///
    /// ```
    /// use downhill_nn::{Linear, Module};
    /// let state = Linear::new(2, 1).state_dict();
    /// assert_eq!(state.get("weight").unwrap().shape(), [1, 2]);
    /// ```
    fn state_dict(&self) -> StateDict {
        state::state_dict(self)
    }

    /// Loads the values of a [`state_dict`](Module::state_dict). They are written into the existing tensors, so that
    /// an optimiser of these parameters stays valid; gradients are unchanged.
    ///
    /// ```
    /// use downhill_nn::{Linear, Module};
    /// let (net, other) = (Linear::new(2, 1), Linear::new(2, 1));
    /// net.load_state_dict(&other.state_dict())?;
    /// assert_eq!(net.weight.to_vec(), other.weight.to_vec());
    /// # Ok::<(), downhill_tensor::LoadError>(())
    /// ```
    ///
    /// # Errors
    /// When the names are not the same, or a tensor has another shape or element type. Nothing is changed then.
    fn load_state_dict(&self, state: &StateDict) -> Result<(), LoadError> {
        state::load(self, state)
    }

    /// Like [`load_state_dict`](Module::load_state_dict), but only for names that both have, as `strict=False` in
    /// PyTorch; for example for a network with a new last layer. Returns the names that only one of them has.
    ///
    /// # Errors
    /// When a tensor has another shape or element type. Nothing is changed then.
    fn load_state_dict_partly(&self, state: &StateDict) -> Result<IncompatibleKeys, LoadError> {
        state::load_partly(self, state)
    }

    /// A deep copy with its own tensors, for example to keep the best weights: the same values, `requires_grad` and
    /// training mode, without gradients and hooks. Tensors shared in the module are shared in the copy.
    ///
    /// A `clone`, in contrast, shares its tensors with the original. Fields with `#[module(skip)]` are cloned. A
    /// module written by hand implements [`DeepCopy`].
    ///
    /// ```
    /// use downhill_nn::{Linear, Module};
    /// let net = Linear::new(2, 1);
    /// let best = net.copy();
    /// assert!(!best.weight.is(&net.weight));
    /// assert_eq!(best.weight.to_vec(), net.weight.to_vec());
    /// ```
    fn copy(&self) -> Self
    where
        Self: DeepCopy,
    {
        self.copy_with(&mut Copies::new())
    }

    /// Sets the module and all its parts to training mode.
    fn train(&self) {
        self.visit(&mut SetTraining(true));
    }

    /// Sets the module and all its parts to evaluation mode.
    fn eval(&self) {
        self.visit(&mut SetTraining(false));
    }
}

/// Is shown the parts of a module. All methods do nothing by default.
pub trait Visitor {
    /// A parameter with its name in the module that owns it.
    fn parameter(&mut self, name: &str, parameter: AnyTensor) {
        let _ = (name, parameter);
    }

    /// A buffer with its name in the module that owns it.
    fn buffer(&mut self, name: &str, buffer: AnyTensor) {
        let _ = (name, buffer);
    }

    /// The training switch of a module that has one.
    fn training(&mut self, training: &Training) {
        let _ = training;
    }

    /// The parts of a module with this name follow, until [`Visitor::leave`].
    fn enter(&mut self, name: &str, module: &'static str, extra_repr: &dyn Fn() -> String) {
        let _ = (name, module, extra_repr);
    }

    /// All parts of the module entered last have been shown.
    fn leave(&mut self) {}
}

/// A boxed module is a module.
impl<M: Module + ?Sized> Module for Box<M> {
    fn visit(&self, visitor: &mut dyn Visitor) {
        (**self).visit(visitor);
    }

    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn extra_repr(&self) -> String {
        (**self).extra_repr()
    }
}

struct SetTraining(bool);

impl Visitor for SetTraining {
    fn training(&mut self, training: &Training) {
        training.set(self.0);
    }
}

/// Collects parameters under their full names.
#[derive(Default)]
struct Collect {
    path: Vec<String>,
    found: Vec<(String, AnyTensor)>,
    /// The addresses of what was found.
    known: HashSet<usize>,
}

impl Visitor for Collect {
    fn parameter(&mut self, name: &str, parameter: AnyTensor) {
        if self.known.insert(parameter.address()) {
            let path: String = self.path.iter().map(|part| format!("{part}.")).collect();
            self.found.push((path + name, parameter));
        }
    }

    fn enter(&mut self, name: &str, _: &'static str, _: &dyn Fn() -> String) {
        self.path.push(name.to_owned());
    }

    fn leave(&mut self) {
        self.path.pop();
    }
}

#[track_caller]
fn typed<T: Float>(parameters: Vec<(String, AnyTensor)>) -> Vec<(String, Tensor<T>)> {
    let typed = |(name, parameter): (String, AnyTensor)| match parameter.get::<T>() {
        Some(tensor) => Ok((name, tensor.clone())),
        None => Err((name, parameter.kind())),
    };
    match parameters.into_iter().map(typed).collect() {
        Ok(parameters) => parameters,
        Err((name, kind)) => refuse(&name, kind, T::KIND),
    }
}

#[track_caller]
fn refuse(name: &str, kind: Kind, wanted: Kind) -> ! {
    panic!("parameters: `{name}` holds {kind}, not {wanted}; ask for `parameters_of::<{kind}>()`")
}

fn values<T: Float>(named: Vec<(String, Tensor<T>)>) -> Vec<Tensor<T>> {
    named.into_iter().map(|(_, parameter)| parameter).collect()
}
