//! Where the data come from, what is known about them, and how steep their loss is.

use downhill::prelude::*;

use crate::options::Options;

/// The rows to fit, and what the fit is compared with.
pub struct Source {
    pub dataset: data::TensorDataset,
    /// The name of each feature.
    pub names: Vec<String>,
    /// The weights and the bias that made the data, where they are known.
    pub truth: Option<(Vec<f64>, f64)>,
    description: String,
    /// The means and standard deviations that were taken out of the features.
    scaler: Option<data::StandardScaler>,
}

impl Source {
    pub fn open(options: &Options) -> Result<Source, String> {
        let Some((file, target)) = &options.csv else { return Ok(Source::made(options)) };
        let csv: data::CsvData = data::CsvData::open(file, target).map_err(|error| error.to_string())?;
        let scaler = options.standardize.then(|| data::StandardScaler::fit(&csv.features));
        let features = scaler.as_ref().map_or(csv.features.clone(), |scaler| scaler.transform(&csv.features));
        let description = format!(
            "{}: {} rows; {} from {}",
            file.display(),
            features.shape()[0],
            target,
            csv.feature_names.join(", ")
        );
        let dataset = data::TensorDataset::new(features, csv.targets.clone()).map_err(|error| error.to_string())?;
        Ok(Source { dataset, names: csv.feature_names.clone(), truth: None, description, scaler })
    }

    fn made(options: &Options) -> Source {
        let (weights, bias) = ([2.0, -3.4], 4.2);
        let made = data::synthetic::LinearRegression::new(weights, bias).seed(options.seed).dataset();
        let scaler = options.standardize.then(|| data::StandardScaler::fit(&made.features()));
        let features = scaler.as_ref().map_or(made.features(), |scaler| scaler.transform(&made.features()));
        Source {
            dataset: data::TensorDataset::new(features, made.targets()).expect("as many targets as rows"),
            names: vec!["x1".to_owned(), "x2".to_owned()],
            truth: Some((weights.to_vec(), bias)),
            description: "1000 examples of y = 2 x1 - 3.4 x2 + 4.2 with noise of standard deviation 0.01".to_owned(),
            scaler,
        }
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// Weights and bias for features as they were before they were standardised.
    pub fn in_original_units(&self, weights: &[f64], bias: f64) -> (Vec<f64>, f64) {
        let Some(scaler) = &self.scaler else { return (weights.to_vec(), bias) };
        let (means, stds) = (scaler.mean().to_vec(), scaler.std().to_vec());
        let weights: Vec<f64> = weights.iter().zip(stds).map(|(weight, std)| weight / f64::from(std)).collect();
        let shift: f64 = weights.iter().zip(means).map(|(weight, mean)| weight * f64::from(mean)).sum();
        (weights, bias - shift)
    }

    /// The largest curvature of the loss in any direction: the largest eigenvalue of its Hessian XᵀX/n, where X has a
    /// column of ones for the bias. Found by applying the matrix to a vector again and again.
    pub fn largest_curvature(&self) -> f64 {
        let rows = self.rows();
        let mut direction = vec![1.0; rows[0].len()];
        let mut curvature = 0.0;
        for _ in 0..100 {
            let image = mean_of_rows(&rows, |_, row| dot(row, &direction));
            curvature = dot(&image, &image).sqrt();
            direction = image.into_iter().map(|x| x / curvature).collect();
        }
        curvature
    }

    /// How much of the loss could go at least, from 0 to 1: with gradient g and largest curvature λ, the minimum of a
    /// quadratic lies |g|²/(2λ) lower or more.
    pub fn share_that_could_go(&self, weights: &[f64], bias: f64) -> f64 {
        let (rows, targets) = (self.rows(), self.dataset.targets().to_vec());
        let parameters: Vec<f64> = weights.iter().copied().chain([bias]).collect();
        let error = |index: usize, row: &[f64]| dot(row, &parameters) - f64::from(targets[index]);
        let gradient = mean_of_rows(&rows, error);
        let squares: f64 = rows.iter().enumerate().map(|(index, row)| error(index, row).powi(2)).sum();
        let loss = squares / (2 * rows.len()) as f64;
        dot(&gradient, &gradient) / (2.0 * self.largest_curvature() * loss)
    }

    /// The features of each row, and a one for the bias.
    fn rows(&self) -> Vec<Vec<f64>> {
        let features = self.dataset.features();
        let rows = features.to_vec();
        rows.chunks(features.shape()[1]).map(|row| row.iter().copied().map(f64::from).chain([1.0]).collect()).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The mean of the rows, each times its factor.
fn mean_of_rows(rows: &[Vec<f64>], factor: impl Fn(usize, &[f64]) -> f64) -> Vec<f64> {
    let mut mean = vec![0.0; rows[0].len()];
    for (index, row) in rows.iter().enumerate() {
        let factor = factor(index, row) / rows.len() as f64;
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += factor * x);
    }
    mean
}
