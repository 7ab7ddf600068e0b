//! Layers without parameters of their own: the activations, `Flatten`, `Sequential`.

use downhill_nn::{Flatten, Layer, Linear, Module, Parameter, ReLU, Sequential, Sigmoid, Tanh, summary};
use downhill_tensor::{Tensor, prelude::*};
use downhill_tests::assert_panics;

#[test]
fn activations_are_the_functions_they_are_named_after() {
    let x = Tensor::<f64>::new([-2.0, -0.0, 0.0, 0.5, f64::INFINITY]);
    type Row = (Box<dyn Layer<Tensor<f64>, Output = Tensor<f64>>>, &'static str, fn(f64) -> f64);
    let rows: [Row; 3] = [
        (Box::new(ReLU), "ReLU()", |x| x.max(0.0)),
        (Box::new(Sigmoid), "Sigmoid()", |x| 1.0 / (1.0 + (-x).exp())),
        (Box::new(Tanh), "Tanh()", f64::tanh),
    ];
    for (layer, text, function) in rows {
        for (x, y) in x.to_vec().into_iter().zip(layer.forward(&x).to_vec()) {
            assert!(y == function(x) || (y - function(x)).abs() < 1e-15, "{text} of {x} is {y}");
        }
        assert_eq!(summary(&layer), text);
        assert!(layer.forward(&x.zeros_like().requires_grad_(true)).requires_grad(), "{text}");
        assert_eq!(layer.num_parameters(), 0);
    }
    assert_eq!(format!("{ReLU} {Sigmoid} {Tanh}"), "ReLU() Sigmoid() Tanh()");
}

#[test]
fn flatten_joins_dimensions() {
    let rows: [(Flatten, &[usize], &[usize]); 7] = [
        (Flatten::new(), &[5, 2, 3], &[5, 6]),
        (Flatten::new(), &[5, 2, 3, 4], &[5, 24]),
        (Flatten::new(), &[5, 2], &[5, 2]),
        (Flatten::new(), &[0, 2, 3], &[0, 6]),
        (Flatten::new().start_dim(0), &[5, 2, 3], &[30]),
        (Flatten::new().start_dim(-2), &[5, 2, 3], &[5, 6]),
        (Flatten::new().end_dim(2), &[5, 2, 3, 4], &[5, 6, 4]),
    ];
    for (layer, input, output) in rows {
        let x = Tensor::randn(input);
        let y = layer.forward(&x);
        assert_eq!((y.shape(), y.to_vec()), (output, x.to_vec()), "{layer} of {input:?}");
    }
    assert_eq!(Flatten::new().start_dim(0).end_dim(-2).to_string(), "Flatten(start_dim=0, end_dim=-2)");
    // Labels and masks as well.
    assert_eq!(Flatten::new().forward(&Tensor::from([[[1, 2], [3, 4]]])).to_vec(), [1, 2, 3, 4]);
    let layer = Flatten::new().start_dim(3);
    let x = Tensor::zeros([2, 3]);
    let text = "flatten_dims: dimension 3 does not exist in a tensor of 2 dimension(s); use -2 to 1";
    assert_panics(text, || layer.forward(&x));
}

#[test]
fn sequential_applies_its_layers_in_order() {
    let linear =
        || Linear { weight: Parameter::new(Tensor::from([[2.0]])), bias: Some(Parameter::new(Tensor::ones([1]))) };
    let x = Tensor::from([[-3.0], [1.0]]);
    let rows = [
        (Sequential::new(), 0, [-3.0, 1.0]),
        (Sequential::new().add(ReLU), 1, [0.0, 1.0]),
        (Sequential::new().add(linear()), 1, [-5.0, 3.0]),
        (Sequential::new().add(ReLU).add(linear()), 2, [1.0, 3.0]),
        (Sequential::new().add(linear()).add(ReLU), 2, [0.0, 3.0]),
        (Sequential::new().add(linear()).add(Sequential::new().add(ReLU).add(linear())), 2, [1.0, 7.0]),
    ];
    for (net, len, output) in rows {
        assert_eq!(net.forward(&x).to_vec(), output, "{net}");
        assert_eq!((net.len(), net.is_empty()), (len, len == 0), "{net}");
    }
    assert!(Sequential::<f32>::new().forward(&x).is(&x), "without layers the output is the input");
}

#[test]
fn sequential_of_f64() {
    let net = Sequential::new().add(Linear::<f64>::of(2, 3)).add(Tanh).add(Linear::of(3, 1));
    let x = Tensor::<f64>::randn([4, 2]);
    let parameters = net.parameters_of::<f64>();
    let expected = x.matmul(&parameters[0].t()) + &parameters[1];
    let expected = expected.tanh().matmul(&parameters[2].t()) + &parameters[3];
    for (y, expected) in net.forward(&x).to_vec().into_iter().zip(expected.to_vec()) {
        assert!((y - expected).abs() < 1e-14, "{y} instead of {expected}");
    }
}
