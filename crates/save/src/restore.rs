//! Restoring the states of a checkpoint: all of them, or none.

use downhill_tensor::{LoadError, StateDict, with_generator};

use crate::checkpoint::Checkpoint;
use crate::error::Error;

/// What [`Checkpoint::restore`] will restore; nothing happens before [`finish`](Restore::finish).
#[must_use = "nothing is restored before `finish()`"]
pub struct Restore<'a> {
    checkpoint: &'a Checkpoint,
    parts: Vec<Part<'a>>,
    generator: bool,
}

/// A state's name, the state to fall back to, and the function that loads it.
struct Part<'a> {
    name: String,
    before: StateDict,
    load: Load<'a>,
}

type Load<'a> = Box<dyn FnMut(&StateDict) -> Result<(), LoadError> + 'a>;

impl Checkpoint {
    /// Loads the states back into their objects: all of them or, when one does not fit, none.
    pub fn restore(&self) -> Restore<'_> {
        Restore { checkpoint: self, parts: Vec::new(), generator: false }
    }
}

impl<'a> Restore<'a> {
    /// Also restores the state with this name. `before` is the current state, which is loaded again when another part
    /// does not fit.
    pub fn state(
        mut self,
        name: &str,
        before: StateDict,
        load: impl FnMut(&StateDict) -> Result<(), LoadError> + 'a,
    ) -> Self {
        self.parts.push(Part { name: name.to_owned(), before, load: Box::new(load) });
        self
    }

    /// Also restores the state of this thread's default generator.
    pub fn generator(self) -> Self {
        Restore { generator: true, ..self }
    }

    /// Restores all parts.
    ///
    /// ```
    /// # use downhill_nn::{Linear, Module};
    /// # use downhill_save::Checkpoint;
    /// let (small, large) = (Linear::new(1, 1), Linear::new(2, 1));
    /// let checkpoint = Checkpoint::new().with_state("model", &small.state_dict());
    /// let load = |state: &_| large.load_state_dict(state);
    /// let error = checkpoint.restore().state("model", large.state_dict(), load).finish().unwrap_err();
    /// let expected = "the state `model` does not fit: `weight` has shape [1, 1], expected [1, 2]";
    /// assert!(error.to_string().ends_with(expected));
    /// ```
    ///
    /// # Errors
    /// When a part is missing from the checkpoint or does not fit. Everything is then unchanged.
    ///
    /// # Panics
    /// When a `before` does not fit the object it came from, and, with the generator, inside `with_generator`.
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
