"""Reductions."""

import torch

from oracle.elementwise import FLOATS, INF, NAN, tensor
from oracle.write import (
    bools,
    case,
    ints,
    randn,
)


def reduce_cases():
    dims = {
        (): [None],
        (4,): [None, [0], [-1]],
        (2, 3): [None, [0], [-1], [0, 1], [1, 0], [-2]],
        (2, 1, 3): [None, [1], [0, -1], [2, 1, 0]],
    }
    for name in "sum mean amax amin logsumexp var std norm".split():
        for shape, choices in dims.items():
            for dim in choices:
                for keepdim in (False, True):
                    if dim is None and (keepdim or name == "logsumexp"):
                        continue
                    extra = {
                        "var": {"correction": len(shape) % 2},
                        "std": {"correction": len(shape) % 2},
                        "norm": {"p": 2},
                    }.get(name, {})
                    case(
                        "reduce",
                        name,
                        {"dim": dim, "keepdim": keepdim, **extra},
                        [randn(shape, FLOATS[len(shape) % 2])],
                    )
        extra = {"var": {"correction": 0}, "std": {"correction": 0}, "norm": {"p": 2}}.get(name, {})
        if name != "logsumexp":
            case("reduce", name, {"dim": None, "keepdim": True, **extra}, [randn((2, 3))])
        for dim in ([0], [1], [-3], [2]):
            case("reduce", name, {"dim": dim, "keepdim": False, **extra}, [randn((2, 3))])
            case("reduce", name, {"dim": dim, "keepdim": True, **extra}, [randn((2, 0, 3))])
        case("reduce", name, {"dim": [0, 0], "keepdim": False, **extra}, [randn((2, 3))])
        case(
            "reduce",
            name,
            {"dim": [1], "keepdim": False, **extra},
            [
                tensor(
                    [
                        [1.0, 1.0, 0.0],
                        [INF, 2.0, 2.0],
                        [NAN, 1.0, 3.0],
                        [-INF, -INF, -INF],
                        [INF, INF, -INF],
                        [5.0, 5.0, 5.0],
                    ]
                )
            ],
        )
        case("reduce", name, {"dim": [0], "keepdim": False, **extra}, [tensor([0.0, 0.0])])
        case("reduce", name, {"dim": [0], "keepdim": False, **extra}, [randn(())])
        case("reduce", name, {"dim": [0], "keepdim": False, **extra}, [randn((1,))])
        if name != "logsumexp":
            case("reduce", name, {"dim": None, **extra}, [randn((0,))])
            case("reduce", name, {"dim": None, **extra}, [randn((2, 0))])
    for correction in (0, 1):
        for n in (1, 2, 5):
            for name in ("var", "std"):
                case("reduce", name, {"dim": None, "correction": correction}, [randn((n,))])
                case("reduce", name, {"dim": [0], "correction": correction}, [randn((n, 2))])
                case(
                    "reduce",
                    name,
                    {"dim": [1], "correction": correction, "keepdim": True},
                    [randn((2, n), torch.float32)],
                )
        case(
            "reduce",
            "var",
            {"dim": None, "correction": correction},
            [(1e4 + randn((5,)).detach()).requires_grad_(True)],
        )
        case("reduce", "std", {"dim": None, "correction": correction}, [tensor([2.0, 2.0, 2.0])])
    for dim in (None, 0, -1, 1, 2):
        for keepdim in (False, True):
            for name in ("prod", "argmax", "argmin"):
                args = {"dim": dim} if dim is None and name == "prod" else {"dim": dim, "keepdim": keepdim}
                case("reduce", name, args, [randn((2, 3))])
                case("reduce", name, args, [randn((2, 3), torch.float32)])
                case("reduce", name, args, [randn((3,))])
                case("reduce", name, args, [randn(())])
                case("reduce", name, args, [randn((0,))])
                case("reduce", name, args, [randn((2, 0))])
                case("reduce", name, args, [tensor([[0.0, 2.0, 0.0], [3.0, 0.0, 3.0]])])
                if (
                    name != "prod"
                ):  # PyTorch's gradient divides by the element: NaN where downhill has the product of the others.
                    case("reduce", name, args, [tensor([[NAN, 2.0, 2.0], [INF, -INF, INF], [1.0, NAN, NAN]])])
            if dim is not None:
                for name in ("max_dim", "min_dim"):
                    for x in (
                        randn((2, 3)),
                        randn((3,)),
                        randn(()),
                        randn((0,)),
                        randn((2, 0)),
                        randn((0, 3)),
                        tensor([[1.0, 1.0, 0.0], [NAN, 2.0, NAN], [INF, INF, -INF]]),
                    ):
                        case("reduce", name, {"dim": dim, "keepdim": keepdim}, [x])
    for name in ("max", "min"):
        for x in (
            randn(()),
            randn((5,)),
            randn((2, 3), torch.float32),
            tensor([1.0, 3.0, 3.0, 1.0]),
            tensor([NAN, 1.0]),
            tensor([NAN, NAN, 1.0]),
            tensor([[INF, INF], [-INF, -INF]]),
            randn((0, 2)),
        ):
            case("reduce", name, {}, [x])
    for dim in (0, 1, -1, 2):
        for x in (
            randn((2, 3)),
            randn((3,), torch.float32),
            randn(()),
            randn((2, 0)),
            tensor([[1.0, INF, 2.0], [NAN, 1.0, -INF]]),
        ):
            case("reduce", "cumsum", {"dim": dim}, [x])
    for x in ([0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [INF, 0.0]):
        case("reduce", "prod", {"dim": None}, [tensor(x)])
        case("reduce", "prod", {"dim": 0}, [tensor(x)])
    case("reduce", "logsumexp", {"dim": [0]}, [tensor([1000.0, 1000.0])])
    case("reduce", "logsumexp", {"dim": [0, 1]}, [tensor([[-INF, -INF], [INF, 0.0]])])
    for x in (ints((2, 3), 0, 5), bools((2, 3))):
        for args in ({"dim": None}, {"dim": [0], "keepdim": True}, {"dim": [1], "keepdim": False}):
            case("reduce", "sum", args, [x])
