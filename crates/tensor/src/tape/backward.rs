//! The steps of a backward pass: at each tensor the finished gradient, and what goes on to each input.

use std::collections::HashMap;

use super::entry::Entry;
use crate::any_tensor::AnyTensor;
use crate::observe::{Passed, Started};

/// A step of a backward pass: the gradient of a tensor is complete and is handed on to what it was computed from.
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

    /// What each input that wants a gradient gets; nothing at a leaf.
    pub fn contributions(&self) -> &[Contribution] {
        &self.contributions
    }
}

/// What one input of an operation gets in a step.
#[derive(Clone, Debug)]
pub struct Contribution {
    input: usize,
    position: usize,
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

    /// What this operation adds to the gradient of the input.
    pub fn grad(&self) -> &AnyTensor {
        &self.grad
    }

    /// The sum of all that has reached the input so far.
    pub fn sum(&self) -> &AnyTensor {
        &self.sum
    }
}

/// A backward pass.
#[derive(Clone)]
pub(super) struct Walk {
    /// Where it started, with the gradient that was given.
    pub(super) roots: Vec<(usize, AnyTensor)>,
    pub(super) steps: Vec<Step>,
    /// The entry that each tensor has in this pass: the one that was used in the forward pass.
    entries: HashMap<u64, usize>,
    sums: HashMap<usize, AnyTensor>,
}

impl Walk {
    /// A pass from outputs that are on the tape; others have no entry.
    pub(super) fn new(started: &Started, latest: &HashMap<u64, usize>) -> Self {
        let mut walk = Walk { roots: Vec::new(), steps: Vec::new(), entries: HashMap::new(), sums: HashMap::new() };
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
        self.steps.iter().find(|step| step.entry == number).map(|step| &step.grad)
    }

    /// The entry of a tensor in this pass.
    pub(super) fn entry_of(&self, id: u64) -> Option<usize> {
        self.entries.get(&id).copied()
    }

    pub(super) fn pass(&mut self, passed: &Passed, entries: &[Entry], latest: &HashMap<u64, usize>) {
        let Some(&entry) = self.entries.get(&passed.id).or_else(|| latest.get(&passed.id)) else { return };
        let mut contributions = Vec::new();
        for handed_on in &passed.contributions {
            // What was computed before the tape began is a leaf on it, and its inputs are unknown.
            let Some(&input) = entries[entry].inputs.get(handed_on.position) else { continue };
            self.entries.insert(handed_on.id, input);
            let sum = match self.sums.get(&input) {
                Some(sum) => sum.plus(&handed_on.grad),
                None => handed_on.grad.clone(),
            };
            self.sums.insert(input, sum.clone());
            let (position, grad) = (handed_on.position, handed_on.grad.clone());
            contributions.push(Contribution { input, position, grad, sum });
        }
        self.steps.push(Step { entry, grad: passed.grad.clone(), contributions });
    }
}
