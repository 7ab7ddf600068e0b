//! Changes in place that are refused, among them those that would lose a gradient.

use downhill_tensor::{enable_grad, no_grad};

use super::{check, leaf, zeros};

#[test]
fn changes_in_place_that_are_refused() {
    let remedy = "grad mode is on; put the update inside `no_grad(|| ...)`, or compute a new tensor instead of \
        changing this one";
    let of_leaf = |op: &str| format!("{op}: this tensor is a leaf that requires a gradient and {remedy}");
    let of_result = |op: &str| format!("{op}: this tensor is part of a graph and {remedy}");
    let of_gradient = |op: &str| {
        format!(
            "{op}: the tensor that is written requires a gradient, which a change in place does not record; put the \
            update inside `no_grad(|| ...)`, call `detach()` on what is written, or compute a new tensor"
        )
    };
    let lent = || {
        "update_: this tensor is used while a closure of `update_` has its elements; read what is needed of it \
        before, and change it by the closure's argument alone"
            .to_owned()
    };
    let of_view = |op: &str| {
        format!(
            "{op}: this tensor is a view of shape [2], and writing to it would not reach the tensor it was made \
            from; write to that tensor with `slice_assign_`, or take a `copy()` first"
        )
    };
    check(
        &[
            (
                line!(),
                "sub_: this tensor is a leaf that requires a gradient and grad mode is on; put the update inside \
                `no_grad(|| ...)`, or compute a new tensor instead of changing this one"
                    .to_owned(),
                || drop(leaf([2]).sub_(&zeros([2]))),
            ),
            (line!(), of_leaf("add_"), || drop(leaf([2]).add_(1))),
            (line!(), of_leaf("mul_"), || drop(leaf([2]).mul_(0.5))),
            (line!(), of_leaf("div_"), || drop(leaf([2]).div_(2))),
            (line!(), of_leaf("add_scaled_"), || drop(leaf([2]).add_scaled_(&zeros([2]), 1))),
            (line!(), of_leaf("copy_"), || drop(leaf([2]).copy_(&zeros([2])))),
            (line!(), of_leaf("fill_"), || drop(leaf([2]).fill_(1.0))),
            (line!(), of_leaf("zero_"), || drop(leaf([2]).zero_())),
            (line!(), of_leaf("slice_assign_"), || drop(leaf([2]).slice_assign_(0, .., &zeros([2])))),
            (line!(), of_leaf("zero_"), || no_grad(|| enable_grad(|| drop(leaf([2]).zero_())))),
            (line!(), of_result("add_"), || drop((leaf([2]) * 2).add_(1))),
            (line!(), of_gradient("add_"), || drop(zeros([2]).add_(&leaf([2])))),
            (line!(), of_gradient("copy_"), || drop(zeros([2]).copy_(&(leaf([2]) * 2)))),
            (line!(), of_gradient("add_scaled_"), || drop(zeros([2]).add_scaled_(&leaf([2]), 2))),
            (line!(), of_gradient("slice_assign_"), || drop(zeros([3]).slice_assign_(0, 1.., &leaf([2])))),
            (line!(), lent(), || {
                let w = zeros([2]);
                w.update_(|_| drop(w.array()));
            }),
            (line!(), lent(), || {
                let w = zeros([2]);
                w.update_(|_| drop(w.fill_(1.0)));
            }),
            (line!(), lent(), || {
                let w = zeros([2]);
                w.update_(|_| drop(w.update_(|_| ())));
            }),
            (line!(), of_view("fill_"), || drop(zeros([2, 2]).select(0, 1).fill_(1.0))),
            (line!(), of_view("zero_"), || drop(zeros([3]).slice(0, 1..).zero_())),
            (line!(), of_view("copy_"), || drop(zeros([1]).expand([2]).copy_(&zeros([2])))),
            (line!(), of_view("sub_"), || drop(zeros([2, 1]).flatten().sub_(1))),
            (line!(), of_view("slice_assign_"), || {
                drop(zeros([2, 1]).squeeze().slice_assign_(0, 0..1, &zeros([1])));
            }),
            (line!(), of_view("add_"), || no_grad(|| drop(leaf([1, 2]).select(0, 0).add_(1)))),
            (line!(), "copy_: cannot write a result of shape [3, 2] into a tensor of shape [2]".to_owned(), || {
                drop(zeros([2]).copy_(&zeros([3, 2])));
            }),
            (
                line!(),
                "slice_assign_: cannot expand [3] to [2]; only dimensions of size 1 stretch, and new ones are added \
                at the front"
                    .to_owned(),
                || drop(zeros([4]).slice_assign_(0, 1..3, &zeros([3]))),
            ),
            (
                line!(),
                "requires_grad_: this tensor is the result of an operation, not a leaf; use `detach()` to go on \
                without its history"
                    .to_owned(),
                || drop((leaf([2]) * 2).requires_grad_(false)),
            ),
            (
                line!(),
                "cast: a tensor that requires a gradient cannot change from f32 to i64 without losing it; call \
                `detach()` first if that is what you want"
                    .to_owned(),
                || drop(leaf([2]).cast::<i64>()),
            ),
            (
                line!(),
                "cast: a tensor that requires a gradient cannot change from f32 to f64 without losing it; call \
                `detach()` first if that is what you want"
                    .to_owned(),
                || drop(leaf([2]).square().cast::<f64>()),
            ),
        ],
        line!(),
    );
}
