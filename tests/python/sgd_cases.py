"""Prints steps of PyTorch's SGD on two parameters, as `crates/optim/tests/optim/sgd/torch.rs` reads them.

Run by hand, where torch is installed:

    python tests/python/sgd_cases.py > crates/optim/tests/optim/sgd/torch.txt

Each block is a set of options followed by 20 steps: the gradients of both parameters before a step (`-` for none) and
their values after it. In all blocks the parameters start at the `start` lines.
"""

import random

import torch

STEPS = 20
LR = 0.1
OPTIONS = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.5},
    {"momentum": 0.9, "nesterov": True},
    {"weight_decay": 0.1},
    {"maximize": True},
    {"momentum": 0.9, "weight_decay": 0.1},
    {"momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05, "maximize": True},
    {"momentum": 0.8, "weight_decay": 0.05, "nesterov": True, "maximize": True},
]


def numbers(tensor):
    return " ".join(repr(x) for x in tensor.detach().flatten().tolist()) if tensor is not None else "-"


def steps(options):
    print("options", *(f"{name}={float(value)}" for name, value in options.items()))
    stream = random.Random(1)
    a = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([a, b], lr=LR, **options)
    print("start", numbers(a))
    print("start", numbers(b))
    for step in range(STEPS):
        for parameter in (a, b):
            grad = torch.tensor([round(stream.gauss(0, 1), 4) for _ in range(parameter.numel())], dtype=torch.float64)
            # The second parameter misses the first step and one later: its velocity starts late and is kept.
            parameter.grad = None if parameter is b and step in (0, 7) else grad.reshape(parameter.shape)
        print("grad", numbers(a.grad))
        print("grad", numbers(b.grad))
        optimizer.step()
        print("value", numbers(a))
        print("value", numbers(b))


print("# torch", torch.__version__, "float64, lr", LR)
for options in OPTIONS:
    steps(options)
