"""Optimisers, and the clipping of gradients."""

import torch

from oracle.modules import KINDS
from oracle.write import (
    add,
    leaves,
    names_of,
    number,
    plain,
    randn,
    run_steps,
    show,
    show_all,
    show_inputs,
    step,
)

QUADRATIC = [
    step("matmul", ["c0", "x0"], "ax"),
    step("matmul", ["x0", "ax"], "xax"),
    step("mul_scalar", ["xax"], "h", value=0.5),
    step("matmul", ["c1", "x0"], "bx"),
    step("sub", ["h", "bx"], "y"),
]


ROSENBROCK = [
    step("narrow", ["x0"], "a", dim=0, start=0, length=1),
    step("narrow", ["x0"], "b", dim=0, start=1, length=1),
    step("square", ["a"], "aa"),
    step("sub", ["b", "aa"], "d"),
    step("square", ["d"], "dd"),
    step("mul_scalar", ["dd"], "dh", value=100.0),
    step("rsub_scalar", ["a"], "e", value=1.0),
    step("square", ["e"], "ee"),
    step("add", ["dh", "ee"], "f"),
    step("sum", ["f"], "y", dim=None),
]


TWO = [
    step("mul", ["x0", "x1"], "m"),
    step("sub", ["m", "c0"], "d"),
    step("square", ["d"], "q"),
    step("sum", ["q"], "y", dim=None),
]


def optim_case(name, options, steps, inputs, given=None, steps_program=None, consts=(), groups=None, lrs=None):
    dtype = inputs[0].dtype
    params = leaves(inputs)
    args = {"optimizer": name, "options": options, "steps": steps, "objective": "given_grads" if given else "program"}
    fields = {"inputs": show_inputs(inputs)}
    if groups:
        args["param_groups"] = groups
    if lrs:
        args["lr_before_step"] = lrs
    if given:
        fields["given_grads"] = [show_all(row) for row in given]
    else:
        args["program"] = steps_program
        fields["consts"] = show_all(consts)
    fields["args"] = plain(args)
    try:
        chosen = [{**group, "params": [params[i] for i in group["params"]]} for group in groups] if groups else params
        optimizer = getattr(torch.optim, name)(
            chosen, **{k: tuple(v) if k == "betas" else v for k, v in options.items()}
        )
        trajectory, losses, evals = run_optimizer(optimizer, params, steps, given, steps_program, consts, lrs)
    except (RuntimeError, ValueError) as error:
        refused = {"expect_error": True, "torch_message": (str(error) or "refused").splitlines()[0][:150]}
        return add("optim", "optim", dtype, {**fields, **refused}, "error")
    fields["trajectory"] = trajectory
    if not given:
        fields["losses"] = losses
    if name == "LBFGS":
        fields["closure_evals"] = evals
    add("optim", "optim", dtype, fields, "optim")


def run_optimizer(optimizer, params, steps, given, steps_program, consts, lrs):
    trajectory, losses, evals, count = [], [], [], [0]

    def closure():
        count[0] += 1
        optimizer.zero_grad()
        y = run_steps(steps_program, names_of(params, consts))["y"]
        y.backward()
        return y

    for k in range(steps):
        if lrs:
            for group in optimizer.param_groups:
                group["lr"] = lrs[k]
        count[0] = 0
        if given:
            for p, g in zip(params, given[k]):
                p.grad = None if g is None else g.clone()
            optimizer.step()
        elif isinstance(optimizer, torch.optim.LBFGS):
            losses.append(number(optimizer.step(closure).item()))
        else:
            losses.append(number(closure().item()))
            optimizer.step()
        evals.append(count[0])
        trajectory.append(show_all(params))
    return trajectory, losses, evals


def given_grads(inputs, steps, none_at=()):
    return [
        [None if (k, i) in none_at else torch.randn_like(p).detach() for i, p in enumerate(inputs)]
        for k in range(steps)
    ]


def optim_cases():
    variants = {
        "SGD": [
            {"lr": 0.1},
            {},
            {"lr": 0.1, "momentum": 0.9, "nesterov": True},
            {"lr": 0.1, "momentum": 0.8, "dampening": 0.4, "weight_decay": 0.1},
            {"lr": 0.05, "weight_decay": 0.3, "maximize": True},
            {"lr": 0.0},
            {"lr": 0.1, "momentum": 0.9, "maximize": True, "nesterov": True, "weight_decay": 0.01},
        ],
        "Adam": [
            {},
            {"lr": 0.1, "amsgrad": True},
            {"lr": 0.1, "betas": [0.5, 0.7], "eps": 1e-3, "weight_decay": 0.1},
            {"lr": 0.05, "maximize": True, "amsgrad": True, "weight_decay": 0.2},
            {"lr": 0.1, "betas": [0.0, 0.0]},
            {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True},
        ],
        "AdamW": [
            {},
            {"lr": 0.1, "amsgrad": True},
            {"lr": 0.1, "betas": [0.5, 0.7], "eps": 1e-3, "weight_decay": 0.0},
            {"lr": 0.05, "maximize": True, "weight_decay": 0.5},
        ],
        "RMSprop": [
            {},
            {"lr": 0.05, "alpha": 0.8, "eps": 1e-3},
            {"lr": 0.05, "momentum": 0.5, "centered": True},
            {"lr": 0.05, "weight_decay": 0.2, "maximize": True},
            {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1, "centered": True, "alpha": 0.5},
        ],
        "Adagrad": [
            {},
            {"lr": 0.2, "lr_decay": 0.3},
            {"lr": 0.2, "initial_accumulator_value": 0.5, "eps": 1e-3},
            {"lr": 0.2, "weight_decay": 0.1, "maximize": True},
        ],
    }
    for name, choices in variants.items():
        for i, options in enumerate(choices):
            inputs = [randn((2, 2), KINDS[i % 2]), randn((), KINDS[i % 2]), randn((3,), KINDS[i % 2])]
            optim_case(name, options, 7, inputs, given_grads(inputs, 7))
            inputs = [randn((3,)), randn((1, 2)), randn((2,))]
            optim_case(
                name,
                options,
                5,
                inputs,
                given_grads(inputs, 5, {(0, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (2, 2)}),
            )
            a = torch.randn(3, 3, dtype=torch.float64)
            optim_case(
                name,
                options,
                6,
                [randn((3,))],
                None,
                QUADRATIC,
                [a @ a.T + torch.eye(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)],
            )
        inputs = [randn((2,)), randn((3,)), randn((2, 2))]
        groups = [{"params": [0, 2]}, {"params": [1], "lr": 0.02, "weight_decay": 0.3}]
        optim_case(name, choices[2], 5, inputs, given_grads(inputs, 5), groups=groups, lrs=None)
        optim_case(name, {"lr": 0.1}, 4, inputs, given_grads(inputs, 4), groups=groups, lrs=[0.1, 0.0, 0.3, 0.05])
        for bad in (
            {"lr": -0.1},
            {"lr": 0.1, "weight_decay": -1.0},
            {"lr": 0.1, "eps": -1.0},
            {"lr": 0.1, "momentum": -0.5},
            {"lr": 0.1, "betas": [1.0, 0.9]},
            {"lr": 0.1, "betas": [0.9, -0.1]},
            {"lr": 0.1, "alpha": -0.1},
            {"lr": 0.1, "lr_decay": -0.1},
            {"lr": 0.1, "initial_accumulator_value": -0.1},
            {"lr": 0.1, "nesterov": True},
            {"lr": 0.1, "nesterov": True, "momentum": 0.9, "dampening": 0.1},
        ):
            known = {
                "SGD": {"momentum", "nesterov", "dampening", "weight_decay", "lr"},
                "Adam": {"lr", "betas", "eps", "weight_decay"},
                "AdamW": {"lr", "betas", "eps", "weight_decay"},
                "RMSprop": {"lr", "alpha", "eps", "momentum", "weight_decay"},
                "Adagrad": {"lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value"},
            }[name]
            if set(bad) <= known:
                optim_case(name, bad, 1, [randn((2,))], given_grads([randn((2,))], 1))
    optim_case(
        "SGD",
        {"lr": 0.1},
        3,
        inputs,
        given_grads(inputs, 3),
        groups=[
            {"params": [0], "momentum": 0.9, "nesterov": True},
            {"params": [1], "maximize": True},
            {"params": [2], "momentum": 0.5, "dampening": 0.2},
        ],
    )
    optim_case(
        "Adam",
        {"lr": 0.1},
        3,
        inputs,
        given_grads(inputs, 3),
        groups=[
            {"params": [0], "betas": [0.8, 0.9], "eps": 1e-2},
            {"params": [1], "amsgrad": True},
            {"params": [2], "maximize": True},
        ],
    )
    optim_case(
        "RMSprop",
        {"lr": 0.1},
        3,
        inputs,
        given_grads(inputs, 3),
        groups=[{"params": [0], "momentum": 0.8}, {"params": [1], "centered": True}, {"params": [2], "alpha": 0.5}],
    )
    lbfgs = [
        {},
        {"lr": 0.5, "max_iter": 3},
        {"line_search_fn": "strong_wolfe"},
        {"line_search_fn": "strong_wolfe", "max_iter": 6, "history_size": 2},
        {"lr": 0.5, "max_iter": 8, "max_eval": 5, "line_search_fn": "strong_wolfe"},
        {"lr": 0.1, "tolerance_grad": 1e-2, "tolerance_change": 1e-3},
        {"lr": 0.1, "max_iter": 5, "max_eval": 2},
    ]
    for options in lbfgs:
        a = torch.randn(3, 3, dtype=torch.float64)
        optim_case(
            "LBFGS",
            options,
            4,
            [randn((3,))],
            None,
            QUADRATIC,
            [a @ a.T + torch.eye(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)],
        )
        start = torch.tensor([-1.2, 1.0], dtype=torch.float64).requires_grad_(True)
        calm = options if options.get("line_search_fn") else {**options, "lr": 1e-3}
        optim_case("LBFGS", calm, 4, [start], None, ROSENBROCK)
        optim_case(
            "LBFGS", calm, 2, [randn((2, 2)), randn((2,))], None, TWO, [torch.randn(2, 2, dtype=torch.float64)]
        )
    for max_norm in (0.5, 100.0, 0.0, 1.0):
        for norm_type in (2.0, 1.0, "inf", 3.0, 0.5):
            clip_case(
                "clip_grad_norm_",
                {"max_norm": max_norm, "norm_type": norm_type},
                [randn((2, 3)).detach(), randn((4,)).detach(), randn(()).detach()],
            )
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [None, randn((3,), torch.float32).detach()])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [torch.zeros(3, dtype=torch.float64)])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [None, None])
    clip_case(
        "clip_grad_norm_",
        {"max_norm": 0.5, "norm_type": 2.0},
        [torch.tensor([float("inf"), 1.0], dtype=torch.float64)],
    )
    clip_case(
        "clip_grad_norm_",
        {"max_norm": 0.5, "norm_type": 2.0},
        [torch.tensor([float("nan"), 1.0], dtype=torch.float64)],
    )
    for value in (0.5, 0.0, 10.0):
        clip_case(
            "clip_grad_value_",
            {"clip_value": value},
            [randn((2, 3)).detach(), None, torch.tensor([float("nan"), float("inf"), -9.0], dtype=torch.float64)],
        )


def clip_case(op, args, grads):
    params = [torch.zeros(1, dtype=torch.float64) if g is None else torch.zeros_like(g) for g in grads]
    for p, g in zip(params, grads):
        p.requires_grad_(True)
        p.grad = None if g is None else g.clone()
    fields = {"args": args, "inputs": show_inputs(grads)}
    if op == "clip_grad_norm_":
        total = torch.nn.utils.clip_grad_norm_(params, args["max_norm"], float(args["norm_type"]))
        fields["total_norm"] = number(total.item())
    else:
        torch.nn.utils.clip_grad_value_(params, args["clip_value"])
    fields["output"] = [show(p.grad) for p in params]
    dtype = [g.dtype for g in grads if g is not None] or [torch.float64]
    add("optim", op, dtype[0], fields, "clip")
