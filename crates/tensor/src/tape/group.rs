//! Which operations belong together: those of one module.

use super::Tape;
use super::entry::Role;

impl Tape {
    /// Finds the group of each entry, in order: inputs come before what is computed from them.
    pub(super) fn regroup(&mut self) {
        let losses: Vec<usize> = self.losses().collect();
        for number in 0..self.entries().len() {
            self.recorder.entries[number].group = self.group_of(number).filter(|_| !losses.contains(&number));
        }
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
