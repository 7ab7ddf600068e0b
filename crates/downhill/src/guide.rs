//! The guide: backpropagation from a slope to LeNet, with real numbers at every step.
//!
//! Every snippet on these pages is compiled and run by the tests, so its assertions hold. Copy it into `fn main` of a
//! project that depends on downhill and change it. The pictures are drawn by downhill itself (`cargo run --release
//! --example guide_pictures`). Each chapter ends with exercises and folded answers, which are tests as well.
//!
//! 1. [`slope`]: gradient descent on x², and what the learning rate does
//! 2. [`regression`]: a line through three points, its loss, and the right sign of the gradient
//! 3. [`neuron`]: the chain rule, number by number
//! 4. [`tape`]: what the forward pass recorded, printed, drawn and stepped through
//! 5. [`broadcasting`]: what was repeated in the forward pass is summed in the backward pass
//! 6. [`cross_entropy`]: softmax, p - onehot, and numbers too large for a float
//! 7. [`momentum`]: steps with a velocity, like a ball that rolls
//! 8. [`batches`]: mini-batches, their noise, their cost, and what can go wrong
//! 9. [`lenet`]: the whole training loop, on a network that reads digits
//! 10. [`your_op`]: an operation of your own, with its derivative and the check that it is right
//! 11. [`newton`]: second derivatives, and steps of the right length
//!
//! If you come from MXNet, read [`mxnet`] as well: why gradients are set to zero, and why a loss is summed.
//!
//! 梯度下降和训练循环的几章有中文版：[`zh`]。

pub mod batches;
pub mod broadcasting;
pub mod cross_entropy;
pub mod lenet;
pub mod momentum;
pub mod mxnet;
pub mod neuron;
pub mod newton;
pub mod regression;
pub mod slope;
pub mod tape;
pub mod your_op;
pub mod zh;
