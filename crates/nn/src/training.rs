//! `Training`: the switch between training and evaluation.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::copy::copied_by_clone;
use crate::module::Visitor;
use crate::part::Part;

/// The switch between training and evaluation mode, for a module that behaves differently in the two.
#[derive(Debug)]
pub struct Training(AtomicBool);

impl Training {
    /// A switch set to training mode, in which every module starts.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Training(AtomicBool::new(true))
    }

    /// Whether the module is in training mode.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets training mode (`true`) or evaluation mode (`false`).
    pub fn set(&self, training: bool) {
        self.0.store(training, Ordering::Relaxed);
    }
}

/// A clone is an independent switch.
impl Clone for Training {
    fn clone(&self) -> Self {
        Training(AtomicBool::new(self.is_on()))
    }
}

copied_by_clone!(Training);

impl Part for Training {
    fn visit_as(&self, _: &str, visitor: &mut dyn Visitor) {
        visitor.training(self);
    }
}
