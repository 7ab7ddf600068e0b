//! `nn::init`: bounds and moments of what is drawn, gains, and what is refused.

use downhill_nn::init::{
    FanMode, Nonlinearity, calculate_gain, constant_, kaiming_normal_, kaiming_uniform_, normal_, ones_, uniform_,
    xavier_normal_, xavier_uniform_, zeros_,
};
use downhill_nn::{Linear, Parameter};
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::{assert_panics, panic_of};

/// The distribution of the numbers: uniform in a range, or normal around a mean.
enum Drawn {
    Evenly(f64, f64),
    Normally(f64, f64),
}

#[test]
fn numbers_have_the_bounds_and_moments_of_the_formulas() {
    use Drawn::{Evenly, Normally};
    use FanMode::{FanIn, FanOut};
    manual_seed(0);
    // A convolution from 20 to 30 channels with kernels of 3 x 5: 300 connections into a unit, 450 out of it.
    type Row = (&'static str, fn(&Tensor<f64>) -> Tensor<f64>, Drawn);
    let bound = |bound: f64| Evenly(-bound, bound);
    let rows: [Row; 14] = [
        ("uniform", |w| uniform_(w, -1.0, 3.0), Evenly(-1.0, 3.0)),
        ("normal", |w| normal_(w, 2.0, 0.5), Normally(2.0, 0.5)),
        ("xavier uniform", |w| xavier_uniform_(w, 1.0), bound((6.0 / 750.0f64).sqrt())),
        ("xavier uniform with gain", |w| xavier_uniform_(w, 3.0), bound(3.0 * (6.0 / 750.0f64).sqrt())),
        ("xavier normal", |w| xavier_normal_(w, 1.0), Normally(0.0, (2.0 / 750.0f64).sqrt())),
        ("xavier normal with gain", |w| xavier_normal_(w, 0.5), Normally(0.0, 0.5 * (2.0 / 750.0f64).sqrt())),
        ("kaiming uniform", |w| kaiming_uniform_(w, FanIn, Nonlinearity::ReLU), bound((6.0 / 300.0f64).sqrt())),
        ("... out", |w| kaiming_uniform_(w, FanOut, Nonlinearity::ReLU), bound((6.0 / 450.0f64).sqrt())),
        (
            "... leaky",
            |w| kaiming_uniform_(w, FanIn, Nonlinearity::LeakyReLU(5f64.sqrt())),
            bound(1.0 / 300.0f64.sqrt()),
        ),
        ("... linear", |w| kaiming_uniform_(w, FanIn, Nonlinearity::Linear), bound((3.0 / 300.0f64).sqrt())),
        ("kaiming normal", |w| kaiming_normal_(w, FanIn, Nonlinearity::ReLU), Normally(0.0, (2.0 / 300.0f64).sqrt())),
        ("... out", |w| kaiming_normal_(w, FanOut, Nonlinearity::ReLU), Normally(0.0, (2.0 / 450.0f64).sqrt())),
        ("... tanh", |w| kaiming_normal_(w, FanIn, Nonlinearity::Tanh), Normally(0.0, 5.0 / 3.0 / 300.0f64.sqrt())),
        ("... selu", |w| kaiming_normal_(w, FanOut, Nonlinearity::SELU), Normally(0.0, 0.75 / 450.0f64.sqrt())),
    ];
    for (name, fill, drawn) in rows {
        let weight = Parameter::new(Tensor::<f64>::zeros([30, 20, 3, 5]));
        let returned = fill(&weight);
        assert!(returned.is(&weight) && weight.requires_grad() && weight.is_leaf(), "{name}: the same parameter");
        let w = weight.detach();
        let n = w.numel() as f64;
        let (mean, std) = match drawn {
            Evenly(low, high) => {
                let (least, most, width) = (w.min().item(), w.max().item(), high - low);
                assert!(low <= least && most <= high, "{name}: {least} to {most} instead of {low} to {high}");
                assert!(least < low + 0.01 * width && most > high - 0.01 * width, "{name}: only {least} to {most}");
                ((low + high) / 2.0, width / 12f64.sqrt())
            }
            Normally(mean, std) => (mean, std),
        };
        // Five standard errors; that of a standard deviation is at most std / √(2n).
        let error = 5.0 * std / n.sqrt();
        assert!((w.mean().item() - mean).abs() < error, "{name}: mean {} instead of {mean}", w.mean().item());
        assert!((w.std().item() - std).abs() < error, "{name}: std {} instead of {std}", w.std().item());
    }
}

#[test]
fn constants() {
    let layer = Linear::new(2, 3);
    let bias = layer.bias.as_ref().unwrap();
    assert_eq!(zeros_(bias).to_vec(), [0.0; 3]);
    assert_eq!(ones_(bias).to_vec(), [1.0; 3]);
    constant_(&layer.weight, -0.25);
    assert_eq!(layer.weight.to_vec(), [-0.25; 6]);
    assert!(layer.weight.requires_grad() && bias.requires_grad());
}

#[test]
fn gains_are_those_of_pytorch() {
    // From torch.nn.init.calculate_gain.
    let rows = [
        (Nonlinearity::Linear, 1.0),
        (Nonlinearity::Sigmoid, 1.0),
        (Nonlinearity::Tanh, 1.6666666666666667),
        (Nonlinearity::ReLU, std::f64::consts::SQRT_2),
        (Nonlinearity::LeakyReLU(0.01), 1.4141428569978354),
        (Nonlinearity::LeakyReLU(0.2), 1.3867504905630728),
        (Nonlinearity::SELU, 0.75),
    ];
    for (nonlinearity, gain) in rows {
        assert_eq!(calculate_gain(nonlinearity), gain, "{nonlinearity:?}");
    }
}

#[test]
fn the_seed_decides() {
    let draw = || {
        manual_seed(7);
        xavier_normal_(&Tensor::zeros([3, 4]), 1.0).to_vec()
    };
    assert_eq!(draw(), draw());
    manual_seed(8);
    assert_ne!(xavier_normal_(&Tensor::zeros([3, 4]), 1.0).to_vec(), draw());
}

#[test]
fn a_weight_without_elements_stays_as_it_is() {
    assert_eq!(kaiming_uniform_(&Tensor::zeros([3, 0]), FanMode::FanIn, Nonlinearity::ReLU).shape(), [3, 0]);
    assert_eq!(kaiming_normal_(&Tensor::zeros([0, 3]), FanMode::FanOut, Nonlinearity::ReLU).shape(), [0, 3]);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let w = Tensor::zeros([3]);
    let text = |op: &str| format!("{op}: expected a weight of at least two dimensions, [out, in, ...], got [3]");
    assert_panics(&text("xavier_uniform_"), || xavier_uniform_(&w, 1.0));
    assert_panics(&text("xavier_normal_"), || xavier_normal_(&w, 1.0));
    assert_panics(&text("kaiming_uniform_"), || kaiming_uniform_(&w, FanMode::FanIn, Nonlinearity::ReLU));
    assert_panics(&text("kaiming_normal_"), || kaiming_normal_(&w, FanMode::FanIn, Nonlinearity::ReLU));
    let text = "uniform_: the range is 2 to 1; it must be in rising order and finite";
    assert_panics(text, || uniform_(&w, 2.0, 1.0));
    assert_panics("normal: std is -1; it must be finite and not negative", || normal_(&w, 0.0, -1.0));
    let view = Tensor::zeros([2, 3]).t();
    let panic = panic_of(|| zeros_(&view)).expect("a view is refused");
    assert!(panic.text.contains("is a view") && panic.text.contains("init.rs"), "{}", panic.text);
}
