//! Deep copies of networks, for keeping the best weights: `net.copy()`.
//!
//! [`DeepCopy::copy_with`] hands a map of the tensors copied so far from part to part, so that tied weights stay tied
//! in the copy. `Clone` is independent of it: a clone of a parameter is always the same tensor, which is how two
//! layers share a weight.

use std::any::Any;
use std::collections::HashMap;

use downhill_tensor::observe::id;
use downhill_tensor::{AnyTensor, Element, Tensor};

use crate::layer::Layer;

/// What [`Module::copy`](crate::Module::copy) can copy: the copy has its own tensors and the same plain values.
///
/// `#[derive(Module)]` implements it for a struct whose fields implement it; a field with `#[module(skip)]` is
/// cloned. A module whose `visit` is written by hand implements it by hand as well, field by field:
///
/// ```
/// use downhill_nn::{Copies, DeepCopy, Linear, Module, Part, Visitor};
///
/// struct Autoencoder {
///     encoder: Linear,
///     decoder: Linear,
/// }
///
/// impl Module for Autoencoder {
///     fn visit(&self, visitor: &mut dyn Visitor) {
///         self.encoder.visit_as("encoder", visitor);
///         self.decoder.visit_as("decoder", visitor);
///     }
///
///     fn name(&self) -> &'static str {
///         "Autoencoder"
///     }
/// }
///
/// impl DeepCopy for Autoencoder {
///     fn copy_with(&self, copies: &mut Copies) -> Self {
///         Autoencoder { encoder: self.encoder.copy_with(copies), decoder: self.decoder.copy_with(copies) }
///     }
/// }
///
/// let encoder = Linear::new(4, 4);
/// let net = Autoencoder { decoder: encoder.clone(), encoder }; // tied weights
/// let copy = net.copy();
/// assert!(copy.encoder.weight.is(&copy.decoder.weight) && !copy.encoder.weight.is(&net.encoder.weight));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be copied by `copy()` of a network",
    label = "`DeepCopy` is not implemented for it",
    note = "`#[derive(Module)]` implements it for a struct whose fields can be copied; fields with `#[module(skip)]` \
            are cloned",
    note = "a module written by hand writes `fn copy_with(&self, copies: &mut Copies) -> Self`, field by field"
)]
pub trait DeepCopy: Sized {
    /// A copy with its own tensors. A tensor that is already in `copies` is not copied again.
    fn copy_with(&self, copies: &mut Copies) -> Self;
}

/// The tensors copied so far, each with its copy, so that tensors shared in a network are shared in its copy.
#[derive(Debug, Default)]
pub struct Copies {
    /// The original is kept alive, so that no other tensor gets its id.
    made: HashMap<u64, (AnyTensor, AnyTensor)>,
}

impl Copies {
    /// Nothing has been copied yet.
    pub fn new() -> Self {
        Copies::default()
    }

    /// The copy of a tensor, which `copy` makes the first time.
    pub(crate) fn of<T: Element>(
        &mut self,
        tensor: &Tensor<T>,
        copy: impl FnOnce(&Tensor<T>) -> Tensor<T>,
    ) -> Tensor<T> {
        let new = || (AnyTensor::from(tensor), AnyTensor::from(&copy(tensor)));
        let (_, made) = self.made.entry(id(tensor)).or_insert_with(new);
        made.get().expect("a copy has the type of its original").clone()
    }

    /// The copy of a constant of any type.
    pub(crate) fn of_constant(&mut self, tensor: &AnyTensor) -> AnyTensor {
        match tensor {
            AnyTensor::F32(tensor) => AnyTensor::from(&self.of(tensor, |tensor| tensor.detach().copy())),
            AnyTensor::F64(tensor) => AnyTensor::from(&self.of(tensor, |tensor| tensor.detach().copy())),
            AnyTensor::I64(tensor) => AnyTensor::from(&self.of(tensor, |tensor| tensor.detach().copy())),
            AnyTensor::Bool(tensor) => AnyTensor::from(&self.of(tensor, |tensor| tensor.detach().copy())),
        }
    }
}

/// Implements `DeepCopy` by `Clone` for types without tensors.
macro_rules! copied_by_clone {
    ($($type:ty),+ $(,)?) => {$(
        /// It contains no tensors, so the copy is a clone.
        impl $crate::copy::DeepCopy for $type {
            fn copy_with(&self, _: &mut $crate::copy::Copies) -> Self {
                self.clone()
            }
        }
    )+};
}
pub(crate) use copied_by_clone;

impl<P: DeepCopy> DeepCopy for Option<P> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        self.as_ref().map(|part| part.copy_with(copies))
    }
}

impl<P: DeepCopy> DeepCopy for Vec<P> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        self.iter().map(|part| part.copy_with(copies)).collect()
    }
}

impl<P: DeepCopy, const N: usize> DeepCopy for [P; N] {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        std::array::from_fn(|i| self[i].copy_with(copies))
    }
}

impl<P: DeepCopy> DeepCopy for Box<P> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        Box::new((**self).copy_with(copies))
    }
}

/// Lets a boxed layer be cloned and copied. Every layer that is `Clone` and [`DeepCopy`] implements it.
#[diagnostic::on_unimplemented(
    message = "the layer `{Self}` cannot be cloned or copied, which a network of layers behind pointers needs",
    label = "add `#[derive(Clone, Module)]`",
    note = "a layer is `Clone` and `DeepCopy` and borrows nothing"
)]
pub trait CloneLayer<X> {
    /// Puts a clone into `place`, an `Option<Box<dyn Layer<X, Output = Y>>>` with the `Y` of this layer.
    fn clone_into(&self, place: &mut dyn Any);

    /// Puts a deep copy into such a `place`.
    fn copy_into(&self, copies: &mut Copies, place: &mut dyn Any);
}

impl<X: 'static, L: Layer<X, Output: 'static> + Clone + DeepCopy + 'static> CloneLayer<X> for L {
    fn clone_into(&self, place: &mut dyn Any) {
        put::<X, L>(self.clone(), place);
    }

    fn copy_into(&self, copies: &mut Copies, place: &mut dyn Any) {
        put::<X, L>(self.copy_with(copies), place);
    }
}

fn put<X: 'static, L: Layer<X, Output: 'static> + 'static>(layer: L, place: &mut dyn Any) {
    if let Some(place) = place.downcast_mut::<Option<Box<dyn Layer<X, Output = L::Output>>>>() {
        *place = Some(Box::new(layer));
    }
}

// Both call the method of the layer inside the box; that of the box would recurse.
impl<X: 'static, Y: 'static> Clone for Box<dyn Layer<X, Output = Y>> {
    fn clone(&self) -> Self {
        let mut place: Option<Self> = None;
        CloneLayer::clone_into(&**self, &mut place);
        place.expect("a layer clones into a pointer to a layer of its own output")
    }
}

impl<X: 'static, Y: 'static> DeepCopy for Box<dyn Layer<X, Output = Y>> {
    fn copy_with(&self, copies: &mut Copies) -> Self {
        let mut place: Option<Self> = None;
        CloneLayer::copy_into(&**self, copies, &mut place);
        place.expect("a layer is copied into a pointer to a layer of its own output")
    }
}
