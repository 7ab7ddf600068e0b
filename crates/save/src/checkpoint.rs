//! `Checkpoint`: everything needed to resume a run, in one file.

use std::collections::BTreeMap;
use std::path::Path;

use downhill_tensor::{Error as TensorError, Generator, LoadError, StateDict, Tensor, with_generator};

use crate::error::Error;
use crate::safetensors::{load_file_with_metadata, save_file_with_metadata};

/// The text that marks a safetensors file as a checkpoint.
const FORMAT: &str = "downhill checkpoint 1";
const NUMBERS: &str = "numbers";
const GENERATOR: &str = "generator";

/// The states of a run under names of your choice, the generator's state, and numbers and texts of your own.
///
/// A restored run continues bit for bit as if it had not stopped, provided you save the states of the model,
/// optimiser, scheduler and loader, and the generator.
///
/// ```
/// use downhill_nn::{Linear, Module};
/// use downhill_save::Checkpoint;
/// let path = std::env::temp_dir().join("downhill-checkpoint.safetensors");
/// let net = Linear::new(2, 1);
/// Checkpoint::new()
///     .with_state("model", &net.state_dict())
///     .with_generator()
///     .with_number("best accuracy", 0.97)
///     .with_text("data", "digits, seed 7")
///     .save(&path)?;
///
/// let net = Linear::new(2, 1);
/// let checkpoint = Checkpoint::load(&path)?;
/// checkpoint
///     .restore()
///     .state("model", net.state_dict(), |state| net.load_state_dict(state))
///     .generator()
///     .finish()?;
/// assert_eq!(checkpoint.number("best accuracy")?, 0.97);
/// assert_eq!(checkpoint.text("data")?, "digits, seed 7");
/// # Ok::<(), downhill_save::Error>(())
/// ```
///
/// The file is a safetensors file with tensors named `model.weight`, `generator.state` and so on, which PyTorch can
/// read.
#[derive(Clone, Debug, Default)]
pub struct Checkpoint {
    /// The file it was loaded from, for error messages.
    file: String,
    states: Vec<(String, StateDict)>,
    texts: BTreeMap<String, String>,
}

impl Checkpoint {
    /// An empty checkpoint.
    pub fn new() -> Self {
        Checkpoint { file: "a checkpoint that was not loaded".to_owned(), ..Checkpoint::default() }
    }

    /// Adds a state under a name such as `model`; an earlier state with this name is replaced.
    ///
    /// # Panics
    /// When the name is empty or contains a dot or a comma, which separate names in the file, or is one of those
    /// reserved for [`with_generator`](Checkpoint::with_generator) and [`with_number`](Checkpoint::with_number):
    /// `generator` and `numbers`.
    #[track_caller]
    pub fn with_state(self, name: &str, state: &StateDict) -> Self {
        if name.is_empty() || name.contains(['.', ',']) || [GENERATOR, NUMBERS].contains(&name) {
            let expected = "a name without dots and commas, other than `generator` and `numbers`";
            let (op, given) = ("Checkpoint::with_state", format!("{name:?}"));
            TensorError::Argument { op, name: "name", given, expected }.raise();
        }
        self.with(name, state.clone())
    }

    /// Adds the state of this thread's default generator, which dropout and `randn` draw from.
    ///
    /// # Panics
    /// Inside `with_generator`.
    #[track_caller]
    pub fn with_generator(self) -> Self {
        let words = with_generator(|generator| generator.state()).map(u64::cast_signed);
        let mut state = StateDict::new();
        state.insert("state", &Tensor::from(words));
        self.with(GENERATOR, state)
    }

    /// Adds a number of your own, such as the best accuracy so far.
    pub fn with_number(mut self, name: &str, number: f64) -> Self {
        match self.states.iter_mut().find(|(other, _)| other == NUMBERS) {
            Some((_, numbers)) => numbers.insert_number::<f64>(name, number),
            None => {
                let mut numbers = StateDict::new();
                numbers.insert_number::<f64>(name, number);
                self.states.push((NUMBERS.to_owned(), numbers));
            }
        }
        self
    }

    /// Adds a text of your own, such as where the data came from.
    pub fn with_text(mut self, name: &str, text: &str) -> Self {
        self.texts.insert(name.to_owned(), text.to_owned());
        self
    }

    /// Writes the checkpoint. A crash while writing leaves the previous file intact: see
    /// [`save_file`](crate::save_file).
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let mut tensors = StateDict::new();
        self.states.iter().for_each(|(name, state)| tensors.insert_all(name, state));
        let names: Vec<&str> = self.states.iter().map(|(name, _)| name.as_str()).collect();
        let own = [("format".to_owned(), FORMAT.to_owned()), ("states".to_owned(), names.join(","))];
        let texts = self.texts.iter().map(|(name, text)| (format!("text.{name}"), text.clone()));
        save_file_with_metadata(&tensors, &own.into_iter().chain(texts).collect(), path)
    }

    /// Reads a checkpoint without changing anything else; [`restore`](Checkpoint::restore) puts the states back.
    ///
    /// # Errors
    /// When the file cannot be read, is cut off, or is not a checkpoint.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let file = path.as_ref().display().to_string();
        let (tensors, metadata) = load_file_with_metadata(path)?;
        let format = metadata.get("format").map(String::as_str);
        if format != Some(FORMAT) {
            let found = match format {
                Some(format) => format!("of the format {format:?} instead of {FORMAT:?}"),
                None => "a safetensors file without the text `format`".to_owned(),
            };
            return Err(Error::NotACheckpoint { file, found });
        }
        let names =
            metadata.get("states").into_iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty());
        let mut parts = tensors.by_prefix();
        let states = names.map(|name| (name.to_owned(), parts.remove(name).unwrap_or_default())).collect();
        let text = |(name, text): (&String, &String)| Some((name.strip_prefix("text.")?.to_owned(), text.clone()));
        Ok(Checkpoint { file, states, texts: metadata.iter().filter_map(text).collect() })
    }

    /// The state with this name.
    ///
    /// # Errors
    /// When the checkpoint has none.
    pub fn state(&self, name: &str) -> Result<StateDict, Error> {
        let names = || self.states.iter().map(|(name, _)| name.clone()).collect();
        self.find(name).cloned().ok_or_else(|| self.no_part(format!("state `{name}`"), names()))
    }

    /// The number with this name.
    ///
    /// # Errors
    /// When the checkpoint has none.
    pub fn number(&self, name: &str) -> Result<f64, Error> {
        let numbers = self.find(NUMBERS);
        match numbers.filter(|numbers| numbers.get(name).is_some()) {
            Some(numbers) => numbers.number::<f64>(name).map_err(|reason| self.misfit(NUMBERS, reason)),
            None => {
                let names = numbers.iter().flat_map(|numbers| numbers.iter()).map(|(name, _)| name.to_owned());
                Err(self.no_part(format!("number `{name}`"), names.collect()))
            }
        }
    }

    /// The text with this name.
    ///
    /// # Errors
    /// When the checkpoint has none.
    pub fn text(&self, name: &str) -> Result<&str, Error> {
        let names = || self.texts.keys().cloned().collect();
        self.texts.get(name).map(String::as_str).ok_or_else(|| self.no_part(format!("text `{name}`"), names()))
    }

    /// The saved generator.
    pub(crate) fn generator(&self) -> Result<Generator, Error> {
        let words = self.state(GENERATOR)?.tensor::<i64>("state").map_err(|reason| self.misfit(GENERATOR, reason))?;
        match <[i64; 4]>::try_from(words.to_vec()).ok().filter(|words| *words != [0; 4]) {
            Some(words) => Ok(Generator::from_state(words.map(i64::cast_unsigned))),
            None => {
                let problem = format!("expected four words that are not all 0, got {:?}", words.to_vec());
                Err(self.misfit(GENERATOR, LoadError::Value { name: "state".to_owned(), problem }))
            }
        }
    }

    pub(crate) fn misfit(&self, state: &str, reason: LoadError) -> Error {
        Error::State { file: self.file.clone(), state: state.to_owned(), reason }
    }

    fn no_part(&self, part: String, found: Vec<String>) -> Error {
        Error::NoPart { file: self.file.clone(), part, found }
    }

    fn find(&self, name: &str) -> Option<&StateDict> {
        self.states.iter().find(|(other, _)| other == name).map(|(_, state)| state)
    }

    fn with(mut self, name: &str, state: StateDict) -> Self {
        self.states.retain(|(other, _)| other != name);
        self.states.push((name.to_owned(), state));
        self
    }
}
