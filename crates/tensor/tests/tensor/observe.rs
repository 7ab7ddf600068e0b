//! Observers of a thread: some panic, some run operations themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};

use downhill_tensor::Error;
use downhill_tensor::observe::{Event, Observer, observe};
use downhill_tensor::prelude::*;

/// Refuses every operation of a name.
struct Without(&'static str);

impl Observer for Without {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match event {
            Event::Applied(applied) if applied.info.op == self.0 => Err(Error::Argument {
                op: self.0,
                name: "the operation",
                given: "applied".into(),
                expected: "left out",
            }),
            _ => Ok(()),
        }
    }
}

#[test]
fn an_observer_can_stop_an_operation_and_ends_with_its_scope() {
    let x = Tensor::from([1.0, 4.0]);
    let stopped = catch_unwind(AssertUnwindSafe(|| observe(Without("sqrt"), || x.square().sqrt())));
    assert!(stopped.is_err());
    assert_eq!(x.sqrt().to_vec(), [1.0, 2.0], "no observer is left");
}

/// Records a tape of its own for every operation that it sees.
#[derive(Default)]
struct Recording(Vec<usize>);

impl Observer for Recording {
    fn see(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if let Event::Applied(_) = event {
            let (_, tape) = Tape::record(|| Tensor::from(2.0).square());
            self.0.push(tape.entries().len());
        }
        Ok(())
    }
}

#[test]
fn an_observer_may_watch_what_it_computes_itself() {
    let ((sum, outer), seen) = observe(Recording::default(), || Tape::record(|| Tensor::from(1.0) + 1.0));
    assert_eq!(sum.item(), 2.0);
    assert_eq!(seen.0, [2], "its own tape, and its own operations are not shown to it");
    let operations: Vec<_> = outer.entries().iter().map(|entry| entry.op()).collect();
    assert_eq!(operations, ["leaf", "add"], "nor to other observers");
}
