//! LeNet classifies digits: PyTorch's training loop, with progress, accuracy, a confusion matrix, the worst mistakes
//! and checkpoints.
//!
//! ```text
//! cargo run --release --example lenet
//! cargo run --release --example lenet -- --help
//! ```
//!
//! `model.rs` holds the network, `training.rs` the loop, `report.rs` the report on the result.

mod model;
mod options;
mod report;
mod training;

use std::process::ExitCode;

use downhill::prelude::*;

use model::LeNet;
use options::{Command, Options};
use training::Run;

/// The picture of the worst mistakes.
const MISTAKES: &str = "mistakes.svg";

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
    // Check everything that can be wrong before the first step.
    let (train_data, test_data) = open(&options)?;
    let folder = downhill_examples::picture_folder("lenet", options.out.clone(), &[MISTAKES])?;
    if let Some(file) = &options.save {
        downhill_save::check_writable(file).map_err(|error| format!("{error}; name another file with --save"))?;
    }
    manual_seed(options.seed);
    let mut run = Run::new(LeNet::new(), train_data, &options);
    if let Some(file) = &options.resume {
        run.resume(file).map_err(|error| error.to_string())?;
        println!("Resumed {} after epoch {}", file.display(), run.epoch());
        if run.epoch() >= options.epochs {
            println!("Nothing is left to train: --epochs {} counts those that are done as well", options.epochs);
        }
    }
    println!("{}\n{} parameters\n", run.net, run.net.num_parameters());

    while run.epoch() < options.epochs {
        let train = run.train_epoch(options.epochs);
        if !train.loss.is_finite() {
            // The checkpoint of the previous epoch is kept.
            let epoch = run.epoch();
            return Err(format!("the loss is {} in epoch {epoch}; train with a smaller --lr", train.loss));
        }
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
    let file = folder.join(MISTAKES);
    let mistakes = report::save_mistakes(&images, &logits, &labels, &file)
        .map_err(|error| format!("cannot write {} ({error}); name another folder with --out", file.display()))?;
    println!("\n{mistakes} mistakes on {} test images; the worst are in {}", labels.numel(), file.display());
    Ok(())
}

/// Training and test images: generated, or from files in MNIST format.
fn open(options: &Options) -> Result<(Digits, Digits), String> {
    if let Some(folder) = &options.data {
        let mnist = data::Mnist::open(folder).map_err(|error| error.to_string())?;
        for (part, images) in [("training", &mnist.train), ("test", &mnist.test)] {
            if images.is_empty() {
                return Err(format!("{}: there are no {part} images; at least one is needed", folder.display()));
            }
        }
        println!("{} training and {} test images from {}", mnist.train.len(), mnist.test.len(), folder.display());
        return Ok((mnist.train, mnist.test));
    }
    // Different seeds from that of the weights, and never the same for training and test.
    let digits = |images, seed| data::synthetic::Digits::new(images).seed(seed).dataset();
    let (train, test) = (digits(options.images, 2 * options.seed + 1), digits(2000, 2 * options.seed));
    println!("{} training and {} test images, generated", train.len(), test.len());
    Ok((train, test))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IDX file of zeros.
    fn idx(shape: &[u32]) -> Vec<u8> {
        let sizes = shape.iter().flat_map(|size| size.to_be_bytes());
        let header = [0, 0, 8, shape.len() as u8].into_iter().chain(sizes);
        header.chain(vec![0; shape.iter().product::<u32>() as usize]).collect()
    }

    /// Anything that cannot work is rejected before the first step.
    #[test]
    fn everything_is_checked_before_the_first_step() {
        let folder = std::env::temp_dir().join(format!("downhill-lenet-checks-{}", std::process::id()));
        let data = |train, test| {
            let data = folder.join(format!("{train}-{test}"));
            std::fs::create_dir_all(&data).unwrap();
            for (part, count) in [("train", train), ("t10k", test)] {
                std::fs::write(data.join(format!("{part}-images-idx3-ubyte")), idx(&[count, 28, 28])).unwrap();
                std::fs::write(data.join(format!("{part}-labels-idx1-ubyte")), idx(&[count])).unwrap();
            }
            data.display().to_string()
        };
        let (no_train, no_test, good) = (data(0, 2), data(2, 0), data(2, 2));
        let out = folder.join("out").display().to_string();
        let missing = "No such file or directory (os error 2)";
        let rows = [
            (
                format!("--data {no_train}"),
                format!("{no_train}: there are no training images; at least one is needed"),
            ),
            (format!("--data {no_test}"), format!("{no_test}: there are no test images; at least one is needed")),
            (
                format!("--data {good} --save /nope/x"),
                format!("/nope/x: cannot be written: {missing}; name another file with --save"),
            ),
            (
                format!("--data {good} --save /dev/null"),
                "/dev/null: cannot be written: it is a device, not a regular file; name another file with --save"
                    .to_owned(),
            ),
            (format!("--data {good} --resume /nope/x"), format!("/nope/x: cannot be read: {missing}")),
        ];
        for (line, message) in rows {
            let command = options::parse(format!("{line} --out {out}").split(' ')).unwrap();
            assert_eq!(run(command).unwrap_err(), message, "{line}");
        }
        std::fs::create_dir_all(format!("{out}/mistakes.svg/taken")).unwrap();
        let command = options::parse(format!("--data {good} --out {out}").split(' ')).unwrap();
        let expected = format!(
            "{out}/mistakes.svg: cannot be written: Is a directory (os error 21); name another folder with --out"
        );
        assert_eq!(run(command).unwrap_err(), expected);
        // A rate that is too large is reported as such, and the diverged model is not saved.
        let save = folder.join("checkpoint").display().to_string();
        let line = format!(
            "--data {good} --out {folder}/other --lr 1e30 --epochs 9 --save {save}",
            folder = folder.display()
        );
        let error = run(options::parse(line.split(' ')).unwrap()).unwrap_err();
        assert!(error.starts_with("the loss is ") && error.ends_with("; train with a smaller --lr"), "{error}");
        if std::path::Path::new(&save).exists() {
            let saved = downhill_save::load_file(&save).unwrap();
            assert!(saved.iter().all(|(_, any)| any.get::<f32>().is_none_or(|x| x.abs().max().item().is_finite())));
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
