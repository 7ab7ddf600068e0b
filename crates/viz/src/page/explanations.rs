//! Chooses the elements that a page explains, and asks the tape to explain them.

use std::collections::BTreeMap;

use downhill_tensor::{Entry, Role, Tape};

use super::shown::Matrices;

/// The explanations of elements that the page shows, at most `limit`, by entry and position in row-major order.
///
/// Parameters come first, then the values between them and the loss. Elements are taken from the tensors in turn, so
/// that a large tensor does not use up the limit.
pub(crate) fn of(tape: &Tape, limit: usize) -> BTreeMap<usize, Vec<(usize, String)>> {
    let reached = || tape.entries().iter().filter(|entry| tape.gradient(entry.number()).is_some());
    let (parameters, others): (Vec<&Entry>, Vec<&Entry>) =
        reached().partition(|entry| entry.role() == Role::Parameter);
    let elements = in_turns(&parameters).into_iter().chain(in_turns(&others)).take(limit);
    let mut explanations: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    for (entry, position) in elements {
        let text = tape.explain_entry(entry.number(), position).to_string();
        explanations.entry(entry.number()).or_default().push((position, text));
    }
    explanations
}

/// The first element of each entry, then the second of each, and so on.
fn in_turns<'a>(entries: &[&'a Entry]) -> Vec<(&'a Entry, usize)> {
    let mut elements: Vec<(usize, &Entry, usize)> = Vec::new();
    for &entry in entries {
        elements.extend(
            Matrices::of(entry.shape()).positions().enumerate().map(|(turn, position)| (turn, entry, position)),
        );
    }
    elements.sort_by_key(|&(turn, ..)| turn);
    elements.into_iter().map(|(_, entry, position)| (entry, position)).collect()
}

#[cfg(test)]
mod tests {
    use downhill_tensor::Tensor;

    use super::*;

    #[test]
    fn parameters_first_and_in_turns() {
        let (w, b) = (Tensor::ones([2, 2]).requires_grad_(true), Tensor::ones([2]).requires_grad_(true));
        let (_, tape) = Tape::record(|| (Tensor::ones([1, 2]).matmul(&w) + &b).sum().backward());
        let chosen = |limit: usize| -> Vec<(usize, Vec<usize>)> {
            let positions =
                |explained: Vec<(usize, String)>| explained.into_iter().map(|(position, _)| position).collect();
            of(&tape, limit).into_iter().map(|(entry, explained)| (entry, positions(explained))).collect()
        };
        // %0 is the data, %1 w, %2 = matmul(%0, %1), %3 b, %4 = add(%2, %3), %5 = sum(%4).
        assert_eq!(chosen(0), []);
        assert_eq!(chosen(3), [(1, vec![0, 1]), (3, vec![0])]);
        assert_eq!(chosen(5), [(1, vec![0, 1, 2]), (3, vec![0, 1])]);
        assert_eq!(chosen(8), [(1, vec![0, 1, 2, 3]), (2, vec![0]), (3, vec![0, 1]), (4, vec![0])]);
        assert_eq!(chosen(1000).iter().map(|(_, positions)| positions.len()).sum::<usize>(), 4 + 2 + 2 + 2 + 1);
    }

    #[test]
    fn texts_are_those_of_the_tape() {
        let w = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).requires_grad_(true).named("w");
        let (_, tape) = Tape::record(|| w.square().sum().backward());
        let explained = &of(&tape, 4)[&0];
        assert_eq!(explained[2], (2, tape.explain(&w, [1, 0]).to_string()));
    }
}
