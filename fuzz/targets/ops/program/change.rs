//! Changes in place: made whole, or refused without a trace.

use downhill_tensor::no_grad;
use downhill_tensor::{Element, Tensor};

use super::step::Step;
use super::{State, small};
use downhill_fuzz::refusal::unless_refused;

/// Runs a change; when it is refused the numbers are those from before.
fn whole_or_not_at_all<X: Element>(x: &Tensor<X>, change: impl FnOnce()) {
    let before = x.to_vec();
    if unless_refused(change).is_none() {
        let after = x.to_vec();
        let same = before.iter().zip(&after).all(|(before, after)| format!("{before:?}") == format!("{after:?}"));
        assert!(
            same && before.len() == after.len(),
            "a change that was refused was made in part: {before:?} {after:?}"
        );
    }
}

impl State {
    pub(super) fn change(&mut self, step: &Step) {
        match step {
            Step::InPlace(x, y, how, number) => {
                let (x, y) = (self.floats.get(*x), self.floats.get(*y));
                if small(x) && small(y) {
                    whole_or_not_at_all(x, || in_place(x, y, *how, number.0));
                }
            }
            Step::SliceAssign(x, dim, range, y) => {
                let (x, y) = (self.floats.get(*x), self.floats.get(*y));
                if small(x) && small(y) {
                    whole_or_not_at_all(x, || drop(no_grad(|| x.slice_assign_(dim.0, range.bounds(), y))));
                }
            }
            _ => unreachable!("only changes in place come here"),
        }
    }
}

fn in_place(x: &Tensor, y: &Tensor, how: u8, number: f64) {
    match how % 12 {
        0 => drop(x.add_(y)),
        1 => drop(no_grad(|| x.add_(y))),
        2 => drop(no_grad(|| x.sub_(y))),
        3 => drop(no_grad(|| x.mul_(y))),
        4 => drop(no_grad(|| x.div_(y))),
        5 => drop(no_grad(|| x.add_scaled_(y, number))),
        6 => drop(no_grad(|| x.fill_(number))),
        7 => drop(no_grad(|| x.zero_())),
        8 => drop(no_grad(|| x.copy_(y))),
        9 => drop(no_grad(|| x.mul_(number))),
        10 => x.set_grad(Some(y.detach())),
        _ => x.zero_grad(),
    }
}
