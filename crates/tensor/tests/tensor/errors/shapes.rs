//! Shapes that do not fit.

use downhill_tensor::{Array, Tensor};

use super::{check, leaf, zeros};

fn broadcast(op: &str, left: &str, right: &str) -> String {
    format!(
        "{op}: cannot broadcast {left} with {right}; counted from the last, each pair of dimensions must be equal or \
        one of them 1"
    )
}

#[test]
fn shapes_that_cannot_be_broadcast() {
    let text = "mul: cannot broadcast [3, 2] with [4]; counted from the last, each pair of dimensions must be equal \
        or one of them 1";
    assert_eq!(broadcast("mul", "[3, 2]", "[4]"), text);
    let text = |op: &str| broadcast(op, "[3, 2]", "[4]");
    check(
        &[
            (line!(), text("add"), || drop(zeros([3, 2]) + zeros([4]))),
            (line!(), text("add"), || drop(&zeros([3, 2]) + zeros([4]))),
            (line!(), text("add"), || drop(zeros([3, 2]) + &zeros([4]))),
            (line!(), text("add"), || drop(&zeros([3, 2]) + &zeros([4]))),
            (line!(), text("sub"), || drop(zeros([3, 2]) - zeros([4]))),
            (line!(), text("mul"), || drop(&zeros([3, 2]) * &zeros([4]))),
            (line!(), text("div"), || drop(leaf([3, 2]) / leaf([4]))),
            (line!(), text("maximum"), || drop(zeros([3, 2]).maximum(&zeros([4])))),
            (line!(), text("minimum"), || drop(zeros([3, 2]).minimum(&zeros([4])))),
            (line!(), text("eq"), || drop(zeros([3, 2]).eq(&zeros([4])))),
            (line!(), text("ne"), || drop(zeros([3, 2]).ne(&zeros([4])))),
            (line!(), text("lt"), || drop(zeros([3, 2]).lt(&zeros([4])))),
            (line!(), text("le"), || drop(zeros([3, 2]).le(&zeros([4])))),
            (line!(), text("gt"), || drop(zeros([3, 2]).gt(&zeros([4])))),
            (line!(), text("ge"), || drop(zeros([3, 2]).ge(&zeros([4])))),
            (line!(), text("and"), || drop(zeros([3, 2]).eq(0).and(&zeros([4]).eq(0)))),
            (line!(), text("or"), || drop(zeros([3, 2]).eq(0).or(&zeros([4]).eq(0)))),
            (line!(), text("where"), || drop(Tensor::where_(&Tensor::from(true), &zeros([3, 2]), &zeros([4])))),
            (line!(), broadcast("where", "[5]", "[4]"), || {
                drop(Tensor::where_(&zeros([5]).eq(0), &zeros([4]), &zeros([4])));
            }),
            (line!(), text("masked_fill"), || drop(zeros([3, 2]).masked_fill(&zeros([4]).eq(0), 1))),
            (line!(), text("copy_"), || drop(zeros([3, 2]).copy_(&zeros([4])))),
            (line!(), text("add_"), || drop(zeros([3, 2]).add_(&zeros([4])))),
            (line!(), text("sub_"), || drop(zeros([3, 2]).sub_(&zeros([4])))),
            (line!(), text("mul_"), || drop(zeros([3, 2]).mul_(&zeros([4])))),
            (line!(), text("div_"), || drop(zeros([3, 2]).div_(&zeros([4])))),
            (line!(), text("add_scaled_"), || drop(zeros([3, 2]).add_scaled_(&zeros([4]), 2))),
            (line!(), text("zip"), || drop(Array::full([3, 2], 1.0f32).zip("zip", Array::full(4, 1.0), |a, _| a))),
            (line!(), text("zip"), || {
                drop(Array::full([3, 2], 1.0f32).zip_to("zip", &Array::full(4, 1i64), |a, _| a))
            }),
        ],
        line!(),
    );
}

#[test]
fn matrices_that_cannot_be_multiplied() {
    let inner = |left: &str, right: &str, k, n| {
        format!(
            "matmul: cannot multiply {left} by {right}; the last dimension of the left ({k}) must equal {n} of the \
            right"
        )
    };
    check(
        &[
            (
                line!(),
                "matmul: cannot multiply [2, 3] by [4, 5]; the last dimension of the left (3) must equal 4 of the \
                right"
                    .to_owned(),
                || drop(zeros([2, 3]).matmul(&zeros([4, 5]))),
            ),
            (line!(), inner("[3]", "[4]", 3, 4), || drop(zeros([3]).matmul(&zeros([4])))),
            (line!(), inner("[3]", "[4, 5]", 3, 4), || drop(zeros([3]).matmul(&zeros([4, 5])))),
            (line!(), inner("[2, 3]", "[4]", 3, 4), || drop(leaf([2, 3]).matmul(&leaf([4])))),
            (line!(), inner("[7, 2, 3]", "[4, 5]", 3, 4), || drop(zeros([7, 2, 3]).matmul(&zeros([4, 5])))),
            (line!(), inner("[7, 2, 3]", "[7, 4, 5]", 3, 4), || drop(zeros([7, 2, 3]).matmul(&zeros([7, 4, 5])))),
            (
                line!(),
                "matmul: cannot multiply [7, 2, 3] by [6, 3, 5]; the dimensions in front of the last two must \
                broadcast"
                    .to_owned(),
                || drop(zeros([7, 2, 3]).matmul(&zeros([6, 3, 5]))),
            ),
            (
                line!(),
                "matmul: cannot multiply [] by [2]; both must have at least one dimension (`*` multiplies by a \
                number)"
                    .to_owned(),
                || drop(zeros([]).matmul(&zeros([2]))),
            ),
            (
                line!(),
                "linear: expected an input [..., in], a weight [out, in] and a bias [out], got an input [2, 3], a \
                weight [4, 5] and no bias; the last size of the input must be 5, or the layer `Linear::new(3, 4)`"
                    .to_owned(),
                || drop(zeros([2, 3]).linear(&zeros([4, 5]), None)),
            ),
            (
                line!(),
                "linear: expected an input [..., in], a weight [out, in] and a bias [out], got an input [2, 1, 4, \
                5], a weight [3, 20] and no bias; `flatten_dims(1, -1)` makes [2, 20] of the input"
                    .to_owned(),
                || drop(zeros([2, 1, 4, 5]).linear(&zeros([3, 20]), None)),
            ),
            (
                line!(),
                "linear: expected an input [..., in], a weight [out, in] and a bias [out], got an input [2, 3], a \
                weight [4, 3] and a bias [3]"
                    .to_owned(),
                || drop(zeros([2, 3]).linear(&zeros([4, 3]), Some(&zeros([3])))),
            ),
        ],
        line!(),
    );
}

#[test]
fn shapes_that_an_operation_refuses() {
    check(
        &[
            (
                line!(),
                "reshape: cannot see [2, 3] (6 elements) as [4, -1]; the sizes must multiply to 6, and at most one \
                may be -1"
                    .to_owned(),
                || drop(zeros([2, 3]).reshape([4, -1])),
            ),
            (
                line!(),
                "reshape: cannot see [2, 3] (6 elements) as [-1, -1]; the sizes must multiply to 6, and at most one \
                may be -1"
                    .to_owned(),
                || drop(zeros([2, 3]).reshape([-1, -1])),
            ),
            (
                line!(),
                "reshape: cannot see [2, 3] (6 elements) as [-2, -3]; the sizes must multiply to 6, and at most one \
                may be -1"
                    .to_owned(),
                || drop(zeros([2, 3]).reshape([-2, -3])),
            ),
            (
                line!(),
                "expand: expected sizes that [3, 1] can be repeated to (-1 keeps a size), got [4, 2]".to_owned(),
                || drop(zeros([3, 1]).expand([4, 2])),
            ),
            (
                line!(),
                "expand: expected sizes that [3, 1] can be repeated to (-1 keeps a size), got [-1, 3, 1]".to_owned(),
                || drop(zeros([3, 1]).expand([-1, 3, 1])),
            ),
            (line!(), "permute: expected all 3 dimensions, got [0, 1]".to_owned(), || {
                drop(zeros([1, 2, 3]).permute([0, 1]));
            }),
            (
                line!(),
                "t: expected at most 2 dimensions (`transpose` swaps two of them), got [1, 2, 3]".to_owned(),
                || drop(zeros([1, 2, 3]).t()),
            ),
            (line!(), "mse_loss: expected a target of shape [3, 1], got [3]".to_owned(), || {
                drop(zeros([3, 1]).mse_loss(&zeros([3])))
            }),
            (
                line!(),
                "cross_entropy: expected logits [rows, classes] and labels [rows], got logits [2, 3] and labels [3]"
                    .to_owned(),
                || drop(zeros([2, 3]).cross_entropy(&Tensor::from([0, 1, 2]))),
            ),
            (line!(), "cat: expected at least one tensor, got none".to_owned(), || drop(Tensor::<f32>::cat(&[], 0))),
            (line!(), "stack: expected at least one tensor, got none".to_owned(), || {
                drop(Tensor::<f32>::stack(&[], 0));
            }),
            (
                line!(),
                "cat: expected shapes that differ from [2, 3] in dimension 0 at most, got [2, 4]".to_owned(),
                || drop(Tensor::cat(&[&zeros([2, 3]), &zeros([5, 3]), &zeros([2, 4])], 0)),
            ),
            (line!(), "stack: expected tensors of one shape, [2], got [3]".to_owned(), || {
                drop(Tensor::stack(&[&zeros([2]), &zeros([3])], 0));
            }),
            (line!(), "index_select: expected an index of one dimension, got [1, 2]".to_owned(), || {
                drop(zeros([3]).index_select(0, &Tensor::from([[0, 1]])));
            }),
            (
                line!(),
                "gather: expected an index that fits [2, 3] in every dimension but 1, got [3, 1]".to_owned(),
                || drop(zeros([2, 3]).gather(1, &Tensor::from([[0], [0], [0]]))),
            ),
            (
                line!(),
                "narrow: expected a range inside dimension 1 of size 3 (shape [2, 3]), got 2 elements from \
                -1"
                .to_owned(),
                || drop(zeros([2, 3]).narrow(1, -1, 2)),
            ),
            (
                line!(),
                format!(
                    "narrow: expected a range inside dimension 1 of size 3 (shape [2, 3]), got {} elements from 1",
                    usize::MAX
                ),
                || drop(zeros([2, 3]).narrow(1, 1, usize::MAX)),
            ),
            (
                line!(),
                format!(
                    "split_with_sizes: expected sizes that add up to 3 (dimension 0 of [3]), got [4, {}]",
                    usize::MAX
                ),
                || drop(zeros([3]).split_with_sizes(&[4, usize::MAX], 0)),
            ),
            (line!(), "at: expected one position for each dimension of [2, 3], got [1]".to_owned(), || {
                zeros([2, 3]).at([1]);
            }),
        ],
        line!(),
    );
}
