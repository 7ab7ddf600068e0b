//! Layers, losses and modules, as in `torch.nn`.
//!
//! ```
//! use downhill_nn::{Layer, Linear, MSELoss, Module, ReLU, Sequential};
//! use downhill_tensor::Tensor;
//!
//! let net = Sequential::new().add(Linear::new(2, 8)).add(ReLU).add(Linear::new(8, 1));
//! let loss = MSELoss::new().forward(&net.forward(&Tensor::ones([4, 2])), &Tensor::zeros([4, 1]));
//! loss.backward();
//! assert_eq!(net.num_parameters(), 2 * 8 + 8 + 8 + 1);
//! assert!(net.parameters().iter().all(|parameter| parameter.grad().is_some()));
//! ```

mod accuracy;
mod activation;
mod batch_norm;
mod conv;
mod copy;
mod dropout;
mod embedding;
mod flatten;
pub mod functional;
mod identity;
pub mod init;
mod layer;
mod layer_norm;
mod linear;
mod loss;
mod module;
mod parameter;
mod part;
mod pool;
mod sequential;
mod state;
mod summary;
mod training;

pub use accuracy::accuracy;
pub use activation::{Approximate, ELU, GELU, LeakyReLU, LogSoftmax, ReLU, SiLU, Sigmoid, Softmax, Softplus, Tanh};
pub use batch_norm::{BatchNorm, BatchNorm1d, BatchNorm2d};
pub use conv::Conv2d;
pub use copy::{CloneLayer, Copies, DeepCopy};
pub use downhill_tensor::{AnyTensor, AvgPool2dOptions, Conv2dOptions, MaxPool2dOptions, Padding};
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use identity::Identity;
pub use layer::Layer;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use loss::{
    BCEWithLogitsLoss, ClassTarget, CrossEntropyLoss, HuberLoss, L1Loss, MSELoss, NLLLoss, Reduction, SmoothL1Loss,
};
pub use module::{Module, Visitor};
pub use parameter::{Buffer, Parameter};
pub use part::Part;
pub use pool::{AvgPool2d, MaxPool2d};
pub use sequential::Sequential;
pub use state::IncompatibleKeys;
pub use summary::summary;
pub use training::Training;
