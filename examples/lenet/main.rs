//! LeNet reads digits: the loop of PyTorch, with progress, accuracy, a confusion matrix, the worst mistakes and checkpoints.
//!
//! ```text
//! cargo run --release --example lenet
//! cargo run --release --example lenet -- --help
//! ```
//!
//! `model.rs` holds the network, `training.rs` the loop, `report.rs` what is told of the result.

mod model;
mod options;
mod report;
mod training;

use std::process::ExitCode;

use downhill::prelude::*;

use model::LeNet;
use options::{Command, Options};
use training::Run;

/// Images `[n, 1, 28, 28]` and labels `[n]`.
type Digits = data::TensorDataset<f32, i64>;

fn main() -> ExitCode {
    match options::parse(std::env::args_os().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("lenet: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    let Command::Train(options) = command else {
        print!("{}", options::HELP);
        return Ok(());
    };
    let (train_data, test_data) = open(&options)?;
    let folder = downhill_examples::picture_folder("lenet", options.out.clone())?;
    manual_seed(options.seed);
    let mut run = Run::new(LeNet::new(), train_data, &options);
    if let Some(file) = &options.resume {
        run.resume(file).map_err(|error| error.to_string())?;
        println!("Resumed {} after epoch {}", file.display(), run.epoch());
    }
    println!("{}\n{} parameters\n", run.net, run.net.num_parameters());

    while run.epoch() < options.epochs {
        let train = run.train_epoch(options.epochs);
        let logits = report::logits(&run.net, &test_data.features());
        let test = nn::accuracy(&logits, &test_data.targets());
        println!(
            "epoch {:>2}: loss {:.4}, train accuracy {:.2} %, test accuracy {:.2} %, {:.0} images/s",
            run.epoch(),
            train.loss,
            100.0 * train.accuracy,
            100.0 * test,
            train.images_per_second
        );
        if let Some(file) = &options.save {
            run.save(file).map_err(|error| error.to_string())?;
        }
    }

    let (images, labels) = (test_data.features(), test_data.targets());
    let logits = report::logits(&run.net, &images);
    println!();
    report::print_confusion(&report::confusion(&logits, &labels));
    let file = folder.join("mistakes.svg");
    let mistakes = report::save_mistakes(&images, &logits, &labels, &file)
        .map_err(|error| format!("cannot write {} ({error}); name another folder with --out", file.display()))?;
    println!("\n{mistakes} mistakes on {} test images; the worst are in {}", labels.numel(), file.display());
    Ok(())
}

/// Training and test images: generated, or from files in MNIST format.
fn open(options: &Options) -> Result<(Digits, Digits), String> {
    if let Some(folder) = &options.data {
        let mnist = data::Mnist::open(folder).map_err(|error| error.to_string())?;
        println!("{} training and {} test images from {}", mnist.train.len(), mnist.test.len(), folder.display());
        return Ok((mnist.train, mnist.test));
    }
    // Other seeds than that of the weights, and never the same for training and test.
    let digits = |images, seed| data::synthetic::Digits::new(images).seed(seed).dataset();
    let (train, test) = (digits(options.images, 2 * options.seed + 1), digits(2000, 2 * options.seed));
    println!("{} training and {} test images, generated", train.len(), test.len());
    Ok((train, test))
}
