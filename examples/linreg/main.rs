//! Linear regression by gradient descent: five runs that show what batch size and learning rate do, or one run on
//! data of your own.
//!
//! ```text
//! cargo run --release --example linreg
//! cargo run --release --example linreg -- --help
//! ```
//!
//! `styles.rs` holds the training step, once by hand and once with `nn` and `optim`; `experiment.rs` the loop around
//! it.

mod experiment;
mod options;
mod report;
mod source;
mod styles;

use std::path::Path;
use std::process::ExitCode;

use downhill::prelude::*;

use experiment::{Outcome, Run};
use options::{Command, Options};
use report::Progress;
use source::Source;
use styles::{FromScratch, Regression, WithNn};

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    match options::parse(arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("linreg: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    let Command::Train(options) = command else {
        print!("{}", options::HELP);
        return Ok(());
    };
    // Check everything that can be wrong before replacing pictures of an earlier run.
    let source = Source::open(&options)?;
    let runs = if options.is_chapter { Run::chapter() } else { vec![options.run.clone()] };
    let pictures = report::picture_names(&runs);
    let pictures: Vec<&str> = pictures.iter().map(String::as_str).collect();
    let folder = downhill_examples::picture_folder("linreg", options.out.clone(), &pictures)?;
    println!("{}\n", source.description());

    let mut results: Vec<(Run, Outcome)> = Vec::new();
    for run in runs {
        let outcome = train(&run, &source, &options);
        report::print_run(&run, &outcome, &source);
        results.push((run, outcome));
    }
    if results.len() > 1 {
        report::print_table(&results, &source);
    }
    let pictures = report::save_pictures(&results, &folder).map_err(|error| cannot_write(&folder, &error))?;
    println!("\nPictures: {}", pictures.join(", "));
    Ok(())
}

fn train(run: &Run, source: &Source, options: &Options) -> Outcome {
    manual_seed(options.seed);
    let features = source.dataset.features().shape()[1];
    let mut model: Box<dyn Regression> = match options.from_scratch {
        true => Box::new(FromScratch::new(features, run.lr)),
        false => Box::new(WithNn::new(features, run)),
    };
    let mut progress = Progress::new(run);
    experiment::train(model.as_mut(), run, &source.dataset, options.seed, |epoch, loss| progress.show(epoch, loss))
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> String {
    format!("cannot write to {} ({error}); name another folder with --out", folder.display())
}
