//! The steps of a backward pass: the complete gradient of each tensor, and the contribution to each input.

use std::collections::HashMap;
use std::panic::Location;

use super::entry::Entry;
use crate::autograd::any_tensor::AnyTensor;
use crate::autograd::observe::{Passed, Started};

/// A step of a backward pass: the gradient of a tensor is complete and is propagated to the inputs it was computed
/// from.
#[derive(Clone, Debug)]
pub struct Step {
    entry: usize,
    grad: AnyTensor,
    contributions: Vec<Contribution>,
}

impl Step {
    /// The number of the tensor on the tape.
    pub fn entry(&self) -> usize {
        self.entry
    }

    /// Its gradient, summed over all consumers.
    pub fn grad(&self) -> &AnyTensor {
        &self.grad
    }

    /// The contribution to each input that requires a gradient; none at a leaf.
    pub fn contributions(&self) -> &[Contribution] {
        &self.contributions
    }
}

/// Added to the rule of a gradient whose input was broadcast.
const SUMMED: &str = "summed over the repeated dimensions";

/// The contribution to one input of an operation in a step.
#[derive(Clone, Debug)]
pub struct Contribution {
    input: usize,
    position: usize,
    rule: String,
    grad: AnyTensor,
    sum: AnyTensor,
}

impl Contribution {
    /// The number of the input on the tape.
    pub fn input(&self) -> usize {
        self.input
    }

    /// Which input of the operation it is.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The textbook rule, as [`Entry::derivative`], and whether it was summed over the dimensions in which the input
    /// was broadcast.
    ///
    /// ```
    /// use downhill_tensor::{Tape, Tensor};
    /// let b = Tensor::from(1.0).requires_grad_(true);
    /// let (loss, tape) = Tape::record(|| (Tensor::zeros([3]) + &b).sum());
    /// let steps = tape.backward_steps(&loss);
    /// assert_eq!(steps[1].contributions()[0].rule(), "grad, summed over the repeated dimensions");
    /// ```
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What this operation adds to the gradient of the input.
    pub fn grad(&self) -> &AnyTensor {
        &self.grad
    }

    /// The sum of all contributions to the input so far.
    pub fn sum(&self) -> &AnyTensor {
        &self.sum
    }
}

/// A backward pass.
#[derive(Clone)]
pub(super) struct Walk {
    /// The outputs where it started, with their seed gradients.
    pub(super) roots: Vec<(usize, AnyTensor)>,
    pub(super) steps: Vec<Step>,
    /// The first step at each entry.
    step_indices: HashMap<usize, usize>,
    /// The user's line.
    pub(super) line: &'static Location<'static>,
    /// The entry of each tensor in this pass: the one used in the forward pass, the oldest if there are several.
    entries: HashMap<u64, usize>,
    /// Later entries of tensors that were changed in place between two uses.
    later: HashMap<u64, Vec<usize>>,
    sums: HashMap<usize, AnyTensor>,
    /// The gradients of leaves that are not on the tape, because they were used before the recording.
    elsewhere: HashMap<u64, AnyTensor>,
}

impl Walk {
    /// A pass from the outputs that are on the tape; others have no entry.
    pub(super) fn new(started: &Started, latest: &HashMap<u64, usize>) -> Self {
        let mut walk = Walk {
            roots: Vec::new(),
            steps: Vec::new(),
            step_indices: HashMap::new(),
            line: started.line,
            entries: HashMap::new(),
            later: HashMap::new(),
            sums: HashMap::new(),
            elsewhere: HashMap::new(),
        };
        for (id, seed) in &started.roots {
            if let Some(&number) = latest.get(id) {
                walk.roots.push((number, seed.clone()));
                walk.entries.insert(*id, number);
            }
        }
        walk
    }

    pub(super) fn starts_at(&self, number: usize) -> bool {
        self.roots.iter().any(|(root, _)| *root == number)
    }

    /// The gradient of an entry.
    pub(super) fn grad(&self, number: usize) -> Option<&AnyTensor> {
        self.step_index(number).map(|index| &self.steps[index].grad)
    }

    /// The index of the first step at an entry.
    pub(super) fn step_index(&self, number: usize) -> Option<usize> {
        self.step_indices.get(&number).copied()
    }

    fn push(&mut self, step: Step) {
        self.step_indices.entry(step.entry).or_insert(self.steps.len());
        self.steps.push(step);
    }

    /// The entry of a tensor in this pass.
    pub(super) fn entry_of(&self, id: u64) -> Option<usize> {
        self.entries.get(&id).copied()
    }

    /// The gradient of a leaf that is not on the tape.
    pub(super) fn elsewhere(&self, id: u64) -> Option<&AnyTensor> {
        self.elsewhere.get(&id)
    }

    pub(super) fn pass(&mut self, passed: &Passed, entries: &[Entry], latest: &HashMap<u64, usize>) {
        let Some(&(mut entry)) = self.entries.get(&passed.id).or_else(|| latest.get(&passed.id)) else {
            if passed.is_leaf() {
                self.elsewhere.insert(passed.id, passed.grad.clone());
            }
            return;
        };
        // The operation is that of the value before the change.
        while entries[entry].changed {
            self.later.entry(passed.id).or_default().push(entry);
            entry = entries[entry].inputs[0];
        }
        self.entries.insert(passed.id, entry);
        self.unite(passed.id, entry);
        let mut contributions = Vec::new();
        for handed_on in &passed.contributions {
            // A value computed before the recording is a leaf on the tape; its inputs are unknown.
            let Some(&input) = entries[entry].inputs.get(handed_on.position) else { continue };
            self.meet(handed_on.id, input);
            let rule = entries[entry].derivative(handed_on.position);
            let rule = if handed_on.summed { format!("{rule}, {SUMMED}") } else { rule.to_owned() };
            contributions.push(self.contribution(input, handed_on.position, rule, &handed_on.grad));
        }
        self.push(Step { entry, grad: passed.grad.clone(), contributions });
    }

    /// Adds a contribution to the gradient of an entry.
    fn meet(&mut self, id: u64, entry: usize) {
        let oldest = self.entries.entry(id).or_insert(entry);
        if *oldest != entry {
            let later = self.later.entry(id).or_default();
            let newer = entry.max(*oldest);
            *oldest = entry.min(*oldest);
            if !later.contains(&newer) {
                later.push(newer);
            }
        }
    }

    /// A tensor has one gradient for all the values it had in the forward pass: passes what the later ones got on to
    /// the oldest.
    fn unite(&mut self, id: u64, oldest: usize) {
        let mut later = self.later.remove(&id).unwrap_or_default();
        later.sort_unstable_by(|a, b| b.cmp(a));
        for entry in later {
            let Some(grad) = self.sums.get(&entry).cloned() else { continue };
            let contributions = vec![self.contribution(oldest, 0, "grad".to_owned(), &grad)];
            self.push(Step { entry, grad, contributions });
        }
    }

    fn contribution(&mut self, input: usize, position: usize, rule: String, grad: &AnyTensor) -> Contribution {
        let sum = match self.sums.get(&input) {
            Some(sum) => sum.plus(grad),
            None => grad.clone(),
        };
        self.sums.insert(input, sum.clone());
        Contribution { input, position, rule, grad: grad.clone(), sum }
    }
}
