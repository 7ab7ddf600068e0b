"""Losses."""

import torch

from oracle.elementwise import FLOATS, INF, NAN, tensor
from oracle.write import (
    case,
    ints,
    randn,
    uniform,
)


def loss_cases():
    reductions = ("mean", "sum", "none")
    for reduction in reductions:
        for name, options in [
            ("mse_loss", [{}]),
            ("l1_loss", [{}]),
            ("smooth_l1_loss", [{"beta": b} for b in (1.0, 0.3, 2.0, 0.0)]),
            ("huber_loss", [{"delta": d} for d in (1.0, 0.4, 3.0)]),
        ]:
            for option in options:
                for i, shape in enumerate([(), (4,), (2, 3), (2, 2, 2), (0,)]):
                    dtype = FLOATS[i % 2]
                    case(
                        "losses", name, {"reduction": reduction, **option}, [randn(shape, dtype), randn(shape, dtype)]
                    )
                case("losses", name, {"reduction": reduction, **option}, [randn((3,)), randn((3,)).detach()])
                case(
                    "losses",
                    name,
                    {"reduction": reduction, **option},
                    [tensor([0.0, 1.0, -1.0, 2.0, INF, NAN, 0.3]), tensor([0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0])],
                )
                case("losses", name, {"reduction": reduction, **option}, [randn((2, 3)), randn((4,))])
        class_losses(reduction)
        for i, (shape, weight, pos) in enumerate(
            [
                ((4,), None, None),
                ((2, 3), (2, 3), None),
                ((2, 3), (3,), None),
                ((2, 3), None, (3,)),
                ((2, 3), (2, 1), (3,)),
                ((), None, None),
                ((2, 3), (), ()),
                ((0,), None, None),
                ((2, 3), (4,), None),
                ((2, 3), None, (2,)),
            ]
        ):
            dtype = FLOATS[i % 2]
            inputs = [randn(shape, dtype), uniform(shape, 0.0, 1.0, dtype).detach()]
            inputs += [uniform(s, 0.2, 2.0, dtype).detach() for s in (weight, pos) if s is not None]
            case(
                "losses",
                "binary_cross_entropy_with_logits",
                {"reduction": reduction, "has_weight": weight is not None, "has_pos_weight": pos is not None},
                inputs,
            )
        args = {"reduction": reduction, "has_weight": False, "has_pos_weight": False}
        case(
            "losses",
            "binary_cross_entropy_with_logits",
            args,
            [tensor([0.0, 1000.0, -1000.0, 40.0, -40.0, NAN]), tensor([0.5, 0.0, 1.0, 1.0, 0.0, 1.0]).detach()],
        )
        case("losses", "binary_cross_entropy_with_logits", args, [randn((3,)), uniform((3,), 0.0, 1.0)])
        case("losses", "binary_cross_entropy_with_logits", args, [randn((3,)), randn((2,)).detach()])
        case(
            "losses",
            "binary_cross_entropy_with_logits",
            args,
            [tensor([INF, -INF, INF, -INF]), tensor([1.0, 0.0, 0.0, 1.0]).detach()],
        )
    case("losses", "huber_loss", {"reduction": "mean", "delta": 0.0}, [randn((3,)), randn((3,))])
    case("losses", "huber_loss", {"reduction": "mean", "delta": -1.0}, [randn((3,)), randn((3,))])
    case("losses", "smooth_l1_loss", {"reduction": "mean", "beta": -1.0}, [randn((3,)), randn((3,))])


def class_losses(reduction):
    for i, (shape, classes) in enumerate(
        [((3, 4), 4), ((5,), 5), ((2, 3, 4), 3), ((2, 3, 2, 2), 3), ((1, 1), 1), ((0, 3), 3)]
    ):
        dtype = FLOATS[i % 2]
        labels_shape = shape[:1] + shape[2:] if len(shape) > 1 else ()
        logits = lambda: randn(shape, dtype)
        labels = lambda: ints(labels_shape, 0, classes)
        weight = lambda: uniform((classes,), 0.2, 2.0, dtype).detach()
        ce = lambda ignore, smoothing, inputs: case(
            "losses",
            "cross_entropy",
            {"reduction": reduction, "ignore_index": ignore, "label_smoothing": smoothing},
            inputs,
        )
        nll = lambda ignore, inputs: case(
            "losses", "nll_loss", {"reduction": reduction, "ignore_index": ignore}, inputs
        )
        for smoothing in (0.0, 0.1, 1.0):
            for ignore in (-100, 1, classes - 1):
                ce(ignore, smoothing, [logits(), labels()])
                ce(ignore, smoothing, [logits(), labels(), weight()])
        for ignore in (-100, 0):
            nll(ignore, [logits(), labels()])
            nll(ignore, [logits(), labels(), weight()])
        ce(-1, 0.1, [logits(), torch.full(labels_shape, -1)])
        ce(-1, 0.1, [logits(), torch.full(labels_shape, -1), weight()])
        nll(-1, [logits(), torch.full(labels_shape, -1), weight()])
        for smoothing in (0.0, 0.2):
            soft = torch.softmax(randn(shape, dtype).detach(), 1 if len(shape) > 1 else 0)
            for inputs in (
                [logits(), soft],
                [logits(), soft, weight()],
                [logits(), soft.clone().requires_grad_(True), weight()],
            ):
                case("losses", "cross_entropy", {"reduction": reduction, "label_smoothing": smoothing}, inputs)
    args = {"reduction": reduction, "ignore_index": -100, "label_smoothing": 0.0}
    smooth = {**args, "label_smoothing": 0.1}
    for a in (args, smooth):
        case(
            "losses",
            "cross_entropy",
            a,
            [tensor([[1e4, 0.0], [0.0, -1e4], [INF, 0.0], [-INF, 0.0], [NAN, 0.0]]), torch.tensor([1, 0, 0, 1, 1])],
        )
        case("losses", "cross_entropy", a, [tensor([[-INF, 0.0], [0.0, 1.0]]), torch.tensor([0, 0])])
        case(
            "losses",
            "cross_entropy",
            a,
            [randn((2, 3)), torch.tensor([0, 1]), torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)],
        )
        case(
            "losses",
            "cross_entropy",
            a,
            [randn((2, 3)), torch.tensor([0, -100]), torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64)],
        )
        for label in (-1, 3, -101):
            case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, label])])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, 1]), randn((2,)).detach()])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, 1, 2])])
        case("losses", "cross_entropy", a, [randn((2, 3, 2)), torch.tensor([0, 1])])
        case("losses", "cross_entropy", a, [randn(()), torch.tensor(0)])
    for bad in (1.5,):
        case("losses", "cross_entropy", {**args, "label_smoothing": bad}, [randn((2, 3)), torch.tensor([0, 1])])
    case(
        "losses",
        "cross_entropy",
        {"reduction": reduction, "label_smoothing": 0.0},
        [randn((2, 3)), uniform((2, 2), 0.0, 1.0).detach()],
    )
    nll = {"reduction": reduction, "ignore_index": -100}
    case("losses", "nll_loss", nll, [tensor([[-INF, -1.0], [-2.0, NAN]]), torch.tensor([1, 0])])
    case("losses", "nll_loss", nll, [randn((2, 3)), torch.tensor([0, 3])])
    case("losses", "nll_loss", nll, [randn((2, 3)), torch.tensor([0, 1]), randn((2,)).detach()])
