"""Products of matrices, and elements chosen by their positions."""

import torch

from oracle.elementwise import FLOATS, INF, NAN, tensor
from oracle.write import (
    case,
    randn,
)


def matmul_cases():
    pairs = [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (4, 3, 2)),
        ((1, 2, 3), (4, 3, 1)),
        ((4, 2, 3), (3,)),
        ((3,), (4, 3, 2)),
        ((2, 2, 2, 3), (3,)),
        ((0, 3), (3, 2)),
        ((2, 0), (0, 3)),
        ((0,), (0,)),
        ((2, 0, 3), (2, 3, 1)),
        ((0, 2, 3), (3, 4)),
        ((), (3,)),
        ((3,), ()),
        ((2, 3), (2, 3)),
        ((3,), (2,)),
        ((2, 2, 3), (3, 3, 2)),
        ((1, 1), (1, 1)),
        ((4, 2, 3), (4, 2)),
        ((65, 40), (40, 70)),
        ((2, 3, 17, 20), (3, 20, 5)),
    ]
    for i, (a, b) in enumerate(pairs):
        for dtype in FLOATS if i % 4 == 0 else (torch.float64,):
            case("matmul", "matmul", {}, [randn(a, dtype), randn(b, dtype)])
    case("matmul", "matmul", {}, [randn((2, 3)).detach(), randn((3, 2))])
    case("matmul", "matmul", {}, [randn((2, 3)), randn((3,)).detach()])
    case("matmul", "matmul", {}, [tensor([[INF, 1.0], [NAN, 0.0]]), tensor([[0.0, 1.0], [2.0, -1.0]])])


def index_cases():
    for shape, dim, index in [
        ((4, 3), 0, [3, 3, 0]),
        ((4, 3), -1, [2]),
        ((4,), 0, []),
        ((2, 3, 2), 1, [0, 2, 1, 1]),
        ((3,), 0, [-1]),
        ((3,), 0, [3]),
        ((3,), 1, [0]),
        ((), 0, [0]),
        ((0, 2), 1, [1, 0]),
    ]:
        case("index", "index_select", {"dim": dim}, [randn(shape), torch.tensor(index, dtype=torch.int64)])
    case("index", "index_select", {"dim": 0}, [randn((3,)), torch.tensor([[0, 1]])])
    case("index", "index_select", {"dim": 0}, [randn((3,)), torch.tensor(1)])
    for shape, dim, index in [
        ((3, 4), 1, [[0, 0, 3], [1, 2, 2]]),
        ((3, 4), 0, [[2, 1]]),
        ((4,), -1, [3, 0, 0]),
        ((3, 4), 0, [[3, 0]]),
        ((3, 4), 1, [[-1]]),
        ((2, 2), 0, [0, 1]),
        ((2, 3, 2), 1, [[[0, 2]], [[1, 1]]]),
        ((3, 4), 1, [[0], [1], [2], [3]]),
        ((), 0, 0),
        ((3, 4), 2, [[0]]),
    ]:
        case("index", "gather", {"dim": dim}, [randn(shape), torch.tensor(index)])
    for shape, padding, index in [
        ((5, 3), None, [4, 0, 4]),
        ((5, 3), -1, [4, 0, 4]),
        ((5, 3), 2, [[2, 1], [0, 2]]),
        ((5, 3), -5, [0, 1]),
        ((5, 3), None, 3),
        ((5, 3), 5, [1]),
        ((5, 3), None, [5]),
        ((5, 3), None, [-1]),
        ((5, 3), 1, []),
        ((5, 1), 4, [[[4], [3]]]),
        ((5, 3), -6, [0]),
    ]:
        index = torch.tensor(index, dtype=torch.int64)
        case("index", "embedding", {"padding_idx": padding}, [randn(shape, FLOATS[index.numel() % 2]), index])
