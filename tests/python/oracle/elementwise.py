"""Functions of each element, and of pairs of elements."""

import math

import torch

from oracle.write import (
    bools,
    case,
    randn,
    uniform,
)

INF, NAN = math.inf, math.nan
FLOATS = (torch.float64, torch.float32)


SHAPES = [(), (1,), (7,), (2, 5), (3, 1, 2), (0,), (2, 0, 3)]


def tensor(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype).requires_grad_(True)


def unary_cases():
    positive = {"log", "sqrt", "rsqrt", "log1p"}
    plain = (
        "neg exp log log1p expm1 sqrt rsqrt abs sin cos tanh sigmoid relu silu square reciprocal sign clone detach"
    )
    options = [(name, {}) for name in plain.split()]
    options += [("leaky_relu", {"negative_slope": slope}) for slope in (0.01, 0.0, -0.5, 1.5)]
    options += [("elu", {"alpha": alpha}) for alpha in (1.0, 0.3, 0.0, 2.5)]
    options += [("gelu", {"approximate": kind}) for kind in ("none", "tanh")]
    options += [("softplus", {"beta": b, "threshold": t}) for b, t in ((1.0, 20.0), (0.5, 2.0), (3.0, 1.0))]
    limits = ((-0.5, 0.5), (None, 0.2), (-0.2, None), (0.5, -0.5), (0.3, 0.3), (NAN, 1.0), (-INF, INF))
    options += [("clamp", {"min": low, "max": high}) for low, high in limits]
    options += [("pow_scalar", {"exponent": e}) for e in (2, 3, 0, 1, -1, -2, 0.5, 1.5, -0.5, 2.0, 0.0, 4, 1e-3)]
    edges = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        INF,
        -INF,
        NAN,
        1e-300,
        -1e-300,
        1e300,
        800.0,
        -800.0,
        20.0,
        20.5,
        0.5,
        -0.5,
        30.0,
        -30.0,
        1e-9,
    ]
    for name, args in options:
        for i, shape in enumerate(SHAPES):
            dtype = FLOATS[i % 2]
            x = uniform(shape, 0.2, 3.0, dtype) if name in positive else randn(shape, dtype)
            case("unary", name, args, [x])
        case("unary", name, args, [uniform((6,), 0.2, 2.0)])
        for dtype in FLOATS:
            edge = tensor(
                edges if dtype == torch.float64 else [e for e in edges if 1e-30 < abs(e) < 1e30 or e == 0.0], dtype
            )
            case("unary", name, args, [edge])
        frozen = randn((3,)).detach()
        case("unary", name, args, [frozen])


def binary_cases():
    pairs = [
        ((), ()),
        ((3,), ()),
        ((), (2, 2)),
        ((2, 1, 4), (3, 1)),
        ((1,), (5,)),
        ((0,), (1,)),
        ((2, 3), (2, 3)),
        ((1, 1, 3), (2, 1)),
        ((0, 3), (3,)),
    ]
    for name in "add sub mul div maximum minimum pow".split():
        for i, (a, b) in enumerate(pairs):
            dtype = FLOATS[i % 2]
            make = (lambda s: uniform(s, 0.3, 2.5, dtype)) if name in ("pow", "div") else (lambda s: randn(s, dtype))
            case("binary", name, {}, [make(a), make(b)])
        x = tensor([0.0, -0.0, INF, -INF, NAN, 1.0, -2.0, 2.0, 0.0, INF, -1.5, 0.0, 0.0, -2.0, 1.0])
        y = tensor([0.0, 0.0, INF, 1.0, 1.0, NAN, 3.0, 0.5, -1.0, 0.0, 0.5, 2.0, 1.0, 0.0, INF])
        case("binary", name, {}, [x, y])
        case("binary", name, {}, [x.detach(), tensor(y.tolist())])
        case("binary", name, {}, [tensor(x.tolist()), y.detach()])
        case("binary", name, {}, [randn((2, 3)), randn((3, 2))])
        case("binary", name, {}, [randn((4,)), randn((2, 3))])
    for a, b, c in [
        ((2, 3), (3,), ()),
        ((2, 1), (1, 3), (2, 3)),
        ((), (2,), (2,)),
        ((4,), (), (2, 1)),
        ((0,), (1,), ()),
    ]:
        case("binary", "where", {}, [bools(a), randn(b), randn(c)])
    case("binary", "where", {}, [bools((3,)), randn((3,)), randn((3,)).detach()])
    case("binary", "where", {}, [torch.tensor([True, False]), tensor([1.0, NAN]), tensor([INF, 2.0])])
    case("binary", "where", {}, [bools((2,)), randn((3,)), randn((3,))])
    for name in "add sub rsub mul div rdiv".split():
        for i, value in enumerate((0, 2, -1.25, 0.1, INF, -3, NAN)):
            x = randn((2, 2), FLOATS[i % 2])
            case("binary", name + "_scalar", {"value": value}, [x])
        case("binary", name + "_scalar", {"value": 0.0}, [tensor([0.0, -0.0, INF, NAN, 1.0])])
        case("binary", name + "_scalar", {"value": 0.3}, [randn(())])
        case("binary", name + "_scalar", {"value": 0.3}, [randn((0, 2))])
