//! `Conv2d`, `MaxPool2d`, `AvgPool2d`: shapes, the initial numbers, printing as in PyTorch, errors at the user's
//! line.

use downhill_nn::{
    AvgPool2d, AvgPool2dOptions, Conv2d, Conv2dOptions, Flatten, Layer, MaxPool2d, MaxPool2dOptions, Module, Padding,
    Sequential, functional, summary,
};
use downhill_tensor::prelude::*;
use downhill_tests::assert_panics;

type Images = Box<dyn Layer<Output = Tensor>>;

#[test]
fn sizes_of_the_output() {
    let rows: [(Images, &[usize], &[usize]); 12] = [
        (Box::new(Conv2d::new(1, 6, 5)), &[8, 1, 28, 28], &[8, 6, 24, 24]),
        (Box::new(Conv2d::new(1, 6, 5).padding(2)), &[1, 28, 28], &[6, 28, 28]),
        (Box::new(Conv2d::new(2, 4, [3, 1]).stride([2, 3]).padding((1, 0))), &[2, 2, 7, 8], &[2, 4, 4, 3]),
        (Box::new(Conv2d::new(2, 2, 3).dilation([1, 2])), &[2, 6, 6], &[2, 4, 2]),
        (Box::new(Conv2d::new(4, 6, 1).groups(2)), &[0, 4, 3, 3], &[0, 6, 3, 3]),
        (Box::new(MaxPool2d::new(2)), &[8, 6, 28, 28], &[8, 6, 14, 14]),
        (Box::new(MaxPool2d::new(3).stride(2).padding(1)), &[6, 5, 6], &[6, 3, 3]),
        (Box::new(MaxPool2d::new(2).ceil_mode(true)), &[1, 5, 4], &[1, 3, 2]),
        (Box::new(MaxPool2d::new(2).stride(1).dilation(2)), &[1, 5, 4], &[1, 3, 2]),
        (Box::new(AvgPool2d::new([1, 2])), &[2, 3, 5, 5], &[2, 3, 5, 2]),
        (Box::new(AvgPool2d::new(3).stride(1).padding(1)), &[3, 5, 5], &[3, 5, 5]),
        // The third window would begin beyond the image.
        (Box::new(AvgPool2d::new(2).stride(3).padding(1).ceil_mode(true)), &[1, 5, 5], &[1, 2, 2]),
    ];
    for (layer, input, output) in rows {
        assert_eq!(layer.forward(&Tensor::ones(input)).shape(), output, "{} of {input:?}", summary(&layer));
    }
}

#[test]
fn printed_as_in_pytorch() {
    let layers = [
        Conv2d::new(1, 6, 5).to_string(),
        Conv2d::new(1, 6, 5).padding(2).to_string(),
        Conv2d::new(4, 6, (5, 3)).stride((2, 1)).dilation(2).groups(2).bias(false).to_string(),
        Conv2d::new(3, 3, 1).stride(2).padding([0, 1]).dilation([1, 2]).groups(3).to_string(),
        Conv2d::new(1, 2, 4).padding(Padding::Same).dilation(2).to_string(),
        MaxPool2d::new(2).to_string(),
        MaxPool2d::new((3, 2)).to_string(),
        MaxPool2d::new([3, 3]).stride(2).padding((1, 0)).dilation(2).ceil_mode(true).to_string(),
        AvgPool2d::new(3).to_string(),
        AvgPool2d::new((3, 2)).stride((1, 2)).padding(1).ceil_mode(true).divisor_override(7).to_string(),
    ];
    assert_eq!(layers.join("\n"), include_str!("windows.txt").trim_end());
}

#[test]
fn weight_and_bias_start_evenly_distributed_within_one_over_the_root_of_fan_in() {
    manual_seed(0);
    let layers = [
        (Conv2d::new(1, 2000, 3), 9, [2000, 1, 3, 3]),
        (Conv2d::new(6, 2000, [1, 4]), 24, [2000, 6, 1, 4]),
        (Conv2d::new(6, 3000, 2).groups(3), 8, [3000, 2, 2, 2]),
    ];
    for (layer, fan_in, shape) in layers {
        assert_eq!(layer.weight.shape(), shape);
        let bound = 1.0 / f64::from(fan_in).sqrt();
        for (name, parameter) in layer.named_parameters() {
            let numbers: Vec<f64> = parameter.detach().cast::<f64>().to_vec();
            let n = numbers.len() as f64;
            let std = (numbers.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
            let (low, high) = numbers.iter().fold((0.0, 0.0), |(low, high), &x| (x.min(low), x.max(high)));
            // A uniform distribution in ±a has a standard deviation of a/√3. Five standard errors are allowed.
            let error = 5.0 * bound / (3.0 * n).sqrt();
            assert!(-bound <= low && high <= bound, "{name} of {layer}: {low} to {high}, bound {bound}");
            assert!(low < -0.97 * bound && high > 0.97 * bound, "{name} of {layer}: only {low} to {high}");
            assert!((std - bound / 3f64.sqrt()).abs() < error, "{name} of {layer}: std {std}");
        }
    }
}

#[test]
fn groups_and_bias_in_any_order() {
    let names = |layer: &Conv2d| layer.named_parameters().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&Conv2d::new(2, 4, 3)), ["weight", "bias"]);
    for layer in [Conv2d::new(2, 4, 3).bias(false).groups(2), Conv2d::new(2, 4, 3).groups(2).bias(false)] {
        assert_eq!(names(&layer), ["weight"]);
        assert_eq!(layer.weight.shape(), [4, 1, 3, 3]);
    }
}

#[test]
fn functions_are_what_the_layers_compute() {
    let x = Tensor::<f64>::randn([2, 2, 6, 7]);
    let layer = Conv2d::<f64>::of(2, 4, 3).stride(2).padding(1).groups(2);
    let options = Conv2dOptions::new().stride(2).padding(1).groups(2);
    let output = functional::conv2d(&x, &layer.weight, layer.bias.as_deref(), options);
    assert_eq!(layer.forward(&x).to_vec(), output.to_vec());

    let options = MaxPool2dOptions::new(3).stride(1).padding(1).dilation(2).ceil_mode(true);
    let layer = MaxPool2d::new(3).stride(1).padding(1).dilation(2).ceil_mode(true);
    assert_eq!(layer.forward(&x).to_vec(), functional::max_pool2d(&x, options).to_vec());

    for (layer, options) in [
        (AvgPool2d::new(3).count_include_pad(false), AvgPool2dOptions::new(3).count_include_pad(false)),
        (AvgPool2d::new(3).divisor_override(5), AvgPool2dOptions::new(3).divisor_override(5)),
    ] {
        let (layer, options) =
            (layer.stride(2).padding(1).ceil_mode(true), options.stride(2).padding(1).ceil_mode(true));
        assert_eq!(layer.forward(&x).to_vec(), functional::avg_pool2d(&x, options).to_vec(), "{layer}");
    }
}

/// The first layer of a network passes no gradient on to the images, the second does.
#[test]
fn gradients_reach_every_parameter() {
    let net = Sequential::new().add(Conv2d::new(1, 2, 3)).add(MaxPool2d::new(2)).add(Conv2d::new(2, 3, 2));
    let net = net.add(AvgPool2d::new(2)).add(Flatten::new());
    net.forward(&Tensor::randn([2, 1, 8, 8])).square().sum().backward();
    for (name, parameter) in net.named_parameters() {
        let grad = parameter.grad().unwrap_or_else(|| panic!("{name} has no gradient"));
        assert!(grad.to_vec().iter().any(|&x| x != 0.0), "{name}");
    }
}

#[test]
fn mistakes_are_told_at_the_line_of_the_call() {
    let (layer, x) = (Conv2d::new(3, 6, 5), Tensor::zeros([8, 1, 28, 28]));
    let text = "conv2d: expected an input with 3 channels, which a weight [6, 3, 5, 5] with groups = 1 reads, got 1 \
                in [8, 1, 28, 28]; give the previous layer as many outputs as this one has inputs";
    assert_panics(text, || layer.forward(&x));
    let text = "Conv2d: expected groups that divide both numbers of channels, got groups = 2 for 3 input and 6 \
                output channels";
    assert_panics(text, || layer.groups(2));
    assert_panics("Conv2d: kernel_size is (0, 0); it must be at least 1", || Conv2d::new(1, 1, 0));
    assert_panics("conv2d: stride is 0; it must be at least 1", || Conv2d::new(1, 1, 1).stride(0));
    assert_panics("max_pool2d: kernel_size is 0; it must be at least 1", || MaxPool2d::new(0));
    let text = "avg_pool2d: expected an image of at least [2, 2] with its padding, which a kernel [2, 2] with \
                dilation [1, 1] spans, got [1, 9], padded to [1, 9]; use a smaller kernel, more padding, or fewer \
                layers in front";
    let x = Tensor::zeros([1, 1, 9]);
    assert_panics(text, || AvgPool2d::new(2).forward(&x));
}
