//! The strength of the gradient along an edge, as a line width.

use super::node::Node;
use downhill_plot::number::short;

/// The widths for the weakest and the strongest gradient, in pixels.
const THIN: f64 = 1.2;
const THICK: f64 = 7.0;

/// Gradients weaker than the strongest by more than this many powers of ten all get the smallest width.
const MAX_DECADES: f64 = 8.0;

/// The gradient that flows back along an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flow {
    /// No gradient: the input needs none, or no backward pass reached it.
    None,
    /// A gradient whose elements are all zero.
    Zero,
    /// A gradient with NaN or infinity.
    NotFinite,
    /// The norm of the gradient.
    Norm(f64),
}

impl Flow {
    pub(crate) fn of(strength: Option<f64>) -> Flow {
        match strength {
            None => Flow::None,
            Some(0.0) => Flow::Zero,
            Some(norm) if norm.is_finite() => Flow::Norm(norm.abs()),
            Some(_) => Flow::NotFinite,
        }
    }

    /// Its class name in SVG.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Flow::None => "no-flow",
            Flow::Zero => "zero-flow",
            Flow::NotFinite => "nonfinite-flow",
            Flow::Norm(_) => "flow",
        }
    }

    pub(crate) fn color(self) -> &'static str {
        match self {
            Flow::None => "#9a9a9a",
            Flow::Zero | Flow::Norm(_) => "#e08a1e",
            Flow::NotFinite => "#c4004b",
        }
    }

    /// The dash pattern of the line, empty if it is solid.
    pub(crate) fn dash(self) -> &'static str {
        match self {
            Flow::None => "5 4",
            Flow::Zero => "1 4",
            Flow::NotFinite | Flow::Norm(_) => "",
        }
    }

    /// A description in words.
    pub(crate) fn text(self) -> String {
        match self {
            Flow::None => "no gradient".to_string(),
            Flow::Zero => "gradient is zero".to_string(),
            Flow::NotFinite => "gradient is not finite".to_string(),
            Flow::Norm(norm) => format!("gradient norm {}", short(norm, 3)),
        }
    }
}

/// The powers of ten from the weakest to the strongest gradient of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FlowScale {
    low: f64,
    high: f64,
}

impl FlowScale {
    /// The scale that covers all norms; without any, that of norm 1.
    pub(crate) fn of(flows: impl Iterator<Item = Flow>) -> FlowScale {
        let exponents = flows.filter_map(|flow| if let Flow::Norm(norm) = flow { Some(norm.log10()) } else { None });
        let (low, high) =
            exponents.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if low > high {
            return FlowScale { low: -1.0, high: 0.0 };
        }
        let high = high.ceil();
        let low = low.floor().min(high - 1.0).max(high - MAX_DECADES);
        FlowScale { low, high }
    }

    /// The scale of all edges of a graph, `None` if no gradient flows at all.
    pub(crate) fn of_inputs(nodes: &[Node]) -> Option<FlowScale> {
        let inputs = nodes.iter().flat_map(|node| &node.inputs);
        let flows: Vec<Flow> = inputs.map(|input| Flow::of(input.strength)).collect();
        flows.iter().any(|&flow| flow != Flow::None).then(|| FlowScale::of(flows.into_iter()))
    }

    /// The width of a line in pixels.
    pub(crate) fn width(self, flow: Flow) -> f64 {
        match flow {
            Flow::None | Flow::Zero => THIN,
            Flow::NotFinite => THICK,
            Flow::Norm(norm) => {
                let share = (norm.log10() - self.low) / (self.high - self.low);
                THIN + (THICK - THIN) * share.clamp(0.0, 1.0)
            }
        }
    }

    /// Norms to show in a legend: two to four powers of ten.
    pub(crate) fn samples(self) -> Vec<f64> {
        let decades = (self.high - self.low) as i32;
        let step = (decades + 2) / 3;
        let count = decades / step;
        (0..=count).rev().map(|index| 10f64.powi(self.high as i32 - step * index)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stronger_gradients_are_thicker() {
        let norms = [1e-12, 1e-7, 3e-4, 0.02, 0.5, 0.6, 40.0];
        let scale = FlowScale::of(norms.iter().map(|&norm| Flow::Norm(norm)));
        let widths = norms.map(|norm| scale.width(Flow::Norm(norm)));
        // The first two are below the weakest power of ten that is distinguished.
        assert!(widths[0] == THIN && widths[1] == THIN, "{widths:?}");
        assert!(widths[1..].windows(2).all(|pair| pair[0] < pair[1]), "{widths:?}");
        assert!(widths.iter().all(|width| (THIN..=THICK).contains(width)), "{widths:?}");
        let ratio = |a: f64, b: f64| scale.width(Flow::Norm(b)) - scale.width(Flow::Norm(a));
        assert!((ratio(0.01, 0.1) - ratio(1.0, 10.0)).abs() < 1e-12, "equal ratios are equal differences");
    }

    #[test]
    fn scales_and_samples() {
        let cases: [(&[f64], &[f64]); 5] = [
            (&[], &[0.1, 1.0]),
            (&[1.0], &[0.1, 1.0]),
            (&[0.5, 20.0], &[0.1, 1.0, 10.0, 100.0]),
            (&[2e-5, 0.3], &[1e-4, 0.01, 1.0]),
            (&[1e-300, 5.0], &[1e-5, 0.01, 10.0]),
        ];
        for (norms, samples) in cases {
            let scale = FlowScale::of(norms.iter().map(|&norm| Flow::Norm(norm)));
            let found = scale.samples();
            assert_eq!(found.len(), samples.len(), "{norms:?}: {found:?}");
            assert!(found.iter().zip(samples).all(|(a, b)| (a / b - 1.0).abs() < 1e-9), "{norms:?}: {found:?}");
        }
    }

    #[test]
    fn flows_in_words() {
        let cases = [
            (None, "no gradient"),
            (Some(0.0), "gradient is zero"),
            (Some(f64::NAN), "gradient is not finite"),
            (Some(f64::INFINITY), "gradient is not finite"),
            (Some(0.12345), "gradient norm 0.123"),
        ];
        for (strength, text) in cases {
            assert_eq!(Flow::of(strength).text(), text);
        }
    }
}
