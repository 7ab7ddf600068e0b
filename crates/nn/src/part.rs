//! What can be a field of a module: parameters, other modules, lists of them, plain values.

use crate::copy::copied_by_clone;
use crate::module::{Module, Visitor};

/// What can be a field of a module.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a module",
    label = "not a layer, parameter, buffer or plain number",
    note = "a tensor of a module is an `nn::Parameter` (trained) or an `nn::Buffer` (not trained)",
    note = "a struct of layers becomes a module by `#[derive(Module)]`; any other field says `#[module(skip)]`"
)]
pub trait Part {
    /// The name of a list of such parts when a network is printed; `None` for plain values, which visitors do not
    /// see.
    const LIST: Option<&'static str> = Some("ModuleList");

    /// Shows this part to the visitor under the name of its field.
    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor);
}

impl<M: Module + ?Sized> Part for M {
    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        visitor.enter(name, self.name(), &|| self.extra_repr());
        self.visit(visitor);
        visitor.leave();
    }
}

impl<P: Part> Part for Option<P> {
    const LIST: Option<&'static str> = P::LIST;

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        if let Some(part) = self {
            part.visit_as(name, visitor);
        }
    }
}

impl<P: Part> Part for [P] {
    const LIST: Option<&'static str> = P::LIST;

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        let Some(list) = P::LIST else { return };
        visitor.enter(name, list, &String::new);
        for (i, part) in self.iter().enumerate() {
            part.visit_as(&i.to_string(), visitor);
        }
        visitor.leave();
    }
}

impl<P: Part> Part for Vec<P> {
    const LIST: Option<&'static str> = P::LIST;

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        self.as_slice().visit_as(name, visitor);
    }
}

impl<P: Part, const N: usize> Part for [P; N] {
    const LIST: Option<&'static str> = P::LIST;

    fn visit_as(&self, name: &str, visitor: &mut dyn Visitor) {
        self.as_slice().visit_as(name, visitor);
    }
}

macro_rules! plain_field {
    ($($type:ty),+) => {$(
        /// A plain value has no parameters and buffers.
        impl Part for $type {
            const LIST: Option<&'static str> = None;

            fn visit_as(&self, _: &str, _: &mut dyn Visitor) {}
        }

        copied_by_clone!($type);
    )+};
}
plain_field!(usize, isize, u32, i32, u64, i64, f32, f64, bool, String, &'static str);
