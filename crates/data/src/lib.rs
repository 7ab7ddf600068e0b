//! Data sets and the loader that splits them into batches, used the way PyTorch's are.
//!
//! ```
//! use downhill_data::{DataLoader, synthetic::LinearRegression};
//!
//! let dataset = LinearRegression::default().seed(1).dataset();
//! let loader = DataLoader::new(dataset, 10).shuffle(true).seed(1);
//! for epoch in 0..3 {
//!     for (features, targets) in &loader {
//!         assert_eq!((features.shape(), targets.shape()), (&[10, 2][..], &[10, 1][..]));
//!     }
//! }
//! ```
//!
//! # In reading order
//!
//! [`Dataset`] (rows accessed by index), [`TensorDataset`] (rows of two tensors), [`random_split`] (parts for
//! training and testing), [`DataLoader`] (batches in order or shuffled, prepared ahead by
//! [`workers`](DataLoader::workers)), [`synthetic`] (generated data sets), [`CsvData`] and [`CsvOptions`] (numbers
//! from a file), [`Mnist`] and [`IdxData`] (images from files), [`StandardScaler`] and [`Normalize`] (columns, or
//! channels of images, scaled to mean 0 and standard deviation 1).
//!
//! Invalid data is reported as an [`Error`] when a source is opened, never in the middle of an epoch.

mod csv_data;
mod data_loader;
mod dataset;
mod epoch;
mod error;
mod idx_data;
mod map;
mod mnist;
mod moments;
mod normalize;
mod random;
mod standard_scaler;
mod subset;
pub mod synthetic;
mod tensor_dataset;

pub use csv_data::{CsvData, CsvOptions, Missing};
pub use data_loader::{Batches, DataLoader};
pub use dataset::Dataset;
pub use error::Error;
pub use idx_data::IdxData;
pub use map::Map;
pub use mnist::Mnist;
pub use normalize::Normalize;
pub use standard_scaler::StandardScaler;
pub use subset::{Subset, random_split};
pub use tensor_dataset::TensorDataset;
