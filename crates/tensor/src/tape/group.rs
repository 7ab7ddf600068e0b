//! Groups the operations of a tape by module.

use super::Tape;
use super::entry::{Entry, Role};

impl Tape {
    /// Finds the group of each entry, in order: inputs come before what is computed from them.
    pub(super) fn regroup(&mut self) {
        let inner = self.inner();
        for (number, inner) in inner.into_iter().enumerate() {
            self.recorder.entries[number].group = self.group_of(number).filter(|_| inner);
        }
    }

    /// Whether an entry leads to an operation that takes a parameter. Operations after the last of these are the
    /// loss, and belong to no module.
    fn inner(&self) -> Vec<bool> {
        let is_parameter = |&input: &usize| self.entries()[input].role == Role::Parameter;
        let takes_parameter = |entry: &Entry| is_parameter(&entry.number) || entry.inputs.iter().any(is_parameter);
        let mut inner: Vec<bool> = self.entries().iter().map(takes_parameter).collect();
        for entry in self.entries().iter().rev().filter(|entry| entry.role == Role::Operation) {
            if inner[entry.number] {
                entry.inputs.iter().for_each(|&input| inner[input] = true);
            }
        }
        inner
    }

    fn group_of(&self, number: usize) -> Option<String> {
        let entry = &self.entries()[number];
        let inputs = || entry.inputs.iter().map(|&input| &self.entries()[input]);
        match entry.role {
            Role::Parameter => entry.name.as_ref()?.rsplit_once('.').map(|(module, _)| module.to_owned()),
            Role::Data => None,
            Role::Operation => {
                let parameters = inputs().filter(|input| input.role == Role::Parameter);
                let youngest = inputs().filter(|input| input.group.is_some()).max_by_key(|input| input.number);
                parameters.chain(youngest).find_map(|input| input.group.clone())
            }
        }
    }
}
