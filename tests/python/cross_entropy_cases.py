"""Prints PyTorch's cross-entropy for some logits and labels, as `crates/nn/tests/nn/cross_entropy.rs` reads it.

Run by hand, where torch is installed:

    python tests/python/cross_entropy_cases.py > crates/nn/tests/nn/cross_entropy.txt

A case is five lines: logits as `rows x classes: numbers`, labels, the loss of each row, their mean and sum, and the
gradient of the mean.
"""

import random

import torch
import torch.nn.functional as F

RANDOM = random.Random(1)

CASES = [
    ([[0.0, 0.0]], [1]),
    ([[1.0, 2.0, 3.0], [0.5, -1.5, 0.25]], [2, 0]),
    ([[5.0]], [0]),
    ([[1e4, 0.0, -1e4], [1e4, 0.0, -1e4], [1e4, 0.0, -1e4]], [0, 1, 2]),
    ([[1e4, 1e4], [-1e4, -1e4]], [0, 1]),
    ([[9999.5, 1e4]], [0]),
    ([[RANDOM.gauss(0, 3) for _ in range(10)] for _ in range(4)], [3, 9, 0, 3]),
]


def numbers(tensor):
    return " ".join(repr(x) for x in tensor.detach().flatten().tolist())


print("# torch", torch.__version__, "float64")
for logits, labels in CASES:
    x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(labels)
    mean = F.cross_entropy(x, y)
    mean.backward()
    print(f"{x.shape[0]}x{x.shape[1]}: {numbers(x)}")
    print(numbers(y))
    print(numbers(F.cross_entropy(x, y, reduction="none")))
    print(numbers(mean), numbers(F.cross_entropy(x, y, reduction="sum")))
    print(numbers(x.grad))
