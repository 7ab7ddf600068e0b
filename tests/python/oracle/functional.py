"""Functional layers."""

import torch

from oracle.elementwise import FLOATS, INF, NAN, tensor
from oracle.write import (
    case,
    randn,
    uniform,
)


def functional_cases():
    for x, out in [((2, 3), 4), ((3,), 2), ((2, 5, 3), 1), ((0, 3), 2), ((2, 1, 2, 3), 2)]:
        case("functional", "linear", {}, [randn(x), randn((out, 3)), randn((out,))])
        case("functional", "linear", {}, [randn(x, torch.float32), randn((out, 3), torch.float32)])
    case("functional", "linear", {}, [randn((2, 3)), randn((3,)), randn(())])
    case("functional", "linear", {}, [randn((2, 3)), randn((4, 3)), randn((3,))])
    case("functional", "linear", {}, [randn((2, 3)).detach(), randn((4, 3)), randn((4,)).detach()])
    for name in ("softmax", "log_softmax"):
        for shape, dim in [
            ((4,), 0),
            ((2, 4), 0),
            ((2, 4), -1),
            ((2, 3, 4), 1),
            ((), 0),
            ((), -1),
            ((0, 3), 1),
            ((3, 0), 1),
            ((2, 3), 2),
            ((1, 1), 0),
        ]:
            case("functional", name, {"dim": dim}, [randn(shape, FLOATS[len(shape) % 2])])
        for x in (
            [[1e4, -1e4, 0.0]],
            [[INF, 0.0, 1.0]],
            [[-INF, -INF, -INF]],
            [[NAN, 1.0, 2.0]],
            [[-INF, 1.0, 2.0]],
            [[800.0, 800.0, -800.0]],
        ):
            case("functional", name, {"dim": 1}, [tensor(x)])
    for shape, normalized in [
        ((2, 4), [4]),
        ((2, 3, 4), [3, 4]),
        ((2, 3, 4), [2, 3, 4]),
        ((4,), [4]),
        ((2, 1), [1]),
        ((0, 4), [4]),
        ((2, 4), [3]),
        ((2, 3, 4), [3]),
    ]:
        for count in (0, 1, 2):
            extra = [randn(normalized) for _ in range(count)]
            case(
                "functional",
                "layer_norm",
                {"normalized_shape": normalized, "eps": 10.0 ** -(3 + 2 * count)},
                [randn(shape), *extra],
            )
    case(
        "functional",
        "layer_norm",
        {"normalized_shape": [3], "eps": 1e-5},
        [tensor([[2.0, 2.0, 2.0], [1e3, 1e3 + 1, 1e3 + 3]]), randn((3,)), randn((3,))],
    )
    case("functional", "layer_norm", {"normalized_shape": [4], "eps": 0.0}, [randn((2, 4), torch.float32)])
    case("functional", "layer_norm", {"normalized_shape": [4], "eps": 1e-5}, [randn((2, 4)), randn((3,))])
    for shape in [(4, 3), (2, 3, 5), (2, 3, 2, 2), (1, 3), (1, 3, 2), (5, 1), (2, 3, 1, 2, 2), (0, 3), (3,)]:
        for training in (True, False):
            for affine in (True, False):
                c = shape[1] if len(shape) > 1 else 3
                extra = [randn((c,)), randn((c,))] if affine else []
                args = {"training": training, "momentum": 0.25 if affine else 0.1, "eps": 1e-3 if affine else 1e-5}
                dtype = FLOATS[len(shape) % 2]
                extra = [e.detach().to(dtype).requires_grad_(True) for e in extra]
                case(
                    "functional",
                    "batch_norm",
                    args,
                    [
                        randn(shape, dtype),
                        randn((c,), dtype).detach(),
                        uniform((c,), 0.5, 2.0, dtype).detach(),
                        *extra,
                    ],
                )
    case(
        "functional",
        "batch_norm",
        {"training": True, "momentum": 0.0, "eps": 1e-5},
        [randn((3, 2)), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach()],
    )
    case(
        "functional",
        "batch_norm",
        {"training": True, "momentum": 1.0, "eps": 1e-5},
        [tensor([[1.0, 2.0], [1.0, 3.0]]), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach()],
    )
    case(
        "functional",
        "batch_norm",
        {"training": False, "momentum": 0.1, "eps": 1e-5},
        [randn((3, 2)), randn((3,)).detach(), uniform((3,), 0.5, 2.0).detach()],
    )
    case(
        "functional",
        "batch_norm",
        {"training": True, "momentum": 0.1, "eps": 1e-5},
        [
            randn((4, 2)).detach(),
            randn((2,)).detach(),
            uniform((2,), 0.5, 2.0).detach(),
            randn((2,)),
            randn((2,)).detach(),
        ],
    )
    for p, training in [
        (0.3, False),
        (1.0, False),
        (0.0, False),
        (0.0, True),
        (1.0, True),
        (-0.1, True),
        (1.1, True),
        (1.1, False),
    ]:
        case("functional", "dropout", {"p": p, "training": training}, [randn((2, 3))])
    case("functional", "dropout", {"p": 1.0, "training": True}, [tensor([INF, NAN, 1.0])])
