"""Prints steps of PyTorch's optimisers, as `crates/optim/tests/optim/trajectories.rs` reads them.

Run by hand, where torch is installed:

    python tests/python/optimizer_cases.py > crates/optim/tests/optim/trajectories.txt

First the gradients of both parameters before each step (`-` for none), then cases: an optimiser with its options and
the values of both parameters after each step. All cases begin at the same values. The cases of LBFGS minimise a
function from (-1.2, 1): each line holds the loss that a step returned, how often it evaluated the function, and the position.
"""

import random

import torch

STEPS = 8
CASES = [
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "betas": (0.3, 0.5), "amsgrad": True, "weight_decay": 0.2, "maximize": True}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.0)}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("RMSprop", {"lr": 0.05}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.4, "eps": 1e-2, "weight_decay": 0.1, "maximize": True}),
    ("RMSprop", {"lr": 0.02, "momentum": 0.9}),
    ("RMSprop", {"lr": 0.02, "momentum": 0.5, "centered": True, "alpha": 0.9, "weight_decay": 0.05}),
    ("RMSprop", {"lr": 0.02, "centered": True}),
    ("Adagrad", {"lr": 0.3}),
    ("Adagrad", {"lr": 0.3, "lr_decay": 0.1, "weight_decay": 0.05, "maximize": True}),
    ("Adagrad", {"lr": 0.3, "initial_accumulator_value": 0.5, "eps": 0.1}),
]
LBFGS_CASES = [
    ("rosenbrock", {"lr": 0.05, "max_iter": 4, "history_size": 2}),
    ("rosenbrock", {"lr": 1.0, "max_iter": 7, "line_search_fn": "strong_wolfe"}),
    ("rosenbrock", {"lr": 0.001, "max_iter": 10, "history_size": 1, "line_search_fn": "strong_wolfe"}),
    ("rosenbrock", {"lr": 1.0, "max_iter": 1, "line_search_fn": "strong_wolfe"}),
    ("rosenbrock", {"lr": 1.0, "max_iter": 1, "max_eval": 25, "line_search_fn": "strong_wolfe"}),
    ("rosenbrock", {"lr": 10.0, "max_iter": 20, "max_eval": 6, "line_search_fn": "strong_wolfe"}),
    ("rosenbrock", {"lr": 1.0, "tolerance_grad": 0.5, "tolerance_change": 1e-3, "line_search_fn": "strong_wolfe"}),
    ("quartic", {"lr": 1.0, "line_search_fn": "strong_wolfe"}),
    ("quartic", {"lr": 0.3, "max_iter": 5}),
    ("wave", {"lr": 4.0, "max_iter": 6, "line_search_fn": "strong_wolfe"}),
    ("wave", {"lr": 0.5, "max_iter": 3, "maximize": True, "line_search_fn": "strong_wolfe"}),
]


def rosenbrock(x, y):
    return (y - x.square()).square() * 100 + (1 - x).square()


def quartic(x, y):
    return (x + 10 * y).square().square() + 5 * x.square() + y


def wave(x, y):
    return (3 * x).sin() * (2 * y).cos() + 0.1 * x.square() + 0.1 * y.square()


def numbers(tensors):
    return " ".join(
        "-" if tensor is None else " ".join(repr(x) for x in tensor.flatten().tolist()) for tensor in tensors
    )


def title(name, options):
    words = []
    for option, value in options.items():
        if option == "betas":
            words += [f"beta1={value[0]}", f"beta2={value[1]}"]
        elif option == "line_search_fn":
            words.append("strong_wolfe=true")
        elif isinstance(value, bool):
            words.append(f"{option}={str(value).lower()}")
        else:
            words.append(f"{option}={float(value)}")
    print("case", name, *words)


print("# torch", torch.__version__, "float64")
stream = random.Random(1)
gradients = []
for step in range(STEPS):
    a, b = ([round(stream.gauss(0, 1), 3) for _ in range(n)] for n in (4, 1))
    # The second parameter misses two steps: its state starts late and is kept.
    b = None if step in (0, 4) else torch.tensor(b, dtype=torch.float64)
    gradients.append((torch.tensor(a, dtype=torch.float64).reshape(2, 2), b))
    print("grad", numbers(gradients[-1]))

for name, options in CASES:
    title(name, options)
    a = torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([a, b], **options)
    for a.grad, b.grad in gradients:
        optimizer.step()
        print("value", numbers([a, b]))

for function, options in LBFGS_CASES:
    title(f"LBFGS {function}", options)
    position = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([position], **options)
    for _ in range(5):
        evaluations = 0

        def closure():
            global evaluations
            evaluations += 1
            optimizer.zero_grad()
            loss = globals()[function](position[0], position[1])
            loss.backward()
            return loss

        loss = optimizer.step(closure)
        print("step", repr(loss.item()), evaluations, numbers([position]))
