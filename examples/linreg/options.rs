//! The command line of `linreg`.

use std::ffi::OsString;
use std::path::PathBuf;

use downhill::data::{CsvOptions, Missing};
use downhill_examples::{at_least_one, not_negative};
use lexopt::prelude::*;

use crate::experiment::Run;

pub const HELP: &str = "\
Fit a line by gradient descent.

Usage: cargo run --release --example linreg -- [OPTIONS]

Without options it reproduces five runs on 1000 generated examples (y = 2 x1 - 3.4 x2 + 4.2 and noise of 0.01) that
show the effect of batch size and learning rate. With training options it makes one run of your own.

Training
  --batch-size N      rows in a batch                                        [10]
  --lr X              learning rate                                          [0.1]
  --epochs N          passes over the data                                   [10]
  --decay-epoch N     multiply the learning rate by 0.1 at each epoch after this one
  --momentum X        keep this much of the velocity                         [0]
  --nesterov          look ahead along the velocity (needs --momentum)
  --weight-decay X    pull weights towards 0                                 [0]
  --replacement       draw each batch from all rows, so that some come twice
  --from-scratch      the update by hand instead of nn and optim (no momentum, no weight decay)

Data
  --csv FILE          numbers with a header line
  --target COLUMN     the column to predict; all others are features
  --standardize       bring each feature to mean 0 and standard deviation 1
  --delimiter C       what separates cells: a character, or \"tab\"           [,]
  --comment C         skip lines that begin with this character
  --decimal-comma     numbers are written as 2,5
  --fill X            the value of a feature whose cell is empty, NA or the like
  --skip COLUMN       leave this column out; may be given several times

Other
  --seed N            for the data, the start and the order of the rows      [42]
  --out DIR           folder for the pictures                                [out/linreg]
  -h, --help          this text

Examples
  cargo run --release --example linreg
  cargo run --release --example linreg -- --batch-size 100 --lr 0.5 --momentum 0.9
  cargo run --release --example linreg -- --csv houses.csv --target price --standardize
";

/// The parsed command line.
pub enum Command {
    Help,
    Train(Box<Options>),
}

/// The settings of a run, or of the chapter's five runs.
#[derive(Debug)]
pub struct Options {
    /// Whether no option on training or data was given.
    pub is_chapter: bool,
    pub run: Run,
    pub from_scratch: bool,
    /// A file and its target column.
    pub csv: Option<(PathBuf, String)>,
    pub csv_options: CsvOptions,
    pub standardize: bool,
    pub seed: u64,
    pub out: Option<PathBuf>,
}

/// Parses the arguments after the program's name.
pub fn parse(arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Command, String> {
    read(lexopt::Parser::from_args(arguments)).map_err(|error| format!("{error} (see --help)"))
}

fn read(mut parser: lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut run = Run::default();
    let (mut csv, mut target, mut out) = (None, None, None);
    let (mut is_chapter, mut from_scratch, mut standardize, mut seed) = (true, false, false, 42);
    let (mut csv_options, mut skipped, mut csv_option) = (CsvOptions::new(), Vec::new(), None);
    while let Some(argument) = parser.next()? {
        csv_option = csv_option.or(match argument {
            Long("delimiter") => Some("--delimiter"),
            Long("comment") => Some("--comment"),
            Long("decimal-comma") => Some("--decimal-comma"),
            Long("fill") => Some("--fill"),
            Long("skip") => Some("--skip"),
            _ => None,
        });
        is_chapter &= matches!(argument, Long("seed" | "out"));
        match argument {
            Long("batch-size") => run.batch_size = at_least_one("--batch-size", parser.value()?.parse()?)?,
            Long("lr") => run.lr = not_negative("--lr", parser.value()?.parse()?)?,
            Long("epochs") => run.epochs = at_least_one("--epochs", parser.value()?.parse()?)?,
            Long("decay-epoch") => run.decay_after = Some(parser.value()?.parse()?),
            Long("momentum") => run.momentum = not_negative("--momentum", parser.value()?.parse()?)?,
            Long("nesterov") => run.nesterov = true,
            Long("weight-decay") => run.weight_decay = not_negative("--weight-decay", parser.value()?.parse()?)?,
            Long("replacement") => run.replacement = true,
            Long("from-scratch") => from_scratch = true,
            Long("csv") => csv = Some(PathBuf::from(parser.value()?)),
            Long("target") => target = Some(parser.value()?.string()?),
            Long("standardize") => standardize = true,
            Long("delimiter") => {
                csv_options = csv_options.delimiter(mark("--delimiter", &parser.value()?.string()?)?);
            }
            Long("comment") => csv_options = csv_options.comment(mark("--comment", &parser.value()?.string()?)?),
            Long("decimal-comma") => csv_options = csv_options.decimal_comma(true),
            Long("fill") => {
                let number: f64 = parser.value()?.parse()?;
                if !number.is_finite() {
                    return Err(format!("--fill is {number}; it must be finite").into());
                }
                csv_options = csv_options.missing(Missing::Fill(number));
            }
            Long("skip") => skipped.push(parser.value()?.string()?),
            Long("seed") => seed = parser.value()?.parse()?,
            Long("out") => out = Some(PathBuf::from(parser.value()?)),
            Short('h') | Long("help") => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    if let (Some(option), None) = (csv_option, &csv) {
        return Err(format!("{option} needs --csv FILE").into());
    }
    let csv_options = csv_options.skip(skipped);
    let csv = match (csv, target) {
        (Some(file), Some(target)) => Some((file, target)),
        (Some(_), None) => return Err("--csv needs --target COLUMN, the column to predict".into()),
        (None, Some(_)) => return Err("--target needs --csv FILE".into()),
        (None, None) => None,
    };
    if run.nesterov && run.momentum == 0.0 {
        return Err("--nesterov needs --momentum X above 0".into());
    }
    if from_scratch && (run.momentum != 0.0 || run.weight_decay != 0.0) {
        return Err("--from-scratch has neither --momentum nor --weight-decay".into());
    }
    // The chapter updates by hand, as in a first lesson.
    from_scratch |= is_chapter;
    Ok(Command::Train(Box::new(Options { is_chapter, run, from_scratch, csv, csv_options, standardize, seed, out })))
}

/// A character that separates cells or begins comments.
fn mark(option: &str, text: &str) -> Result<char, lexopt::Error> {
    match (text, text.chars().next()) {
        ("tab" | "\\t", _) => Ok('\t'),
        (_, Some(c)) if text.chars().count() == 1 && !c.is_alphanumeric() && !"\" \r\n.+-_".contains(c) => Ok(c),
        _ => Err(format!("{option} is {text:?}; it must be one character that is no part of numbers, or tab").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, String> {
        match parse(line.split_whitespace())? {
            Command::Train(options) => Ok(*options),
            Command::Help => Err("help".to_owned()),
        }
    }

    #[test]
    fn without_options_of_training_it_is_the_chapter() {
        assert!(options("").unwrap().is_chapter && options("--seed 1 --out x").unwrap().is_chapter);
        let own = options("--lr 0.5 --seed 7 --decay-epoch 2").unwrap();
        assert!(!own.is_chapter && !own.from_scratch);
        assert_eq!((own.run.lr, own.run.batch_size, own.run.decay_after, own.seed), (0.5, 10, Some(2), 7));
        assert_eq!(options("--help").unwrap_err(), "help");
        let line = "--csv a --target y --delimiter tab --comment # --decimal-comma --fill 1 --skip a --skip b";
        let expected = CsvOptions::new().delimiter('\t').comment('#').decimal_comma(true).missing(Missing::Fill(1.0));
        assert_eq!(options(line).unwrap().csv_options, expected.skip(["a", "b"]));
    }

    #[test]
    fn errors_are_one_line() {
        for (line, message) in [
            ("--lr -1", "--lr is -1; it must be finite and not negative (see --help)"),
            ("--lr nan", "--lr is NaN; it must be finite and not negative (see --help)"),
            ("--batch-size 0", "--batch-size is 0; it must be at least 1 (see --help)"),
            ("--csv a.csv", "--csv needs --target COLUMN, the column to predict (see --help)"),
            ("--target price", "--target needs --csv FILE (see --help)"),
            ("--delimiter ;", "--delimiter needs --csv FILE (see --help)"),
            (
                "--delimiter ;;",
                "--delimiter is \";;\"; it must be one character that is no part of numbers, or tab (see --help)",
            ),
            (
                "--comment x",
                "--comment is \"x\"; it must be one character that is no part of numbers, or tab (see --help)",
            ),
            ("--csv a.csv --target y --fill inf", "--fill is inf; it must be finite (see --help)"),
            ("--nesterov", "--nesterov needs --momentum X above 0 (see --help)"),
            (
                "--from-scratch --momentum 0.9",
                "--from-scratch has neither --momentum nor --weight-decay (see --help)",
            ),
            ("--speed 3", "invalid option '--speed' (see --help)"),
            ("--lr", "missing argument for option '--lr' (see --help)"),
        ] {
            assert_eq!(options(line).unwrap_err(), message, "for `{line}`");
        }
        let message = options("--epochs many").unwrap_err();
        assert!(message.contains("\"many\"") && message.ends_with("(see --help)"), "{message}");
    }
}
