//! The table of contents: one file for each operation, holding its forward computation and its derivative.
//!
//! To add an operation, add one file here and one line below; a test fails if the operation has no row in the table
//! of tests. Functions composed of other operations, with no derivative of their own (`stack`, `flatten`, `prod`,
//! ...), are in the file of the operation they use.

// Elementwise, one input.
pub(crate) mod abs;
pub(crate) mod clamp;
pub(crate) mod cos;
pub(crate) mod elu;
pub(crate) mod erf;
pub(crate) mod exp;
pub(crate) mod expm1;
pub(crate) mod leaky_relu;
pub(crate) mod log;
pub(crate) mod log1p;
pub(crate) mod neg;
pub(crate) mod pow;
pub(crate) mod relu;
pub(crate) mod sigmoid;
pub(crate) mod sign;
pub(crate) mod sin;
pub(crate) mod softplus;
pub(crate) mod sqrt;
pub(crate) mod square;
pub(crate) mod tanh;

// Elementwise, two inputs, broadcast.
pub(crate) mod add;
pub(crate) mod div;
pub(crate) mod maximum;
pub(crate) mod minimum;
pub(crate) mod mul;
pub(crate) mod sub;

// Selection by a mask.
pub(crate) mod masked_fill;
pub(crate) mod where_;

// Matrix products.
pub(crate) mod linear;
pub(crate) mod matmul;

// Convolution and pooling of images.
pub(crate) mod avg_pool2d;
pub(crate) mod conv2d;
pub(crate) mod max_pool2d;

// Reductions and cumulative sums.
pub(crate) mod amax;
pub(crate) mod cumsum;
pub(crate) mod logsumexp;
pub(crate) mod mean;
pub(crate) mod norm;
pub(crate) mod sum;
pub(crate) mod var;

// Shape, indexing and copies.
pub(crate) mod cat;
pub(crate) mod copy;
pub(crate) mod embedding;
pub(crate) mod expand;
pub(crate) mod flip;
pub(crate) mod gather;
pub(crate) mod index_select;
pub(crate) mod permute;
pub(crate) mod reshape;
pub(crate) mod slice;

// Fused distributions and losses.
pub(crate) mod cross_entropy;
pub(crate) mod log_sigmoid;
pub(crate) mod log_softmax;
pub(crate) mod mse_loss;
pub(crate) mod softmax;

// Normalization and dropout.
pub(crate) mod batch_norm;
pub(crate) mod dropout;
pub(crate) mod layer_norm;

// Shared by the operations on images.
mod images;

/// The imports every operation needs.
mod prelude {
    pub(crate) use crate::array::Array;
    pub(crate) use crate::autograd::op::{Anomaly, Fixed, InputGrads, Op, OpKind, Saved, Saves};
    pub(crate) use crate::autograd::tensor::Tensor;
    pub(crate) use crate::base::element::{Element, Float};
    pub(crate) use crate::base::shape::{Axes, IntoDims, IntoShape, Shape};
    pub(crate) use downhill_kernels::error::{Error, OrRaise};
}
