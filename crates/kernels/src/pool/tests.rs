//! Windows of all sizes against a plain search through every element under them.

use rand::{Rng, RngExt, SeedableRng};

use super::*;
use crate::threads::set_num_threads;

/// Random sizes that fit together; with `ceil_mode` windows may reach beyond the padding.
fn random_sizes(planes: usize, random: &mut impl Rng) -> Pooling {
    let mut pair = |from: usize, to: usize| [0, 1].map(|_| random.random_range(from..to));
    let (kernel, stride, dilation, extra) = (pair(1, 5), pair(1, 4), pair(1, 3), pair(0, 70));
    let padding = [0, 1].map(|axis| pair(0, 2)[axis].min(kernel[axis] / 2));
    let window = Window { kernel, stride, padding, dilation };
    let image = [extra[0] % 6 + window.span(0), extra[1] + window.span(1)];
    let output = window.output("max_pool2d", image, extra[0] % 2 == 0).unwrap();
    Pooling { batch: planes, channels: 1, image, output, window }
}

/// The indices in its plane that the window reads for an output, row by row.
fn indices(sizes: &Pooling, row: usize, col: usize) -> Vec<usize> {
    let (window, [height, width]) = (sizes.window, sizes.image);
    let along = |axis: usize, position: usize, size: usize| {
        let index = move |tap: usize| {
            (position * window.stride[axis] + tap * window.dilation[axis]).checked_sub(window.padding[axis])
        };
        (0..window.kernel[axis]).filter_map(index).filter(move |&index| index < size)
    };
    along(0, row, height).flat_map(|y| along(1, col, width).map(move |x| y * width + x)).collect()
}

/// For each output of all planes, the indices that it reads.
fn outputs(sizes: &Pooling) -> Vec<Vec<usize>> {
    let ([rows, cols], plane) = (sizes.output, sizes.image[0] * sizes.image[1]);
    let of_one: Vec<_> = (0..rows * cols).map(|output| indices(sizes, output / cols, output % cols)).collect();
    let planes = 0..sizes.planes();
    planes
        .flat_map(|n| of_one.iter().map(move |indices| indices.iter().map(|index| n * plane + index).collect()))
        .collect()
}

fn check_maxima<T: KernelFloat>(sizes: &Pooling, random: &mut impl Rng) {
    // Few different numbers, so that many are equal, and special values that compare differently.
    let special = [f64::NAN, f64::NEG_INFINITY, f64::INFINITY, -0.0];
    let number = |kind: usize| special.get(kind).copied().unwrap_or((kind % 5) as f64 - 2.0);
    let count = sizes.planes() * sizes.image[0] * sizes.image[1];
    let x: Vec<T> = (0..count).map(|_| T::narrow(number(random.random_range(0..60)))).collect();
    let keep = |best: Option<usize>, index: usize| match best {
        Some(best) if !(x[index] > x[best] || x[index].is_nan()) => Some(best),
        _ => Some(index),
    };
    let largest = |indices: Vec<usize>| indices.into_iter().fold(None, keep).map_or(NO_INDEX, |index| index as u32);
    let want: Vec<u32> = outputs(sizes).into_iter().map(largest).collect();
    for threads in [1, 2, 4] {
        set_num_threads(threads);
        let (what, mut maxima) = (
            format!("{} of {sizes:?} on {threads} threads", std::any::type_name::<T>()),
            vec![T::zero(); want.len()],
        );
        assert!(sizes.write_maxima(&x, &mut maxima) == want, "indices, {what}");
        let at = |index: u32| x.get(index as usize).copied().unwrap_or(T::neg_infinity());
        let same = |(&index, &max): (&u32, &T)| at(index) == max || (at(index).is_nan() && max.is_nan());
        assert!(want.iter().zip(&maxima).all(same), "maxima, {what}");
    }
}

#[test]
fn maxima_under_windows_of_all_sizes() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(5);
    // Fewer planes than a part has, and one more, which makes a smaller last part.
    for planes in [0, 1, 2, 3, PLANES_PER_PART + 1] {
        for _ in 0..8 {
            check_maxima::<f32>(&random_sizes(planes, &mut random), &mut random);
        }
        check_maxima::<f64>(&random_sizes(planes, &mut random), &mut random);
    }
}

#[test]
fn maxima_under_windows_of_four() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(8);
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
    for image in [[2, 2], [3, 3], [10, 10], [7, 28], [4, 65], [5, 66]] {
        let output = window.output("max_pool2d", image, false).unwrap();
        let sizes = Pooling { batch: PLANES_PER_PART + 1, channels: 1, image, output, window };
        check_maxima::<f32>(&sizes, &mut random);
        check_maxima::<f64>(&sizes, &mut random);
    }
}

#[test]
fn maxima_on_several_threads() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(6);
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1] };
    let (image, batch) = ([40, 47], 3 * PLANES_PER_PART - 1);
    let output = window.output("max_pool2d", image, false).unwrap();
    assert!(batch * image[0] * image[1] >= PARALLEL_MIN_ELEMENTS);
    check_maxima::<f32>(&Pooling { batch, channels: 1, image, output, window }, &mut random);
}

#[test]
fn scatter_adds_at_indices_and_gather_reads_there() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(9);
    for planes in [0, 1, PLANES_PER_PART, 2 * PLANES_PER_PART + 1] {
        let sizes = random_sizes(planes, &mut random);
        // Any index of its own plane, possibly several times, and none.
        let (plane, outputs) = (sizes.image[0] * sizes.image[1], sizes.output[0] * sizes.output[1]);
        let mut index = |output: usize| match random.random_range(0..=plane) {
            0 => NO_INDEX,
            index => (output / outputs * plane + index - 1) as u32,
        };
        let indices: Vec<u32> = (0..planes * outputs).map(&mut index).collect();
        let x: Vec<f64> = (0..planes * outputs).map(|output| output as f64).collect();
        let (mut want, mut found) = (vec![0.0; planes * plane], vec![f64::NAN; planes * plane]);
        indices
            .iter()
            .zip(&x)
            .filter(|(index, _)| **index != NO_INDEX)
            .for_each(|(&index, x)| want[index as usize] += x);
        sizes.scatter(&indices, &x, &mut found);
        assert!(found == want, "{sizes:?}");
        let mut taken = vec![f64::NAN; indices.len()];
        sizes.gather(&indices, &want, &mut taken);
        let at = |&index: &u32| want.get(index as usize).copied().unwrap_or(0.0);
        assert!(taken == indices.iter().map(at).collect::<Vec<_>>(), "{sizes:?}");
    }
}

#[test]
fn indices_and_divisors_under_windows_of_all_sizes() {
    let mut random = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(7);
    for planes in [0, 1, 3] {
        for _ in 0..8 {
            let mut sizes = random_sizes(planes, &mut random);
            // Windows that are averaged are not dilated.
            sizes.window.dilation = [1, 1];
            sizes.output = sizes.window.output("avg_pool2d", sizes.image, true).unwrap();
            let want = outputs(&sizes);
            let mut counts = Vec::new();
            for divisor in [Divisor::Number(-3), Divisor::WithoutPadding, Divisor::WithPadding] {
                let mut found = Vec::new();
                sizes.for_each_window(divisor, |output, count, rows| {
                    assert_eq!(output, found.len());
                    found.push(rows.flatten().collect::<Vec<usize>>());
                    counts.push(count);
                });
                assert_eq!(found, want, "{sizes:?}");
            }
            let counts: Vec<_> = counts.chunks(want.len().max(1)).collect();
            if let [of_number, without, with] = counts[..] {
                assert!(of_number.iter().all(|&count| count == -3.0));
                assert!(
                    without.iter().zip(&want).all(|(&count, indices)| count == indices.len() as f64),
                    "{sizes:?}"
                );
                let with_padding = |output: usize| {
                    let ([rows, cols], window) = (sizes.output, sizes.window);
                    let taps = [(0, output / cols % rows), (1, output % cols)].map(|(axis, position)| {
                        let end = sizes.image[axis] + 2 * window.padding[axis];
                        (0..window.kernel[axis]).filter(|tap| position * window.stride[axis] + tap < end).count()
                    });
                    (taps[0] * taps[1]) as f64
                };
                assert!(with.iter().enumerate().all(|(output, &count)| count == with_padding(output)), "{sizes:?}");
            }
        }
    }
}
