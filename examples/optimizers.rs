//! The same valley under SGD, momentum, Nesterov, Adam, LBFGS and Newton: curves, and paths over contours.
//!
//! ```text
//! cargo run --release --example optimizers
//! ```

use std::process::ExitCode;

use downhill::prelude::*;
use downhill::viz::{Grid, Levels, Plot};

const START: [f64; 2] = [-1.5, 1.5];
const STEPS: usize = 200;
/// The run has arrived when f is below this value.
const ARRIVED: f64 = 1e-6;

/// Rosenbrock's valley: its floor y = x² falls slowly to (1, 1) between steep walls.
fn valley(at: &Tensor<f64>) -> Tensor<f64> {
    let (x, y) = (at.select(0, 0), at.select(0, 1));
    (1 - &x).square() + 10 * (y - x.square()).square()
}

/// The points visited, and f at each.
struct Descent {
    name: &'static str,
    path: Vec<(f64, f64)>,
    values: Vec<f64>,
    /// How often f and its gradient were computed.
    evaluations: usize,
}

impl Descent {
    /// Takes steps until f is small; `step` updates the point and returns how often it computed f.
    fn run(name: &'static str, at: &Tensor<f64>, mut step: impl FnMut() -> usize) -> Descent {
        let mut descent = Descent { name, path: Vec::new(), values: Vec::new(), evaluations: 0 };
        loop {
            descent.path.push((at.at([0]), at.at([1])));
            descent.values.push(no_grad(|| valley(at).item()));
            let arrived = descent.values.last().is_some_and(|value| *value < ARRIVED);
            if arrived || descent.values.len() > STEPS {
                return descent;
            }
            descent.evaluations += step();
        }
    }

    fn with_gradient(name: &'static str, optimizer: impl Fn(&Tensor<f64>) -> Box<dyn Optimizer>) -> Descent {
        let at = Tensor::<f64>::new(START).requires_grad_(true);
        let mut optimizer = optimizer(&at);
        Descent::run(name, &at, || {
            optimizer.zero_grad();
            valley(&at).backward();
            optimizer.step();
            1
        })
    }

    fn lbfgs() -> Descent {
        let at = Tensor::<f64>::new(START).requires_grad_(true);
        // One iteration per step, to see the path; the line search is allowed further evaluations.
        let mut optimizer = optim::LBFGS::new([&at], 1.0).max_iter(1).max_eval(25).strong_wolfe(true);
        Descent::run("LBFGS", &at, || {
            let mut evaluations = 0;
            optimizer.step_with(|| {
                evaluations += 1;
                at.zero_grad();
                let loss = valley(&at);
                loss.backward();
                loss
            });
            evaluations
        })
    }

    fn newton() -> Result<Descent, optim::NewtonError> {
        let at = Tensor::<f64>::new(START).requires_grad_(true);
        let mut optimizer = optim::Newton::new([&at], 1.0);
        let mut failure = None;
        let descent = Descent::run("Newton", &at, || {
            failure = failure.take().or(optimizer.step_with(|| valley(&at)).err());
            1
        });
        failure.map_or(Ok(descent), Err)
    }

    fn steps(&self) -> usize {
        self.values.len() - 1
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("optimizers: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let folder = downhill_examples::picture_folder("optimizers", None, &["paths.svg", "curves.svg"])?;
    let descents = [
        Descent::with_gradient("SGD, rate 0.01", |x| Box::new(optim::SGD::new([x], 0.01))),
        Descent::with_gradient("momentum 0.9", |x| Box::new(optim::SGD::new([x], 0.01).momentum(0.9))),
        Descent::with_gradient("Nesterov 0.9", |x| Box::new(optim::SGD::new([x], 0.01).momentum(0.9).nesterov(true))),
        Descent::with_gradient("Adam, rate 0.1", |x| Box::new(optim::Adam::new([x], 0.1))),
        Descent::lbfgs(),
        Descent::newton().map_err(|error| error.to_string())?,
    ];
    println!("f(x, y) = (1 - x)² + 10 (y - x²)² from {START:?}, at most {STEPS} steps, until f < {ARRIVED:.0e}\n");
    println!("{:<16} {:>6} {:>12} {:>10}   end", "optimiser", "steps", "evaluations", "f");
    for descent in &descents {
        let (x, y) = descent.path[descent.steps()];
        let f = descent.values[descent.steps()];
        println!(
            "{:<16} {:>6} {:>12} {f:>10.1e}   ({x:.4}, {y:.4})",
            descent.name,
            descent.steps(),
            descent.evaluations
        );
    }
    println!(
        "\nSGD creeps along the valley floor; momentum and Nesterov move along it faster but oscillate at first;\n\
         Adam adapts its step in each direction; LBFGS estimates the curvature from gradients, and Newton\n\
         computes it, at the price of second derivatives."
    );

    let contour = |x: f64, y: f64| (1.0 - x).powi(2) + 10.0 * (y - x * x).powi(2);
    let mut paths = Grid::new("Six ways down Rosenbrock's valley").columns(3);
    for descent in &descents {
        let plot = Plot::new(format!("{}: {} steps", descent.name, descent.steps())).x_label("x").y_label("y");
        let plot = plot.contour(-2.0..=2.0, -3.0..=3.0, contour).levels(Levels::Log(10));
        paths = paths.panel(plot.path("steps", &descent.path));
    }
    let curves =
        descents.iter().fold(Plot::new("Six optimisers").x_label("step").y_label("f").log_y(), |plot, descent| {
            plot.curve(descent.name, descent.values.iter().enumerate().map(|(step, &f)| (step as f64, f)))
        });
    let (paths_file, curves_file) = (folder.join("paths.svg"), folder.join("curves.svg"));
    let saved = paths.save(&paths_file).and_then(|()| curves.save(&curves_file));
    saved.map_err(|error| format!("cannot write the pictures ({error})"))?;
    println!("\nPictures: {}, {}", paths_file.display(), curves_file.display());
    Ok(())
}
