//! `Linear`: values and gradients against the closed form, shapes, the initial numbers, the bias.

use downhill_nn::{Layer, Linear, Module, Parameter};
use downhill_tensor::prelude::*;
use downhill_tensor::{Float, gradcheck};
use downhill_tests::assert_panics;

/// Weight [[1, 2], [3, 4], [5, 6]] and bias [0.5, -1, 2], all exact in any float type.
fn layer<T: Float>() -> Linear<T> {
    Linear {
        weight: Parameter::new(Tensor::new([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])),
        bias: Some(Parameter::new(Tensor::new([0.5, -1.0, 2.0]))),
    }
}

fn value_and_gradients<T: Float>() {
    let (layer, x) = (layer::<T>(), Tensor::<T>::new([[1.0, -1.0], [2.0, 0.5]]).requires_grad_(true));
    let numbers = |tensor: &Tensor<T>| tensor.detach().cast::<f64>().to_vec();
    let y = layer.forward(&x);
    assert_eq!(numbers(&y), [-0.5, -2.0, 1.0, 3.5, 7.0, 15.0]);

    // With G the gradient of Y = X Wᵀ + b: ∂X = G W, ∂W = Gᵀ X, ∂b = Σ G over the rows.
    y.backward_with(&Tensor::new([[1.0, 0.0, -1.0], [2.0, 3.0, 0.5]]));
    assert_eq!(numbers(&x.grad().unwrap()), [-4.0, -4.0, 13.5, 19.0]);
    assert_eq!(numbers(&layer.weight.grad().unwrap()), [5.0, 0.0, 6.0, 1.5, 0.0, 1.25]);
    assert_eq!(numbers(&layer.bias.as_ref().unwrap().grad().unwrap()), [3.0, 3.0, -0.5]);
}

#[test]
fn value_and_gradients_are_those_of_the_closed_form() {
    value_and_gradients::<f32>();
    value_and_gradients::<f64>();
}

#[test]
fn any_number_of_leading_dimensions() {
    manual_seed(0);
    let shapes: [(&[usize], &[usize]); 5] =
        [(&[2], &[3]), (&[4, 2], &[4, 3]), (&[5, 4, 2], &[5, 4, 3]), (&[0, 2], &[0, 3]), (&[1, 1, 2], &[1, 1, 3])];
    for bias in [true, false] {
        let layer = layer::<f64>().bias(bias);
        for (input, output) in shapes {
            let x = Tensor::<f64>::randn(input);
            let y = layer.forward(&x);
            assert_eq!(y.shape(), output, "bias {bias}");
            let weight = layer.weight.detach();
            let offset = layer.bias.as_ref().map_or(Tensor::<f64>::zeros([3]), |bias| bias.detach());
            for (row, y) in x.to_vec().chunks(2).zip(y.to_vec().chunks(3)) {
                for (i, y) in y.iter().enumerate() {
                    let i = i as isize;
                    let expected = row[0] * weight.at([i, 0]) + row[1] * weight.at([i, 1]) + offset.at([i]);
                    assert!((y - expected).abs() < 1e-12, "{input:?}, bias {bias}: {y} instead of {expected}");
                }
            }
            let forward = |[x, w, b]: [&Tensor<f64>; 3]| x.linear(w, bias.then_some(b));
            gradcheck(forward, [&x, &weight, &offset])
                .unwrap_or_else(|error| panic!("{input:?}, bias {bias}: {error}"));
        }
    }
}

#[test]
fn weight_and_bias_start_evenly_distributed_within_one_over_the_root_of_in() {
    manual_seed(0);
    for (in_features, out_features) in [(4, 5000), (100, 5000), (400, 300)] {
        let layer = Linear::new(in_features, out_features);
        let bound = 1.0 / (in_features as f64).sqrt();
        for (name, parameter) in layer.named_parameters() {
            let numbers: Vec<f64> = parameter.detach().cast::<f64>().to_vec();
            let n = numbers.len() as f64;
            let mean = numbers.iter().sum::<f64>() / n;
            let std = (numbers.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
            let (low, high) = numbers.iter().fold((0.0, 0.0), |(low, high), &x| (x.min(low), x.max(high)));
            // A uniform distribution in ±a has a standard deviation of a/√3. Five standard errors are allowed.
            let error = 5.0 * bound / (3.0 * n).sqrt();
            assert!(-bound <= low && high <= bound, "{name} of {in_features}: {low} to {high}, bound {bound}");
            assert!(low < -0.97 * bound && high > 0.97 * bound, "{name} of {in_features}: only {low} to {high}");
            assert!(mean.abs() < error, "{name} of {in_features}: mean {mean}");
            assert!((std - bound / 3f64.sqrt()).abs() < error, "{name} of {in_features}: std {std}");
        }
    }
}

#[test]
fn the_seed_decides_the_initial_numbers() {
    let numbers = |seed: u64| {
        manual_seed(seed);
        Linear::new(3, 2).parameters().iter().flat_map(Tensor::to_vec).collect::<Vec<f32>>()
    };
    assert_eq!(numbers(1), numbers(1));
    assert_ne!(numbers(1), numbers(2));
}

#[test]
fn without_inputs_the_output_is_the_bias_which_is_zero() {
    let y = Linear::new(0, 2).forward(&Tensor::zeros([3, 0]));
    assert_eq!((y.shape(), y.to_vec()), (&[3, 2][..], vec![0.0; 6]));
}

#[test]
fn the_bias_can_be_left_out() {
    let names = |layer: &Linear| layer.named_parameters().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&Linear::new(2, 3)), ["weight", "bias"]);
    assert_eq!(names(&Linear::new(2, 3).bias(true)), ["weight", "bias"]);
    assert_eq!(names(&Linear::new(2, 3).bias(false)), ["weight"]);
    assert_eq!(Linear::new(2, 3).bias(false).to_string(), "Linear(in_features=2, out_features=3, bias=False)");
    assert_eq!(layer::<f32>().bias(false).forward(&Tensor::zeros([2])).to_vec(), [0.0; 3]);
}

#[test]
fn inputs_of_another_width_are_refused() {
    let (x, layer) = (Tensor::zeros([4, 3]), Linear::new(2, 1));
    let text = "linear: expected an input [..., in], a weight [out, in] and a bias [out], got an input [4, 3], a \
        weight [1, 2] and a bias [1]; the last size of the input must be 2, or the layer `Linear::new(3, 1)`";
    assert_panics(text, || layer.forward(&x));
    let layer = layer.bias(false);
    assert_panics(&text.replace("a bias [1]", "no bias"), || layer.forward(&x));
    let scalar = Tensor::from(1.0);
    let text = text.replace("[4, 3]", "[]").replace("a bias [1]", "no bias");
    let text = text.split(';').next().expect("a text without a remedy");
    assert_panics(text, || layer.forward(&scalar));
}
