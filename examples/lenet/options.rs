//! The command line of `lenet`.

use std::ffi::OsString;
use std::path::PathBuf;

use downhill_examples::{at_least_one, not_negative};
use lexopt::prelude::*;

pub const HELP: &str = "\
Train LeNet to read digits.

Usage: cargo run --release --example lenet -- [OPTIONS]

Training
  --epochs N        passes over the training images             [10]
  --batch-size N    images in a batch                           [4]
  --lr X            learning rate of SGD                        [0.001]
  --momentum X      momentum of SGD                             [0.9]
  --seed N          for the images, the weights and their order [42]

Data
  --data DIR        files in MNIST format, plain or .gz; generated digits without it
  --images N        how many digits to generate for training    [8000]

Other
  --save FILE       write a checkpoint after each epoch
  --resume FILE     go on from a checkpoint, bit for bit as if it had not stopped
  --out DIR         folder for the picture of mistakes          [out/lenet]
  -h, --help        this text

Examples
  cargo run --release --example lenet
  cargo run --release --example lenet -- --epochs 3 --save lenet.checkpoint
  cargo run --release --example lenet -- --epochs 6 --resume lenet.checkpoint --save lenet.checkpoint
";

/// The parsed command line.
pub enum Command {
    Help,
    Train(Options),
}

#[derive(Debug, PartialEq)]
pub struct Options {
    pub epochs: usize,
    pub batch_size: usize,
    pub lr: f64,
    pub momentum: f64,
    pub seed: u64,
    pub data: Option<PathBuf>,
    pub images: usize,
    pub save: Option<PathBuf>,
    pub resume: Option<PathBuf>,
    pub out: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            epochs: 10,
            batch_size: 4,
            lr: 0.001,
            momentum: 0.9,
            seed: 42,
            data: None,
            images: 8000,
            save: None,
            resume: None,
            out: None,
        }
    }
}

/// Parses the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, String> {
    read(lexopt::Parser::from_args(arguments)).map_err(|error| format!("{error} (see --help)"))
}

fn read(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options::default();
    let mut images_given = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("epochs") => options.epochs = at_least_one("--epochs", parser.value()?.parse()?)?,
            Long("batch-size") => options.batch_size = at_least_one("--batch-size", parser.value()?.parse()?)?,
            Long("lr") => options.lr = not_negative("--lr", parser.value()?.parse()?)?,
            Long("momentum") => options.momentum = not_negative("--momentum", parser.value()?.parse()?)?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("data") => options.data = Some(parser.value()?.into()),
            Long("images") => {
                images_given = true;
                options.images = at_least_one("--images", parser.value()?.parse()?)?;
            }
            Long("save") => options.save = Some(parser.value()?.into()),
            Long("resume") => options.resume = Some(parser.value()?.into()),
            Long("out") => options.out = Some(parser.value()?.into()),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    if images_given && options.data.is_some() {
        return Err("--images is how many digits to generate; with --data they come from files".into());
    }
    Ok(Command::Train(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_refused() {
        let parsed = |line: &str| match parse(line.split_whitespace()) {
            Ok(Command::Train(options)) => Ok(options),
            Ok(Command::Help) => Err("help".to_owned()),
            Err(message) => Err(message),
        };
        assert_eq!(parsed(""), Ok(Options::default()));
        assert_eq!(
            parsed("--lr 0.1 --save a"),
            Ok(Options { lr: 0.1, save: Some("a".into()), ..Options::default() })
        );
        assert_eq!(parsed("-h"), Err("help".to_owned()));
        for (line, message) in [
            ("--epochs 0", "--epochs is 0; it must be at least 1 (see --help)"),
            ("--momentum -1", "--momentum is -1; it must be finite and not negative (see --help)"),
            (
                "--images 9 --data d",
                "--images is how many digits to generate; with --data they come from files (see --help)",
            ),
            ("--gpu", "invalid option '--gpu' (see --help)"),
        ] {
            assert_eq!(parsed(line), Err(message.to_owned()));
        }
    }
}
