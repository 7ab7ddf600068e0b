//! Nothing: the example is `main.rs`.
