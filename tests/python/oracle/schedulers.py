"""Schedulers."""

import torch
import torch.optim.lr_scheduler as schedulers

from oracle.write import (
    add,
    plain,
    show,
)


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
        for options in (
            {"milestones": [3, 4, 4, 7]},
            {"milestones": [9, 2], "gamma": 0.3},
            {"milestones": [], "gamma": 0.3},
            {"milestones": [1], "gamma": 2.0},
        ):
            scheduler_case("MultiStepLR", options, lrs, 10)
        for gamma in (0.5, 1.0, 1.1):
            scheduler_case("ExponentialLR", {"gamma": gamma}, lrs, 8)
        for options in ({"T_max": 5}, {"T_max": 4, "eta_min": 0.01}, {"T_max": 1}, {"T_max": 20, "eta_min": 0.2}):
            scheduler_case("CosineAnnealingLR", options, lrs, 13)
        for options in (
            {},
            {"start_factor": 0.5, "total_iters": 4},
            {"start_factor": 1.0, "end_factor": 0.1, "total_iters": 6},
            {"start_factor": 0.1, "end_factor": 0.0, "total_iters": 3},
            {"total_iters": 1},
        ):
            scheduler_case("LinearLR", options, lrs, 8)
        scheduler_case("LambdaLR", {"lambda_table": [0.5, 1.0, 2.0, 0.0, 1.5]}, lrs, 4)
        for options in (
            {"max_lr": 1.0, "total_steps": 7},
            {"max_lr": 0.2, "epochs": 3, "steps_per_epoch": 4},
            {"max_lr": 0.2, "total_steps": 11, "pct_start": 0.2, "three_phase": True},
            {
                "max_lr": 0.2,
                "total_steps": 10,
                "div_factor": 10.0,
                "final_div_factor": 100.0,
                "anneal_strategy": "linear",
            },
            {"max_lr": 0.2, "total_steps": 8, "base_momentum": 0.7, "max_momentum": 0.9},
            {"max_lr": 0.2, "total_steps": 8, "cycle_momentum": False},
            {"max_lr": [0.2, 0.4][: len(lrs)], "total_steps": 8},
            {"max_lr": 0.2, "total_steps": 12, "three_phase": True, "anneal_strategy": "linear", "pct_start": 0.4},
        ):
            steps = options.get("total_steps", 12) - 1
            scheduler_case("OneCycleLR", options, lrs, steps, momentum=0.9)
        scheduler_case("OneCycleLR", {"max_lr": 0.2, "total_steps": 4}, lrs, 4, momentum=0.9)
        falling = [1.0, 0.9, 0.95, 0.91, 0.92, 0.5, 0.5, 0.5, 0.5, 0.49999, 0.5, 0.1]
        for options in (
            {},
            {"patience": 1},
            {"patience": 0, "factor": 0.5, "cooldown": 2},
            {"mode": "max", "patience": 2},
            {"threshold_mode": "abs", "threshold": 0.2, "patience": 1},
            {"mode": "max", "threshold_mode": "abs", "threshold": 0.01, "patience": 0},
            {"patience": 0, "min_lr": 0.04},
            {"patience": 0, "eps": 0.05},
            {"patience": 0, "min_lr": [0.01, 0.02][: len(lrs)]},
            {"patience": 1, "mode": "min", "threshold": 0.5},
        ):
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
