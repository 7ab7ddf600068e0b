"""Training runs, and backward several times through one graph."""

import torch
import torch.nn as nn
import torch.optim.lr_scheduler as schedulers

from oracle.modules import KINDS, build, layer, state_of
from oracle.ops import OPS
from oracle.write import add, ints, leaves, names_of, plain, randn, run_steps, show, show_all, show_inputs, step


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
    fields = {
        "args": plain(args),
        "inputs": show_inputs(inputs),
        "output": [show(names[o]) for o in outputs],
        "output_requires_grad": [names[o].requires_grad for o in outputs],
        "seed_grads": show_all(seeds),
        "grads_after": after,
    }
    add("training", "backward_sequence", inputs[0].dtype, fields, "sequence")


def training_cases():
    mlp = [
        layer("Linear", in_features=3, out_features=5),
        layer("Tanh"),
        layer("Linear", in_features=5, out_features=2),
    ]
    regress = {"op": "half_squared_sum_over_batch"}
    for dtype in KINDS:
        x = randn((20, 3), dtype).detach()
        y, labels = randn((20, 2), dtype).detach(), ints((20,), 0, 2)
        ce = {"op": "cross_entropy", "args": {"reduction": "mean", "ignore_index": -100, "label_smoothing": 0.1}}
        train_case(mlp, regress, "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}, x, y, 6, 3)
        train_case(
            mlp,
            {"op": "mse_loss", "args": {"reduction": "mean"}},
            "Adam",
            {"lr": 0.01, "amsgrad": True},
            x,
            y,
            8,
            2,
            clip=0.5,
        )
        train_case(
            mlp,
            ce,
            "AdamW",
            {"lr": 0.01},
            x,
            labels,
            7,
            3,
            clip=1.0,
            scheduler={"name": "StepLR", "options": {"step_size": 1, "gamma": 0.5}},
        )
        train_case(
            mlp,
            ce,
            "RMSprop",
            {"lr": 0.01, "momentum": 0.5},
            x,
            labels,
            20,
            3,
            scheduler={"name": "CosineAnnealingLR", "options": {"T_max": 3}},
        )
        train_case(
            mlp,
            {"op": "huber_loss", "args": {"reduction": "sum", "delta": 1.0}},
            "Adagrad",
            {"lr": 0.05},
            x,
            y,
            5,
            2,
            per_epoch=False,
        )
        train_case(
            mlp,
            {"op": "smooth_l1_loss", "args": {"reduction": "mean", "beta": 1.0}},
            "SGD",
            {"lr": 0.1},
            x,
            y,
            10,
            3,
            scheduler={"name": "OneCycleLR", "options": {"max_lr": 0.2, "total_steps": 6, "cycle_momentum": False}},
        )
        bn = [
            layer("Linear", in_features=3, out_features=4),
            layer("BatchNorm1d", num_features=4),
            layer("ReLU"),
            layer("Linear", in_features=4, out_features=2),
        ]
        train_case(bn, ce, "SGD", {"lr": 0.1}, x, labels, 10, 2, per_epoch=False)
    images = randn((6, 1, 6, 6)).detach()
    conv = [
        layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3),
        layer("ReLU"),
        layer("MaxPool2d", kernel_size=2),
        layer("Flatten"),
        layer("Linear", in_features=8, out_features=3),
    ]
    train_case(
        conv,
        ce,
        "SGD",
        {"lr": 0.05, "momentum": 0.9},
        images,
        ints((6,), 0, 3),
        3,
        2,
        clip=0.3,
        scheduler={"name": "ExponentialLR", "options": {"gamma": 0.9}},
    )
    words = [
        layer("Embedding", num_embeddings=7, embedding_dim=3),
        layer("Flatten"),
        layer("Linear", in_features=6, out_features=2),
    ]
    train_case(
        words,
        ce,
        "Adam",
        {"lr": 0.05},
        ints((9, 2), 0, 7),
        ints((9,), 0, 2),
        4,
        3,
        scheduler={"name": "LinearLR", "options": {"total_iters": 2}},
    )
    diamond = [step("exp", ["x0"], "a"), step("sin", ["a"], "y"), step("mul", ["a", "x1"], "z")]
    sequence_case(diamond, ["y", "z"], ["z", "y", "z"], [randn((2,)), randn((2,))], [1])
    sequence_case(diamond, ["y", "z", "a"], ["a", "y"], [randn((2,), torch.float32), randn((2,), torch.float32)])
    sequence_case(
        [step("max_dim", ["x0"], ["v", "i"], dim=0, keepdim=False), step("detach", ["v"], "d")],
        ["v", "i", "d"],
        ["v", "v"],
        [randn((3, 2))],
        [0],
    )
    sequence_case(
        [step("split", ["x0"], ["a", "b"], split_size_or_sections=2, dim=0)], ["a", "b"], ["b", "a"], [randn((4,))]
    )
    sequence_case([step("clone", ["x0"], "y")], ["y"], ["y"], [randn(())])
