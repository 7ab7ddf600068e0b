//! Networks of many layers: this would take minutes if its time grew with the square of their number.

use downhill_nn::{Linear, Module, Sequential, summary};
use downhill_tensor::Tensor;

const MANY: usize = 30_000;

#[test]
fn states_parameters_and_copies() {
    let net = (0..MANY).fold(Sequential::new(), |net, _| net.add(Linear::new(1, 1)));
    let copy = net.copy();
    assert_eq!((net.named_parameters().len(), copy.parameters().len()), (2 * MANY, 2 * MANY));
    assert!(net.parameters().iter().zip(copy.parameters()).all(|(a, b)| !a.is(&b) && a.to_vec() == b.to_vec()));
    let mut state = net.state_dict();
    assert_eq!(state.len(), 2 * MANY);
    copy.load_state_dict(&state).unwrap();
    state.insert("unknown", &Tensor::zeros([1]));
    assert_eq!(copy.load_state_dict_partly(&state).unwrap().unexpected, ["unknown"]);
    assert_eq!(summary(&net).lines().count(), MANY + 2);
}
