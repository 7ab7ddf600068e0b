//! Convolutions of all sizes against plain sums.

use rand::{Rng, RngExt, SeedableRng};

use super::*;
use crate::threads::set_num_threads;

/// Small whole numbers, so that every sum is exact in any order.
fn numbers(count: usize, random: &mut impl Rng) -> Vec<f64> {
    (0..count).map(|_| f64::from(random.random_range(-4i8..5))).collect()
}

/// A batch of this many images, with random sizes that fit together.
fn random_sizes(batch: usize, random: &mut impl Rng) -> Convolution {
    let mut pair = |from: usize, to: usize| [0, 1].map(|_| random.random_range(from..to));
    let window = Window { kernel: pair(1, 4), stride: pair(1, 4), padding: pair(0, 3), dilation: pair(1, 3) };
    let largest = if batch > 20 { 4 } else { 12 };
    let extra = pair(0, largest);
    let image = [0, 1].map(|axis| window.span(axis).saturating_sub(2 * window.padding[axis]).max(1) + extra[axis]);
    let ([groups, channels], [features, _]) = (pair(1, 4), pair(1, 4));
    let output = window.output("conv2d", image, false).unwrap();
    Convolution { batch, groups, channels, features, image, output, window }
}

/// Calls `body` for each product of each sum, with the indices in the images, the weight and the output.
fn for_each_product(sizes: &Convolution, mut body: impl FnMut(usize, usize, usize)) {
    let Convolution { batch, groups, channels, features, image: [height, width], output: [rows, cols], window } =
        *sizes;
    let ([tall, wide], mut output) = (window.kernel, 0);
    for n in 0..batch {
        for feature in 0..groups * features {
            for (row, col) in (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))) {
                for channel in 0..channels {
                    let plane = (n * groups + feature / features) * channels + channel;
                    for (ky, kx) in (0..tall).flat_map(|ky| (0..wide).map(move |kx| (ky, kx))) {
                        let y = (row * window.stride[0] + ky * window.dilation[0]).checked_sub(window.padding[0]);
                        let x = (col * window.stride[1] + kx * window.dilation[1]).checked_sub(window.padding[1]);
                        if let (Some(y), Some(x)) = (y.filter(|&y| y < height), x.filter(|&x| x < width)) {
                            let weight = ((feature * channels + channel) * tall + ky) * wide + kx;
                            body((plane * height + y) * width + x, weight, output);
                        }
                    }
                }
                output += 1;
            }
        }
    }
}

fn check<T: KernelFloat>(sizes: &Convolution, random: &mut impl Rng) {
    let Window { kernel, .. } = sizes.window;
    let weights = sizes.groups * sizes.features * sizes.channels * kernel[0] * kernel[1];
    let counts = [sizes.batch * sizes.image_size(), weights, sizes.batch * sizes.output_size()];
    let [x, weight, grad] = counts.map(|count| numbers(count, random));
    let bias = numbers(sizes.groups * sizes.features, random);
    let [mut by_x, mut by_weight, mut output] = counts.map(|count| vec![0.0; count]);
    let of = |numbers: &[f64]| numbers.iter().map(|&x| T::narrow(x)).collect::<Vec<T>>();
    // Whatever the buffers hold is overwritten.
    let [found_x, found_weight, found_output] = counts.map(|count| vec![T::nan(); count]);
    for (plane, bias) in output.chunks_exact_mut(sizes.positions()).zip(bias.iter().cycle()) {
        plane.fill(*bias);
    }
    for_each_product(sizes, |at_x, at_weight, at_output| {
        output[at_output] += x[at_x] * weight[at_weight];
        by_x[at_x] += grad[at_output] * weight[at_weight];
        by_weight[at_weight] += grad[at_output] * x[at_x];
    });
    let (x, weight, grad, bias) = (of(&x), of(&weight), of(&grad), of(&bias));
    for threads in [1, 2, 4] {
        set_num_threads(threads);
        let what = || format!("{} of {sizes:?} on {threads} threads", std::any::type_name::<T>());
        let (mut found_x, mut found_weight, mut found) =
            (found_x.clone(), found_weight.clone(), found_output.clone());
        sizes.write_output(&x, &weight, &bias, &mut found);
        assert!(found == of(&output), "output, {}", what());
        sizes.write_input_grad(&grad, &weight, &mut found_x);
        assert!(found_x == of(&by_x), "gradient of the images, {}", what());
        sizes.write_weight_grad(&x, &grad, &mut found_weight);
        assert!(found_weight == of(&by_weight), "gradient of the weight, {}", what());
    }
}

#[test]
fn convolutions_of_all_sizes() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(3);
    // Batches of one image, of fewer images than parts, of equal parts, and with a smaller last part.
    for batch in [0, 1, 2, 7, 8, 9, 17, 33, 70] {
        for _ in 0..3 {
            check::<f32>(&random_sizes(batch, &mut random), &mut random);
        }
        check::<f64>(&random_sizes(batch, &mut random), &mut random);
    }
}

#[test]
fn convolutions_on_several_threads() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(4);
    for (padding, stride) in [([1, 1], [1, 1]), ([0, 2], [2, 1])] {
        let window = Window { kernel: [3, 3], stride, padding, dilation: [1, 1] };
        let (batch, image) = (19, [13, 12]);
        let output = window.output("conv2d", image, false).unwrap();
        let sizes = Convolution { batch, groups: 2, channels: 3, features: 4, image, output, window };
        assert!(sizes.is_large() && !sizes.batch.is_multiple_of(sizes.images_of_part()));
        check::<f32>(&sizes, &mut random);
    }
}

/// Outputs as wide as the image, with a vertical stride.
#[test]
fn narrow_windows_with_steps() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(3);
    for (kernel, stride, image) in [([2, 1], [2, 2], [4, 1]), ([1, 1], [2, 1], [4, 2]), ([2, 1], [2, 1], [7, 3])] {
        let window = Window { kernel, stride, padding: [0, 0], dilation: [1, 1] };
        let output = window.output("conv2d", image, false).unwrap();
        let sizes = Convolution { batch: 3, groups: 1, channels: 2, features: 2, image, output, window };
        check::<f32>(&sizes, &mut random);
        check::<f64>(&sizes, &mut random);
    }
}

/// Without channels there is nothing to sum, and the output is the bias.
#[test]
fn images_without_channels() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(3);
    let window = Window { kernel: [2, 1], stride: [1, 1], padding: [0, 1], dilation: [1, 1] };
    for batch in [0, 1, 20] {
        let (groups, channels, features) = (2, 0, 3);
        let sizes = Convolution { batch, groups, channels, features, image: [4, 2], output: [3, 4], window };
        check::<f32>(&sizes, &mut random);
        check::<f64>(&sizes, &mut random);
    }
}

/// An infinite weight changes only the elements that it is multiplied with.
#[test]
fn an_infinite_weight() {
    let window = Window { kernel: [1, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
    let sizes = Convolution { batch: 1, groups: 1, channels: 1, features: 1, image: [2, 3], output: [2, 2], window };
    let mut out = [0.0f32; 6];
    sizes.write_input_grad(&[1.0; 4], &[1.0, f32::INFINITY], &mut out);
    assert_eq!(out, [1.0, f32::INFINITY, f32::INFINITY, 1.0, f32::INFINITY, f32::INFINITY]);
}

/// Numbers whose sums depend on their order.
#[test]
fn the_same_bits_on_any_number_of_threads() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(6);
    let window = Window { kernel: [3, 2], stride: [1, 1], padding: [1, 0], dilation: [1, 1] };
    for (batch, channels) in [(5, 12), (33, 2)] {
        let (image, features) = ([13, 12], 6);
        let output = window.output("conv2d", image, false).unwrap();
        let sizes = Convolution { batch, groups: 1, channels, features, image, output, window };
        assert!(sizes.is_large());
        let counts = [batch * sizes.image_size(), features * channels * 6, batch * sizes.output_size()];
        let [x, weight, grad] = counts.map(|count| (0..count).map(|_| random.random::<f32>()).collect::<Vec<_>>());
        let bits = |threads| {
            set_num_threads(threads);
            let [mut by_x, mut by_weight, mut found] = counts.map(|count| vec![0.0; count]);
            sizes.write_output(&x, &weight, &[0.1; 6], &mut found);
            sizes.write_input_grad(&grad, &weight, &mut by_x);
            sizes.write_weight_grad(&x, &grad, &mut by_weight);
            [found, by_x, by_weight].map(|numbers| numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>())
        };
        let one = bits(1);
        assert!([2, 3, 4].into_iter().all(|threads| bits(threads) == one), "{sizes:?}");
    }
}
