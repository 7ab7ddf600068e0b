//! The table of contents: one file for each operation, holding its forward computation and its derivative.
//!
//! Adding an operation is one file here and one line below; a test fails when it has no row in the table of tests.
//! What is made of these and has no derivative of its own (`mean` of squares, `stack`, `flatten`, ...) stands beside
//! the operation it is made of.

// Each element by itself.
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

// Pairs of elements, broadcast.
pub(crate) mod add;
pub(crate) mod div;
pub(crate) mod maximum;
pub(crate) mod minimum;
pub(crate) mod mul;
pub(crate) mod sub;

// Chosen by a mask.
pub(crate) mod masked_fill;
pub(crate) mod where_;

// Products of matrices.
pub(crate) mod linear;
pub(crate) mod matmul;

// Windows that slide over images.
pub(crate) mod avg_pool2d;
pub(crate) mod conv2d;
pub(crate) mod max_pool2d;

// Many elements to one.
pub(crate) mod amax;
pub(crate) mod cumsum;
pub(crate) mod logsumexp;
pub(crate) mod mean;
pub(crate) mod norm;
pub(crate) mod sum;
pub(crate) mod var;

// Other shapes and other places.
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

// Distributions and losses, in one pass.
pub(crate) mod cross_entropy;
pub(crate) mod log_sigmoid;
pub(crate) mod log_softmax;
pub(crate) mod mse_loss;
pub(crate) mod softmax;

// The same scale for every example or channel, and noise against overfitting.
pub(crate) mod batch_norm;
pub(crate) mod dropout;
pub(crate) mod layer_norm;

// What several operations share.
mod images;

/// What every operation needs.
mod prelude {
    pub(crate) use crate::array::Array;
    pub(crate) use crate::autograd::op::{Anomaly, Fixed, InputGrads, Op, OpKind, Saved, Saves};
    pub(crate) use crate::autograd::tensor::Tensor;
    pub(crate) use crate::base::element::{Element, Float};
    pub(crate) use crate::base::shape::{Axes, IntoDims, IntoShape, Shape};
    pub(crate) use downhill_kernels::error::{Error, OrRaise};
}
