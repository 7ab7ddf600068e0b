//! Two classes: cross-entropy and squared error, and their slopes, against the logit of the right class.

use std::io;
use std::path::Path;

use downhill::prelude::*;
use downhill::viz::{Grid, Plot};

const REACH: f64 = 8.0;

/// A loss as a function of the logit.
type Measure = fn(&Tensor<f64>) -> Tensor<f64>;

pub fn show(file: &Path) -> io::Result<()> {
    let z = Tensor::<f64>::linspace(-REACH, REACH, 161);
    let mut losses = Plot::new("the loss").x_label("z: right logit minus the other").y_label("loss");
    let mut slopes = Plot::new("its derivative").x_label("z: right logit minus the other");
    slopes = slopes.y_label("derivative");
    let measures: [(&str, Measure); 2] =
        [("cross-entropy -ln p", |z| -z.log_sigmoid()), ("squared error (1 - p)²", |z| (1 - z.sigmoid()).square())];
    for (name, measure) in measures {
        let z = z.copy().requires_grad_(true);
        let loss = measure(&z);
        // Each element depends only on its own z, so the gradient of the sum contains all slopes.
        loss.sum().backward();
        let slope = z.expect_grad();
        println!("{name}: at -{REACH} the loss is {:.4} and its derivative {:.6}", loss.at([0]), slope.at([0]));
        losses = losses.curve(name, z.to_vec().into_iter().zip(loss.to_vec()));
        slopes = slopes.curve(name, z.to_vec().into_iter().zip(slope.to_vec()));
    }
    Grid::new("Two losses").panel(losses).panel(slopes).save(file)
}
