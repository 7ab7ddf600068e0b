"""Convolutions and pools."""

import torch

from oracle.elementwise import FLOATS, INF, NAN, tensor
from oracle.write import (
    case,
    randn,
)


def conv_pool_cases():
    conv = lambda x, w, bias, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1, dtype=torch.float64: case(
        "conv_pool",
        "conv2d",
        {"stride": list(stride), "padding": list(padding), "dilation": list(dilation), "groups": groups},
        [randn(x, dtype), randn(w, dtype)] + ([randn((w[0],), dtype)] if bias else []),
    )
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
    case(
        "conv_pool",
        "conv2d",
        {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1},
        [randn((1, 2, 4, 4)), randn((3, 2, 3, 3)).detach(), randn((3,)).detach()],
    )
    case(
        "conv_pool",
        "conv2d",
        {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1},
        [randn((1, 2, 4, 4)), randn((3, 2, 3, 3)), randn((2,))],
    )
    for kernel, stride, padding, dilation, ceil in [
        ([2, 2], None, [0, 0], [1, 1], False),
        ([3, 2], [2, 1], [1, 0], [1, 1], True),
        ([2, 2], [2, 2], [1, 1], [1, 1], True),
        ([2, 3], None, [0, 1], [2, 1], False),
        ([2, 2], [3, 3], [0, 0], [1, 1], True),
        ([1, 1], [2, 2], [0, 0], [1, 1], False),
        ([3, 3], [2, 2], [1, 1], [2, 2], True),
        ([2, 2], [1, 1], [2, 2], [1, 1], False),
        ([2, 2], [0, 1], [0, 0], [1, 1], False),
        ([9, 9], None, [0, 0], [1, 1], False),
        ([3, 3], [3, 3], [0, 0], [1, 1], True),
    ]:
        for i, shape in enumerate([(2, 3, 5, 7), (2, 6, 6), (1, 1, 7, 5)]):
            dtype = FLOATS[i % 2]
            case(
                "conv_pool",
                "max_pool2d",
                {
                    "kernel_size": kernel,
                    "stride": stride,
                    "padding": padding,
                    "dilation": dilation,
                    "ceil_mode": ceil,
                },
                [randn(shape, dtype)],
            )
            if dilation == [1, 1]:
                for count, divisor in [(True, None), (False, None), (True, 3), (False, 2)]:
                    case(
                        "conv_pool",
                        "avg_pool2d",
                        {
                            "kernel_size": kernel,
                            "stride": stride,
                            "padding": padding,
                            "ceil_mode": ceil,
                            "count_include_pad": count,
                            "divisor_override": divisor,
                        },
                        [randn(shape, dtype)],
                    )
    pool = {"kernel_size": [2, 2], "stride": None, "padding": [0, 0], "dilation": [1, 1], "ceil_mode": False}
    case(
        "conv_pool",
        "max_pool2d",
        pool,
        [tensor([[[[NAN, 1.0, 2.0, 2.0], [3.0, NAN, 2.0, 2.0], [-INF, -INF, INF, 0.0], [-INF, -INF, 1.0, INF]]]])],
    )
    case("conv_pool", "max_pool2d", pool, [randn((0, 2, 4, 4))])
    case("conv_pool", "max_pool2d", pool, [randn((2, 0, 4, 4))])
    case("conv_pool", "max_pool2d", pool, [randn((4, 4))])
    case(
        "conv_pool",
        "max_pool2d",
        {**pool, "padding": [1, 1], "stride": [1, 1]},
        [tensor([[[[0.0, 0.0, -1.0], [0.0, 0.0, -1.0], [-1.0, -1.0, -1.0]]]])],
    )
    case(
        "conv_pool",
        "avg_pool2d",
        {
            "kernel_size": [2, 2],
            "stride": None,
            "padding": [0, 0],
            "ceil_mode": False,
            "count_include_pad": True,
            "divisor_override": None,
        },
        [tensor([[[[NAN, 1.0], [INF, 2.0]]]])],
    )
