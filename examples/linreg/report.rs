//! The report on a run: progress, curve, parameters against the true ones, an explanation, and pictures.

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::time::{Duration, Instant};

use downhill::viz::Plot;
use downhill_examples::TERMINAL;

use crate::experiment::{Outcome, Run};
use crate::source::Source;

/// A terminal line that is overwritten while a run trains; nothing is shown when the output is not a terminal.
pub struct Progress {
    epochs: usize,
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    pub fn new(run: &Run) -> Self {
        Progress { epochs: run.epochs, shown: None, is_terminal: stderr().is_terminal() }
    }

    pub fn show(&mut self, epoch: f64, loss: f64) {
        let is_time = self.shown.is_none_or(|shown| shown.elapsed() > Duration::from_millis(50));
        if self.is_terminal && is_time {
            eprint!("\r  epoch {epoch:.2} of {}, loss {loss:.3e}\x1b[K", self.epochs);
            let _ = stderr().flush();
            self.shown = Some(Instant::now());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_terminal {
            eprint!("\r\x1b[K");
        }
    }
}

pub fn print_run(run: &Run, outcome: &Outcome, source: &Source) {
    let decay = run.decay_after.map_or(String::new(), |last| format!(" (x 0.1 after epoch {last})"));
    println!(
        "== {}: batch size {}, learning rate {}{decay}, {} epochs",
        run.name, run.batch_size, run.lr, run.epochs
    );
    loss_plot(&run.name, [(run, outcome)]).print(TERMINAL.0, TERMINAL.1);

    let (weights, bias) = source.in_original_units(&outcome.weights, outcome.bias);
    let known = |i: usize| match &source.truth {
        Some((weights, bias)) => format!("  (true {})", weights.get(i).copied().unwrap_or(*bias)),
        None => String::new(),
    };
    for (i, (name, weight)) in source.names.iter().zip(&weights).enumerate() {
        println!("  weight of {name} = {}{}", parameter(*weight), known(i));
    }
    println!("  bias = {}{}", parameter(bias), known(weights.len()));
    println!(
        "  loss {:.3e} -> {:.3e} in {} steps, {}",
        outcome.first_loss(),
        outcome.last_loss(),
        outcome.steps,
        time(outcome)
    );
    println!("  {}\n", why(run, outcome, source));
}

/// One sentence that explains the course of the run, based on its own numbers.
fn why(run: &Run, outcome: &Outcome, source: &Source) -> String {
    let rows = source.dataset.features().shape()[0];
    let limit = 2.0 / source.largest_curvature();
    if let Some(epoch) = outcome.diverged_at() {
        return format!(
            "Diverged: the loss had grown beyond all bounds at epoch {epoch:.2}. A step of {} jumps over the valley \
             and lands higher on the other side; even with all rows in a batch no rate above {} can converge here (2 \
             / the largest curvature). Try --lr {}{}.",
            run.lr,
            short(limit),
            short(limit / 10.0),
            if limit < 0.01 { " or --standardize" } else { "" },
        );
    }
    if outcome.last_loss() > outcome.first_loss() {
        return format!(
            "The loss grew: the rate {} is too large for this batch size; the limit is {}.",
            run.lr,
            short(limit)
        );
    }
    if is_still_falling(outcome, source) {
        let decay = if run.decay_after.is_some() { ", even more so after the rate decayed" } else { "" };
        return format!(
            "Still far from the minimum at the end: {} steps of {} are too few or too short{decay}. Train longer, or \
             raise the rate (the limit is {} for full batches and less for small ones).",
            outcome.steps,
            run.lr,
            short(limit)
        );
    }
    if run.batch_size >= rows {
        return "Every step uses all rows, so it goes straight downhill without noise, but an epoch has only one step."
            .to_owned();
    }
    let noise = match run.batch_size {
        1 => {
            "Each step follows a single row: fast at first, then the noise of the rows keeps it jittering around the \
             minimum"
        }
        _ => "The mean over a batch is less noisy than a single row, and there are still many steps in an epoch",
    };
    match run.decay_after {
        Some(last) if last < run.epochs => {
            format!("{noise}; the smaller rate from epoch {} on lets it settle.", last + 1)
        }
        _ => format!("{noise}."),
    }
}

/// Whether the run ended far above the minimum: much of the loss could still go, and it has not fallen much yet.
fn is_still_falling(outcome: &Outcome, source: &Source) -> bool {
    outcome.last_loss() > 1e-6 * outcome.first_loss()
        && source.reducible_fraction(&outcome.weights, outcome.bias) > 0.1
}

pub fn print_table(results: &[(Run, Outcome)], source: &Source) {
    let error = |outcome: &Outcome| {
        let Some((weights, bias)) = &source.truth else { return "-".to_owned() };
        let (found, found_bias) = source.in_original_units(&outcome.weights, outcome.bias);
        let distances = found.iter().zip(weights).map(|(a, b)| a - b).chain([found_bias - bias]);
        format!("{:.1e}", distances.map(|d| d * d).sum::<f64>().sqrt())
    };
    println!(
        "{:<17} {:>6} {:>6} {:>6} {:>10} {:>10} {:>10}  outcome",
        "run", "batch", "rate", "steps", "time", "loss", "error"
    );
    for (run, outcome) in results {
        let end = match outcome.diverged_at() {
            Some(epoch) => format!("diverged at epoch {epoch:.2}"),
            None if is_still_falling(outcome, source) => "still falling".to_owned(),
            None => "converged".to_owned(),
        };
        println!(
            "{:<17} {:>6} {:>6} {:>6} {:>10} {:>10.2e} {:>10}  {end}",
            run.name,
            run.batch_size,
            run.lr,
            outcome.steps,
            time(outcome),
            outcome.last_loss(),
            error(outcome),
        );
    }
    println!("\nTime is that of the training steps alone; error is the distance of weights and bias from the truth.");
}

/// The picture of all runs.
const ALL_RUNS: &str = "all-runs.svg";

/// The picture of one run.
fn picture_name(run: &Run) -> String {
    format!("{}.svg", run.name.replace(' ', "-"))
}

/// The files that [`save_pictures`] will write.
pub fn picture_names(runs: &[Run]) -> Vec<String> {
    let all = (runs.len() > 1).then(|| ALL_RUNS.to_owned());
    runs.iter().map(picture_name).chain(all).collect()
}

/// Writes a picture of each run and one of all; returns the names of the files.
pub fn save_pictures(results: &[(Run, Outcome)], folder: &Path) -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    let mut save = |name: String, plot: Plot| {
        let file = folder.join(name);
        plot.save(&file)?;
        files.push(file.display().to_string());
        std::io::Result::Ok(())
    };
    for (run, outcome) in results {
        save(picture_name(run), loss_plot(&run.name, [(run, outcome)]))?;
    }
    if results.len() > 1 {
        let all = results.iter().map(|(run, outcome)| (run, outcome));
        save(ALL_RUNS.to_owned(), loss_plot("Batch size and learning rate", all))?;
    }
    Ok(files)
}

fn loss_plot<'a>(title: &str, results: impl IntoIterator<Item = (&'a Run, &'a Outcome)>) -> Plot {
    let plot = Plot::new(title).x_label("epoch").y_label("loss").log_y();
    results.into_iter().fold(plot, |plot, (run, outcome)| {
        plot.curve(format!("batch {}, rate {}", run.batch_size, run.lr), outcome.losses.iter().copied())
    })
}

fn time(outcome: &Outcome) -> String {
    format!("{:.2} ms", outcome.time.as_secs_f64() * 1e3)
}

/// A weight or the bias.
fn parameter(value: f64) -> String {
    if value.abs() < 1e9 { format!("{value:.4}") } else { format!("{value:.4e}") }
}

/// Two significant digits.
fn short(value: f64) -> String {
    let digits = 1.0 - value.abs().log10().floor();
    if !(-12.0..=12.0).contains(&digits) {
        format!("{value:.1e}")
    } else {
        format!("{value:.*}", digits.max(0.0) as usize)
    }
}
