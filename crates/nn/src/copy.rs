//! Deep copies of networks, for keeping the best weights: `net.copy()`.
//!
//! A copy is a `clone` of the struct during which parameters and buffers make new tensors. Outside `copy` they do not: a
//! clone of a parameter is the same tensor, as that of a tensor is, which is how two layers share a weight.

use std::any::Any;
use std::cell::RefCell;

use downhill_tensor::{AnyTensor, Element, Tensor};

use crate::layer::Layer;

/// Tensors with the copies that were made of them, so that what is shared in a network is shared in its copy.
type Copies = Vec<(AnyTensor, AnyTensor)>;

thread_local! {
    /// The copies of the `copy` that runs in this thread, if one does.
    static COPIES: RefCell<Option<Copies>> = const { RefCell::new(None) };
}

/// Ends a copy, also when a `clone` panics.
struct Copying;

impl Drop for Copying {
    fn drop(&mut self) {
        COPIES.set(None);
    }
}

/// A clone in which every parameter and buffer is a new tensor.
pub(crate) fn deep_copy<M: Clone>(module: &M) -> M {
    if COPIES.with_borrow(Option::is_some) {
        return module.clone(); // A part that copies itself is part of the copy around it.
    }
    COPIES.set(Some(Copies::new()));
    let _ends = Copying;
    module.clone()
}

/// The same tensor, or inside `copy` a new one from `copy`, made once for each tensor.
pub(crate) fn clone_tensor<T: Element>(tensor: &Tensor<T>, copy: impl Fn(&Tensor<T>) -> Tensor<T>) -> Tensor<T> {
    COPIES.with_borrow_mut(|copies| {
        let Some(copies) = copies else { return tensor.clone() };
        let original = AnyTensor::from(tensor);
        if let Some((_, made)) = copies.iter().find(|(other, _)| other.is(&original)) {
            return made.get().expect("a copy has the type of its original").clone();
        }
        let made = copy(tensor);
        copies.push((original, AnyTensor::from(&made)));
        made
    })
}

/// What lets a layer behind a pointer be cloned: every layer that is `Clone` has it.
#[diagnostic::on_unimplemented(
    message = "the layer `{Self}` cannot be cloned, which `copy()` of a network needs",
    label = "add `#[derive(Clone)]`",
    note = "a layer is `Clone` and borrows nothing"
)]
pub trait CloneLayer<X> {
    /// Puts a clone into `place`, an `Option<Box<dyn Layer<X, Output = Y>>>` with the `Y` of this layer.
    fn clone_into(&self, place: &mut dyn Any);
}

impl<X: 'static, L: Layer<X, Output: 'static> + Clone + 'static> CloneLayer<X> for L {
    fn clone_into(&self, place: &mut dyn Any) {
        if let Some(place) = place.downcast_mut::<Option<Box<dyn Layer<X, Output = L::Output>>>>() {
            *place = Some(Box::new(self.clone()));
        }
    }
}

impl<X: 'static, Y: 'static> Clone for Box<dyn Layer<X, Output = Y>> {
    fn clone(&self) -> Self {
        let mut place: Option<Self> = None;
        // Of the layer inside: that of the pointer would come back here.
        CloneLayer::clone_into(&**self, &mut place);
        place.expect("a layer clones into a pointer to a layer of its own output")
    }
}
