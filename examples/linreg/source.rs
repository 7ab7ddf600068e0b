//! The data, what is known about them, and the curvature of their loss.

use downhill::prelude::*;

use crate::options::Options;

/// The rows to fit, and the true parameters to compare with.
pub struct Source {
    pub dataset: data::TensorDataset,
    /// The name of each feature.
    pub names: Vec<String>,
    /// The weights and the bias that generated the data, if known.
    pub truth: Option<(Vec<f64>, f64)>,
    description: String,
    /// The means and standard deviations with which the features were standardised.
    scaler: Option<data::StandardScaler<f64>>,
}

impl Source {
    pub fn open(options: &Options) -> Result<Source, String> {
        let Some((file, target)) = &options.csv else { return Ok(Source::made(options)) };
        // In f64, because dates or large numbers may differ only in digits that f32 cannot hold.
        let csv = options.csv_options.open::<f64>(file, target).map_err(|error| error.to_string())?;
        let rows = csv.features.shape()[0];
        let description =
            format!("{}: {rows} rows; {} from {}", file.display(), target, csv.feature_names.join(", "));
        let source = Source::new(&csv.features, &csv.targets, csv.feature_names.clone(), None, description, options);
        source.with_notes(&csv, options)
    }

    fn made(options: &Options) -> Source {
        let (weights, bias) = ([2.0, -3.4], 4.2);
        let made = data::synthetic::LinearRegression::new(weights, bias).seed(options.seed).dataset();
        let (features, targets) = (made.features().cast::<f64>(), made.targets().cast::<f64>());
        let names = vec!["x1".to_owned(), "x2".to_owned()];
        let description = "1000 examples of y = 2 x1 - 3.4 x2 + 4.2 with noise of standard deviation 0.01".to_owned();
        Source::new(&features, &targets, names, Some((weights.to_vec(), bias)), description, options)
    }

    /// Standardises in f64 if requested; the training is in f32.
    fn new(
        features: &Tensor<f64>,
        targets: &Tensor<f64>,
        names: Vec<String>,
        truth: Option<(Vec<f64>, f64)>,
        description: String,
        options: &Options,
    ) -> Source {
        let scaler = options.standardize.then(|| data::StandardScaler::fit(features));
        let features = scaler.as_ref().map_or(features.clone(), |scaler| scaler.transform(features));
        let dataset = data::TensorDataset::new(features.cast::<f32>(), targets.cast::<f32>());
        Source { dataset: dataset.expect("as many targets as rows"), names, truth, description, scaler }
    }

    /// Rejects numbers outside the range of f32, and notes columns that lose precision in f32.
    fn with_notes(mut self, csv: &data::CsvData<f64>, options: &Options) -> Result<Source, String> {
        let (features, targets) = (self.dataset.features(), self.dataset.targets());
        let in_f64 = self.scaler.as_ref().map_or(csv.features.clone(), |scaler| scaler.transform(&csv.features));
        let columns = self.names.iter().enumerate().map(|(i, name)| {
            (name.as_str(), in_f64.select(1, i as isize), features.select(1, i as isize).cast::<f64>())
        });
        let target = (csv.target_name.as_str(), csv.targets.flatten(), targets.flatten().cast::<f64>());
        for (name, exact, rounded) in columns.chain([target]) {
            if !rounded.to_vec().iter().all(|number| number.is_finite()) {
                let help = if options.standardize {
                    "scale it"
                } else {
                    "scale it, or use --standardize if it is a feature"
                };
                return Err(format!("column {name:?} has numbers outside the range of f32; {help}"));
            }
            let range = exact.max().item() - exact.min().item();
            let error = (&exact - &rounded).abs().max().item();
            if error > 1e-3 * range && range > 0.0 {
                let is_target = name == csv.target_name;
                let help = if is_target { "subtract a constant from it" } else { "use --standardize" };
                self.description.push_str(&format!(
                    "\nNote: column {name:?} spans {range:.1e} and is rounded by up to {error:.1e}, because \
                     training is in f32; {help}."
                ));
            }
        }
        Ok(self)
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// Weights and bias in the units of the original features.
    pub fn in_original_units(&self, weights: &[f64], bias: f64) -> (Vec<f64>, f64) {
        let Some(scaler) = &self.scaler else { return (weights.to_vec(), bias) };
        let (means, stds) = (scaler.mean().to_vec(), scaler.std().to_vec());
        let weights: Vec<f64> = weights.iter().zip(stds).map(|(weight, std)| weight / std).collect();
        let shift: f64 = weights.iter().zip(means).map(|(weight, mean)| weight * mean).sum();
        (weights, bias - shift)
    }

    /// The largest curvature of the loss in any direction: the largest eigenvalue of its Hessian XᵀX/n, where X has a
    /// column of ones for the bias. Computed by power iteration.
    pub fn largest_curvature(&self) -> f64 {
        let features = self.dataset.features().cast::<f64>();
        let rows = features.shape()[0];
        let x = Tensor::cat(&[&features, &Tensor::<f64>::ones([rows, 1])], 1);
        let mut direction = Tensor::<f64>::ones([x.shape()[1], 1]);
        let mut curvature = 0.0;
        for _ in 0..100 {
            let image = x.t().matmul(&x.matmul(&direction)) / rows as f64;
            curvature = image.norm().item();
            direction = image / curvature;
        }
        curvature
    }

    /// A lower bound, from 0 to 1, on the fraction of the loss that could still go: with gradient g and largest
    /// curvature λ, the minimum of a quadratic is at least |g|²/(2λ) lower.
    pub fn reducible_fraction(&self, weights: &[f64], bias: f64) -> f64 {
        let w = Tensor::<f64>::from_vec(weights.to_vec(), [weights.len(), 1]).expect("one weight for each feature");
        let (w, b) = (w.requires_grad_(true), Tensor::<f64>::full([1], bias).requires_grad_(true));
        let (x, y) = (self.dataset.features().cast::<f64>(), self.dataset.targets().cast::<f64>());
        let loss = (x.matmul(&w) + &b - y).square().mean() / 2;
        let [dw, db] =
            grad(&loss, [&w, &b]).map(|part| part.expect("the loss depends on both").square().sum().item());
        (dw + db) / (2.0 * self.largest_curvature() * loss.item())
    }
}
