//! Dimensions and positions that do not exist, and reductions of empty tensors.

use downhill_tensor::Tensor;

use super::{check, zeros};

#[test]
fn dimensions_that_do_not_exist() {
    let text = |op: &str| format!("{op}: dimension 2 does not exist in a tensor of 2 dimension(s); use -2 to 1");
    let far = "dimension 64 of a tensor is out of reach: at most 64 can be named or reduced; join some with \
        `flatten_dims` first";
    let twice = |op: &str| format!("{op}: dimension -1 is named twice in [1, -1]; name each dimension once");
    check(
        &[
            (
                line!(),
                "sum_dim: dimension -3 does not exist in a tensor of 2 dimension(s); use -2 to 1".to_owned(),
                || drop(zeros([2, 3]).sum_dim(-3)),
            ),
            (
                line!(),
                "select: dimension 0 does not exist in a tensor of 0 dimension(s); use a tensor with at least one \
                dimension"
                    .to_owned(),
                || drop(zeros([]).select(0, 0)),
            ),
            (line!(), text("sum_dim"), || drop(zeros([2, 3]).sum_dim([0, 2]))),
            (line!(), far.to_owned(), || drop(zeros([1; 65]).sum())),
            (line!(), far.to_owned(), || drop(zeros([1; 65]).sum_dim(64))),
            (line!(), far.to_owned(), || drop(zeros([1; 65]).select(-1, 0))),
            (line!(), text("sum_keepdim"), || drop(zeros([2, 3]).sum_keepdim(2))),
            (line!(), text("mean_dim"), || drop(zeros([2, 3]).mean_dim(2))),
            (line!(), text("mean_keepdim"), || drop(zeros([2, 3]).mean_keepdim(2))),
            (line!(), text("var_dim"), || drop(zeros([2, 3]).var_dim(2, 1))),
            (line!(), text("var_keepdim"), || drop(zeros([2, 3]).var_keepdim(2, 1))),
            (line!(), text("std_dim"), || drop(zeros([2, 3]).std_dim(2, 1))),
            (line!(), text("std_keepdim"), || drop(zeros([2, 3]).std_keepdim(2, 1))),
            (line!(), text("amax"), || drop(zeros([2, 3]).amax(2))),
            (line!(), text("amin"), || drop(zeros([2, 3]).amin(2))),
            (line!(), text("max_dim"), || drop(zeros([2, 3]).max_dim(2))),
            (line!(), text("min_dim"), || drop(zeros([2, 3]).min_dim(2))),
            (line!(), text("argmax_dim"), || drop(zeros([2, 3]).argmax_dim(2))),
            (line!(), text("argmin_dim"), || drop(zeros([2, 3]).argmin_dim(2))),
            (line!(), text("logsumexp"), || drop(zeros([2, 3]).logsumexp(2))),
            (line!(), text("logsumexp_keepdim"), || drop(zeros([2, 3]).logsumexp_keepdim(2))),
            (line!(), text("softmax"), || drop(zeros([2, 3]).softmax(2))),
            (line!(), text("log_softmax"), || drop(zeros([2, 3]).log_softmax(2))),
            (line!(), text("flatten_dims"), || drop(zeros([2, 3]).flatten_dims(0, 2))),
            (line!(), text("squeeze_dim"), || drop(zeros([2, 3]).squeeze_dim(2))),
            (line!(), text("transpose"), || drop(zeros([2, 3]).transpose(0, 2))),
            (line!(), text("permute"), || drop(zeros([2, 3]).permute([0, 2]))),
            (line!(), text("cat"), || drop(Tensor::cat(&[&zeros([2, 3])], 2))),
            (line!(), text("slice"), || drop(zeros([2, 3]).slice(2, ..))),
            (line!(), text("narrow"), || drop(zeros([2, 3]).narrow(2, 0, 1))),
            (line!(), text("select"), || drop(zeros([2, 3]).select(2, 0))),
            (line!(), text("slice_step"), || drop(zeros([2, 3]).slice_step(2, .., 1))),
            (line!(), text("split"), || drop(zeros([2, 3]).split(1, 2))),
            (line!(), text("split_with_sizes"), || drop(zeros([2, 3]).split_with_sizes(&[1], 2))),
            (line!(), text("chunk"), || drop(zeros([2, 3]).chunk(1, 2))),
            (line!(), text("flip"), || drop(zeros([2, 3]).flip(2))),
            (line!(), text("cumsum"), || drop(zeros([2, 3]).cumsum(2))),
            (line!(), text("norm_dim"), || drop(zeros([2, 3]).norm_dim(2))),
            (line!(), text("norm_keepdim"), || drop(zeros([2, 3]).norm_keepdim([0, 2]))),
            (line!(), text("prod_dim"), || drop(zeros([2, 3]).prod_dim(2))),
            (line!(), text("prod_keepdim"), || drop(zeros([2, 3]).prod_keepdim(2))),
            (line!(), text("argmax_keepdim"), || drop(zeros([2, 3]).argmax_keepdim(2))),
            (line!(), text("argmin_keepdim"), || drop(zeros([2, 3]).argmin_keepdim(2))),
            (line!(), text("max_keepdim"), || drop(zeros([2, 3]).max_keepdim(2))),
            (line!(), text("min_keepdim"), || drop(zeros([2, 3]).min_keepdim(2))),
            (line!(), text("slice_assign_"), || drop(zeros([2, 3]).slice_assign_(2, .., &zeros([1])))),
            (line!(), text("index_select"), || drop(zeros([2, 3]).index_select(2, &Tensor::from([0])))),
            (line!(), text("gather"), || drop(zeros([2, 3]).gather(2, &Tensor::from([[0]])))),
            (
                line!(),
                "softmax: dimension 1 does not exist in a tensor of 0 dimension(s); use a tensor with at least one \
                dimension"
                    .to_owned(),
                || drop(zeros([]).softmax(1)),
            ),
            (
                line!(),
                "log_softmax: dimension 1 does not exist in a tensor of 0 dimension(s); use a tensor with at least \
                one dimension"
                    .to_owned(),
                || drop(zeros([]).log_softmax(1)),
            ),
            (
                line!(),
                "unsqueeze: dimension 3 does not exist in a tensor of 2 dimension(s); use -3 to 2".to_owned(),
                || drop(zeros([2, 3]).unsqueeze(3)),
            ),
            (
                line!(),
                "stack: dimension 3 does not exist in a tensor of 2 dimension(s); use -3 to 2".to_owned(),
                || drop(Tensor::stack(&[&zeros([2, 3])], 3)),
            ),
            (line!(), "sum_dim: dimension -1 is named twice in [1, -1]; name each dimension once".to_owned(), || {
                drop(zeros([2, 3]).sum_dim([1, -1]))
            }),
            (line!(), twice("permute"), || drop(zeros([2, 3]).permute([1, -1]))),
            (line!(), twice("squeeze_dim"), || drop(zeros([2, 3]).squeeze_dim([1, -1]))),
            (line!(), twice("amax"), || drop(zeros([2, 3]).amax([1, -1]))),
        ],
        line!(),
    );
}

#[test]
fn positions_that_do_not_exist() {
    let text =
        |op: &str, index| format!("{op}: index {index} is out of range for dimension 1 of size 3 (shape [2, 3])");
    let not_from_the_end = "; positions in a tensor are not counted from the end";
    check(
        &[
            (line!(), "at: index -4 is out of range for dimension 1 of size 3 (shape [2, 3])".to_owned(), || {
                zeros([2, 3]).at([0, -4]);
            }),
            (line!(), text("at", 3), || {
                zeros([2, 3]).at([0, 3]);
            }),
            (line!(), text("select", 3), || drop(zeros([2, 3]).select(1, 3))),
            (line!(), text("index_select", 3), || drop(zeros([2, 3]).index_select(1, &Tensor::from([0, 3])))),
            (line!(), text("index_select", -4) + not_from_the_end, || {
                drop(zeros([2, 3]).index_select(1, &Tensor::from([-4])))
            }),
            (line!(), text("gather", -1) + not_from_the_end + ": write 2", || {
                drop(zeros([2, 3]).gather(1, &Tensor::from([[-1]])))
            }),
            (line!(), text("index_select", -1) + not_from_the_end + ": write 2", || {
                drop(zeros([2, 3]).index_select(1, &Tensor::from([-1])))
            }),
            (line!(), text("gather", 3), || drop(zeros([2, 3]).gather(1, &Tensor::from([[3]])))),
            (
                line!(),
                "cross_entropy: label 3 in row 1 is out of range; with 3 classes labels run from 0 to 2".to_owned(),
                || drop(zeros([2, 3]).cross_entropy(&Tensor::from([2, 3]))),
            ),
            (
                line!(),
                "cross_entropy: label -1 in row 0 is out of range; with 3 classes labels run from 0 to 2".to_owned(),
                || drop(zeros([2, 3]).cross_entropy(&Tensor::from([-1, 0]))),
            ),
        ],
        line!(),
    );
}

#[test]
fn reductions_of_nothing() {
    let text = |op: &str| {
        format!("{op}: a tensor of shape [2, 0] has no elements to take it of; check for `numel() == 0` first")
    };
    check(
        &[
            (line!(), text("max"), || drop(zeros([2, 0]).max())),
            (line!(), text("min"), || drop(zeros([2, 0]).min())),
            (line!(), text("amax"), || drop(zeros([2, 0]).amax(1))),
            (line!(), text("amin"), || drop(zeros([2, 0]).amin(1))),
            (line!(), text("max_dim"), || drop(zeros([2, 0]).max_dim(1))),
            (line!(), text("min_dim"), || drop(zeros([2, 0]).min_dim(1))),
            (line!(), text("argmax"), || drop(zeros([2, 0]).argmax())),
            (line!(), text("argmin"), || drop(zeros([2, 0]).argmin())),
            (line!(), text("argmax_dim"), || drop(zeros([2, 0]).argmax_dim(1))),
            (line!(), text("argmin_dim"), || drop(zeros([2, 0]).argmin_dim(1))),
            (
                line!(),
                "item: a tensor of shape [2, 3] holds 6 elements, not one; use `at` to read one of them or `to_vec` \
                for all"
                    .to_owned(),
                || {
                    zeros([2, 3]).item();
                },
            ),
        ],
        line!(),
    );
}
