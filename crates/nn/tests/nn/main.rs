//! What layers, losses and modules promise: values against closed forms and PyTorch, names, printing, errors.

mod cross_entropy;
mod layers;
mod linear;
mod module;
mod mse;
mod windows;
