//! What `SGD` promises: PyTorch's update rule and argument checks, and what it does to the parameters it is given.

mod errors;
mod parameters;
mod table;
mod torch;
