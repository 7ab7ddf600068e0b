//! Data sets, the loader and its threads, files and scalers: what they promise, and the errors they give.

mod csv_data;
mod csv_options;
mod data_loader;
mod digits;
mod idx_data;
mod mnist;
mod normalize;
mod standard_scaler;
mod subset;
mod synthetic;
mod tensor_dataset;
mod workers;

use downhill_data::Dataset;

/// Returns the indices themselves, so that tests can see them.
struct Positions(usize);

impl Dataset for Positions {
    type Batch = Vec<usize>;

    fn len(&self) -> usize {
        self.0
    }

    fn batch(&self, indices: &[usize]) -> Vec<usize> {
        indices.to_vec()
    }
}

/// Compresses these bytes with gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, bytes).expect("a vector takes everything");
    encoder.finish().expect("a vector takes everything")
}
