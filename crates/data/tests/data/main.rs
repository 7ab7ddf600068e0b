//! What data sets, the loader, CSV files and the scaler promise, each with the errors they give.

mod csv_data;
mod data_loader;
mod panics;
mod standard_scaler;
mod synthetic;
mod tensor_dataset;
