//! A rule that adds its part to the pending sum while computing it gives the same sum, bit for bit, as one that does
//! not.

use downhill_tensor::{Tape, Tensor};

type Function = (&'static str, fn(&Tensor) -> Tensor);

/// Functions in which several contributions are added at `x`, or at a tensor computed from it.
const FUNCTIONS: [Function; 9] = [
    ("tanh, sigmoid and exp", |x| (x.tanh() * x.sigmoid() + (-x * x).exp()).sum()),
    ("a negative and a difference", |x| (x.cos() + -x + (x - (1 - x))).sum()),
    ("a number times x", |x| (x.sin() + x * 3 + 0.5 * x).sum()),
    ("a gradient that is not 1", |x| ((x.tanh() + x.sigmoid() * x.exp() - x) * x).exp().sum()),
    ("a sum that somebody else holds", |x| {
        let y = x.sin();
        (&y + &y).sum() + (y.tanh() + y).sum()
    }),
    ("a square after other contributions", |x| (x.exp() + x.tanh() + x * x.clone()).sum()),
    ("a square before them", |x| (x * x + x.exp() * x).sum()),
    ("a difference with itself after other contributions", |x| ((x - x.clone()) * 0.3 + x.exp() + x.sigmoid()).sum()),
    ("rows that are repeated", |x| {
        let rows = x.reshape([-1, 4]);
        let centred = &rows - rows.mean_keepdim(1);
        let variance = (&centred * &centred).mean_keepdim(1);
        (&centred * variance.sqrt() + centred * rows).sum()
    }),
];

/// The gradient of a function at these numbers.
fn gradient(f: fn(&Tensor) -> Tensor, numbers: &[f32]) -> Vec<f32> {
    let x = Tensor::from_vec(numbers.to_vec(), [numbers.len()]).unwrap().requires_grad_(true);
    f(&x).backward();
    x.grad().unwrap().to_vec()
}

fn bits(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn large_and_small_tensors_and_those_that_are_watched_get_the_same_bits() {
    let numbers: Vec<f32> = (0..5000).map(|i| (i as f32 * 0.37).sin() * 2.0).collect();
    for (name, f) in FUNCTIONS {
        let whole = bits(&gradient(f, &numbers));
        // Pieces too small for additions in place.
        let pieces: Vec<f32> = numbers.chunks(500).flat_map(|piece| gradient(f, piece)).collect();
        assert!(whole == bits(&pieces), "{name}: in pieces");
        let (watched, _) = Tape::record(|| gradient(f, &numbers));
        assert!(whole == bits(&watched), "{name}: watched");
    }
}

#[test]
fn a_gradient_that_was_there_is_added_to_and_its_snapshot_stays() {
    let x = Tensor::full([3000], 0.5).requires_grad_(true);
    let mut before: Option<Tensor> = None;
    for passes in 1..=3 {
        (x.tanh() + x.sigmoid() + &x * &x).sum().backward();
        let grad = x.grad().unwrap();
        let one = 1.0 - 0.5f32.tanh().powi(2) + 0.23500371 + 1.0;
        assert!(grad.to_vec().iter().all(|grad| (grad - passes as f32 * one).abs() < 1e-5));
        if let Some(before) = before.replace(grad) {
            assert!(before.to_vec().iter().all(|grad| (grad - (passes - 1) as f32 * one).abs() < 1e-5));
        }
    }
}
