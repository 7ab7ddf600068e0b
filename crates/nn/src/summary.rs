//! A module as text: the tree of its parts in PyTorch's form.

use crate::module::{Module, Visitor};

/// The tree of modules, one line for each, as `print(net)` shows it in PyTorch.
///
/// ```
/// use downhill_nn::{Linear, ReLU, Sequential, summary};
/// let net = Sequential::new().add(Linear::new(2, 8)).add(ReLU);
/// assert_eq!(
///     summary(&net),
///     "Sequential(\n  (0): Linear(in_features=2, out_features=8, bias=True)\n  (1): ReLU()\n)"
/// );
/// ```
pub fn summary(module: &(impl Module + ?Sized)) -> String {
    let mut tree = Tree::default();
    tree.enter("", module.name(), &|| module.extra_repr());
    module.visit(&mut tree);
    tree.leave();
    tree.text
}

#[derive(Default)]
struct Tree {
    text: String,
    /// For each module that is open: whether a line for one of its parts has been written.
    open: Vec<bool>,
}

impl Visitor for Tree {
    fn enter(&mut self, name: &str, module: &'static str, extra_repr: &dyn Fn() -> String) {
        let depth = self.open.len();
        if let Some(has_parts) = self.open.last_mut() {
            *has_parts = true;
            self.text += &format!("\n{}({name}): ", "  ".repeat(depth));
        }
        self.text += &format!("{module}({}", extra_repr());
        self.open.push(false);
    }

    fn leave(&mut self) {
        if self.open.pop() == Some(true) {
            self.text += &format!("\n{}", "  ".repeat(self.open.len()));
        }
        self.text.push(')');
    }
}

/// Prints a layer of this crate in PyTorch's form.
macro_rules! display_as_summary {
    ($layer:ty $(, $t:ident: $bound:ident)?) => {
        impl$(<$t: $bound>)? std::fmt::Display for $layer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::summary(self))
            }
        }
    };
}
pub(crate) use display_as_summary;
