//! Backward passes that cannot begin, or cannot go on.

use downhill_tensor::{Backward, Tensor, grad, gradcheck, no_grad};

use super::{check, leaf, zeros};

#[test]
fn backward_that_cannot_begin() {
    let non_scalar = "backward: the tensor has shape [2], and only a single number has one gradient; reduce it first \
        (`.sum()` or `.mean()`), or pass the gradient of each element to `backward_with`";
    let no_graph = |op: &str| {
        format!(
            "{op}: this tensor does not require a gradient and was not computed from one that does; call \
            `requires_grad_(true)` on the parameters before the forward pass, and check that it does not run inside \
            `no_grad` or behind `detach`"
        )
    };
    let shape = |op: &str| format!("{op}: the gradient has shape [3], but the tensor it belongs to has shape [2]");
    check(
        &[
            (line!(), non_scalar.to_owned(), || leaf([2]).square().backward()),
            (line!(), non_scalar.to_owned(), || drop(Backward::of(&leaf([2])))),
            (line!(), non_scalar.to_owned(), || drop(Backward::of(&leaf([2]).sum()).and(&leaf([2])))),
            (line!(), non_scalar.to_owned(), || drop(grad(&leaf([2]).square(), [&leaf([2])]))),
            (line!(), no_graph("backward"), || zeros([2]).sum().backward()),
            (line!(), no_graph("backward"), || no_grad(|| leaf([2]).sum()).backward()),
            (line!(), no_graph("backward"), || leaf([2]).sum().detach().backward()),
            (line!(), no_graph("backward"), || zeros([2]).backward_with(&zeros([2]))),
            (line!(), no_graph("grad"), || drop(grad(&leaf([2]).sum(), [&zeros([2])]))),
            (line!(), no_graph("grad"), || drop(Backward::of(&leaf([2]).sum()).grads_of(&[&zeros([2])]))),
            (line!(), no_graph("retain_grad"), || drop(zeros([2]).retain_grad())),
            (line!(), no_graph("register_hook"), || drop(zeros([2]).register_hook(|_| None))),
            (line!(), shape("backward"), || leaf([2]).backward_with(&zeros([3]))),
            (line!(), shape("backward"), || drop(Backward::with(&leaf([2]), &zeros([3])))),
            (line!(), shape("backward"), || drop(Backward::of(&leaf([])).and_with(&leaf([2]), &zeros([3])))),
            (line!(), shape("set_grad"), || leaf([2]).set_grad(Some(zeros([3])))),
            (line!(), shape("hook"), || {
                let x = leaf([2]);
                x.register_hook(|_| Some(zeros([3])));
                x.sum().backward();
            }),
        ],
        line!(),
    );
}

#[test]
fn a_second_backward_through_a_freed_graph() {
    let text = |op: &str| {
        format!(
            "backward: the graph behind `{op}` was freed by an earlier backward; run the forward pass again, or keep \
            the graph the first time with `Backward::of(&loss).retain_graph().run()`"
        )
    };
    // The line must be that of the second call, so each row computes the first one elsewhere.
    fn walked() -> Tensor {
        let loss = leaf([2]).square().sum();
        loss.backward();
        loss
    }
    check(
        &[
            (line!(), text("sum"), || walked().backward()),
            (line!(), text("sum"), || walked().backward_with(&Tensor::ones([]))),
            (line!(), text("sum"), || Backward::of(&walked()).retain_graph().run()),
            (line!(), text("sum"), || {
                let x = leaf([2]);
                let loss = x.square().sum();
                loss.backward();
                drop(grad(&loss, [&x]));
            }),
            (line!(), text("exp"), || {
                let x = leaf([2]);
                let h = x.exp();
                h.sum().backward();
                h.mean().backward();
            }),
        ],
        line!(),
    );
}

#[test]
fn a_mistake_inside_a_checked_function_is_at_its_own_line() {
    let text = "matmul: cannot multiply [2] by [3]; the last dimension of the left (2) must equal 3 of the right";
    let row: (u32, String, fn()) = (line!(), text.to_owned(), || {
        let (x, other) = (Tensor::<f64>::new([1.0, 2.0]), Tensor::<f64>::new([1.0, 2.0, 3.0]));
        drop(gradcheck(|[x]| x.matmul(&other), [&x]));
    });
    check(&[row], line!());
}
