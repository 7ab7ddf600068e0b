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
        let features = self.dataset.features();
        let rows = features.shape()[0];
        let x = Tensor::cat(&[&features, &Tensor::ones([rows, 1])], 1);
        let mut direction = Tensor::ones([x.shape()[1], 1]);
        let mut curvature = 0.0;
        for _ in 0..100 {
            let image = x.t().matmul(&x.matmul(&direction)) / rows as f64;
            curvature = image.square().sum().sqrt().item();
            direction = image / curvature;
        }
        curvature
    }

    /// How much of the loss could go at least, from 0 to 1: with gradient g and largest curvature λ, the minimum of a
    /// quadratic lies |g|²/(2λ) lower or more.
    pub fn share_that_could_go(&self, weights: &[f64], bias: f64) -> f64 {
        let column = weights.iter().map(|&weight| weight as f32).collect();
        let w = Tensor::from_vec(column, [weights.len(), 1]).expect("one weight for each feature").requires_grad_(true);
        let b = Tensor::full([1], bias).requires_grad_(true);
        let loss = (self.dataset.features().matmul(&w) + &b - self.dataset.targets()).square().mean() / 2;
        let [dw, db] = grad(&loss, [&w, &b]).map(|part| part.expect("the loss depends on both").square().sum().item());
        (dw + db) / (2.0 * self.largest_curvature() * loss.item())
    }
}
