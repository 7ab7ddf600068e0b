//! Parameters and buffers, and tensors whose type is known only when running.

use downhill_nn::{AnyTensor, Buffer, Parameter};
use downhill_tensor::{Kind, Tensor, prelude::*};

#[test]
fn parameters_and_buffers_are_tensors_of_their_own() {
    let initial = Tensor::ones([2]);
    let (parameter, buffer) = (Parameter::new(initial.clone()), Buffer::new(initial.clone()));
    initial.fill_(7.0);
    assert_eq!((parameter.to_vec(), buffer.to_vec()), (vec![1.0; 2], vec![1.0; 2]));
    assert!(parameter.requires_grad() && parameter.is_leaf() && !buffer.requires_grad());
    // From the result of an operation and from a view: a leaf that can be updated.
    let parameter = Parameter::new((initial.requires_grad_(true) * 2).unsqueeze(0).expand([3, 2]));
    assert!(parameter.is_leaf());
    no_grad(|| parameter.sub_(1));
    assert_eq!(parameter.to_vec(), [13.0; 6]);
    buffer.add_(1);
    assert_eq!(buffer.to_vec(), [2.0; 2]);
}

#[test]
fn a_tensor_of_any_type() {
    let any = [
        AnyTensor::from(&Tensor::zeros([2])),
        AnyTensor::from(&Tensor::<f64>::zeros([2, 2])),
        AnyTensor::from(&Tensor::from([1, 2, 3])),
        AnyTensor::from(&Tensor::from(true)),
    ];
    assert_eq!(any.each_ref().map(AnyTensor::kind), [Kind::F32, Kind::F64, Kind::I64, Kind::Bool]);
    assert_eq!(any.each_ref().map(AnyTensor::numel), [2, 4, 3, 1]);
    for (i, tensor) in any.iter().enumerate() {
        let types = [
            tensor.get::<f32>().is_some(),
            tensor.get::<f64>().is_some(),
            tensor.get::<i64>().is_some(),
            tensor.get::<bool>().is_some(),
        ];
        assert_eq!(types, std::array::from_fn(|j| j == i));
        assert!(any.iter().enumerate().all(|(j, other)| tensor.is(other) == (i == j)));
        tensor.zero_grad();
    }
}
