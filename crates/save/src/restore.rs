//! Putting the states of a checkpoint back: all of them, or none.

use downhill_tensor::{LoadError, StateDict, with_generator};

use crate::checkpoint::Checkpoint;
use crate::error::Error;

/// What [`Checkpoint::restore`] is to put back; nothing happens before [`finish`](Restore::finish).
#[must_use = "nothing is restored before `finish()`"]
pub struct Restore<'a> {
    checkpoint: &'a Checkpoint,
    parts: Vec<Part<'a>>,
    generator: bool,
}

/// A state by its name, what it replaces, and how it is loaded.
struct Part<'a> {
    name: String,
    before: StateDict,
    load: Load<'a>,
}

type Load<'a> = Box<dyn FnMut(&StateDict) -> Result<(), LoadError> + 'a>;

impl<'a> Restore<'a> {
    pub(crate) fn new(checkpoint: &'a Checkpoint) -> Self {
        Restore { checkpoint, parts: Vec::new(), generator: false }
    }

    /// Also the state with this name. `before` is the present state, which is loaded again when another part does not fit.
    pub fn state(
        mut self,
        name: &str,
        before: StateDict,
        load: impl FnMut(&StateDict) -> Result<(), LoadError> + 'a,
    ) -> Self {
        self.parts.push(Part { name: name.to_owned(), before, load: Box::new(load) });
        self
    }

    /// Also the state of this thread's default generator.
    pub fn generator(self) -> Self {
        Restore { generator: true, ..self }
    }

    /// Restores.
    ///
    /// ```
    /// # use downhill_nn::{Linear, Module};
    /// # use downhill_save::Checkpoint;
    /// let (small, large) = (Linear::new(1, 1), Linear::new(2, 1));
    /// let checkpoint = Checkpoint::new().with_state("model", &small.state_dict());
    /// let load = |state: &_| large.load_state_dict(state);
    /// let error = checkpoint.restore().state("model", large.state_dict(), load).finish().unwrap_err();
    /// assert!(error.to_string().ends_with("the state `model` does not fit: `weight` has shape [1, 1], expected [1, 2]"));
    /// ```
    ///
    /// # Errors
    /// When the checkpoint does not have a part, or it does not fit. Everything is then as it was before.
    ///
    /// # Panics
    /// When a `before` does not fit what it was taken from, and, with the generator, inside `with_generator`.
    #[track_caller]
    pub fn finish(self) -> Result<(), Error> {
        let Restore { checkpoint, mut parts, generator } = self;
        let generator = if generator { Some(checkpoint.generator()?) } else { None };
        let states: Vec<StateDict> =
            parts.iter().map(|part| checkpoint.state(&part.name)).collect::<Result<_, _>>()?;
        for (i, state) in states.iter().enumerate() {
            if let Err(reason) = (parts[i].load)(state) {
                let error = checkpoint.misfit(&parts[i].name, reason);
                for Part { before, load, .. } in parts[..i].iter_mut().rev() {
                    load(before).expect("the state from before the checkpoint was loaded fits");
                }
                return Err(error);
            }
        }
        if let Some(restored) = generator {
            with_generator(|generator| *generator = restored);
        }
        Ok(())
    }
}
