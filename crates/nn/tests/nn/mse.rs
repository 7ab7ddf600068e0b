//! `MSELoss`: each reduction with its gradient, and the loss of empty tensors.

use downhill_nn::{MSELoss, Reduction};
use downhill_tensor::Tensor;

#[test]
fn each_reduction_with_its_gradient() {
    // Differences 1, -2, 0, 4.
    let rows: [(MSELoss, &[f64], [f64; 4]); 4] = [
        (MSELoss::new(), &[21.0 / 4.0], [0.5, -1.0, 0.0, 2.0]),
        (MSELoss::new().reduction(Reduction::Mean), &[21.0 / 4.0], [0.5, -1.0, 0.0, 2.0]),
        (MSELoss::new().reduction(Reduction::Sum), &[21.0], [2.0, -4.0, 0.0, 8.0]),
        (MSELoss::new().reduction(Reduction::None), &[1.0, 4.0, 0.0, 16.0], [2.0, -4.0, 0.0, 8.0]),
    ];
    for (criterion, losses, gradient) in rows {
        let outputs = Tensor::<f64>::new([[2.0, 1.0], [5.0, 3.0]]).requires_grad_(true);
        let targets = Tensor::<f64>::new([[1.0, 3.0], [5.0, -1.0]]).requires_grad_(true);
        let loss = criterion.forward(&outputs, &targets);
        let shape: &[usize] = if losses.len() == 1 { &[] } else { &[2, 2] };
        assert_eq!((loss.shape(), loss.to_vec()), (shape, losses.to_vec()), "{criterion:?}");
        loss.sum().backward();
        assert_eq!(outputs.grad().unwrap().to_vec(), gradient, "{criterion:?}");
        assert_eq!(targets.grad().unwrap().to_vec(), gradient.map(|x| -x), "{criterion:?}");
    }
}

#[test]
fn the_mean_of_no_elements_is_nan_and_their_sum_is_zero() {
    let nothing = Tensor::zeros([0, 3]);
    assert!(MSELoss::new().forward(&nothing, &nothing).item().is_nan());
    assert_eq!(MSELoss::new().reduction(Reduction::Sum).forward(&nothing, &nothing).item(), 0.0);
}
