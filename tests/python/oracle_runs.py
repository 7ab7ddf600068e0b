"""Cases that take several steps: modules, optimisers, schedulers, gradients of gradients, training."""

import torch
import torch.nn as nn
import torch.optim.lr_scheduler as schedulers

from oracle_ops import OPS
from oracle_write import add, attempt, ints, leaves, names_of, number, plain, program, randn, run_steps, show, show_all, show_inputs, uniform

KINDS = (torch.float64, torch.float32)


def step(op, inputs, out, **args):
    return {"op": op, "in": inputs, "out": out, "args": args}


def build(layers, dtype):
    made = [getattr(nn, layer["type"])(**{k: v for k, v in layer.items() if k != "type"}) for layer in layers]
    net = nn.Sequential(*made).to(dtype)
    for module in net:
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module.running_mean is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
            module.num_batches_tracked.fill_(3)
    return net


def state_of(net):
    return {name: show(t) for name, t in net.state_dict().items()}


def buffers_of(net):
    return {name: show(t) for name, t in net.named_buffers()}


def module_case(layers, mode, x, target=None, loss=None):
    dtype = x.dtype if x.is_floating_point() else torch.float64
    net = build(layers, dtype)
    net.train(mode == "train")
    inputs = [x] if target is None else [x, target]
    args = {"layers": layers, "mode": mode, **({"loss": loss} if loss else {})}
    fields = {"args": plain(args), "state_dict": state_of(net), "inputs": show_inputs(inputs)}
    fresh = leaves(inputs)
    try:
        output = net(fresh[0])
        if loss:
            fields["logits"] = show(output)
            output = OPS[loss["op"]](loss["args"], output, fresh[1])
        seed = torch.randn_like(output) if output.requires_grad else None
        if seed is not None:
            output.backward(seed)
    except (RuntimeError, ValueError, IndexError) as error:
        refused = {"expect_error": True, "torch_message": str(error).splitlines()[0][:150]}
        fields.pop("logits", None)
        return add("modules", "module", dtype, {**fields, **refused}, "error")
    fields |= {"output": show(output), "seed_grad": show(seed), "grads": [show(t.grad) for t in fresh]}
    fields["param_grads"] = {name: show(p.grad) for name, p in net.named_parameters()}
    if buffers_of(net):
        fields["buffers_after"] = buffers_of(net)
    add("modules", "module", dtype, fields)


def layer(type, **args):
    return {"type": type, **args}


def module_cases():
    activations = [layer(name) for name in "ReLU LeakyReLU ELU GELU SiLU Softplus Sigmoid Tanh Identity".split()]
    activations += [layer("LeakyReLU", negative_slope=0.3), layer("ELU", alpha=0.5), layer("GELU", approximate="tanh"), layer("Softplus", beta=2.0, threshold=1.0), layer("Softmax", dim=-1), layer("LogSoftmax", dim=1), layer("Dropout", p=0.0), layer("Dropout", p=1.0), layer("Softmax", dim=0)]
    for i, activation in enumerate(activations):
        if activation["type"] == "Identity":
            continue
        module_case([layer("Linear", in_features=3, out_features=4), activation], "train", randn((2, 3), KINDS[i % 2]))
    for mode in ("train", "eval"):
        for dtype in KINDS:
            bn1 = [layer("Linear", in_features=3, out_features=4, bias=False), layer("BatchNorm1d", num_features=4, eps=1e-3, momentum=0.3), layer("Tanh")]
            module_case(bn1, mode, randn((5, 3), dtype))
            module_case([layer("BatchNorm1d", num_features=4, affine=False)], mode, randn((3, 4), dtype))
            module_case([layer("BatchNorm1d", num_features=3)], mode, randn((2, 3, 4), dtype))
            module_case([layer("BatchNorm1d", num_features=3, track_running_stats=False)], mode, randn((4, 3), dtype))
            module_case([layer("BatchNorm1d", num_features=3, momentum=None)], mode, randn((4, 3), dtype))
            module_case([layer("BatchNorm2d", num_features=2, affine=False, track_running_stats=False)], mode, randn((2, 2, 3, 3), dtype))
            module_case([layer("Dropout", p=0.4 if mode == "eval" else 0.0), layer("Linear", in_features=3, out_features=1)], mode, randn((4, 3), dtype))
        module_case([layer("BatchNorm1d", num_features=3)], mode, randn((1, 3)))
    conv = [layer("Conv2d", in_channels=2, out_channels=4, kernel_size=3, stride=[2, 1], padding=1, groups=2, bias=False), layer("BatchNorm2d", num_features=4, momentum=0.05), layer("SiLU"), layer("MaxPool2d", kernel_size=2, stride=1, padding=1, ceil_mode=True), layer("Conv2d", in_channels=4, out_channels=2, kernel_size=[2, 3], dilation=[1, 2]), layer("AvgPool2d", kernel_size=[2, 1], count_include_pad=False, padding=[1, 0]), layer("Flatten")]
    module_case(conv, "train", randn((2, 2, 7, 8)))
    module_case(conv, "eval", randn((2, 2, 7, 8), torch.float32))
    module_case([layer("Conv2d", in_channels=1, out_channels=2, kernel_size=[3, 2], padding="valid")], "train", randn((1, 1, 5, 5)))
    module_case([layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3, padding_mode="zeros")], "train", randn((1, 5, 5)))
    module_case([layer("MaxPool2d", kernel_size=[2, 3], dilation=2), layer("AvgPool2d", kernel_size=2, divisor_override=3, ceil_mode=True)], "train", randn((1, 2, 9, 9)))
    module_case([layer("Flatten", start_dim=2), layer("Flatten", start_dim=0, end_dim=1)], "train", randn((2, 3, 2, 2)))
    module_case([layer("LayerNorm", normalized_shape=[3, 2], eps=1e-3)], "train", randn((4, 3, 2)))
    module_case([layer("LayerNorm", normalized_shape=4)], "train", randn((4,)))
    module_case([layer("LayerNorm", normalized_shape=[4], elementwise_affine=False)], "train", randn((3, 4), torch.float32))
    module_case([layer("LayerNorm", normalized_shape=[4], bias=False)], "train", randn((3, 4)))
    module_case([layer("Embedding", num_embeddings=5, embedding_dim=2, padding_idx=1), layer("Tanh"), layer("Flatten", start_dim=1), layer("Linear", in_features=6, out_features=2)], "train", torch.tensor([[1, 4, 1], [0, 1, 2]]))
    module_case([layer("Embedding", num_embeddings=5, embedding_dim=2, padding_idx=-1)], "eval", torch.tensor([4, 0, 4]))
    module_case([layer("Embedding", num_embeddings=5, embedding_dim=2)], "eval", torch.tensor([5, 0]))
    module_case([layer("Linear", in_features=3, out_features=2)], "train", randn((3,)).detach())
    module_case([layer("Linear", in_features=3, out_features=2)], "train", randn((2, 4)))
    module_case([layer("ReLU")], "train", randn((2, 3)))
    mlp = lambda out, *last: [layer("Linear", in_features=3, out_features=5), layer("ELU"), layer("Linear", in_features=5, out_features=out), *last]
    for reduction in ("mean", "sum", "none"):
        labels = ints((4,), 0, 3)
        module_case(mlp(3), "train", randn((4, 3)), labels, {"op": "cross_entropy", "args": {"reduction": reduction, "ignore_index": 1, "label_smoothing": 0.1}})
        module_case(mlp(3, layer("LogSoftmax", dim=1)), "train", randn((4, 3)), labels, {"op": "nll_loss", "args": {"reduction": reduction, "ignore_index": -100}})
        for name, extra in [("mse_loss", {}), ("l1_loss", {}), ("smooth_l1_loss", {"beta": 0.5}), ("huber_loss", {"delta": 0.5}), ("binary_cross_entropy_with_logits", {"has_weight": False, "has_pos_weight": False})]:
            module_case(mlp(2), "train", randn((4, 3)), uniform((4, 2), 0.0, 1.0).detach(), {"op": name, "args": {"reduction": reduction, **extra}})
    module_case(mlp(3), "eval", randn((2, 3)), torch.softmax(torch.randn(2, 3, dtype=torch.float64), 1), {"op": "cross_entropy", "args": {"reduction": "mean", "label_smoothing": 0.1}})


QUADRATIC = [step("matmul", ["c0", "x0"], "ax"), step("matmul", ["x0", "ax"], "xax"), step("mul_scalar", ["xax"], "h", value=0.5), step("matmul", ["c1", "x0"], "bx"), step("sub", ["h", "bx"], "y")]
ROSENBROCK = [step("narrow", ["x0"], "a", dim=0, start=0, length=1), step("narrow", ["x0"], "b", dim=0, start=1, length=1), step("square", ["a"], "aa"), step("sub", ["b", "aa"], "d"), step("square", ["d"], "dd"), step("mul_scalar", ["dd"], "dh", value=100.0), step("rsub_scalar", ["a"], "e", value=1.0), step("square", ["e"], "ee"), step("add", ["dh", "ee"], "f"), step("sum", ["f"], "y", dim=None)]
TWO = [step("mul", ["x0", "x1"], "m"), step("sub", ["m", "c0"], "d"), step("square", ["d"], "q"), step("sum", ["q"], "y", dim=None)]


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
        optimizer = getattr(torch.optim, name)(chosen, **{k: tuple(v) if k == "betas" else v for k, v in options.items()})
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
    return [[None if (k, i) in none_at else torch.randn_like(p).detach() for i, p in enumerate(inputs)] for k in range(steps)]


def optim_cases():
    variants = {
        "SGD": [{"lr": 0.1}, {}, {"lr": 0.1, "momentum": 0.9, "nesterov": True}, {"lr": 0.1, "momentum": 0.8, "dampening": 0.4, "weight_decay": 0.1}, {"lr": 0.05, "weight_decay": 0.3, "maximize": True}, {"lr": 0.0}, {"lr": 0.1, "momentum": 0.9, "maximize": True, "nesterov": True, "weight_decay": 0.01}],
        "Adam": [{}, {"lr": 0.1, "amsgrad": True}, {"lr": 0.1, "betas": [0.5, 0.7], "eps": 1e-3, "weight_decay": 0.1}, {"lr": 0.05, "maximize": True, "amsgrad": True, "weight_decay": 0.2}, {"lr": 0.1, "betas": [0.0, 0.0]}, {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}],
        "AdamW": [{}, {"lr": 0.1, "amsgrad": True}, {"lr": 0.1, "betas": [0.5, 0.7], "eps": 1e-3, "weight_decay": 0.0}, {"lr": 0.05, "maximize": True, "weight_decay": 0.5}],
        "RMSprop": [{}, {"lr": 0.05, "alpha": 0.8, "eps": 1e-3}, {"lr": 0.05, "momentum": 0.5, "centered": True}, {"lr": 0.05, "weight_decay": 0.2, "maximize": True}, {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1, "centered": True, "alpha": 0.5}],
        "Adagrad": [{}, {"lr": 0.2, "lr_decay": 0.3}, {"lr": 0.2, "initial_accumulator_value": 0.5, "eps": 1e-3}, {"lr": 0.2, "weight_decay": 0.1, "maximize": True}],
    }
    for name, choices in variants.items():
        for i, options in enumerate(choices):
            inputs = [randn((2, 2), KINDS[i % 2]), randn((), KINDS[i % 2]), randn((3,), KINDS[i % 2])]
            optim_case(name, options, 7, inputs, given_grads(inputs, 7))
            inputs = [randn((3,)), randn((1, 2)), randn((2,))]
            optim_case(name, options, 5, inputs, given_grads(inputs, 5, {(0, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (2, 2)}))
            a = torch.randn(3, 3, dtype=torch.float64)
            optim_case(name, options, 6, [randn((3,))], None, QUADRATIC, [a @ a.T + torch.eye(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)])
        inputs = [randn((2,)), randn((3,)), randn((2, 2))]
        groups = [{"params": [0, 2]}, {"params": [1], "lr": 0.02, "weight_decay": 0.3}]
        optim_case(name, choices[2], 5, inputs, given_grads(inputs, 5), groups=groups, lrs=None)
        optim_case(name, {"lr": 0.1}, 4, inputs, given_grads(inputs, 4), groups=groups, lrs=[0.1, 0.0, 0.3, 0.05])
        for bad in ({"lr": -0.1}, {"lr": 0.1, "weight_decay": -1.0}, {"lr": 0.1, "eps": -1.0}, {"lr": 0.1, "momentum": -0.5}, {"lr": 0.1, "betas": [1.0, 0.9]}, {"lr": 0.1, "betas": [0.9, -0.1]}, {"lr": 0.1, "alpha": -0.1}, {"lr": 0.1, "lr_decay": -0.1}, {"lr": 0.1, "initial_accumulator_value": -0.1}, {"lr": 0.1, "nesterov": True}, {"lr": 0.1, "nesterov": True, "momentum": 0.9, "dampening": 0.1}):
            known = {"SGD": {"momentum", "nesterov", "dampening", "weight_decay", "lr"}, "Adam": {"lr", "betas", "eps", "weight_decay"}, "AdamW": {"lr", "betas", "eps", "weight_decay"}, "RMSprop": {"lr", "alpha", "eps", "momentum", "weight_decay"}, "Adagrad": {"lr", "lr_decay", "eps", "weight_decay", "initial_accumulator_value"}}[name]
            if set(bad) <= known:
                optim_case(name, bad, 1, [randn((2,))], given_grads([randn((2,))], 1))
    optim_case("SGD", {"lr": 0.1}, 3, inputs, given_grads(inputs, 3), groups=[{"params": [0], "momentum": 0.9, "nesterov": True}, {"params": [1], "maximize": True}, {"params": [2], "momentum": 0.5, "dampening": 0.2}])
    optim_case("Adam", {"lr": 0.1}, 3, inputs, given_grads(inputs, 3), groups=[{"params": [0], "betas": [0.8, 0.9], "eps": 1e-2}, {"params": [1], "amsgrad": True}, {"params": [2], "maximize": True}])
    optim_case("RMSprop", {"lr": 0.1}, 3, inputs, given_grads(inputs, 3), groups=[{"params": [0], "momentum": 0.8}, {"params": [1], "centered": True}, {"params": [2], "alpha": 0.5}])
    lbfgs = [{}, {"lr": 0.5, "max_iter": 3}, {"line_search_fn": "strong_wolfe"}, {"line_search_fn": "strong_wolfe", "max_iter": 6, "history_size": 2}, {"lr": 0.5, "max_iter": 8, "max_eval": 5, "line_search_fn": "strong_wolfe"}, {"lr": 0.1, "tolerance_grad": 1e-2, "tolerance_change": 1e-3}, {"lr": 0.1, "max_iter": 5, "max_eval": 2}]
    for options in lbfgs:
        a = torch.randn(3, 3, dtype=torch.float64)
        optim_case("LBFGS", options, 4, [randn((3,))], None, QUADRATIC, [a @ a.T + torch.eye(3, dtype=torch.float64), torch.randn(3, dtype=torch.float64)])
        start = torch.tensor([-1.2, 1.0], dtype=torch.float64).requires_grad_(True)
        calm = options if options.get("line_search_fn") else {**options, "lr": 1e-3}
        optim_case("LBFGS", calm, 4, [start], None, ROSENBROCK)
        optim_case("LBFGS", calm, 2, [randn((2, 2)), randn((2,))], None, TWO, [torch.randn(2, 2, dtype=torch.float64)])
    for max_norm in (0.5, 100.0, 0.0, 1.0):
        for norm_type in (2.0, 1.0, "inf", 3.0, 0.5):
            clip_case("clip_grad_norm_", {"max_norm": max_norm, "norm_type": norm_type}, [randn((2, 3)).detach(), randn((4,)).detach(), randn(()).detach()])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [None, randn((3,), torch.float32).detach()])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [torch.zeros(3, dtype=torch.float64)])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [None, None])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [torch.tensor([float("inf"), 1.0], dtype=torch.float64)])
    clip_case("clip_grad_norm_", {"max_norm": 0.5, "norm_type": 2.0}, [torch.tensor([float("nan"), 1.0], dtype=torch.float64)])
    for value in (0.5, 0.0, 10.0):
        clip_case("clip_grad_value_", {"clip_value": value}, [randn((2, 3)).detach(), None, torch.tensor([float("nan"), float("inf"), -9.0], dtype=torch.float64)])


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


def scheduler_case(name, options, base_lrs, steps, metrics=None, momentum=None):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in base_lrs]
    args = {"scheduler": name, "options": options, "base_lrs": base_lrs, "steps": steps}
    if metrics:
        args["metrics"] = metrics
    if momentum is not None:
        args["momentum"] = momentum
    fields = {"args": plain(args)}
    try:
        optimizer = torch.optim.SGD(groups, lr=0.1, momentum=momentum or 0.0)
        given = dict(options)
        if name == "LambdaLR":
            table = given.pop("lambda_table")
            given["lr_lambda"] = lambda epoch: table[epoch]
        scheduler = getattr(schedulers, name)(optimizer, **given)
        read = lambda key: [group[key] for group in optimizer.param_groups]
        rows, momenta = [read("lr")], [read("momentum")]
        for k in range(steps):
            optimizer.step()
            scheduler.step(*([metrics[k]] if metrics else []))
            rows.append(read("lr"))
            momenta.append(read("momentum"))
    except (ValueError, TypeError, ZeroDivisionError) as error:
        refused = {"expect_error": True, "torch_message": str(error)[:150]}
        return add("schedulers", "scheduler", torch.float64, {**fields, **refused}, "error")
    fields["output"] = show(torch.tensor(rows, dtype=torch.float64))
    if momentum is not None:
        fields["momentum"] = show(torch.tensor(momenta, dtype=torch.float64))
    add("schedulers", "scheduler", torch.float64, fields, "sched")


def scheduler_cases():
    two = [0.1, 0.03]
    for lrs in ([0.5], two):
        for options in ({"step_size": 1}, {"step_size": 4, "gamma": 0.5}, {"step_size": 2, "gamma": 1.5}):
            scheduler_case("StepLR", options, lrs, 9)
        for options in ({"milestones": [3, 4, 4, 7]}, {"milestones": [9, 2], "gamma": 0.3}, {"milestones": [], "gamma": 0.3}, {"milestones": [1], "gamma": 2.0}):
            scheduler_case("MultiStepLR", options, lrs, 10)
        for gamma in (0.5, 1.0, 1.1):
            scheduler_case("ExponentialLR", {"gamma": gamma}, lrs, 8)
        for options in ({"T_max": 5}, {"T_max": 4, "eta_min": 0.01}, {"T_max": 1}, {"T_max": 20, "eta_min": 0.2}):
            scheduler_case("CosineAnnealingLR", options, lrs, 13)
        for options in ({}, {"start_factor": 0.5, "total_iters": 4}, {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 6}, {"start_factor": 0.1, "end_factor": 0.0, "total_iters": 3}, {"total_iters": 1}):
            scheduler_case("LinearLR", options, lrs, 8)
        scheduler_case("LambdaLR", {"lambda_table": [0.5, 1.0, 2.0, 0.0, 1.5]}, lrs, 4)
        for options in ({"max_lr": 1.0, "total_steps": 7}, {"max_lr": 0.2, "epochs": 3, "steps_per_epoch": 4}, {"max_lr": 0.2, "total_steps": 11, "pct_start": 0.2, "three_phase": True}, {"max_lr": 0.2, "total_steps": 10, "div_factor": 10.0, "final_div_factor": 100.0, "anneal_strategy": "linear"}, {"max_lr": 0.2, "total_steps": 8, "base_momentum": 0.7, "max_momentum": 0.9}, {"max_lr": 0.2, "total_steps": 8, "cycle_momentum": False}, {"max_lr": [0.2, 0.4][: len(lrs)], "total_steps": 8}, {"max_lr": 0.2, "total_steps": 12, "three_phase": True, "anneal_strategy": "linear", "pct_start": 0.4}):
            steps = options.get("total_steps", 12) - 1
            scheduler_case("OneCycleLR", options, lrs, steps, momentum=0.9)
        scheduler_case("OneCycleLR", {"max_lr": 0.2, "total_steps": 4}, lrs, 4, momentum=0.9)
        falling = [1.0, 0.9, 0.95, 0.91, 0.92, 0.5, 0.5, 0.5, 0.5, 0.49999, 0.5, 0.1]
        for options in ({}, {"patience": 1}, {"patience": 0, "factor": 0.5, "cooldown": 2}, {"mode": "max", "patience": 2}, {"threshold_mode": "abs", "threshold": 0.2, "patience": 1}, {"mode": "max", "threshold_mode": "abs", "threshold": 0.01, "patience": 0}, {"patience": 0, "min_lr": 0.04}, {"patience": 0, "eps": 0.05}, {"patience": 0, "min_lr": [0.01, 0.02][: len(lrs)]}, {"patience": 1, "mode": "min", "threshold": 0.5}):
            scheduler_case("ReduceLROnPlateau", options, lrs, 12, falling)
            scheduler_case("ReduceLROnPlateau", options, lrs, 12, [-m for m in falling])
    scheduler_case("ReduceLROnPlateau", {"factor": 1.0}, two, 1, [1.0])
    scheduler_case("ReduceLROnPlateau", {"patience": 0}, two, 4, [1.0, float("nan"), 0.5, float("inf")])
    scheduler_case("OneCycleLR", {"max_lr": 0.2, "total_steps": 0}, two, 1, momentum=0.9)
    scheduler_case("OneCycleLR", {"max_lr": 0.2}, two, 1, momentum=0.9)
    scheduler_case("OneCycleLR", {"max_lr": 0.2, "total_steps": 5, "pct_start": 1.5}, two, 1, momentum=0.9)
    scheduler_case("LinearLR", {"start_factor": 0.0}, two, 1)
    scheduler_case("LinearLR", {"start_factor": 1.5}, two, 1)
    scheduler_case("LinearLR", {"end_factor": -0.1}, two, 1)


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
    spread = lambda items: [show(items[[t is w for w in wanted].index(True)]) if t.requires_grad else None for t in fresh]
    fields = {"args": plain(args), "inputs": show_inputs(inputs), "output": show(y), "seed_grad": show(seed), "first_grads": spread(first), "vs": spread(vs), "grads": spread(second)}
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
    fields = {"args": plain(args), "inputs": show_inputs(inputs), "output": show(y), "gradient": show(gradient), "hessian": show(torch.stack(rows))}
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
    fields = {"args": plain(args), "inputs": show_inputs(inputs), "output": show(output), "inner_grad": show(inner), "grads": [show(t.grad) for t in fresh]}
    add("higher_order", "gradient_penalty", inputs[0].dtype, fields)


def higher_order_cases():
    one = lambda op, **args: [step(op, ["x0"], "y", **args)]
    single = [one(name) for name in "neg exp expm1 sin cos tanh sigmoid silu square reciprocal abs relu sign clone".split()]
    single += [one("leaky_relu", negative_slope=0.1), one("elu", alpha=1.5), one("gelu", approximate="none"), one("gelu", approximate="tanh"), one("softplus", beta=2.0, threshold=20.0), one("clamp", min=-0.5, max=0.5), one("pow_scalar", exponent=3), one("pow_scalar", exponent=2), one("pow_scalar", exponent=1)]
    single += [one("sum", dim=[0], keepdim=True), one("mean", dim=[1], keepdim=False), one("var", dim=[1], correction=1, keepdim=False), one("std", dim=[0], correction=0, keepdim=False), one("logsumexp", dim=[1], keepdim=False), one("norm", p=2, dim=[1], keepdim=False), one("prod", dim=1, keepdim=False), one("prod", dim=None), one("cumsum", dim=1), one("amax", dim=[1], keepdim=False), one("max"), one("softmax", dim=0), one("log_softmax", dim=-1), one("flip", dims=[0]), one("pad", pad=[1, -1], mode="constant", value=1.0), one("rdiv_scalar", value=2.0), one("slice", dim=1, start=0, end=None, step=2)]
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
    double_case(three("layer_norm", normalized_shape=[2, 3], eps=1e-5), [randn((2, 2, 3)), randn((2, 3)), randn((2, 3))])
    double_case(three("conv2d", stride=[2, 1], padding=[1, 0], dilation=[1, 2], groups=2), [randn((2, 4, 5, 5)), randn((2, 2, 2, 2)), randn((2,))])
    for training in (True, False):
        steps = [step("batch_norm", ["x0", "x1", "x2", "x3", "x4"], ["y", "m", "v"], training=training, momentum=0.1, eps=1e-5)]
        double_case(steps, [randn((4, 2)), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach(), randn((2,)), randn((2,))])
    double_case(one("max_pool2d", kernel_size=[2, 2], stride=None, padding=[0, 0], dilation=[1, 1], ceil_mode=False), [randn((1, 2, 4, 4))])
    double_case(one("avg_pool2d", kernel_size=[2, 2], stride=[1, 1], padding=[1, 1], ceil_mode=False, count_include_pad=False, divisor_override=None), [randn((1, 2, 4, 4))])
    labels = torch.tensor([0, 2, 1])
    for smoothing, ignore in ((0.0, -100), (0.1, 2)):
        double_case(two("cross_entropy", reduction="mean", ignore_index=ignore, label_smoothing=smoothing), [randn((3, 4)), labels])
        double_case(three("cross_entropy", reduction="none", ignore_index=ignore, label_smoothing=smoothing), [randn((3, 4)), labels, uniform((4,), 0.5, 2.0).detach()])
    double_case(two("cross_entropy", reduction="sum", label_smoothing=0.1), [randn((2, 3)), torch.softmax(randn((2, 3)).detach(), 1)])
    double_case(two("nll_loss", reduction="mean", ignore_index=-100), [randn((3, 4)), labels])
    for name, extra in [("mse_loss", {}), ("l1_loss", {}), ("smooth_l1_loss", {"beta": 0.7}), ("huber_loss", {"delta": 0.7})]:
        double_case(two(name, reduction="mean", **extra), [randn((2, 3)), randn((2, 3))])
    double_case(two("binary_cross_entropy_with_logits", reduction="mean", has_weight=False, has_pos_weight=False), [randn((2, 3)), uniform((2, 3), 0.0, 1.0).detach()])
    double_case(two("embedding", padding_idx=1), [randn((4, 2)), torch.tensor([1, 0, 3, 0])])
    double_case(two("gather", dim=1), [randn((2, 3)), torch.tensor([[0, 0], [2, 1]])])
    mlp = [step("matmul", ["x0", "x1"], "m"), step("tanh", ["m"], "t"), step("square", ["t"], "q"), step("sum", ["q"], "y", dim=None)]
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


def loss_of(loss, output, target):
    if loss["op"] == "half_squared_sum_over_batch":
        return ((output - target) ** 2 / 2).sum() / len(target)
    return OPS[loss["op"]](loss["args"], output, target)


def train_case(layers, loss, name, options, x, y, size, epochs, clip=None, scheduler=None, per_epoch=True):
    dtype = x.dtype if x.is_floating_point() else torch.float64
    net = build(layers, dtype)
    batches = [order.tolist() for _ in range(epochs) for order in torch.randperm(len(x)).split(size)]
    args = {"layers": layers, "loss": loss, "optimizer": name, "options": options, "batches": batches}
    fields = {"state_dict": state_of(net), "inputs": show_inputs([x, y])}
    optimizer = getattr(torch.optim, name)(net.parameters(), **options)
    steps = len(batches) // epochs
    if per_epoch:
        args["steps_per_epoch"] = steps
    if clip:
        args["clip_grad_norm"] = clip
    if scheduler:
        args["scheduler"] = scheduler
        schedule = getattr(schedulers, scheduler["name"])(optimizer, **scheduler["options"])
    losses, norms, epoch_losses = [], [], []
    for k, rows in enumerate(batches):
        optimizer.zero_grad()
        value = loss_of(loss, net(x[rows]), y[rows])
        value.backward()
        losses.append(value.item())
        if clip:
            norms.append(nn.utils.clip_grad_norm_(net.parameters(), clip).item())
        optimizer.step()
        if per_epoch and (k + 1) % steps == 0:
            with torch.no_grad():
                kept = {name: t.clone() for name, t in net.state_dict().items()}
                epoch_losses.append(loss_of(loss, net(x), y).item())
                net.load_state_dict(kept)
            if scheduler:
                schedule.step(*([epoch_losses[-1]] if scheduler["name"] == "ReduceLROnPlateau" else []))
    fields |= {"args": plain(args), "losses": losses, "final_state": state_of(net)}
    if clip:
        fields["grad_norms"] = norms
    if per_epoch:
        fields["epoch_losses"] = epoch_losses
    add("training", "train", dtype, fields, "train")


def sequence_case(steps, outputs, backwards, inputs, zero_after=None):
    fresh = leaves(inputs)
    names = run_steps(steps, names_of(fresh))
    args = {"steps": steps, "outputs": outputs, "backwards": backwards}
    if zero_after:
        args["zero_grad_after"] = zero_after
    seeds, after = [], []
    for k, name in enumerate(backwards):
        seeds.append(torch.randn_like(names[name]))
        names[name].backward(seeds[-1], retain_graph=True)
        after.append([show(t.grad) for t in fresh])
        if k in (zero_after or []):
            for t in fresh:
                t.grad = None
    fields = {"args": plain(args), "inputs": show_inputs(inputs), "output": [show(names[o]) for o in outputs], "output_requires_grad": [names[o].requires_grad for o in outputs], "seed_grads": show_all(seeds), "grads_after": after}
    add("training", "backward_sequence", inputs[0].dtype, fields, "sequence")


def training_cases():
    mlp = [layer("Linear", in_features=3, out_features=5), layer("Tanh"), layer("Linear", in_features=5, out_features=2)]
    regress = {"op": "half_squared_sum_over_batch"}
    for dtype in KINDS:
        x = randn((20, 3), dtype).detach()
        y, labels = randn((20, 2), dtype).detach(), ints((20,), 0, 2)
        ce = {"op": "cross_entropy", "args": {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.1}}
        train_case(mlp, regress, "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, x, y, 6, 3)
        train_case(mlp, {"op": "mse_loss", "args": {"reduction": "mean"}}, "Adam", {"lr": 0.01, "amsgrad": True}, x, y, 8, 2, clip=0.5)
        train_case(mlp, ce, "AdamW", {"lr": 0.01}, x, labels, 7, 3, clip=1.0, scheduler={"name": "StepLR", "options": {"step_size": 1, "gamma": 0.5}})
        train_case(mlp, ce, "RMSprop", {"lr": 0.01, "momentum": 0.5}, x, labels, 20, 3, scheduler={"name": "CosineAnnealingLR", "options": {"T_max": 3}})
        train_case(mlp, {"op": "huber_loss", "args": {"reduction": "sum", "delta": 1.0}}, "Adagrad", {"lr": 0.05}, x, y, 5, 2, per_epoch=False)
        train_case(mlp, {"op": "smooth_l1_loss", "args": {"reduction": "mean", "beta": 1.0}}, "SGD", {"lr": 0.1}, x, y, 10, 3, scheduler={"name": "OneCycleLR", "options": {"max_lr": 0.2, "total_steps": 6, "cycle_momentum": False}})
        bn = [layer("Linear", in_features=3, out_features=4), layer("BatchNorm1d", num_features=4), layer("ReLU"), layer("Linear", in_features=4, out_features=2)]
        train_case(bn, ce, "SGD", {"lr": 0.1}, x, labels, 10, 2, per_epoch=False)
    images = randn((6, 1, 6, 6)).detach()
    conv = [layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3), layer("ReLU"), layer("MaxPool2d", kernel_size=2), layer("Flatten"), layer("Linear", in_features=8, out_features=3)]
    train_case(conv, ce, "SGD", {"lr": 0.05, "momentum": 0.9}, images, ints((6,), 0, 3), 3, 2, clip=0.3, scheduler={"name": "ExponentialLR", "options": {"gamma": 0.9}})
    words = [layer("Embedding", num_embeddings=7, embedding_dim=3), layer("Flatten"), layer("Linear", in_features=6, out_features=2)]
    train_case(words, ce, "Adam", {"lr": 0.05}, ints((9, 2), 0, 7), ints((9,), 0, 2), 4, 3, scheduler={"name": "LinearLR", "options": {"total_iters": 2}})
    diamond = [step("exp", ["x0"], "a"), step("sin", ["a"], "y"), step("mul", ["a", "x1"], "z")]
    sequence_case(diamond, ["y", "z"], ["z", "y", "z"], [randn((2,)), randn((2,))], [1])
    sequence_case(diamond, ["y", "z", "a"], ["a", "y"], [randn((2,), torch.float32), randn((2,), torch.float32)])
    sequence_case([step("max_dim", ["x0"], ["v", "i"], dim=0, keepdim=False), step("detach", ["v"], "d")], ["v", "i", "d"], ["v", "v"], [randn((3, 2))], [0])
    sequence_case([step("split", ["x0"], ["a", "b"], split_size_or_sections=2, dim=0)], ["a", "b"], ["b", "a"], [randn((4,))])
    sequence_case([step("clone", ["x0"], "y")], ["y"], ["y"], [randn(())])
