"""Prints the learning rates of PyTorch's schedulers, as `crates/optim/tests/optim/schedules.rs` reads them.

Run by hand, where torch is installed:

    python tests/python/scheduler_cases.py > crates/optim/tests/optim/schedules.txt

Each case is a scheduler of an SGD with two groups, of learning rates 0.1 and 0.4. A line holds the learning rates and
the momentum of both groups; the first line is before the first step. `OneCycleLR` is not stepped past its end, where
PyTorch turns back or below 0.
"""

import warnings

import torch
from torch.optim import lr_scheduler

warnings.simplefilter("ignore")
METRICS = [1.0, 0.9, 0.9, 0.9, 0.95, float("nan"), 0.8, 0.79, 0.79, 0.79, 0.79, 0.79, 0.5, 0.6, 0.6, 0.6]
CASES = [
    ("step 3", "StepLR", {"step_size": 3}, 8),
    ("step 2 gamma 0.5", "StepLR", {"step_size": 2, "gamma": 0.5}, 8),
    ("milestones 2 2 5", "MultiStepLR", {"milestones": [2, 2, 5], "gamma": 0.3}, 8),
    ("exponential 0.9", "ExponentialLR", {"gamma": 0.9}, 8),
    ("cosine 3", "CosineAnnealingLR", {"T_max": 3}, 14),
    ("cosine 1", "CosineAnnealingLR", {"T_max": 1, "eta_min": 0.01}, 6),
    ("cosine 4 to 0.02", "CosineAnnealingLR", {"T_max": 4, "eta_min": 0.02}, 14),
    ("linear", "LinearLR", {}, 8),
    ("linear falling", "LinearLR", {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 4}, 8),
    ("lambda", "LambdaLR", {"lr_lambda": lambda epoch: 0.95**epoch}, 6),
    ("lambdas", "LambdaLR", {"lr_lambda": [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)]}, 6),
    ("one cycle", "OneCycleLR", {"max_lr": 0.5, "total_steps": 10}, 9),
    (
        "one cycle of each",
        "OneCycleLR",
        {
            "max_lr": [0.5, 0.7],
            "total_steps": 7,
            "pct_start": 0.45,
            "base_momentum": [0.7, 0.8],
            "max_momentum": [0.9, 0.99],
        },
        6,
    ),
    (
        "one cycle linear",
        "OneCycleLR",
        {"max_lr": 0.5, "total_steps": 9, "anneal_strategy": "linear", "div_factor": 5.0, "final_div_factor": 100.0},
        8,
    ),
    ("one cycle in three phases", "OneCycleLR", {"max_lr": 0.5, "total_steps": 13, "three_phase": True}, 12),
    (
        "one cycle without momentum",
        "OneCycleLR",
        {"max_lr": 0.5, "total_steps": 6, "cycle_momentum": False, "pct_start": 0.0},
        5,
    ),
    ("plateau", "ReduceLROnPlateau", {"patience": 2}, 16),
    ("plateau rising", "ReduceLROnPlateau", {"mode": "max", "factor": 0.5, "patience": 1, "cooldown": 2}, 16),
    (
        "plateau absolute",
        "ReduceLROnPlateau",
        {"threshold": 0.05, "threshold_mode": "abs", "patience": 0, "factor": 0.7, "min_lr": [0.05, 0.15]},
        16,
    ),
    (
        "plateau rising absolute",
        "ReduceLROnPlateau",
        {"mode": "max", "threshold": 0.2, "threshold_mode": "abs", "patience": 3, "eps": 0.1},
        16,
    ),
]

print("# torch", torch.__version__)
for title, name, options, steps in CASES:
    print("case", title)
    groups = [{"params": [torch.zeros(1)], "lr": lr} for lr in (0.1, 0.4)]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.6)
    scheduler = getattr(lr_scheduler, name)(optimizer, **options)
    for step in range(steps + 1):
        if step > 0:
            scheduler.step(*([METRICS[step - 1]] if name == "ReduceLROnPlateau" else []))
        print(*(repr(float(group[key])) for key in ("lr", "momentum") for group in optimizer.param_groups))
