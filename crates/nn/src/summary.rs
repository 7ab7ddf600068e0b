//! A module as text: the tree of its parts, in PyTorch's format.

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
    /// The modules that have been entered but not left, outermost first.
    open: Vec<Entry>,
    /// The root, once it has been left.
    text: String,
}

struct Entry {
    name: String,
    module: &'static str,
    extra_repr: String,
    parts: Vec<Line>,
}

/// A part with its own parts, or a run of equal parts in a list.
struct Line {
    names: Vec<String>,
    text: String,
}

impl Line {
    fn show(&self) -> String {
        let text = self.text.replace('\n', "\n  ");
        match self.names.as_slice() {
            [name] => format!("({name}): {text}"),
            names => format!("({}-{}): {} x {text}", names[0], names[names.len() - 1], names.len()),
        }
    }
}

impl Visitor for Tree {
    fn enter(&mut self, name: &str, module: &'static str, extra_repr: &dyn Fn() -> String) {
        self.open.push(Entry { name: name.to_owned(), module, extra_repr: extra_repr(), parts: Vec::new() });
    }

    fn leave(&mut self) {
        let Some(Entry { name, module, extra_repr, parts }) = self.open.pop() else { return };
        let lines: Vec<String> = parts.iter().map(Line::show).collect();
        let text = match (extra_repr.as_str(), lines.join("\n  ")) {
            (extra_repr, parts) if parts.is_empty() => format!("{module}({extra_repr})"),
            ("", parts) => format!("{module}(\n  {parts}\n)"),
            (extra_repr, parts) => format!("{module}(\n  {extra_repr}\n  {parts}\n)"),
        };
        let Some(around) = self.open.last_mut() else {
            self.text = text;
            return;
        };
        match around.parts.last_mut() {
            Some(line) if around.module == "ModuleList" && line.text == text => line.names.push(name),
            _ => around.parts.push(Line { names: vec![name], text }),
        }
    }
}

/// A number as Python prints a float: `0.1`, `1.0`, `1e-05`.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:?}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text.to_lowercase(),
    }
}

/// A `bool` as Python prints it.
pub(crate) fn truth(x: bool) -> &'static str {
    if x { "True" } else { "False" }
}

/// Implements `Display` for a layer of this crate, in PyTorch's format.
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
