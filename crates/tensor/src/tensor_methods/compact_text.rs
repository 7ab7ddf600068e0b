//! Numbers and small tensors as short text, for tapes, explanations and plots.

use crate::autograd::any_tensor::AnyTensor;
use crate::base::element::Number;

impl AnyTensor {
    /// The elements in nested brackets: floats with about four digits, integers and truth values exactly. `None` when
    /// there is no element, or more than `most`.
    ///
    /// ```
    /// use downhill_tensor::{AnyTensor, Tensor};
    /// let thirds = AnyTensor::from(&(Tensor::from([[1.0, 2.0]]) / 3.0));
    /// assert_eq!(thirds.compact_text(2).unwrap(), "[[0.3333, 0.6667]]");
    /// assert_eq!(thirds.compact_text(1), None);
    /// ```
    pub fn compact_text(&self, most: usize) -> Option<String> {
        let shown = (1..=most).contains(&self.numel());
        shown.then(|| nested(&self.elements(), self.shape()))
    }
}

fn nested(elements: &[Number], shape: &[usize]) -> String {
    let Some((&size, inner)) = shape.split_first() else { return element(elements[0]) };
    let parts: Vec<_> = elements.chunks(elements.len() / size).map(|part| nested(part, inner)).collect();
    format!("[{}]", parts.join(", "))
}

fn element(number: Number) -> String {
    match number {
        Number::Float(x) => compact_text(x),
        Number::Int(x) => x.to_string(),
        Number::Bool(x) => x.to_string(),
    }
}

/// A number with about four digits.
pub(crate) fn compact_text(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    if !(1e-3..1e6).contains(&size) {
        let text = format!("{x:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let decimals = (3 - size.log10().floor() as i32).max(0) as usize;
    trimmed(&format!("{x:.decimals$}")).to_owned()
}

/// Removes trailing zeros after the decimal point.
fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autograd::tensor::Tensor;

    #[test]
    fn short_numbers() {
        let cases = [
            (0.0, "0"),
            (-1.0, "-1"),
            (0.5, "0.5"),
            (2.0 / 3.0, "0.6667"),
            (1234.56, "1235"),
            (123456.7, "123457"),
            (2.5e-7, "2.5e-7"),
            (1e9, "1e9"),
            (100.0, "100"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (x, text) in cases {
            assert_eq!(compact_text(x), text);
        }
    }

    #[test]
    fn small_tensors() {
        let cases = [
            (Tensor::from(1.5).into(), "1.5"),
            (Tensor::from([[123456.7, -0.5], [0.0, 1.0 / 3.0]]).into(), "[[123457, -0.5], [0, 0.3333]]"),
            (Tensor::from([9_007_199_254_740_993_i64, -1]).into(), "[9007199254740993, -1]"),
            (Tensor::from([[true], [false]]).into(), "[[true], [false]]"),
        ];
        for (tensor, text) in cases {
            let tensor: AnyTensor = tensor;
            assert_eq!(tensor.compact_text(4).as_deref(), Some(text));
        }
        assert_eq!(AnyTensor::from(Tensor::zeros([2, 0])).compact_text(4), None);
        assert_eq!(AnyTensor::from(Tensor::zeros([5])).compact_text(4), None);
    }
}
