"""Operations that change shapes or move elements."""

import torch

from oracle.elementwise import INF, NAN
from oracle.write import (
    bools,
    case,
    ints,
    program,
    randn,
    uniform,
)


def shape_cases():
    for shape, to in [
        ((2, 6), [-1]),
        ((2, 6), [4, -1]),
        ((0, 3), [3, 0]),
        ((), [1]),
        ((), []),
        ((1,), []),
        ((2, 3), [3, 2]),
        ((2, 3), [-1, -1]),
        ((2, 3), [4, -1]),
        ((0, 3), [-1, 0]),
        ((0,), [-1]),
        ((0,), [-1, 2]),
        ((2, 3), [6, -2]),
    ]:
        case("shape", "reshape", {"shape": to}, [randn(shape)])
    for shape, start, end in [
        ((2, 3, 4), 0, -1),
        ((2, 3, 4), 1, 2),
        ((2, 3, 4), -2, -1),
        ((), 0, -1),
        ((3,), 0, 0),
        ((2, 3), 1, 0),
        ((2, 0, 3), 0, 1),
        ((2, 3), 0, 5),
    ]:
        case("shape", "flatten", {"start_dim": start, "end_dim": end}, [randn(shape)])
    for shape, a, b in [
        ((2, 3, 4), 0, 2),
        ((2, 3), -1, -2),
        ((3,), 0, 0),
        ((2, 3, 4), 1, 1),
        ((2, 3), 0, 2),
        ((), 0, 0),
        ((), 0, -1),
    ]:
        case("shape", "transpose", {"dim0": a, "dim1": b}, [randn(shape)])
    for shape, dims in [
        ((2, 3, 4), [0, -1, 1]),
        ((2,), [0]),
        ((), []),
        ((2, 3), [1, 1]),
        ((2, 3), [0]),
        ((2, 3, 1, 2), [3, 1, 0, 2]),
    ]:
        case("shape", "permute", {"dims": dims}, [randn(shape)])
    for shape, dim in [
        ((1, 2, 1), None),
        ((1, 2, 1), 0),
        ((1, 2, 1), -1),
        ((1, 2, 1), 1),
        ((1, 2, 1), [0, 2]),
        ((1, 2, 1), [0, 1]),
        ((1, 2, 1), []),
        ((), None),
        ((), 0),
        ((2,), 3),
        ((1, 1), [0, 0]),
        ((1, 1), [0, -1]),
        ((1,), 0),
    ]:
        case("shape", "squeeze", {"dim": dim}, [randn(shape)])
    for shape, dim in [
        ((2, 3), 0),
        ((2, 3), 1),
        ((2, 3), 2),
        ((2, 3), -3),
        ((), 0),
        ((), -1),
        ((2,), 3),
        ((2,), -3),
        ((0,), 1),
    ]:
        case("shape", "unsqueeze", {"dim": dim}, [randn(shape)])
    for shape, size in [
        ((3, 1), [3, 4]),
        ((3, 1), [-1, 4]),
        ((1,), [2, 3]),
        ((), [2, 2]),
        ((3,), [2, -1]),
        ((2, 1), [3, 2, 5]),
        ((3,), [-1, 3]),
        ((2, 3), [3]),
        ((1, 3), [0, 3]),
        ((), []),
        ((3,), [4]),
        ((1,), [-1]),
    ]:
        case("shape", "expand", {"size": size}, [randn(shape)])
    for shapes, dim in [
        ([(2, 3), (1, 3), (4, 3)], 0),
        ([(2, 1), (2, 3)], -1),
        ([(3,)], 0),
        ([(0,), (3,)], 0),
        ([(0,), (2, 3)], 0),
        ([(2, 0), (2, 3)], 1),
        ([(2, 3), (2, 3)], 2),
        ([(), ()], 0),
        ([(2, 3), (0,), (1, 3)], 0),
        ([(2, 3), (3,)], 0),
    ]:
        case("shape", "cat", {"dim": dim}, [randn(s) for s in shapes])
    for shapes, dim in [
        ([(2, 3)] * 3, 1),
        ([(2, 3)] * 2, -1),
        ([(), ()], 0),
        ([(3,)], 1),
        ([(3,), (2,)], 0),
        ([(3,), (3,)], 2),
        ([(0,), (0,)], 1),
        ([(3,), (3,)], -3),
        ([(3,), (3,)], -2),
    ]:
        case("shape", "stack", {"dim": dim}, [randn(s) for s in shapes])
    x = randn((3,))
    for shape, n, dim in [
        ((5, 2), 2, 0),
        ((5, 2), 5, 0),
        ((5, 2), 7, 0),
        ((2, 6), [1, 2, 3], 1),
        ((2, 6), [6], -1),
        ((4,), [0, 4], 0),
        ((4,), [1, 2], 0),
        ((4,), [5, -1], 0),
        ((4,), 0, 0),
        ((4,), -1, 0),
        ((0,), 2, 0),
        ((0, 2), 0, 0),
        ((), 1, 0),
        ((4,), 2, 1),
    ]:
        case("shape", "split", {"split_size_or_sections": n, "dim": dim}, [randn(shape)])
    for shape, n, dim in [
        ((5, 2), 3, 0),
        ((7,), 4, 0),
        ((7,), 7, 0),
        ((7,), 9, 0),
        ((2, 6), 4, -1),
        ((6,), 4, 0),
        ((4,), 0, 0),
        ((0,), 3, 0),
        ((0, 2), 3, 1),
        ((), 1, 0),
        ((5,), 1, 0),
        ((4,), -1, 0),
    ]:
        case("shape", "chunk", {"chunks": n, "dim": dim}, [randn(shape)])
    for shape, dim, start, length in [
        ((4, 3), 1, 0, 3),
        ((4, 3), -1, 1, 1),
        ((4,), 0, -2, 2),
        ((4,), 0, 2, 3),
        ((4,), 0, 4, 0),
        ((4,), 0, 5, 0),
        ((4,), 0, 1, -1),
        ((4,), 1, 0, 1),
        ((), 0, 0, 1),
        ((4,), 0, -5, 1),
        ((0,), 0, 0, 0),
    ]:
        case("shape", "narrow", {"dim": dim, "start": start, "length": length}, [randn(shape)])
    for shape, dim, start, end, step in [
        ((5, 2), 0, 0, 5, 2),
        ((5, 2), 0, None, None, 1),
        ((5, 2), 0, 1, None, 3),
        ((5, 2), 0, -3, -1, 1),
        ((5,), 0, -9, 9, 2),
        ((5,), 0, 4, 2, 1),
        ((5,), 0, 10, 12, 1),
        ((2, 5), 1, 1, -1, 2),
        ((2, 5), -1, 0, 3, 1),
        ((5,), 0, 1, 2, 10),
        ((5,), 0, 0, 5, 0),
        ((5,), 0, 0, 5, -1),
        ((0,), 0, 0, 3, 1),
        ((7,), 0, -2, None, 1),
        ((5,), 0, None, -9, 1),
    ]:
        case("shape", "slice", {"dim": dim, "start": start, "end": end, "step": step}, [randn(shape)])
    for shape, dims in [
        ((2, 3), [0]),
        ((2, 3), [0, 1]),
        ((2, 3), [-1]),
        ((2, 3), []),
        ((3,), [0]),
        ((), []),
        ((0, 2), [0, 1]),
        ((2, 3), [0, 0]),
        ((2, 3), [2]),
        ((2, 3, 4), [2, 0]),
    ]:
        case("shape", "flip", {"dims": dims}, [randn(shape)])
    for shape, pad, value in [
        ((2, 3), [1, 2], 0.0),
        ((2, 3), [1, 0, 2, 1], -1.5),
        ((4,), [-1, 2], 3.0),
        ((4,), [-1, -2], 0.0),
        ((2, 3), [0, -1, 1, 0], 0.5),
        ((2, 3), [0, 0, 1, 1], INF),
        ((2, 3), [], 0.0),
        ((3,), [-2, -2], 0.0),
        ((2, 3), [1], 0.0),
        ((3,), [1, 1, 1, 1], 0.0),
        ((2, 3, 2), [1, 1, 0, 2, 3, 0], NAN),
        ((0,), [1, 2], 4.0),
        ((3,), [0, 0], 0.0),
        ((3,), [-3, 0], 1.0),
        ((3,), [-4, 2], 1.0),
        ((), [], 1.0),
    ]:
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
    program(
        "shape",
        [
            step("split", ["x0"], ["a", "b", "c"], split_size_or_sections=[1, 2, 2], dim=0),
            step("sum", ["b"], "s", dim=[0], keepdim=False),
            step("mul", ["a", "s"], "y"),
        ],
        ["y", "c"],
        [randn((5, 2))],
    )
    program(
        "shape",
        [
            step("max_dim", ["x0"], ["v", "i"], dim=1, keepdim=True),
            step("gather", ["x0", "i"], "g", dim=1),
            step("mul", ["v", "g"], "y"),
        ],
        ["y", "i"],
        [randn((3, 4))],
    )
    program(
        "shape",
        [step("argmax", ["x0"], "i", dim=1, keepdim=False), step("index_select", ["x1", "i"], "y", dim=0)],
        ["y"],
        [randn((3, 4)), randn((4, 2))],
    )
    program(
        "shape",
        [
            step("chunk", ["x0"], ["a", "b"], chunks=2, dim=1),
            step("sigmoid", ["a"], "g"),
            step("mul", ["g", "b"], "y"),
        ],
        ["y"],
        [randn((2, 4), torch.float32)],
    )
    program(
        "shape",
        [
            step("expand", ["x0"], "e", size=[3, 4]),
            step("transpose", ["e"], "t", dim0=0, dim1=1),
            step("reshape", ["t"], "r", shape=[-1]),
            step("cumsum", ["r"], "c", dim=0),
            step("flip", ["c"], "y", dims=[0]),
        ],
        ["y"],
        [randn((3, 1))],
    )
    program(
        "shape",
        [
            step("pad", ["x0"], "p", pad=[1, 1], mode="constant", value=0.0),
            step("slice", ["p"], "s", dim=0, start=0, end=None, step=2),
            step("square", ["s"], "y"),
        ],
        ["y", "p"],
        [randn((5,))],
    )
    program(
        "shape",
        [step("detach", ["x0"], "d"), step("mul", ["x0", "d"], "y"), step("exp", ["d"], "z")],
        ["y", "z"],
        [randn((4,))],
    )
    program(
        "shape",
        [step("batch_norm", ["x0", "x1", "x2"], ["y", "m", "v"], training=True, momentum=0.1, eps=1e-5)],
        ["y", "m", "v"],
        [randn((4, 2)), randn((2,)).detach(), uniform((2,), 0.5, 1.5).detach()],
    )
