"""Gradients of gradients."""

import torch

from oracle.optim import ROSENBROCK
from oracle.write import (
    add,
    leaves,
    names_of,
    plain,
    randn,
    run_steps,
    show,
    show_all,
    show_inputs,
    step,
    uniform,
)


def grads_or_zeros(y, wanted, seed=None, **options):
    """The gradients, with zeros where `y` does not depend on a tensor."""
    if not y.requires_grad:
        return [torch.zeros(t.shape, dtype=t.dtype) for t in wanted]
    grads = torch.autograd.grad(y, wanted, seed, allow_unused=True, **options)
    return [torch.zeros(t.shape, dtype=t.dtype) if g is None else g + 0 for g, t in zip(grads, wanted)]


def run_program(args, fresh):
    return run_steps(args["steps"], names_of(fresh))[args["outputs"][0]]


def double_case(steps, inputs, op="double_backward"):
    args, fresh = {"steps": steps, "outputs": ["y"]}, leaves(inputs)
    y = run_program(args, fresh)
    wanted = [t for t in fresh if t.requires_grad]
    seed = torch.ones_like(y) if op == "hvp" else torch.randn_like(y)
    first = grads_or_zeros(y, wanted, seed, create_graph=True)
    vs = [torch.randn_like(t) for t in wanted]
    s = sum((f * v).sum() for f, v in zip(first, vs))
    second = grads_or_zeros(s, wanted)
    spread = lambda items: [
        show(items[[t is w for w in wanted].index(True)]) if t.requires_grad else None for t in fresh
    ]
    fields = {
        "args": plain(args),
        "inputs": show_inputs(inputs),
        "output": show(y),
        "seed_grad": show(seed),
        "first_grads": spread(first),
        "vs": spread(vs),
        "grads": spread(second),
    }
    add("higher_order", op, inputs[0].dtype, fields)


def hessian_case(steps, inputs):
    args, fresh = {"steps": steps, "outputs": ["y"]}, leaves(inputs)
    y = run_program(args, fresh)
    wanted = [t for t in fresh if t.requires_grad]
    first = torch.autograd.grad(y, wanted, create_graph=True)
    gradient = torch.cat([f.reshape(-1) for f in first])
    rows = []
    for element in gradient:
        row = grads_or_zeros(element, wanted, retain_graph=True)
        rows.append(torch.cat([r.reshape(-1) for r in row]))
    fields = {
        "args": plain(args),
        "inputs": show_inputs(inputs),
        "output": show(y),
        "gradient": show(gradient),
        "hessian": show(torch.stack(rows)),
    }
    add("higher_order", "hessian", inputs[0].dtype, fields)


def nested_case(steps, x, order):
    args, fresh = {"steps": steps, "outputs": ["y"], "order": order}, leaves([x])
    derivatives = [run_program(args, fresh)]
    for _ in range(order):
        last = derivatives[-1]
        derivatives.append(grads_or_zeros(last.sum(), fresh, create_graph=True)[0])
    fields = {"args": plain(args), "inputs": show_inputs([x]), "derivatives": show_all(derivatives)}
    add("higher_order", "nested_grad", x.dtype, fields)


def penalty_case(steps, inputs, wrt, weight):
    args, fresh = {"steps": steps, "outputs": ["y"], "wrt": wrt, "lambda": weight}, leaves(inputs)
    y = run_program(args, fresh)
    inner = torch.autograd.grad(y, fresh[wrt], create_graph=True)[0]
    output = y + weight * inner.square().sum()
    output.backward()
    fields = {
        "args": plain(args),
        "inputs": show_inputs(inputs),
        "output": show(output),
        "inner_grad": show(inner),
        "grads": [show(t.grad) for t in fresh],
    }
    add("higher_order", "gradient_penalty", inputs[0].dtype, fields)


def higher_order_cases():
    one = lambda op, **args: [step(op, ["x0"], "y", **args)]
    single = [
        one(name) for name in "neg exp expm1 sin cos tanh sigmoid silu square reciprocal abs relu sign clone".split()
    ]
    single += [
        one("leaky_relu", negative_slope=0.1),
        one("elu", alpha=1.5),
        one("gelu", approximate="none"),
        one("gelu", approximate="tanh"),
        one("softplus", beta=2.0, threshold=20.0),
        one("clamp", min=-0.5, max=0.5),
        one("pow_scalar", exponent=3),
        one("pow_scalar", exponent=2),
        one("pow_scalar", exponent=1),
    ]
    single += [
        one("sum", dim=[0], keepdim=True),
        one("mean", dim=[1], keepdim=False),
        one("var", dim=[1], correction=1, keepdim=False),
        one("std", dim=[0], correction=0, keepdim=False),
        one("logsumexp", dim=[1], keepdim=False),
        one("norm", p=2, dim=[1], keepdim=False),
        one("prod", dim=1, keepdim=False),
        one("prod", dim=None),
        one("cumsum", dim=1),
        one("amax", dim=[1], keepdim=False),
        one("max"),
        one("softmax", dim=0),
        one("log_softmax", dim=-1),
        one("flip", dims=[0]),
        one("pad", pad=[1, -1], mode="constant", value=1.0),
        one("rdiv_scalar", value=2.0),
        one("slice", dim=1, start=0, end=None, step=2),
    ]
    for steps in single:
        double_case(steps, [randn((2, 3))])
    for name in "log sqrt rsqrt log1p".split():
        double_case(one(name), [uniform((2, 3), 0.3, 2.0)])
    double_case(one("pow_scalar", exponent=1.5), [uniform((2, 3), 0.3, 2.0, torch.float32)])
    two = lambda op, **args: [step(op, ["x0", "x1"], "y", **args)]
    for name in "add sub mul div maximum minimum pow".split():
        double_case(two(name), [uniform((2, 3), 0.3, 2.0), uniform((3,), 0.3, 2.0)])
    for a, b in [((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 2, 3), (3, 2)), ((2, 1, 2, 3), (3, 3, 2))]:
        double_case(two("matmul"), [randn(a), randn(b)])
    three = lambda op, **args: [step(op, ["x0", "x1", "x2"], "y", **args)]
    double_case(three("linear"), [randn((2, 3)), randn((4, 3)), randn((4,))])
    double_case(
        three("layer_norm", normalized_shape=[2, 3], eps=1e-5), [randn((2, 2, 3)), randn((2, 3)), randn((2, 3))]
    )
    double_case(
        three("conv2d", stride=[2, 1], padding=[1, 0], dilation=[1, 2], groups=2),
        [randn((2, 4, 5, 5)), randn((2, 2, 2, 2)), randn((2,))],
    )
    for training in (True, False):
        steps = [
            step(
                "batch_norm",
                ["x0", "x1", "x2", "x3", "x4"],
                ["y", "m", "v"],
                training=training,
                momentum=0.1,
                eps=1e-5,
            )
        ]
        double_case(
            steps, [randn((4, 2)), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach(), randn((2,)), randn((2,))]
        )
    double_case(
        one("max_pool2d", kernel_size=[2, 2], stride=None, padding=[0, 0], dilation=[1, 1], ceil_mode=False),
        [randn((1, 2, 4, 4))],
    )
    double_case(
        one(
            "avg_pool2d",
            kernel_size=[2, 2],
            stride=[1, 1],
            padding=[1, 1],
            ceil_mode=False,
            count_include_pad=False,
            divisor_override=None,
        ),
        [randn((1, 2, 4, 4))],
    )
    labels = torch.tensor([0, 2, 1])
    for smoothing, ignore in ((0.0, -100), (0.1, 2)):
        double_case(
            two("cross_entropy", reduction="mean", ignore_index=ignore, label_smoothing=smoothing),
            [randn((3, 4)), labels],
        )
        double_case(
            three("cross_entropy", reduction="none", ignore_index=ignore, label_smoothing=smoothing),
            [randn((3, 4)), labels, uniform((4,), 0.5, 2.0).detach()],
        )
    double_case(
        two("cross_entropy", reduction="sum", label_smoothing=0.1),
        [randn((2, 3)), torch.softmax(randn((2, 3)).detach(), 1)],
    )
    double_case(two("nll_loss", reduction="mean", ignore_index=-100), [randn((3, 4)), labels])
    for name, extra in [
        ("mse_loss", {}),
        ("l1_loss", {}),
        ("smooth_l1_loss", {"beta": 0.7}),
        ("huber_loss", {"delta": 0.7}),
    ]:
        double_case(two(name, reduction="mean", **extra), [randn((2, 3)), randn((2, 3))])
    double_case(
        two("binary_cross_entropy_with_logits", reduction="mean", has_weight=False, has_pos_weight=False),
        [randn((2, 3)), uniform((2, 3), 0.0, 1.0).detach()],
    )
    double_case(two("embedding", padding_idx=1), [randn((4, 2)), torch.tensor([1, 0, 3, 0])])
    double_case(two("gather", dim=1), [randn((2, 3)), torch.tensor([[0, 0], [2, 1]])])
    mlp = [
        step("matmul", ["x0", "x1"], "m"),
        step("tanh", ["m"], "t"),
        step("square", ["t"], "q"),
        step("sum", ["q"], "y", dim=None),
    ]
    double_case(mlp, [randn((3, 2)), randn((2, 4))], "hvp")
    double_case(mlp, [randn((3, 2)), randn((2, 4)).detach()], "hvp")
    double_case(ROSENBROCK, [randn((2,))], "hvp")
    linear = [step("mul_scalar", ["x0"], "a", value=3.0), step("sum", ["a"], "y", dim=None)]
    double_case(linear, [randn((3,))], "hvp")
    hessian_case(ROSENBROCK, [randn((2,))])
    hessian_case(mlp, [randn((2, 2)), randn((2, 1))])
    hessian_case(linear, [randn((3,))])
    hessian_case([step("logsumexp", ["x0"], "y", dim=[0], keepdim=False)], [randn((4,), torch.float32)])
    hessian_case([step("mul", ["x0", "x1"], "m"), step("sum", ["m"], "y", dim=None)], [randn((2,)), randn((2,))])
    nested_case(one("sin"), randn((3,)), 5)
    nested_case(one("exp"), randn(()), 4)
    nested_case(one("sigmoid"), randn((2, 2)), 4)
    nested_case(one("pow_scalar", exponent=2), randn((3,)), 4)
    nested_case(one("log"), uniform((3,), 0.5, 2.0), 4)
    nested_case(one("reciprocal"), uniform((3,), 0.5, 2.0), 3)
    nested_case(one("softmax", dim=0), randn((3,)), 2)
    nested_case(one("gelu", approximate="none"), randn((3,)), 3)
    nested_case(one("sqrt"), uniform((3,), 0.5, 2.0), 3)
    nested_case(one("softplus", beta=1.0, threshold=20.0), randn((3,)), 3)
    net = [step("linear", ["x0", "x1", "x2"], "h"), step("sigmoid", ["h"], "s"), step("mean", ["s"], "y", dim=None)]
    penalty_case(net, [randn((3, 2)), randn((2, 2)), randn((2,))], 0, 2.0)
    penalty_case(net, [randn((3, 2)).detach(), randn((2, 2)), randn((2,))], 1, 0.1)
