//! What layers, losses and modules promise: values against closed forms and PyTorch, names, printing, errors.

mod accuracy;
mod copies;
mod cross_entropy;
mod hostile_sizes;
mod init;
mod layer_cases;
mod layers;
mod linear;
mod loss_options;
mod losses;
mod many;
mod module;
mod mse;
mod normalization;
mod parameter;
mod printing;
mod state;
mod windows;
