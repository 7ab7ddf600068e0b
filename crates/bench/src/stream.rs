//! The numbers that the programs of all frameworks start from: counter-based streams that are the same in any
//! language.

use downhill_tensor::Tensor;

fn mix(seed: u64, i: u64) -> u64 {
    let mut z = (seed << 32).wrapping_add(i).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Uniform numbers from `low` to `high`, excluding `high`.
pub fn uniform(seed: u64, shape: &[usize], low: f64, high: f64) -> Tensor {
    let unit = |i| (mix(seed, i) >> 40) as f64 / (1u64 << 24) as f64;
    let count = shape.iter().product::<usize>() as u64;
    let data = (0..count).map(|i| (low + (high - low) * unit(i)) as f32).collect();
    Tensor::from_vec(data, shape).expect("as many numbers as the shape holds")
}

/// Initial weights and biases: uniform numbers within ±1/√fan_in.
pub fn initial(seed: u64, shape: &[usize], fan_in: usize) -> Tensor {
    let bound = 1.0 / (fan_in as f64).sqrt();
    uniform(seed, shape, -bound, bound)
}

/// Class labels from 0 to `classes` - 1.
pub fn labels(seed: u64, count: usize, classes: u64) -> Tensor<i64> {
    let data = (0..count as u64).map(|i| ((mix(seed, i) >> 40) % classes) as i64).collect();
    Tensor::from_vec(data, [count]).expect("as many labels as rows")
}
