"""Writes cases for the test `pytorch_parity` with PyTorch: other shapes, arguments and edge values than the committed ones.

    python tests/python/oracle_cases.py FOLDER [SEED]
    DOWNHILL_ORACLE=FOLDER cargo test -p downhill-tests --test pytorch_parity

Needs torch (written with 2.15). One JSON object per line, one file per family.
"""

import json
import math
import os
import sys

import torch

from oracle_runs import higher_order_cases, module_cases, optim_cases, scheduler_cases, training_cases
from oracle_write import FAMILIES, bools, case, ints, program, randn, uniform, use_seed

INF, NAN = math.inf, math.nan
FLOATS = (torch.float64, torch.float32)
SHAPES = [(), (1,), (7,), (2, 5), (3, 1, 2), (0,), (2, 0, 3)]


def tensor(values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype).requires_grad_(True)


def unary_cases():
    positive = {"log", "sqrt", "rsqrt", "log1p"}
    plain = ("neg exp log log1p expm1 sqrt rsqrt abs sin cos tanh sigmoid relu silu square reciprocal sign clone detach")
    options = [(name, {}) for name in plain.split()]
    options += [("leaky_relu", {"negative_slope": slope}) for slope in (0.01, 0.0, -0.5, 1.5)]
    options += [("elu", {"alpha": alpha}) for alpha in (1.0, 0.3, 0.0, 2.5)]
    options += [("gelu", {"approximate": kind}) for kind in ("none", "tanh")]
    options += [("softplus", {"beta": b, "threshold": t}) for b, t in ((1.0, 20.0), (0.5, 2.0), (3.0, 1.0))]
    limits = ((-0.5, 0.5), (None, 0.2), (-0.2, None), (0.5, -0.5), (0.3, 0.3), (NAN, 1.0), (-INF, INF))
    options += [("clamp", {"min": low, "max": high}) for low, high in limits]
    options += [("pow_scalar", {"exponent": e}) for e in (2, 3, 0, 1, -1, -2, 0.5, 1.5, -0.5, 2.0, 0.0, 4, 1e-3)]
    edges = [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 1e-300, -1e-300, 1e300, 800.0, -800.0, 20.0, 20.5, 0.5, -0.5, 30.0, -30.0, 1e-9]
    for name, args in options:
        for i, shape in enumerate(SHAPES):
            dtype = FLOATS[i % 2]
            x = uniform(shape, 0.2, 3.0, dtype) if name in positive else randn(shape, dtype)
            case("unary", name, args, [x])
        case("unary", name, args, [uniform((6,), 0.2, 2.0)])
        for dtype in FLOATS:
            edge = tensor(edges if dtype == torch.float64 else [e for e in edges if 1e-30 < abs(e) < 1e30 or e == 0.0], dtype)
            case("unary", name, args, [edge])
        frozen = randn((3,)).detach()
        case("unary", name, args, [frozen])


def binary_cases():
    pairs = [((), ()), ((3,), ()), ((), (2, 2)), ((2, 1, 4), (3, 1)), ((1,), (5,)), ((0,), (1,)), ((2, 3), (2, 3)), ((1, 1, 3), (2, 1)), ((0, 3), (3,))]
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
    for a, b, c in [((2, 3), (3,), ()), ((2, 1), (1, 3), (2, 3)), ((), (2,), (2,)), ((4,), (), (2, 1)), ((0,), (1,), ())]:
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


def reduce_cases():
    dims = {(): [None], (4,): [None, [0], [-1]], (2, 3): [None, [0], [-1], [0, 1], [1, 0], [-2]], (2, 1, 3): [None, [1], [0, -1], [2, 1, 0]]}
    for name in "sum mean amax amin logsumexp var std norm".split():
        for shape, choices in dims.items():
            for dim in choices:
                for keepdim in (False, True):
                    if dim is None and (keepdim or name == "logsumexp"):
                        continue
                    extra = {"var": {"correction": len(shape) % 2}, "std": {"correction": len(shape) % 2}, "norm": {"p": 2}}.get(name, {})
                    case("reduce", name, {"dim": dim, "keepdim": keepdim, **extra}, [randn(shape, FLOATS[len(shape) % 2])])
        extra = {"var": {"correction": 0}, "std": {"correction": 0}, "norm": {"p": 2}}.get(name, {})
        if name != "logsumexp":
            case("reduce", name, {"dim": None, "keepdim": True, **extra}, [randn((2, 3))])
        for dim in ([0], [1], [-3], [2]):
            case("reduce", name, {"dim": dim, "keepdim": False, **extra}, [randn((2, 3))])
            case("reduce", name, {"dim": dim, "keepdim": True, **extra}, [randn((2, 0, 3))])
        case("reduce", name, {"dim": [0, 0], "keepdim": False, **extra}, [randn((2, 3))])
        case("reduce", name, {"dim": [1], "keepdim": False, **extra}, [tensor([[1.0, 1.0, 0.0], [INF, 2.0, 2.0], [NAN, 1.0, 3.0], [-INF, -INF, -INF], [INF, INF, -INF], [5.0, 5.0, 5.0]])])
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
                case("reduce", name, {"dim": [1], "correction": correction, "keepdim": True}, [randn((2, n), torch.float32)])
        case("reduce", "var", {"dim": None, "correction": correction}, [(1e4 + randn((5,)).detach()).requires_grad_(True)])
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
                if name != "prod":  # PyTorch's gradient divides by the element: NaN where downhill has the product of the others.
                    case("reduce", name, args, [tensor([[NAN, 2.0, 2.0], [INF, -INF, INF], [1.0, NAN, NAN]])])
            if dim is not None:
                for name in ("max_dim", "min_dim"):
                    for x in (randn((2, 3)), randn((3,)), randn(()), randn((0,)), randn((2, 0)), randn((0, 3)), tensor([[1.0, 1.0, 0.0], [NAN, 2.0, NAN], [INF, INF, -INF]])):
                        case("reduce", name, {"dim": dim, "keepdim": keepdim}, [x])
    for name in ("max", "min"):
        for x in (randn(()), randn((5,)), randn((2, 3), torch.float32), tensor([1.0, 3.0, 3.0, 1.0]), tensor([NAN, 1.0]), tensor([NAN, NAN, 1.0]), tensor([[INF, INF], [-INF, -INF]]), randn((0, 2))):
            case("reduce", name, {}, [x])
    for dim in (0, 1, -1, 2):
        for x in (randn((2, 3)), randn((3,), torch.float32), randn(()), randn((2, 0)), tensor([[1.0, INF, 2.0], [NAN, 1.0, -INF]])):
            case("reduce", "cumsum", {"dim": dim}, [x])
    for x in ([0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [INF, 0.0]):
        case("reduce", "prod", {"dim": None}, [tensor(x)])
        case("reduce", "prod", {"dim": 0}, [tensor(x)])
    case("reduce", "logsumexp", {"dim": [0]}, [tensor([1000.0, 1000.0])])
    case("reduce", "logsumexp", {"dim": [0, 1]}, [tensor([[-INF, -INF], [INF, 0.0]])])
    for x in (ints((2, 3), 0, 5), bools((2, 3))):
        for args in ({"dim": None}, {"dim": [0], "keepdim": True}, {"dim": [1], "keepdim": False}):
            case("reduce", "sum", args, [x])


def shape_cases():
    for shape, to in [((2, 6), [-1]), ((2, 6), [4, -1]), ((0, 3), [3, 0]), ((), [1]), ((), []), ((1,), []), ((2, 3), [3, 2]), ((2, 3), [-1, -1]), ((2, 3), [4, -1]), ((0, 3), [-1, 0]), ((0,), [-1]), ((0,), [-1, 2]), ((2, 3), [6, -2])]:
        case("shape", "reshape", {"shape": to}, [randn(shape)])
    for shape, start, end in [((2, 3, 4), 0, -1), ((2, 3, 4), 1, 2), ((2, 3, 4), -2, -1), ((), 0, -1), ((3,), 0, 0), ((2, 3), 1, 0), ((2, 0, 3), 0, 1), ((2, 3), 0, 5)]:
        case("shape", "flatten", {"start_dim": start, "end_dim": end}, [randn(shape)])
    for shape, a, b in [((2, 3, 4), 0, 2), ((2, 3), -1, -2), ((3,), 0, 0), ((2, 3, 4), 1, 1), ((2, 3), 0, 2), ((), 0, 0), ((), 0, -1)]:
        case("shape", "transpose", {"dim0": a, "dim1": b}, [randn(shape)])
    for shape, dims in [((2, 3, 4), [0, -1, 1]), ((2,), [0]), ((), []), ((2, 3), [1, 1]), ((2, 3), [0]), ((2, 3, 1, 2), [3, 1, 0, 2])]:
        case("shape", "permute", {"dims": dims}, [randn(shape)])
    for shape, dim in [((1, 2, 1), None), ((1, 2, 1), 0), ((1, 2, 1), -1), ((1, 2, 1), 1), ((1, 2, 1), [0, 2]), ((1, 2, 1), [0, 1]), ((1, 2, 1), []), ((), None), ((), 0), ((2,), 3), ((1, 1), [0, 0]), ((1, 1), [0, -1]), ((1,), 0)]:
        case("shape", "squeeze", {"dim": dim}, [randn(shape)])
    for shape, dim in [((2, 3), 0), ((2, 3), 1), ((2, 3), 2), ((2, 3), -3), ((), 0), ((), -1), ((2,), 3), ((2,), -3), ((0,), 1)]:
        case("shape", "unsqueeze", {"dim": dim}, [randn(shape)])
    for shape, size in [((3, 1), [3, 4]), ((3, 1), [-1, 4]), ((1,), [2, 3]), ((), [2, 2]), ((3,), [2, -1]), ((2, 1), [3, 2, 5]), ((3,), [-1, 3]), ((2, 3), [3]), ((1, 3), [0, 3]), ((), []), ((3,), [4]), ((1,), [-1])]:
        case("shape", "expand", {"size": size}, [randn(shape)])
    for shapes, dim in [([(2, 3), (1, 3), (4, 3)], 0), ([(2, 1), (2, 3)], -1), ([(3,)], 0), ([(0,), (3,)], 0), ([(0,), (2, 3)], 0), ([(2, 0), (2, 3)], 1), ([(2, 3), (2, 3)], 2), ([(), ()], 0), ([(2, 3), (0,), (1, 3)], 0), ([(2, 3), (3,)], 0)]:
        case("shape", "cat", {"dim": dim}, [randn(s) for s in shapes])
    for shapes, dim in [([(2, 3)] * 3, 1), ([(2, 3)] * 2, -1), ([(), ()], 0), ([(3,)], 1), ([(3,), (2,)], 0), ([(3,), (3,)], 2), ([(0,), (0,)], 1), ([(3,), (3,)], -3), ([(3,), (3,)], -2)]:
        case("shape", "stack", {"dim": dim}, [randn(s) for s in shapes])
    x = randn((3,))
    for shape, n, dim in [((5, 2), 2, 0), ((5, 2), 5, 0), ((5, 2), 7, 0), ((2, 6), [1, 2, 3], 1), ((2, 6), [6], -1), ((4,), [0, 4], 0), ((4,), [1, 2], 0), ((4,), [5, -1], 0), ((4,), 0, 0), ((4,), -1, 0), ((0,), 2, 0), ((0, 2), 0, 0), ((), 1, 0), ((4,), 2, 1)]:
        case("shape", "split", {"split_size_or_sections": n, "dim": dim}, [randn(shape)])
    for shape, n, dim in [((5, 2), 3, 0), ((7,), 4, 0), ((7,), 7, 0), ((7,), 9, 0), ((2, 6), 4, -1), ((6,), 4, 0), ((4,), 0, 0), ((0,), 3, 0), ((0, 2), 3, 1), ((), 1, 0), ((5,), 1, 0), ((4,), -1, 0)]:
        case("shape", "chunk", {"chunks": n, "dim": dim}, [randn(shape)])
    for shape, dim, start, length in [((4, 3), 1, 0, 3), ((4, 3), -1, 1, 1), ((4,), 0, -2, 2), ((4,), 0, 2, 3), ((4,), 0, 4, 0), ((4,), 0, 5, 0), ((4,), 0, 1, -1), ((4,), 1, 0, 1), ((), 0, 0, 1), ((4,), 0, -5, 1), ((0,), 0, 0, 0)]:
        case("shape", "narrow", {"dim": dim, "start": start, "length": length}, [randn(shape)])
    for shape, dim, start, end, step in [((5, 2), 0, 0, 5, 2), ((5, 2), 0, None, None, 1), ((5, 2), 0, 1, None, 3), ((5, 2), 0, -3, -1, 1), ((5,), 0, -9, 9, 2), ((5,), 0, 4, 2, 1), ((5,), 0, 10, 12, 1), ((2, 5), 1, 1, -1, 2), ((2, 5), -1, 0, 3, 1), ((5,), 0, 1, 2, 10), ((5,), 0, 0, 5, 0), ((5,), 0, 0, 5, -1), ((0,), 0, 0, 3, 1), ((7,), 0, -2, None, 1), ((5,), 0, None, -9, 1)]:
        case("shape", "slice", {"dim": dim, "start": start, "end": end, "step": step}, [randn(shape)])
    for shape, dims in [((2, 3), [0]), ((2, 3), [0, 1]), ((2, 3), [-1]), ((2, 3), []), ((3,), [0]), ((), []), ((0, 2), [0, 1]), ((2, 3), [0, 0]), ((2, 3), [2]), ((2, 3, 4), [2, 0])]:
        case("shape", "flip", {"dims": dims}, [randn(shape)])
    for shape, pad, value in [((2, 3), [1, 2], 0.0), ((2, 3), [1, 0, 2, 1], -1.5), ((4,), [-1, 2], 3.0), ((4,), [-1, -2], 0.0), ((2, 3), [0, -1, 1, 0], 0.5), ((2, 3), [0, 0, 1, 1], INF), ((2, 3), [], 0.0), ((3,), [-2, -2], 0.0), ((2, 3), [1], 0.0), ((3,), [1, 1, 1, 1], 0.0), ((2, 3, 2), [1, 1, 0, 2, 3, 0], NAN), ((0,), [1, 2], 4.0), ((3,), [0, 0], 0.0), ((3,), [-3, 0], 1.0), ((3,), [-4, 2], 1.0), ((), [], 1.0)]:
        case("shape", "pad", {"pad": pad, "mode": "constant", "value": value}, [randn(shape)])
    for x in (ints((2, 3), 0, 9), bools((2, 3))):
        case("shape", "reshape", {"shape": [3, -1]}, [x])
        case("shape", "transpose", {"dim0": 0, "dim1": 1}, [x])
        case("shape", "cat", {"dim": 0}, [x, x])
        case("shape", "flip", {"dims": [1]}, [x])
        case("shape", "slice", {"dim": 1, "start": 0, "end": None, "step": 2}, [x])
        case("shape", "split", {"split_size_or_sections": 2, "dim": 1}, [x])
        case("shape", "expand", {"size": [2, 2, 3]}, [x])
    shape_programs()


def shape_programs():
    step = lambda op, i, out, **args: {"op": op, "in": i, "out": out, "args": args}
    program("shape", [step("split", ["x0"], ["a", "b", "c"], split_size_or_sections=[1, 2, 2], dim=0), step("sum", ["b"], "s", dim=[0], keepdim=False), step("mul", ["a", "s"], "y")], ["y", "c"], [randn((5, 2))])
    program("shape", [step("max_dim", ["x0"], ["v", "i"], dim=1, keepdim=True), step("gather", ["x0", "i"], "g", dim=1), step("mul", ["v", "g"], "y")], ["y", "i"], [randn((3, 4))])
    program("shape", [step("argmax", ["x0"], "i", dim=1, keepdim=False), step("index_select", ["x1", "i"], "y", dim=0)], ["y"], [randn((3, 4)), randn((4, 2))])
    program("shape", [step("chunk", ["x0"], ["a", "b"], chunks=2, dim=1), step("sigmoid", ["a"], "g"), step("mul", ["g", "b"], "y")], ["y"], [randn((2, 4), torch.float32)])
    program("shape", [step("expand", ["x0"], "e", size=[3, 4]), step("transpose", ["e"], "t", dim0=0, dim1=1), step("reshape", ["t"], "r", shape=[-1]), step("cumsum", ["r"], "c", dim=0), step("flip", ["c"], "y", dims=[0])], ["y"], [randn((3, 1))])
    program("shape", [step("pad", ["x0"], "p", pad=[1, 1], mode="constant", value=0.0), step("slice", ["p"], "s", dim=0, start=0, end=None, step=2), step("square", ["s"], "y")], ["y", "p"], [randn((5,))])
    program("shape", [step("detach", ["x0"], "d"), step("mul", ["x0", "d"], "y"), step("exp", ["d"], "z")], ["y", "z"], [randn((4,))])
    program("shape", [step("batch_norm", ["x0", "x1", "x2"], ["y", "m", "v"], training=True, momentum=0.1, eps=1e-5)], ["y", "m", "v"], [randn((4, 2)), randn((2,)).detach(), uniform((2,), 0.5, 1.5).detach()])


def matmul_cases():
    pairs = [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((5, 1, 2, 3), (4, 3, 2)), ((1, 2, 3), (4, 3, 1)), ((4, 2, 3), (3,)), ((3,), (4, 3, 2)), ((2, 2, 2, 3), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0,), (0,)), ((2, 0, 3), (2, 3, 1)), ((0, 2, 3), (3, 4)), ((), (3,)), ((3,), ()), ((2, 3), (2, 3)), ((3,), (2,)), ((2, 2, 3), (3, 3, 2)), ((1, 1), (1, 1)), ((4, 2, 3), (4, 2)), ((65, 40), (40, 70)), ((2, 3, 17, 20), (3, 20, 5))]
    for i, (a, b) in enumerate(pairs):
        for dtype in FLOATS if i % 4 == 0 else (torch.float64,):
            case("matmul", "matmul", {}, [randn(a, dtype), randn(b, dtype)])
    case("matmul", "matmul", {}, [randn((2, 3)).detach(), randn((3, 2))])
    case("matmul", "matmul", {}, [randn((2, 3)), randn((3,)).detach()])
    case("matmul", "matmul", {}, [tensor([[INF, 1.0], [NAN, 0.0]]), tensor([[0.0, 1.0], [2.0, -1.0]])])


def index_cases():
    for shape, dim, index in [((4, 3), 0, [3, 3, 0]), ((4, 3), -1, [2]), ((4,), 0, []), ((2, 3, 2), 1, [0, 2, 1, 1]), ((3,), 0, [-1]), ((3,), 0, [3]), ((3,), 1, [0]), ((), 0, [0]), ((0, 2), 1, [1, 0])]:
        case("index", "index_select", {"dim": dim}, [randn(shape), torch.tensor(index, dtype=torch.int64)])
    case("index", "index_select", {"dim": 0}, [randn((3,)), torch.tensor([[0, 1]])])
    case("index", "index_select", {"dim": 0}, [randn((3,)), torch.tensor(1)])
    for shape, dim, index in [((3, 4), 1, [[0, 0, 3], [1, 2, 2]]), ((3, 4), 0, [[2, 1]]), ((4,), -1, [3, 0, 0]), ((3, 4), 0, [[3, 0]]), ((3, 4), 1, [[-1]]), ((2, 2), 0, [0, 1]), ((2, 3, 2), 1, [[[0, 2]], [[1, 1]]]), ((3, 4), 1, [[0], [1], [2], [3]]), ((), 0, 0), ((3, 4), 2, [[0]])]:
        case("index", "gather", {"dim": dim}, [randn(shape), torch.tensor(index)])
    for shape, padding, index in [((5, 3), None, [4, 0, 4]), ((5, 3), -1, [4, 0, 4]), ((5, 3), 2, [[2, 1], [0, 2]]), ((5, 3), -5, [0, 1]), ((5, 3), None, 3), ((5, 3), 5, [1]), ((5, 3), None, [5]), ((5, 3), None, [-1]), ((5, 3), 1, []), ((5, 1), 4, [[[4], [3]]]), ((5, 3), -6, [0])]:
        index = torch.tensor(index, dtype=torch.int64)
        case("index", "embedding", {"padding_idx": padding}, [randn(shape, FLOATS[index.numel() % 2]), index])


def functional_cases():
    for x, out in [((2, 3), 4), ((3,), 2), ((2, 5, 3), 1), ((0, 3), 2), ((2, 1, 2, 3), 2)]:
        case("functional", "linear", {}, [randn(x), randn((out, 3)), randn((out,))])
        case("functional", "linear", {}, [randn(x, torch.float32), randn((out, 3), torch.float32)])
    case("functional", "linear", {}, [randn((2, 3)), randn((3,)), randn(())])
    case("functional", "linear", {}, [randn((2, 3)), randn((4, 3)), randn((3,))])
    case("functional", "linear", {}, [randn((2, 3)).detach(), randn((4, 3)), randn((4,)).detach()])
    for name in ("softmax", "log_softmax"):
        for shape, dim in [((4,), 0), ((2, 4), 0), ((2, 4), -1), ((2, 3, 4), 1), ((), 0), ((), -1), ((0, 3), 1), ((3, 0), 1), ((2, 3), 2), ((1, 1), 0)]:
            case("functional", name, {"dim": dim}, [randn(shape, FLOATS[len(shape) % 2])])
        for x in ([[1e4, -1e4, 0.0]], [[INF, 0.0, 1.0]], [[-INF, -INF, -INF]], [[NAN, 1.0, 2.0]], [[-INF, 1.0, 2.0]], [[800.0, 800.0, -800.0]]):
            case("functional", name, {"dim": 1}, [tensor(x)])
    for shape, normalized in [((2, 4), [4]), ((2, 3, 4), [3, 4]), ((2, 3, 4), [2, 3, 4]), ((4,), [4]), ((2, 1), [1]), ((0, 4), [4]), ((2, 4), [3]), ((2, 3, 4), [3])]:
        for count in (0, 1, 2):
            extra = [randn(normalized) for _ in range(count)]
            case("functional", "layer_norm", {"normalized_shape": normalized, "eps": 10.0 ** -(3 + 2 * count)}, [randn(shape), *extra])
    case("functional", "layer_norm", {"normalized_shape": [3], "eps": 1e-5}, [tensor([[2.0, 2.0, 2.0], [1e3, 1e3 + 1, 1e3 + 3]]), randn((3,)), randn((3,))])
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
                case("functional", "batch_norm", args, [randn(shape, dtype), randn((c,), dtype).detach(), uniform((c,), 0.5, 2.0, dtype).detach(), *extra])
    case("functional", "batch_norm", {"training": True, "momentum": 0.0, "eps": 1e-5}, [randn((3, 2)), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach()])
    case("functional", "batch_norm", {"training": True, "momentum": 1.0, "eps": 1e-5}, [tensor([[1.0, 2.0], [1.0, 3.0]]), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach()])
    case("functional", "batch_norm", {"training": False, "momentum": 0.1, "eps": 1e-5}, [randn((3, 2)), randn((3,)).detach(), uniform((3,), 0.5, 2.0).detach()])
    case("functional", "batch_norm", {"training": True, "momentum": 0.1, "eps": 1e-5}, [randn((4, 2)).detach(), randn((2,)).detach(), uniform((2,), 0.5, 2.0).detach(), randn((2,)), randn((2,)).detach()])
    for p, training in [(0.3, False), (1.0, False), (0.0, False), (0.0, True), (1.0, True), (-0.1, True), (1.1, True), (1.1, False)]:
        case("functional", "dropout", {"p": p, "training": training}, [randn((2, 3))])
    case("functional", "dropout", {"p": 1.0, "training": True}, [tensor([INF, NAN, 1.0])])


def loss_cases():
    reductions = ("mean", "sum", "none")
    for reduction in reductions:
        for name, options in [("mse_loss", [{}]), ("l1_loss", [{}]), ("smooth_l1_loss", [{"beta": b} for b in (1.0, 0.3, 2.0, 0.0)]), ("huber_loss", [{"delta": d} for d in (1.0, 0.4, 3.0)])]:
            for option in options:
                for i, shape in enumerate([(), (4,), (2, 3), (2, 2, 2), (0,)]):
                    dtype = FLOATS[i % 2]
                    case("losses", name, {"reduction": reduction, **option}, [randn(shape, dtype), randn(shape, dtype)])
                case("losses", name, {"reduction": reduction, **option}, [randn((3,)), randn((3,)).detach()])
                case("losses", name, {"reduction": reduction, **option}, [tensor([0.0, 1.0, -1.0, 2.0, INF, NAN, 0.3]), tensor([0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0])])
                case("losses", name, {"reduction": reduction, **option}, [randn((2, 3)), randn((4,))])
        class_losses(reduction)
        for i, (shape, weight, pos) in enumerate([((4,), None, None), ((2, 3), (2, 3), None), ((2, 3), (3,), None), ((2, 3), None, (3,)), ((2, 3), (2, 1), (3,)), ((), None, None), ((2, 3), (), ()), ((0,), None, None), ((2, 3), (4,), None), ((2, 3), None, (2,))]):
            dtype = FLOATS[i % 2]
            inputs = [randn(shape, dtype), uniform(shape, 0.0, 1.0, dtype).detach()]
            inputs += [uniform(s, 0.2, 2.0, dtype).detach() for s in (weight, pos) if s is not None]
            case("losses", "binary_cross_entropy_with_logits", {"reduction": reduction, "has_weight": weight is not None, "has_pos_weight": pos is not None}, inputs)
        args = {"reduction": reduction, "has_weight": False, "has_pos_weight": False}
        case("losses", "binary_cross_entropy_with_logits", args, [tensor([0.0, 1000.0, -1000.0, 40.0, -40.0, NAN]), tensor([0.5, 0.0, 1.0, 1.0, 0.0, 1.0]).detach()])
        case("losses", "binary_cross_entropy_with_logits", args, [randn((3,)), uniform((3,), 0.0, 1.0)])
        case("losses", "binary_cross_entropy_with_logits", args, [randn((3,)), randn((2,)).detach()])
        case("losses", "binary_cross_entropy_with_logits", args, [tensor([INF, -INF, INF, -INF]), tensor([1.0, 0.0, 0.0, 1.0]).detach()])
    case("losses", "huber_loss", {"reduction": "mean", "delta": 0.0}, [randn((3,)), randn((3,))])
    case("losses", "huber_loss", {"reduction": "mean", "delta": -1.0}, [randn((3,)), randn((3,))])
    case("losses", "smooth_l1_loss", {"reduction": "mean", "beta": -1.0}, [randn((3,)), randn((3,))])


def class_losses(reduction):
    for i, (shape, classes) in enumerate([((3, 4), 4), ((5,), 5), ((2, 3, 4), 3), ((2, 3, 2, 2), 3), ((1, 1), 1), ((0, 3), 3)]):
        dtype = FLOATS[i % 2]
        labels_shape = shape[:1] + shape[2:] if len(shape) > 1 else ()
        logits = lambda: randn(shape, dtype)
        labels = lambda: ints(labels_shape, 0, classes)
        weight = lambda: uniform((classes,), 0.2, 2.0, dtype).detach()
        ce = lambda ignore, smoothing, inputs: case("losses", "cross_entropy", {"reduction": reduction, "ignore_index": ignore, "label_smoothing": smoothing}, inputs)
        nll = lambda ignore, inputs: case("losses", "nll_loss", {"reduction": reduction, "ignore_index": ignore}, inputs)
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
            for inputs in ([logits(), soft], [logits(), soft, weight()], [logits(), soft.clone().requires_grad_(True), weight()]):
                case("losses", "cross_entropy", {"reduction": reduction, "label_smoothing": smoothing}, inputs)
    args = {"reduction": reduction, "ignore_index": -100, "label_smoothing": 0.0}
    smooth = {**args, "label_smoothing": 0.1}
    for a in (args, smooth):
        case("losses", "cross_entropy", a, [tensor([[1e4, 0.0], [0.0, -1e4], [INF, 0.0], [-INF, 0.0], [NAN, 0.0]]), torch.tensor([1, 0, 0, 1, 1])])
        case("losses", "cross_entropy", a, [tensor([[-INF, 0.0], [0.0, 1.0]]), torch.tensor([0, 0])])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, 1]), torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, -100]), torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64)])
        for label in (-1, 3, -101):
            case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, label])])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, 1]), randn((2,)).detach()])
        case("losses", "cross_entropy", a, [randn((2, 3)), torch.tensor([0, 1, 2])])
        case("losses", "cross_entropy", a, [randn((2, 3, 2)), torch.tensor([0, 1])])
        case("losses", "cross_entropy", a, [randn(()), torch.tensor(0)])
    for bad in (1.5,):
        case("losses", "cross_entropy", {**args, "label_smoothing": bad}, [randn((2, 3)), torch.tensor([0, 1])])
    case("losses", "cross_entropy", {"reduction": reduction, "label_smoothing": 0.0}, [randn((2, 3)), uniform((2, 2), 0.0, 1.0).detach()])
    nll = {"reduction": reduction, "ignore_index": -100}
    case("losses", "nll_loss", nll, [tensor([[-INF, -1.0], [-2.0, NAN]]), torch.tensor([1, 0])])
    case("losses", "nll_loss", nll, [randn((2, 3)), torch.tensor([0, 3])])
    case("losses", "nll_loss", nll, [randn((2, 3)), torch.tensor([0, 1]), randn((2,)).detach()])


def conv_pool_cases():
    conv = lambda x, w, bias, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, dtype=torch.float64: case("conv_pool", "conv2d", {"stride": list(stride), "padding": list(padding), "dilation": list(dilation), "groups": groups}, [randn(x, dtype), randn(w, dtype)] + ([randn((w[0],), dtype)] if bias else []))
    for dtype in FLOATS:
        conv((2, 3, 6, 5), (4, 3, 3, 2), True, (2, 1), (1, 0), dtype=dtype)
        conv((3, 6, 5), (2, 3, 3, 3), True, dtype=dtype)
        conv((1, 4, 7, 7), (4, 1, 3, 3), True, (2, 2), (1, 1), (2, 2), 4, dtype)
        conv((2, 4, 5, 5), (6, 2, 2, 3), False, (1, 2), (2, 1), (1, 2), 2, dtype)
    conv((1, 2, 4, 4), (8, 1, 3, 3), False, padding=(1, 1), groups=2)
    conv((2, 2, 4, 4), (3, 2, 4, 4), True)
    conv((2, 2, 3, 3), (3, 2, 1, 1), False, (2, 2), (3, 3))
    conv((0, 2, 4, 4), (3, 2, 3, 3), True)
    conv((1, 1, 8, 8), (1, 1, 3, 3), True, (3, 3), (0, 0))
    conv((1, 1, 5, 5), (1, 1, 2, 2), True, (4, 4), (1, 1))
    conv((1, 1, 9, 9), (1, 1, 3, 3), False, (1, 1), (0, 0), (4, 4))
    conv((2, 3, 14, 13), (5, 3, 5, 5), True, (1, 1), (2, 2), dtype=torch.float32)
    conv((1, 2, 4, 4), (3, 2, 5, 5), False)
    conv((1, 2, 4, 4), (3, 2, 3, 3), False, (0, 1))
    conv((1, 2, 4, 4), (3, 2, 3, 3), False, groups=2)
    conv((1, 2, 4, 4), (3, 1, 3, 3), False, groups=2)
    conv((1, 2, 4, 4), (3, 2, 3, 3), False, padding=(-1, 0))
    conv((4, 4), (3, 2, 3, 3), False)
    conv((1, 2, 4, 4), (3, 2, 3, 3), False, dilation=(0, 1))
    conv((1, 2, 4, 4), (3, 2, 3, 3), False, groups=0)
    case("conv_pool", "conv2d", {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}, [randn((1, 2, 4, 4)), randn((3, 2, 3, 3)).detach(), randn((3,)).detach()])
    case("conv_pool", "conv2d", {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}, [randn((1, 2, 4, 4)), randn((3, 2, 3, 3)), randn((2,))])
    for kernel, stride, padding, dilation, ceil in [([2, 2], None, [0, 0], [1, 1], False), ([3, 2], [2, 1], [1, 0], [1, 1], True), ([2, 2], [2, 2], [1, 1], [1, 1], True), ([2, 3], None, [0, 1], [2, 1], False), ([2, 2], [3, 3], [0, 0], [1, 1], True), ([1, 1], [2, 2], [0, 0], [1, 1], False), ([3, 3], [2, 2], [1, 1], [2, 2], True), ([2, 2], [1, 1], [2, 2], [1, 1], False), ([2, 2], [0, 1], [0, 0], [1, 1], False), ([9, 9], None, [0, 0], [1, 1], False), ([3, 3], [3, 3], [0, 0], [1, 1], True)]:
        for i, shape in enumerate([(2, 3, 5, 7), (2, 6, 6), (1, 1, 7, 5)]):
            dtype = FLOATS[i % 2]
            case("conv_pool", "max_pool2d", {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil}, [randn(shape, dtype)])
            if dilation == [1, 1]:
                for count, divisor in [(True, None), (False, None), (True, 3), (False, 2)]:
                    case("conv_pool", "avg_pool2d", {"kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil, "count_include_pad": count, "divisor_override": divisor}, [randn(shape, dtype)])
    pool = {"kernel_size": [2, 2], "stride": None, "padding": [0, 0], "dilation": [1, 1], "ceil_mode": False}
    case("conv_pool", "max_pool2d", pool, [tensor([[[[NAN, 1.0, 2.0, 2.0], [3.0, NAN, 2.0, 2.0], [-INF, -INF, INF, 0.0], [-INF, -INF, 1.0, INF]]]])])
    case("conv_pool", "max_pool2d", pool, [randn((0, 2, 4, 4))])
    case("conv_pool", "max_pool2d", pool, [randn((2, 0, 4, 4))])
    case("conv_pool", "max_pool2d", pool, [randn((4, 4))])
    case("conv_pool", "max_pool2d", {**pool, "padding": [1, 1], "stride": [1, 1]}, [tensor([[[[0.0, 0.0, -1.0], [0.0, 0.0, -1.0], [-1.0, -1.0, -1.0]]]])])
    case("conv_pool", "avg_pool2d", {"kernel_size": [2, 2], "stride": None, "padding": [0, 0], "ceil_mode": False, "count_include_pad": True, "divisor_override": None}, [tensor([[[[NAN, 1.0], [INF, 2.0]]]])])


def main():
    folder = sys.argv[1]
    use_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    torch.set_num_threads(1)
    groups = (unary_cases, binary_cases, reduce_cases, shape_cases, matmul_cases, index_cases, functional_cases, loss_cases, conv_pool_cases, module_cases, optim_cases, scheduler_cases, higher_order_cases, training_cases)
    for group in groups:
        group()
    os.makedirs(folder, exist_ok=True)
    for family, cases in FAMILIES.items():
        with open(os.path.join(folder, family + ".jsonl"), "w") as file:
            file.writelines(json.dumps(c, allow_nan=False) + "\n" for c in cases)
        print(family, len(cases), sum("expect_error" in c for c in cases), "errors")


if __name__ == "__main__":
    main()
