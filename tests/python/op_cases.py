"""Prints PyTorch's results for the calls in the table of operations, as `crates/tensor/tests/ops/main.rs` reads them.

Run by hand, where torch is installed:

    python tests/python/op_cases.py > crates/tensor/tests/ops/torch.txt

A case is a call as written in the Rust table, inputs, the output, a gradient of the output and the gradients of the
inputs. `smooth` cases are away from kinks and ties, so that finite differences apply to them as well.
"""

import functools
import math
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
NAN, INF = math.nan, math.inf


# Inputs.


def smooth(*shapes, low=-2.0, high=2.0):
    """Tensors of random numbers, all different and none near a multiple of 0.5, where the kinks of the table lie."""
    # The numbers depend on the arguments only, so a new row does not change the cases of the others.
    generator = random.Random(f"{shapes} {low} {high}")
    count = sum(math.prod(shape) for shape in shapes)
    steps = 4 * count + 40
    grid = [low + (high - low) * (i + 0.5) / steps for i in range(steps)]
    grid = [x for x in grid if abs(2 * x - round(2 * x)) > 0.04]
    numbers = iter([round(x, 4) for x in generator.sample(grid, count)])
    tensors = [torch.tensor([next(numbers) for _ in range(math.prod(shape))]).reshape(shape) for shape in shapes]
    return "smooth", tensors, None


def edge(*values, seed=None):
    """Tensors of chosen numbers, which are compared with PyTorch only and not with finite differences."""
    return "edge", [torch.tensor(value, dtype=torch.float64) for value in values], seed


def empty(*shapes):
    return "edge", [torch.ones(shape) for shape in shapes], None


def pairs(values):
    """Each number with each other one."""
    return edge([a for a in values for _ in values], [b for _ in values for b in values])


EDGES = [NAN, INF, -INF, 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, 1e-30]
EDGES += [20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0]
EDGE_PAIRS = pairs([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.0])


def elementwise(**limits):
    shapes = [(2, 3), (), (2, 1, 3)]
    edges = [edge(EDGES), edge(EDGES, seed=0.0), edge(EDGES, seed=INF), empty((0,)), empty((2, 0, 3))]
    return [smooth(shape, **limits) for shape in shapes] + edges


def composite():
    """As `elementwise`, for compositions of several operations, whose gradients may contain ∞ times 0."""
    return [case for case in elementwise() if case[2] != INF]


BROADCAST = [
    [(2, 3), (2, 3)], [(2, 3), (3,)], [(3,), (2, 3)], [(2, 1), (1, 3)], [(2, 3), ()], [(), (2, 3)], [(), ()],
    [(5, 2, 3), (2, 1)], [(2, 1), (5, 2, 3)], [(1,), (2, 3)], [(2, 3), (1, 1, 1)], [(2, 1, 2), (3, 1)],
]  # fmt: skip
BROADCAST_EMPTY = [[(0, 3), (3,)], [(2, 0), (2, 1)], [(0,), (1,)], [(), (0,)], [(2, 1), (1, 0)]]


def binary(**limits):
    cases = [smooth(*shapes, **limits) for shapes in BROADCAST]
    return cases + [EDGE_PAIRS] + [empty(*shapes) for shapes in BROADCAST_EMPTY]


TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [3.0, -1.0, 0.0]]
NOT_FINITE = [[NAN, 1.0, NAN], [INF, 1.0, INF], [-INF, -INF, -INF], [-INF, 1.0, 2.0], [INF, -INF, 0.0]]
LARGE = [[1000.0, 1000.0, -1000.0], [-1000.0, -1001.0, -1002.0], [0.0, 100.0, -100.0]]
LANES = [smooth((3, 4)), smooth((2, 3, 2)), edge(TIES), edge(NOT_FINITE), edge(LARGE), edge([[5.0], [-0.0]])]


# The rows: the call in Rust, the call here, the inputs.

ROWS = []


def row(call, f, cases):
    ROWS.append((call, f, cases))


def elementwise_rows():
    positive = dict(low=0.1, high=3.0)
    row("x.abs()", torch.abs, elementwise())
    row("x.clamp(-1, 1)", lambda x: x.clamp(-1, 1), elementwise())
    row("x.clamp(0.5, None)", lambda x: x.clamp(min=0.5), elementwise())
    row("x.clamp(None, -0.5)", lambda x: x.clamp(max=-0.5), elementwise())
    row("x.clamp(1, -1)", lambda x: x.clamp(1, -1), elementwise())
    row("x.clamp(f64::NAN, 1)", lambda x: x.clamp(NAN, 1), [edge(EDGES)])
    row("x.clamp(-1, f64::NAN)", lambda x: x.clamp(-1, NAN), [edge(EDGES)])
    row("x.cos()", torch.cos, elementwise())
    for alpha in (1, 0.5):
        row(f"x.elu({alpha})", lambda x, alpha=alpha: F.elu(x, alpha), elementwise())
    row("x.erf()", torch.erf, elementwise())
    row("x.gelu()", F.gelu, composite())
    row("x.gelu_tanh()", lambda x: F.gelu(x, approximate="tanh"), composite())
    row("x.exp()", torch.exp, elementwise())
    row("x.expm1()", torch.expm1, elementwise())
    for slope in (0.01, 2, -0.5):
        row(f"x.leaky_relu({slope})", lambda x, slope=slope: F.leaky_relu(x, slope), elementwise())
    row("x.log()", torch.log, elementwise(**positive))
    row("x.log1p()", torch.log1p, elementwise(low=-0.9, high=3.0))
    row("x.neg()", torch.neg, elementwise())
    for exponent in (0, 1, 2, 3, 4, 5, -1, -2, -3):
        row(f"x.pow({exponent})", lambda x, n=exponent: x.pow(n), elementwise())
    for exponent in (0.5, -0.5, 1.5, -0.7, 2.5):
        row(f"x.pow({exponent})", lambda x, n=exponent: x.pow(n), elementwise(**positive))
    row("x.reciprocal()", torch.reciprocal, elementwise(**positive))
    row("x.rsqrt()", torch.rsqrt, elementwise(**positive))
    row("x.silu()", F.silu, composite())
    for beta, threshold in ((1, 20), (2.5, 3), (-1, 0.5)):
        softplus = functools.partial(F.softplus, beta=beta, threshold=threshold)
        row(f"x.softplus({beta}, {threshold})", softplus, elementwise())
    row("x.relu()", torch.relu, elementwise())
    row("x.sigmoid()", torch.sigmoid, elementwise())
    row("x.sign()", torch.sign, elementwise())
    row("x.sin()", torch.sin, elementwise())
    row("x.sqrt()", torch.sqrt, elementwise(**positive))
    row("x.square()", torch.square, elementwise())
    row("x.tanh()", torch.tanh, elementwise())
    row("x.copy()", torch.clone, elementwise())

    row("a + b", torch.add, binary())
    row("a - b", torch.sub, binary())
    row("a * b", torch.mul, binary())
    row("a / b", torch.div, binary())
    row("a.pow(b)", torch.pow, binary(low=0.1, high=3.0) + [edge([-2.0, -1.5, -1.0], [3.0, -2.0, 0.0])])
    row("Tensor::new(2.0).pow(x)", lambda x: torch.pow(2.0, x), elementwise())
    row("a.maximum(b)", torch.maximum, binary())
    row("a.minimum(b)", torch.minimum, binary())
    row("x + 2.5", lambda x: x + 2.5, elementwise())
    row("x - 2", lambda x: x - 2, elementwise())
    row("2 - x", lambda x: 2 - x, elementwise())
    row("x * -1.5", lambda x: x * -1.5, elementwise())
    row("x / 3", lambda x: x / 3, elementwise())
    row("x / 0", lambda x: x / 0, [edge(EDGES)])
    row("1.5 / x", lambda x: 1.5 / x, elementwise())
    row("0.0 / x", lambda x: 0 / x, [edge(EDGES)])

    row("Tensor::where_(&a.gt(0), a, b)", lambda a, b: torch.where(a > 0, a, b), binary())
    condition = torch.tensor([[True, False, True], [False, True, True]])
    shapes = [[(2, 3), (2, 3)], [(3,), (2, 1)], [(), ()], [(3,), ()], [(2, 2, 3), (1, 3)]]
    row(
        "Tensor::where_(&Tensor::from([[true, false, true], [false, true, true]]), a, b)",
        lambda a, b: torch.where(condition, a, b),
        [smooth(*shape) for shape in shapes],
    )
    row("x.masked_fill(&x.lt(0), 7)", lambda x: x.masked_fill(x < 0, 7), elementwise())
    row(
        "x.masked_fill(&Tensor::from([true, false, true]), -0.5)",
        lambda x: x.masked_fill(torch.tensor([True, False, True]), -0.5),
        [smooth((2, 3)), smooth((3,)), smooth(()), smooth((2, 1)), edge([NAN, INF, -INF])],
    )
    everywhere = torch.tensor(True)
    filled = [edge([1.0, INF]), edge(1.0)]
    row("x.masked_fill(&Tensor::from(true), f64::NAN)", lambda x: x.masked_fill(everywhere, NAN), filled)


def reduction_rows():
    block, number = smooth((2, 3, 4)), smooth(())
    edges = [edge(TIES), edge(NOT_FINITE), edge(LARGE), edge([[5.0], [-0.0]])]
    everything = [block, smooth((5,)), number, *edges]
    nothing = [empty((0,)), empty((2, 0))]

    def over_dims(name, f, more="", of_nothing=True):
        """One dimension, several, and with the dimensions kept; `more` are further arguments in Rust."""
        nowhere = [empty((2, 0, 3))] if of_nothing else []
        row(f"x.{name}(0{more})", lambda x: f(x, 0, False), [*everything, empty((2, 0, 3))])
        row(f"x.{name}(-2{more})", lambda x: f(x, -2, False), [block, *edges, *nowhere])
        row(f"x.{name}([0, -1]{more})", lambda x: f(x, (0, -1), False), [block, *edges, empty((2, 0, 3))])
        row(f"x.{name}([2, 0, 1]{more})", lambda x: f(x, (2, 0, 1), False), [block, *nowhere])
        keepdim = name.removesuffix("_dim") + "_keepdim"
        row(f"x.{keepdim}(1{more})", lambda x: f(x, 1, True), [block, *edges, *nowhere])
        row(f"x.{keepdim}([-1, 0]{more})", lambda x: f(x, (-1, 0), True), [block, *edges, empty((2, 0, 3))])

    row("x.sum()", torch.sum, everything + nothing)
    row("x.mean()", torch.mean, everything + nothing)
    row("x.max()", torch.max, everything)
    row("x.min()", torch.min, everything)
    row("x.var()", torch.var, everything + nothing)
    row("x.std()", torch.std, everything + nothing + [edge([2.0, 2.0])])
    row("x.norm()", torch.norm, everything + nothing + [edge([0.0, -0.0])])
    over_dims("norm_dim", lambda x, dim, keepdim: torch.linalg.vector_norm(x, 2, dim, keepdim))
    zeros_and_ties = [edge([3.0, -4.0, 0.0, 4.0]), edge([0.0, -0.0]), edge([[3.0, -3.0], [0.0, 0.0]])]
    for p in ("0", "0.5", "1", "1.5", "3", "f64::INFINITY", "f64::NEG_INFINITY", "-2"):
        number_of = {"f64::INFINITY": INF, "f64::NEG_INFINITY": -INF}
        f = functools.partial(torch.linalg.vector_norm, ord=number_of[p] if p in number_of else float(p))
        of_nothing = [] if p in number_of or p == "-2" else nothing
        row(f"x.norm_p({p})", f, [block, smooth((5,)), number, *zeros_and_ties, *of_nothing])
    for p in (0.5, 3):
        row(f"x.norm_p_dim({p}, -1)", lambda x, p=p: torch.linalg.vector_norm(x, p, -1), [block, *zeros_and_ties])
    row("x.norm_p_keepdim(1, [-1, 0])", lambda x: torch.linalg.vector_norm(x, 1, (-1, 0), True), [block])
    zeros = [[2.0, 0.0, 3.0], [0.0, -1.0, 0.0], [1.5, 2.0, -0.5]]
    # Around a zero the product is as smooth as elsewhere.
    products = [
        block,
        smooth((5,)),
        number,
        smooth((7, 2)),
        ("smooth", [torch.tensor(zeros)], None),
        edge([[5.0], [-0.0]]),
    ]
    row("x.prod()", torch.prod, products + nothing)
    row("x.prod_dim(0)", lambda x: x.prod(0), products + nothing)
    row("x.prod_dim(-1)", lambda x: x.prod(-1), products + nothing)
    row("x.prod_keepdim(1)", lambda x: x.prod(1, keepdim=True), [block, smooth((2, 1)), empty((2, 0))])
    row("x.cumsum(0)", lambda x: x.cumsum(0), everything + nothing)
    row("x.cumsum(-1)", lambda x: x.cumsum(-1), [block, *edges, *nothing])
    row("x.cumsum(1)", lambda x: x.cumsum(1), [block])
    row("x.sum_dim([])", lambda x: x.sum(()), [block, number])
    over_dims("sum_dim", torch.sum)
    over_dims("mean_dim", torch.mean)
    over_dims("amax", torch.amax, of_nothing=False)
    over_dims("amin", torch.amin, of_nothing=False)
    over_dims("logsumexp", torch.logsumexp)
    over_dims("var_dim", lambda x, dim, keepdim: x.var(dim, correction=1, keepdim=keepdim), ", 1")
    over_dims("std_dim", lambda x, dim, keepdim: x.std(dim, correction=1, keepdim=keepdim), ", 1")
    for c in (0, 2, 3, 5):
        # PyTorch's gradient along a dimension is finite where c > n, though the variance is infinite.
        examples = [smooth((2, 6)), edge(TIES)] if c <= 3 else [smooth((2, 6))]
        row(f"x.var_dim(-1, {c})", lambda x, c=c: x.var(-1, correction=c), examples)
        row(f"x.std_dim(-1, {c})", lambda x, c=c: x.std(-1, correction=c), examples)

    ordered = [smooth((3, 4)), smooth((2, 3, 2)), smooth((2, 2)), number, *edges]
    for name, f in (("max_dim", torch.max), ("min_dim", torch.min)):
        for dim in (0, -1):
            row(f"x.{name}({dim}).0", lambda x, f=f, dim=dim: f(x, dim).values, ordered)
            row(f"x.{name}({dim}).1.cast()", lambda x, f=f, dim=dim: f(x, dim).indices, ordered)
            kept = name.replace("dim", "keepdim")
            row(f"x.{kept}({dim}).0", lambda x, f=f, dim=dim: f(x, dim, keepdim=True).values, ordered)
            row(f"x.{kept}({dim}).1.cast()", lambda x, f=f, dim=dim: f(x, dim, keepdim=True).indices, ordered)
    for name, f in (("argmax", torch.argmax), ("argmin", torch.argmin)):
        row(f"x.{name}().cast()", f, everything + [edge([1.0, NAN, 5.0, NAN])])
        row(f"x.{name}_dim(0).cast()", lambda x, f=f: f(x, 0), everything + [empty((2, 0))])
        row(f"x.{name}_dim(-1).cast()", lambda x, f=f: f(x, -1), everything + [empty((0, 2))])
        row(f"x.{name}_keepdim(-1).cast()", lambda x, f=f: f(x, -1, keepdim=True), everything + [empty((0, 2))])


def comparison_rows():
    shapes = [smooth(*shapes) for shapes in ([(2, 3), (3,)], [(2, 1), (1, 3)], [(), (2,)])]
    for name in ("eq", "ne", "lt", "le", "gt", "ge"):
        f = getattr(torch, name)
        row(f"a.{name}(b).cast()", f, shapes + [EDGE_PAIRS, empty((0, 3), (3,))])
        row(f"x.{name}(1).cast()", lambda x, f=f: f(x, 1), [edge(EDGES)])
    row("a.gt(0).and(&b.gt(0)).cast()", lambda a, b: (a > 0) & (b > 0), shapes)
    row("a.gt(0).or(&b.gt(0)).cast()", lambda a, b: (a > 0) | (b > 0), shapes)
    row("x.gt(0).not().cast()", lambda x: ~(x > 0), [edge(EDGES)])


def matmul_rows():
    shapes = [
        [(3,), (3,)], [(3,), (3, 2)], [(3,), (2, 3, 2)], [(3,), (2, 1, 3, 2)],
        [(2, 3), (3,)], [(2, 3), (3, 4)], [(2, 3), (2, 3, 2)], [(2, 3), (2, 1, 3, 2)],
        [(2, 2, 3), (3,)], [(2, 2, 3), (3, 2)], [(2, 2, 3), (2, 3, 2)], [(2, 2, 3), (2, 1, 3, 2)],
        [(2, 1, 2, 3), (3,)], [(2, 1, 2, 3), (3, 2)], [(2, 1, 2, 3), (2, 3, 2)], [(2, 1, 2, 3), (1, 2, 3, 2)],
        [(1, 2, 3), (2, 3, 1)], [(2, 1, 3), (1, 3, 2)], [(1, 1), (1, 1)], [(1,), (1,)], [(2, 2, 2), (2, 2, 2)],
    ]  # fmt: skip
    none = [
        [(0,), (0,)], [(2, 0), (0, 3)], [(0, 2), (2, 3)], [(2, 3), (3, 0)], [(0, 2, 3), (3, 2)], [(2, 0), (0,)],
        [(0, 2, 3), (0, 3, 2)], [(0, 2, 3), (1, 3, 2)], [(2, 2, 0), (0, 3)], [(2, 2, 0), (2, 0, 3)], [(0, 3), (3,)],
    ]  # fmt: skip
    edges = [edge([[NAN, 0.0], [INF, 1.0]], [[0.0, 1.0], [1.0, 2.0]])]
    row("a.matmul(b)", torch.matmul, [smooth(*pair) for pair in shapes] + [empty(*pair) for pair in none] + edges)

    linear = [[(4, 3), (2, 3)], [(3,), (2, 3)], [(2, 2, 3), (1, 3)]]
    none = [
        [(0, 3), (2, 3)], [(2, 3), (0, 3)], [(2, 0), (3, 0)], [(2, 2, 0), (3, 0)], [(0, 2, 3), (2, 3)], [(0,), (2, 0)],
    ]  # fmt: skip
    vector = [[(3,), (3,)], [(2, 3), (3,)], [(2, 2, 3), (3,)]]
    without_bias = [smooth(*shapes) for shapes in linear + vector] + [empty(*shapes) for shapes in none]
    row("x.linear(w, None)", F.linear, without_bias)
    linear, none = ([[*shapes, shapes[1][:1]] for shapes in both] for both in (linear, none))
    row(
        "x.linear(w, Some(b))", F.linear, [smooth(*shapes) for shapes in linear] + [empty(*shapes) for shapes in none]
    )


def shape_rows():
    block = [smooth((2, 3, 4)), empty((2, 0, 4))]
    vector = [smooth((5,)), edge([NAN, INF, -INF, -0.0, 1.0])]
    row("Tensor::cat(&[x], 0)", lambda x: torch.cat([x], 0), [smooth((2, 3)), empty((0,))])
    cat2 = [smooth((2, 3), (2, 1)), smooth((1, 2, 3), (1, 2, 1)), empty((2, 0), (2, 1))]
    row("Tensor::cat(&[a, b], -1)", lambda a, b: torch.cat([a, b], -1), cat2)
    cat3 = [smooth((1, 2), (3, 2), (2, 2)), empty((0, 2), (1, 2), (0, 2))]
    row("Tensor::cat(&[a, b, c], 0)", lambda a, b, c: torch.cat([a, b, c], 0), cat3)
    row("Tensor::cat(&[a, b, a], 1)", lambda a, b: torch.cat([a, b, a], 1), [smooth((2, 2), (2, 1))])
    same = [smooth((2, 3), (2, 3)), smooth((), ()), edge([NAN, INF], [-0.0, -INF]), empty((0, 2), (0, 2))]
    row("Tensor::stack(&[x], 0)", lambda x: torch.stack([x], 0), [smooth((2, 3)), smooth(())])
    row("Tensor::stack(&[a, b], 0)", lambda a, b: torch.stack([a, b], 0), same)
    row("Tensor::stack(&[a, b], -1)", lambda a, b: torch.stack([a, b], -1), same)
    row("Tensor::stack(&[a, b, c], 1)", lambda a, b, c: torch.stack([a, b, c], 1), [smooth((2, 3), (2, 3), (2, 3))])

    smaller = [(), (4,), (3, 1), (1, 3, 1), (2, 3, 4)]
    row("x.expand([2, 3, 4])", lambda x: x.expand(2, 3, 4), [smooth(shape) for shape in smaller])
    row("x.expand([2, -1, 3])", lambda x: x.expand(2, -1, 3), [smooth((2, 1)), smooth((1, 2, 3)), empty((0, 1))])
    row("x.expand([2, 0])", lambda x: x.expand(2, 0), [smooth((1,)), smooth((2, 1))])

    row("x.flip(0)", lambda x: x.flip(0), [*block, *vector, smooth(())])
    row("x.flip([0, -1])", lambda x: x.flip(0, -1), [*block, smooth((2, 3))])
    row("x.flip([])", lambda x: x.flip(()), [smooth((2, 3)), smooth(())])

    row("x.pad([1, 2], 1.5)", lambda x: F.pad(x, (1, 2), value=1.5), [*vector, *block])
    row("x.pad([1, -1, -1, 2], 0.0)", lambda x: F.pad(x, (1, -1, -1, 2)), [smooth((2, 3)), smooth((2, 3, 4))])
    row("x.pad([-2, -2], 0.0)", lambda x: F.pad(x, (-2, -2)), [*vector, smooth((2, 4))])
    row("x.pad([], 0.0)", lambda x: F.pad(x, ()), [smooth((3,)), smooth(())])

    index = torch.tensor
    columns, rows = index([[0, 2, 2, 1], [1, 1, 1, 0]]), index([[1, 0], [1, 1], [0, 0]])
    matrices = [smooth((2, 3)), smooth((4, 3))]
    row("x.gather(1, &Tensor::from([[0, 2, 2, 1], [1, 1, 1, 0]]))", lambda x: x.gather(1, columns), matrices)
    matrices = [smooth((2, 3)), smooth((2, 2))]
    row("x.gather(-2, &Tensor::from([[1, 0], [1, 1], [0, 0]]))", lambda x: x.gather(-2, rows), matrices)
    row("x.gather(0, &Tensor::from(0))", lambda x: x.gather(0, index(0)), [smooth((3,)), smooth(())])
    row("x.gather(-1, &Tensor::from([0, 0]))", lambda x: x.gather(-1, index([0, 0])), [smooth((3,)), smooth(())])
    row("x.gather(0, &Tensor::from([4, 0, 4]))", lambda x: x.gather(0, index([4, 0, 4])), vector)

    def index_select(dim, positions, cases):
        call = f"x.index_select({dim}, &Tensor::from({positions}))"
        row(call, lambda x: x.index_select(dim, index(positions)), cases)

    index_select(0, [2, 0, 2, 2], [smooth((3, 2)), *vector, empty((3, 0))])
    index_select(-1, [1, 1, 0], [smooth((2, 3)), smooth((2, 2, 2))])
    index_select(0, [0], [smooth(()), smooth((2, 2))])
    row("x.index_select(0, &Tensor::from(0))", lambda x: x.index_select(0, index(0)), [smooth(()), smooth((2, 2))])
    nothing = torch.zeros(0, dtype=torch.long)
    row("x.index_select(1, &Tensor::zeros([0]).cast())", lambda x: x.index_select(1, nothing), [smooth((2, 3))])
    places = index([[0, 2, 2], [1, 0, 0]])
    tables = [smooth((3, 2)), smooth((4, 1))]
    row("x.rows(&Tensor::from([[0, 2, 2], [1, 0, 0]]))", lambda x: F.embedding(places, x), tables)
    row("x.rows(&Tensor::from(1))", lambda x: x[1], [smooth((3, 2)), smooth((2, 2, 2)), smooth((3,))])

    row("x.permute([2, 0, 1])", lambda x: x.permute(2, 0, 1), block)
    row("x.permute([-1, 1, 0])", lambda x: x.permute(-1, 1, 0), block)
    row("x.permute([])", lambda x: x.permute(()), [smooth(())])
    row("x.transpose(0, -1)", lambda x: x.transpose(0, -1), [*block, smooth((2, 3)), smooth((3,))])
    row("x.transpose(-1, 0)", lambda x: x.transpose(-1, 0), [smooth(()), smooth((2, 3))])
    row("x.t()", torch.t, [smooth((2, 3)), smooth((3,)), smooth(()), empty((0, 2))])

    row("x.reshape([-1])", lambda x: x.reshape(-1), [*block, smooth(()), empty((0,))])
    row("x.reshape([4, -1, 2])", lambda x: x.reshape(4, -1, 2), [smooth((2, 3, 4)), smooth((8,)), empty((2, 0))])
    row("x.reshape([])", lambda x: x.reshape(()), [smooth((1, 1)), smooth(())])
    row("x.reshape([3, 0])", lambda x: x.reshape(3, 0), [empty((0,)), empty((2, 0))])
    row("x.flatten()", torch.flatten, [*block, smooth(()), smooth((2,))])
    row("x.flatten_dims(0, 1)", lambda x: x.flatten(0, 1), [*block, smooth((2, 3))])
    row("x.flatten_dims(-2, -1)", lambda x: x.flatten(-2, -1), [*block, smooth((2, 2, 1, 3))])
    row("x.flatten_dims(0, -1)", lambda x: x.flatten(0, -1), [smooth(()), smooth((3,)), *block])
    row("x.squeeze()", torch.squeeze, [smooth((1, 3, 1)), smooth((1,)), smooth(()), smooth((2, 3)), empty((1, 0))])
    row("x.squeeze_dim(0)", lambda x: x.squeeze(0), [smooth((1, 3)), smooth((2, 1)), smooth(()), smooth((1,))])
    row("x.squeeze_dim([])", lambda x: x.squeeze(()), [smooth((1, 3))])
    row("x.squeeze_dim([0, -1])", lambda x: x.squeeze((0, -1)), [smooth((1, 3, 1)), smooth((1, 1, 2))])
    for dim in (0, 1, -1, -2):
        row(f"x.unsqueeze({dim})", lambda x, dim=dim: x.unsqueeze(dim), [smooth((2, 3)), smooth((2,)), empty((0,))])
    row("x.unsqueeze(0).unsqueeze(-1)", lambda x: x.unsqueeze(0).unsqueeze(-1), [smooth(())])

    def part(text, start, stop):
        row(f"x.slice(0, {text})", lambda x: x[start:stop], vector)

    part("1..3", 1, 3)
    part("1..=3", 1, 4)
    part("1..", 1, None)
    part("..", None, None)
    part("..2", None, 2)
    part("..=-1", None, None)
    part("..=-2", None, -1)
    part("..-1", None, -1)
    part("-3..-1", -3, -1)
    part("-2..", -2, None)
    part("3..1", 3, 1)
    part("-9..2", -9, 2)
    part("2..99", 2, 99)
    part("7..9", 7, 9)
    part("-9..=-7", -9, -6)
    part("..=isize::MAX", None, None)
    part("isize::MIN..", None, None)
    row("x.slice(1, 1..)", lambda x: x[:, 1:], block)
    row("x.slice(-1, ..=1)", lambda x: x[..., :2], block)
    row("x.slice(0, 1..).slice(1, ..2)", lambda x: x[1:, :2], [smooth((3, 3))])
    row("x.narrow(0, 1, 3)", lambda x: x.narrow(0, 1, 3), vector)
    row("x.narrow(0, -2, 2)", lambda x: x.narrow(0, -2, 2), vector)
    row("x.narrow(0, 5, 0)", lambda x: x.narrow(0, 5, 0), vector)
    row("x.narrow(-1, 0, 2)", lambda x: x.narrow(-1, 0, 2), block)
    row("x.select(0, -1)", lambda x: x.select(0, -1), [*block, smooth((3,)), edge([NAN, -0.0])])
    row("x.select(-1, 1)", lambda x: x.select(-1, 1), block)
    row("x.slice_step(0, .., 2)", lambda x: x[::2], [*vector, *block, smooth((4,))])
    row("x.slice_step(-1, 1.., 2)", lambda x: x[..., 1::2], [smooth((2, 6)), *block])
    row("x.slice_step(0, -4..=-2, 3)", lambda x: x[-4:-1:3], vector)
    row("x.slice_step(0, 2..1, 7)", lambda x: x[2:1:7], vector)
    row("x.slice_step(0, .., 2).slice_step(0, .., 2)", lambda x: x[::2][::2], vector)

    # Pieces concatenated in another order, with one of them left out.
    row(
        "Tensor::cat(&[&x.split(2, 0)[2], &x.split(2, 0)[0]], 0)",
        lambda x: torch.cat([x.split(2)[2], x.split(2)[0]]),
        vector,
    )
    pieces = lambda x: torch.cat([x.split([1, 0, 2], -1)[2], x.split([1, 0, 2], -1)[0]], -1)
    split = "x.split_with_sizes(&[1, 0, 2], -1)"
    row(f"Tensor::cat(&[&{split}[2], &{split}[0]], -1)", pieces, [smooth((3,)), smooth((2, 3))])
    row("x.chunk(2, 1)[1].copy()", lambda x: x.chunk(2, 1)[1].clone(), [smooth((2, 3)), empty((2, 0))])


def distribution_rows():
    empties = [empty((0, 3)), empty((2, 0, 3)), empty((3, 0))]
    for dim in (0, -1):
        row(f"x.softmax({dim})", lambda x, dim=dim: x.softmax(dim), [*LANES, smooth(()), *empties])
        row(f"x.log_softmax({dim})", lambda x, dim=dim: x.log_softmax(dim), [*LANES, smooth(()), *empties])
    row("x.softmax(1)", lambda x: x.softmax(1), [smooth((2, 3, 2)), *empties])
    row("x.log_softmax(1)", lambda x: x.log_softmax(1), [smooth((2, 3, 2)), *empties])

    def cross_entropy(labels, cases):
        call = f"x.cross_entropy(&Tensor::from({labels}))"
        row(call, lambda x: F.cross_entropy(x, torch.tensor(labels), reduction="none"), cases)

    cross_entropy([2, 0, 1], [smooth((3, 4)), edge(TIES), edge(LARGE), edge([[5.0, 5.0, 5.0]] * 3), smooth((3, 3))])
    # In f32 a difference of almost equal large numbers must not lose the small loss.
    cross_entropy([0], [edge([[1048576.0, 1048576.0]]), edge([[-1048576.0, -1048577.0]])])
    cross_entropy([1, 1, 2, 1, 2], [edge(NOT_FINITE)])
    row(
        "x.cross_entropy(&Tensor::zeros([0]).cast())",
        lambda x: F.cross_entropy(x, torch.zeros(0, dtype=torch.long), reduction="none"),
        [empty((0, 3)), empty((0, 0))],
    )
    losses = [smooth(shape, shape) for shape in [(2, 3), (), (4,)]]
    not_finite = [edge([NAN, 1.0], [1.0, 1.0]), edge([INF, 1.0], [INF, 2.0]), edge([1.0, 2.0], [1.0, 2.0])]
    row("x.mse_loss(y)", F.mse_loss, losses + not_finite + [empty((0,), (0,))])
    row("x.log_sigmoid()", F.logsigmoid, elementwise())


def normalization_rows():
    def batch_norm(*statistics, training=True, eps=1e-5):
        running = [torch.tensor(numbers) for numbers in statistics] or [None, None]
        return lambda x, w=None, b=None: F.batch_norm(x, *running, w, b, training, 0.1, eps)

    batches = [[(3, 2), (2,), (2,)], [(2, 2, 3), (2,), (2,)], [(2, 2, 2, 3), (2,), (2,)]]
    alone = [smooth(x) for x, _, _ in batches] + [edge([[1.0, NAN], [1.0, 2.0]]), empty((0, 2))]
    row("x.batch_norm(None, None, None, true, 0.1, 0.1)", batch_norm(eps=0.1), alone)
    weighted = [smooth(*shapes[:2]) for shapes in batches]
    row("x.batch_norm(None, Some(w), None, true, 0.1, 1e-5)", lambda x, w: batch_norm()(x, w), weighted)
    constant = edge([[5.0, -3.0], [5.0, -3.0], [5.0, -2.0]], [2.0, 0.5], [0.0, 1.0])
    all_three = [smooth(*shapes) for shapes in batches] + [constant]
    row("x.batch_norm(None, Some(w), Some(b), true, 0.1, 1e-5)", batch_norm(), all_three)
    call = "x.batch_norm(Some((&Tensor::new([0.5, -1.0]), &Tensor::new([4.0, 0.25]))), "
    call += "Some(w), Some(b), false, 0.1, 1e-5)"
    running = batch_norm([0.5, -1.0], [4.0, 0.25], training=False)
    one = smooth((1, 2), (2,), (2,))
    row(call, running, [smooth(*shapes) for shapes in batches] + [one, empty((0, 2), (2,), (2,))])

    for p in (0.0, 1.0):
        row(f"x.dropout({p})", lambda x, p=p: F.dropout(x, p), [smooth((2, 3)), smooth(()), edge(EDGES), empty((0,))])

    edges = [edge([[1.0, 1.0, 1.0], [NAN, 0.0, 1.0], [INF, 1.0, 2.0], [10.0, 11.0, 12.0]]), empty((0, 3))]
    row(
        "x.layer_norm(3, None, None, 1e-5)",
        lambda x: F.layer_norm(x, (3,)),
        [smooth((3,)), smooth((2, 2, 3)), *edges],
    )
    vectors = [smooth((2, 3), (3,)), smooth((1, 2, 3), (3,)), empty((0, 3), (3,))]
    row("x.layer_norm(3, Some(w), None, 0.1)", lambda x, w: F.layer_norm(x, (3,), w, None, 0.1), vectors)
    row("x.layer_norm(3, None, Some(b), 0.1)", lambda x, b: F.layer_norm(x, (3,), None, b, 0.1), vectors)
    matrices = [smooth((2, 3), (2, 3), (2, 3)), smooth((3, 2, 3), (2, 3), (2, 3))]
    call = "x.layer_norm([2, 3], Some(w), Some(b), 1e-5)"
    row(call, lambda x, w, b: F.layer_norm(x, (2, 3), w, b), matrices)

    def embedding(text, places, padding):
        call = f"x.embedding(&Tensor::from({text}), {padding})"
        tables = [smooth((3, 2)), smooth((3, 1)), empty((3, 0))]
        if padding is not None:
            # The padding row has gradient 0 by definition, which finite differences contradict.
            tables = [("edge", *table[1:]) for table in tables]
        row(call, lambda x: F.embedding(torch.tensor(places), x, padding), tables)

    for padding in (None, 2, -3):
        embedding("[[0, 2, 2], [1, 0, 0]]", [[0, 2, 2], [1, 0, 0]], padding)
    embedding("1", 1, 1)


def window_rows():
    def conv2d(call, f, cases, nothing=()):
        row(call, f, [smooth(*shapes) for shapes in cases] + [empty(*shapes) for shapes in nothing])

    # Images with and without a batch; a kernel of one pixel; one that covers the whole image.
    plain = [
        [(2, 2, 3, 4), (3, 2, 2, 3)], [(2, 3, 3), (2, 2, 3, 2)], [(2, 2, 2, 3), (3, 2, 1, 1)],
        [(1, 1, 2, 3), (1, 1, 2, 3)],
    ]  # fmt: skip
    nothing = [[(0, 2, 3, 3), (2, 2, 2, 2)]]

    def with_bias(both):
        return [[*shapes, shapes[1][:1]] for shapes in both]

    conv2d("x.conv2d(w, None, Conv2dOptions::new())", F.conv2d, plain, nothing)
    conv2d("x.conv2d(w, Some(b), Conv2dOptions::new())", F.conv2d, with_bias(plain), with_bias(nothing))
    conv2d(
        "x.conv2d(w, Some(b), Conv2dOptions::new().stride(2).padding(1))",
        lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1),
        with_bias([[(2, 1, 4, 5), (2, 1, 3, 3)], [(1, 3, 2), (2, 1, 2, 3)], [(1, 2, 3, 3), (2, 2, 1, 1)]]),
    )
    conv2d(
        "x.conv2d(w, Some(b), Conv2dOptions::new().stride([2, 1]).padding([0, 2]).dilation([1, 2]))",
        lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(0, 2), dilation=(1, 2)),
        with_bias([[(1, 2, 5, 3), (2, 2, 2, 3)], [(2, 1, 3, 2), (1, 1, 3, 2)]]),
    )
    conv2d(
        "x.conv2d(w, None, Conv2dOptions::new().stride([1, 3]).padding([3, 0]).dilation(2))",
        lambda x, w: F.conv2d(x, w, stride=(1, 3), padding=(3, 0), dilation=2),
        [[(1, 1, 1, 6), (2, 1, 3, 2)], [(1, 1, 2, 4), (1, 1, 2, 1)]],
    )
    conv2d(
        "x.conv2d(w, Some(b), Conv2dOptions::new().padding(1).groups(2))",
        lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=2),
        with_bias([[(2, 4, 3, 2), (2, 2, 2, 2)], [(2, 3, 3), (4, 1, 3, 3)]]),
    )
    conv2d(
        "x.conv2d(w, None, Conv2dOptions::new().stride(2).groups(3))",
        lambda x, w: F.conv2d(x, w, stride=2, groups=3),
        [[(1, 3, 4, 4), (6, 1, 2, 2)], [(2, 3, 3, 3), (3, 1, 1, 1)]],
    )

    same = lambda x, w, b: F.conv2d(x, w, b, padding="same")
    shapes = [[(2, 1, 4, 5), (2, 1, 3, 3)], [(1, 3, 2), (2, 1, 2, 3)], [(1, 2, 3, 3), (2, 2, 4, 1)]]
    conv2d("x.conv2d(w, Some(b), Conv2dOptions::new().padding(Padding::Same))", same, with_bias(shapes))
    conv2d(
        "x.conv2d(w, None, Conv2dOptions::new().padding(Padding::Same).dilation([2, 3]).groups(2))",
        lambda x, w: F.conv2d(x, w, padding="same", dilation=(2, 3), groups=2),
        [[(1, 2, 3, 4), (2, 1, 2, 2)], [(1, 4, 2, 3), (2, 2, 3, 2)]],
    )

    images = [smooth((2, 2, 4, 5)), smooth((1, 3, 4)), empty((0, 2, 3, 3))]
    tied = [[1.0, 1.0, 0.0, 2.0], [1.0, 1.0, 2.0, 2.0], [0.0, -0.0, 5.0, 5.0]]
    not_finite = [[NAN, 1.0, NAN, NAN], [INF, NAN, -INF, -INF], [-INF, -INF, -INF, -INF]]
    negative = [[-3.0, -2.0, -2.0, -7.0], [-2.0, -2.0, -1.0, -1.0], [-9.0, -8.0, -1.0, -1.0]]
    edges = [edge([tied]), edge([not_finite]), edge([negative])]

    def max_pool2d(call, f):
        row(f"x.max_pool2d(MaxPool2dOptions::new({call})", f, images + edges)

    max_pool2d("2)", lambda x: F.max_pool2d(x, 2))
    max_pool2d("[3, 2]).stride([1, 2]).padding([1, 0])", lambda x: F.max_pool2d(x, (3, 2), (1, 2), (1, 0)))
    max_pool2d("3).stride(2).padding(1).ceil_mode(true)", lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True))
    max_pool2d("2).stride(1).dilation([2, 1]).padding(1)", lambda x: F.max_pool2d(x, 2, 1, 1, (2, 1)))

    def avg_pool2d(call, f):
        row(f"x.avg_pool2d(AvgPool2dOptions::new({call})", f, [*images, edge([tied]), edge([not_finite])])

    avg_pool2d("2)", lambda x: F.avg_pool2d(x, 2))
    avg_pool2d("[3, 2]).stride([1, 2]).padding(1)", lambda x: F.avg_pool2d(x, (3, 2), (1, 2), 1))
    call = "3).stride(2).padding(1).ceil_mode(true)"
    avg_pool2d(call, lambda x: F.avg_pool2d(x, 3, 2, 1, True))
    avg_pool2d(call + ".count_include_pad(false)", lambda x: F.avg_pool2d(x, 3, 2, 1, True, False))
    for divisor in (3, -2):
        f = functools.partial(F.avg_pool2d, kernel_size=2, divisor_override=divisor)
        avg_pool2d(f"2).divisor_override({divisor})", f)


# The output.


def text(tensor):
    numbers = (repr(x).removesuffix(".0") for x in tensor.flatten().tolist())
    return " ".join([str(list(tensor.shape)).replace(" ", ""), *numbers])


def print_case(call, f, kind, values, seed):
    inputs = [value.clone().requires_grad_(True) for value in values]
    output = f(*inputs)
    print(f"\n{kind} {call}")
    for value in values:
        print("input", text(value))
    print("output", text(output.detach().to(torch.float64)))
    if not output.requires_grad:
        return
    if seed is None:
        generator = random.Random(f"{call} {[list(value.shape) for value in values]}")
        seeds = [round(generator.choice([-1, 1]) * generator.uniform(0.5, 1.5), 2) for _ in range(output.numel())]
    else:
        seeds = [seed] * output.numel()
    seed = torch.tensor(seeds, dtype=torch.float64).reshape(output.shape)
    grads = torch.autograd.grad(output, inputs, seed, materialize_grads=True)
    print("seed", text(seed))
    for grad in grads:
        print("grad", text(grad))


def main():
    elementwise_rows()
    reduction_rows()
    comparison_rows()
    matmul_rows()
    shape_rows()
    distribution_rows()
    normalization_rows()
    window_rows()
    print(f"# Written by tests/python/op_cases.py with torch {torch.__version__.split('+')[0]}, in float64.")
    for call, f, cases in ROWS:
        for case in cases:
            try:
                print_case(call, f, *case)
            except Exception as error:
                raise RuntimeError(f"{call} of {[list(value.shape) for value in case[1]]}") from error


if __name__ == "__main__":
    main()
