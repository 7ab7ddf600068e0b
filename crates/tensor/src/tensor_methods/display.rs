//! Lets a tensor be printed with `{}`: the text is what `str(torch.tensor(...))` gives in Python.
//!
//! The whole tensor shares one [`Notation`] and one column width, chosen from the displayed numbers. Above
//! [`THRESHOLD`] elements only the first and last [`EDGE_ITEMS`] along each dimension are shown, and nothing else is
//! read, so the time does not depend on the size of the tensor. Two names differ from PyTorch's: the element type
//! (`dtype=f64`) and the operation (`grad_fn=<mul>`). There are no print options.

use std::fmt;

use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn};

use crate::autograd::tensor::Tensor;
use crate::base::element::{Element, Kind, Number};
use crate::tensor_methods::notebook;

/// Digits after the decimal point.
const PRECISION: usize = 4;
/// A tensor of more elements than this is summarised.
const THRESHOLD: usize = 1000;
/// How many elements a summary shows at either end of a dimension.
const EDGE_ITEMS: usize = 3;
/// The number of characters after which a row continues on the next line.
const LINE_WIDTH: usize = 80;
/// The start of every tensor; the lines after the first are indented by its length.
const PREFIX: &str = "tensor(";

/// The text that `str(torch.tensor(...))` gives in PyTorch, with downhill's names of types and operations.
impl<T: Element> fmt::Display for Tensor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut suffixes = Vec::new();
        if let Some(name) = self.grad_fn() {
            suffixes.push(format!("grad_fn=<{name}>"));
        } else if self.requires_grad() {
            suffixes.push("requires_grad=True".to_owned());
        }
        write_tensor(f, self.array().view(), &suffixes)
    }
}

/// Writes `tensor(<values>, <suffixes>)`.
///
/// Size and element type are added if the values do not show them; `suffixes` are added by the caller, such as
/// `requires_grad=True` or `grad_fn=<mul>`.
fn write_tensor<T: Element>(
    f: &mut fmt::Formatter<'_>,
    values: ArrayViewD<'_, T>,
    suffixes: &[String],
) -> fmt::Result {
    let mut text = PREFIX.to_string();
    if values.is_empty() {
        text.push_str("[]");
    } else {
        let (shown, cut) = summarise(&values);
        let layout = Layout::of(&shown);
        text.push_str(&layout.nested(shown.view(), &cut, PREFIX.len()));
    }

    let mut all_suffixes = Vec::new();
    if values.is_empty() && values.ndim() != 1 {
        let sizes: Vec<_> = values.shape().iter().map(usize::to_string).collect();
        all_suffixes.push(format!("size=({})", sizes.join(", ")));
    }
    // The elements show that they are integers or bools, unless there are none.
    let recognised = match T::KIND {
        Kind::F32 => true,
        Kind::F64 => false,
        Kind::I64 | Kind::Bool => !values.is_empty(),
    };
    if !recognised {
        all_suffixes.push(format!("dtype={}", T::KIND));
    }
    all_suffixes.extend_from_slice(suffixes);

    append_suffixes(&mut text, &all_suffixes);
    write!(f, "{text})")
}

impl<T: Element> Tensor<T> {
    /// Shows the tensor as a cell's result in a notebook with the Rust kernel of Jupyter.
    ///
    /// # Panics
    /// When the output is closed.
    pub fn evcxr_display(&self) {
        notebook::print(&self.to_string());
    }
}

/// The elements to show, and for each dimension whether it is abbreviated with `...`.
fn summarise<T: Element>(values: &ArrayViewD<'_, T>) -> (ArrayD<Number>, Vec<bool>) {
    let too_many = values.len() > THRESHOLD;
    let cut: Vec<bool> = values.shape().iter().map(|&size| too_many && size > 2 * EDGE_ITEMS).collect();
    let shape: Vec<usize> =
        std::iter::zip(values.shape(), &cut).map(|(&size, &cut)| if cut { 2 * EDGE_ITEMS } else { size }).collect();

    let shown = ArrayD::from_shape_fn(shape, |mut index: IxDyn| {
        for (axis, &cut) in cut.iter().enumerate() {
            if cut && index[axis] >= EDGE_ITEMS {
                index[axis] += values.len_of(Axis(axis)) - 2 * EDGE_ITEMS;
            }
        }
        values[index].to_number()
    });
    (shown, cut)
}

/// The notation of the floats of a tensor. Integers and bools have only one.
#[derive(Clone, Copy)]
enum Notation {
    /// `3.`: all numbers are integers.
    Whole,
    /// `3.1416`
    Fixed,
    /// `3.1416e+00`
    Scientific,
}

impl Notation {
    /// The notation for these floats, all of them finite and not zero.
    fn of(floats: &[f64]) -> Self {
        let smallest = floats.iter().fold(f64::INFINITY, |m, x| m.min(x.abs()));
        let largest = floats.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        if floats.is_empty() {
            Notation::Whole
        } else if largest / smallest > 1000.0 || largest > 1e8 || smallest < 1e-4 {
            Notation::Scientific
        } else if floats.iter().all(|x| x.fract() == 0.0) {
            Notation::Whole
        } else {
            Notation::Fixed
        }
    }

    fn text(self, number: Number) -> String {
        match number {
            Number::Int(x) => x.to_string(),
            Number::Bool(true) => "True".to_string(),
            Number::Bool(false) => "False".to_string(),
            Number::Float(x) if x.is_nan() => "nan".to_string(),
            Number::Float(x) if x.is_infinite() => x.to_string(),
            Number::Float(x) => match self {
                Notation::Whole => format!("{x:.0}."),
                Notation::Fixed => format!("{x:.PRECISION$}"),
                Notation::Scientific => scientific(x),
            },
        }
    }
}

/// A finite float as C and Python write it: `1.5000e-07`, where Rust has `1.5000e-7`.
fn scientific(x: f64) -> String {
    let text = format!("{x:.PRECISION$e}");
    let (mantissa, exponent) = text.split_once('e').expect("`{:e}` writes an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    format!("{mantissa}e{exponent:+03}")
}

/// The format shared by all elements of a tensor.
struct Layout {
    notation: Notation,
    /// Elements are padded on the left to this many characters.
    width: usize,
}

impl Layout {
    fn of(shown: &ArrayD<Number>) -> Self {
        // As in PyTorch, zeros, NaN and infinities do not affect notation and width, so one of them may be wider than
        // the column.
        let counted: Vec<Number> = shown
            .iter()
            .copied()
            .filter(|number| !matches!(number, Number::Float(x) if *x == 0.0 || !x.is_finite()))
            .collect();
        let floats: Vec<f64> = counted
            .iter()
            .filter_map(|number| match number {
                Number::Float(x) => Some(*x),
                Number::Int(_) | Number::Bool(_) => None,
            })
            .collect();
        let notation = Notation::of(&floats);
        let widths = counted.iter().map(|&number| notation.text(number).len());
        Layout { notation, width: widths.max().unwrap_or(1) }
    }

    fn padded(&self, number: Number) -> String {
        format!("{:>width$}", self.notation.text(number), width = self.width)
    }

    /// The elements in nested brackets, the first of which is in column `indent`.
    fn nested(&self, shown: ArrayViewD<'_, Number>, cut: &[bool], indent: usize) -> String {
        let new_line = |count| format!("{}{}", "\n".repeat(count), " ".repeat(indent + 1));
        match shown.ndim() {
            0 => shown.iter().map(|&number| self.padded(number)).collect(),
            1 => {
                let mut items: Vec<_> = shown.iter().map(|&number| self.padded(number)).collect();
                if cut[0] {
                    items.insert(EDGE_ITEMS, " ...".to_string());
                }
                let per_line = LINE_WIDTH.saturating_sub(indent) / (self.width + ", ".len());
                let lines = items.chunks(per_line.max(1)).map(|line| line.join(", "));
                let lines: Vec<_> = lines.collect();
                format!("[{}]", lines.join(&format!(",{}", new_line(1))))
            }
            ndim => {
                let parts = shown.outer_iter();
                let parts = parts.map(|part| self.nested(part, &cut[1..], indent + 1));
                let mut parts: Vec<_> = parts.collect();
                if cut[0] {
                    parts.insert(EDGE_ITEMS, "...".to_string());
                }
                // Matrices are separated by one empty line, 3-d blocks by two, and so on.
                format!("[{}]", parts.join(&format!(",{}", new_line(ndim - 1))))
            }
        }
    }
}

/// Appends `, <suffix>` for each suffix, on a new line where the current one would become too long.
fn append_suffixes(text: &mut String, suffixes: &[String]) {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    // PyTorch counts the ", " of the first suffix here and, as for every suffix, once more below.
    let mut line_width = last_line.chars().count() + 2;
    for suffix in suffixes {
        let width = suffix.chars().count();
        if line_width + width + 2 > LINE_WIDTH {
            *text += &format!(",\n{}{suffix}", " ".repeat(PREFIX.len()));
            line_width = PREFIX.len() + width;
        } else {
            *text += &format!(", {suffix}");
            line_width += width + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr0;

    /// What a tensor of these values prints.
    struct Shown<'a>(ArrayViewD<'a, f32>, &'a [String]);

    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_tensor(f, self.0.view(), self.1)
        }
    }

    #[test]
    fn a_summary_reads_only_what_it_shows() {
        let half = arr0(0.5_f32).into_dyn();
        // Reading all of these elements would take an hour.
        let large = half.broadcast(vec![1_000_000, 2, 1_000_000]).unwrap();
        assert_eq!(summarise(&large).0.shape(), [6, 2, 6]);
        let text = Shown(large, &[]).to_string();
        assert!(text.starts_with("tensor([[[0.5000, 0.5000, 0.5000,  ..., 0.5000, 0.5000, 0.5000],\n"));
    }

    #[test]
    fn a_suffix_goes_to_a_new_line_when_it_does_not_fit() {
        const SAME: &str = ", ";
        const NEXT: &str = ",\n       ";
        // Widths of two suffixes after `tensor(1.`, and what PyTorch 2.15.0 puts before each.
        let rows = [
            ([67, 1], [SAME, NEXT]),
            ([68, 3], [NEXT, SAME]),
            ([68, 4], [NEXT, NEXT]),
            ([30, 35], [SAME, SAME]),
            ([30, 36], [SAME, NEXT]),
        ];
        let one = arr0(1.0_f32).into_dyn();
        for (widths, separators) in rows {
            let suffixes = widths.map(|width| "a".repeat(width));
            let shown = Shown(one.view(), &suffixes);
            let [first, second] = &suffixes;
            let [before_first, before_second] = separators;
            let expected = format!("tensor(1.{before_first}{first}{before_second}{second})");
            assert_eq!(shown.to_string(), expected, "suffixes of {widths:?}");
        }
    }
}
