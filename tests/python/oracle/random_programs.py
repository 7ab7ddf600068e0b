"""Random programs: shared subexpressions, views of views, special values, and second derivatives.

A program grows step by step. Each step takes values that are there already, mostly recent ones and sometimes the
same one twice, and is left out again when PyTorch refuses it or the numbers grow out of hand.
"""

import math
import random

import torch

from oracle.higher_order import grads_or_zeros
from oracle.write import add, backward, leaves, names_of, plain, run_steps, seeds_of, show, show_all
from oracle.write import show_inputs, step

INF, NAN = math.inf, math.nan
# Numbers near the ends of the range are left out: there PyTorch overflows where downhill does not.
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, INF, -INF, NAN, 20.0, -88.0, 1e4]
# Rounding grows along a program, most of all in 32 bits.
TOLERANCE = {torch.float64: {"rtol": 1e-8, "atol": 1e-9}, torch.float32: {"rtol": 2e-3, "atol": 2e-3}}

UNARY = "neg exp log log1p expm1 sqrt rsqrt abs sin cos tanh sigmoid relu square reciprocal sign clone detach".split()
UNARY += ["silu", "gelu"]
BINARY = "add sub mul div pow maximum minimum".split()
SCALAR = "add_scalar sub_scalar rsub_scalar mul_scalar div_scalar rdiv_scalar pow_scalar".split()
LOSSES = "mse_loss l1_loss smooth_l1_loss huber_loss".split()


class Program:
    """Steps and what PyTorch gives for them."""

    def __init__(self, rng, inputs):
        self.rng, self.inputs, self.steps = rng, inputs, []
        self.names = names_of(inputs)

    def floats(self):
        return [name for name, value in self.names.items() if value.is_floating_point()]

    def pick(self):
        """A float, mostly a recent one."""
        floats = self.floats()
        return self.rng.choice(floats[-4:] if self.rng.random() < 0.7 else floats)

    def alike(self, name):
        """A float whose shape broadcasts with that of `name`, which may be the same one."""

        def fits(other):
            try:
                torch.broadcast_shapes(self.names[name].shape, self.names[other].shape)
                return True
            except RuntimeError:
                return False

        return self.rng.choice([other for other in self.floats() if fits(other)])

    def try_step(self, made):
        try:
            names = run_steps([made], dict(self.names))
        except (RuntimeError, ValueError, IndexError, TypeError):
            return False
        out = made["out"] if isinstance(made["out"], list) else [made["out"]]
        for name in out:
            value = names[name]
            finite = value[value.isfinite()] if value.is_floating_point() else value
            if value.numel() > 400 or value.ndim > 5 or (finite.numel() and finite.abs().max() > 1e4):
                return False
        self.steps.append(made)
        self.names = names
        return True


def some_dims(rng, ndim):
    dims = rng.sample(range(ndim), rng.randint(1, ndim)) if ndim else []
    return [d - ndim if rng.random() < 0.3 else d for d in dims]


def one_dim(rng, ndim):
    return rng.randrange(-ndim, ndim) if ndim else rng.choice([0, -1])


def each_step(rng, program, out):
    x = program.pick()
    kind = rng.randrange(6)
    number = rng.choice([0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -0.7, 1.3])
    if kind < 3:
        return step(rng.choice(UNARY), [x], out)
    if kind == 3:
        op = rng.choice(SCALAR)
        return step(op, [x], out, **{"exponent" if op == "pow_scalar" else "value": number})
    low, high = sorted([number, rng.uniform(-1, 1)])
    return rng.choice(
        [
            step("clamp", [x], out, min=rng.choice([low, None]), max=high),
            step("leaky_relu", [x], out, negative_slope=rng.choice([0.1, 1.5, -0.2])),
            step("elu", [x], out, alpha=rng.choice([1.0, 0.3])),
            step("softplus", [x], out, beta=rng.choice([1.0, 2.5]), threshold=rng.choice([20.0, 1.0])),
            step("gelu", [x], out, approximate=rng.choice(["none", "tanh"])),
        ]
    )


def pair_step(rng, program, out):
    x = program.pick()
    y = x if rng.random() < 0.15 else program.alike(x)
    return step(rng.choice(BINARY), rng.choice([[x, y], [y, x]]), out)


def view_step(rng, program, out):
    x = program.pick()
    shape = list(program.names[x].shape)
    ndim = len(shape)
    dim = one_dim(rng, ndim)
    size = shape[dim] if ndim else 1
    kind = rng.randrange(11)
    if kind == 0:
        sizes = shape[:]
        rng.shuffle(sizes)
        if len(sizes) > 1 and rng.random() < 0.5:
            sizes[:2] = [sizes[0] * sizes[1]]
        if sizes and rng.random() < 0.4:
            sizes[rng.randrange(len(sizes))] = -1
        return step("reshape", [x], out, shape=sizes)
    if kind == 1:
        return step("transpose", [x], out, dim0=dim, dim1=one_dim(rng, ndim))
    if kind == 2:
        return step("permute", [x], out, dims=rng.sample(range(ndim), ndim))
    if kind == 3:
        return step("unsqueeze", [x], out, dim=rng.randrange(-ndim - 1, ndim + 1))
    if kind == 4:
        return step("squeeze", [x], out, dim=rng.choice([None, dim]))
    if kind == 5:
        sizes = [rng.choice([-1, s]) if s != 1 else rng.choice([1, 3]) for s in shape]
        return step("expand", [x], out, size=([2] if rng.random() < 0.5 else []) + sizes)
    if kind == 6:
        start = rng.randrange(size + 1) if size else 0
        return step("narrow", [x], out, dim=dim, start=start, length=rng.randint(0, size - start))
    if kind == 7:
        ends = [None, 0, 1, -1, 2, -2, size]
        return step("slice", [x], out, dim=dim, start=rng.choice(ends), end=rng.choice(ends), step=rng.choice([1, 2]))
    if kind == 8:
        return step("flip", [x], out, dims=some_dims(rng, ndim))
    if kind == 9:
        pad = [rng.choice([0, 1, 2, -1]) for _ in range(2 * rng.randint(1, max(ndim, 1)))]
        return step("pad", [x], out, pad=pad, mode="constant", value=rng.choice([0.0, 0.5]))
    return step("flatten", [x], out, start_dim=0, end_dim=-1)


def reduce_step(rng, program, out):
    x = program.pick()
    ndim = program.names[x].ndim
    dims = rng.choice([None, some_dims(rng, ndim)]) if ndim else None
    over = {"dim": dims, "keepdim": rng.random() < 0.5}
    kind = rng.randrange(7)
    if kind == 0:
        return step("sum", [x], out, **over)
    if kind == 1:
        return step("mean", [x], out, **over)
    if kind == 2:
        return step(rng.choice(["amax", "amin"]), [x], out, **over)
    if kind == 3 and dims:
        return step("logsumexp", [x], out, **over)
    if kind == 4 and dims:
        return step(rng.choice(["var", "std"]), [x], out, correction=rng.choice([0, 1]), **over)
    if kind == 5:
        return step("norm", [x], out, p=rng.choice([2.0, 1.0, 3.0, INF, 0.5]), **over)
    return step(rng.choice(["max", "min"]), [x], out)


def along_step(rng, program, out):
    x = program.pick()
    dim = one_dim(rng, program.names[x].ndim)
    op = rng.choice(["softmax", "log_softmax", "cumsum", "prod", "max_dim", "min_dim"])
    if op in ("max_dim", "min_dim"):
        return step(op, [x], [out, out + "i"], dim=dim, keepdim=rng.random() < 0.5)
    if op == "prod":
        return step("prod", [x], out, dim=rng.choice([dim, None]))
    return step(op, [x], out, dim=dim)


def join_step(rng, program, out):
    x = program.pick()
    ndim = program.names[x].ndim
    same = [name for name in program.floats() if program.names[name].shape == program.names[x].shape]
    parts = [x] + [rng.choice(same) for _ in range(rng.randint(0, 2))]
    if rng.random() < 0.5:
        return step("cat", parts, out, dim=one_dim(rng, ndim))
    return step("stack", parts, out, dim=rng.randrange(-ndim - 1, ndim + 1))


def split_step(rng, program, out):
    x = program.pick()
    dim = one_dim(rng, program.names[x].ndim)
    size = program.names[x].shape[dim] if program.names[x].ndim else 1
    first = rng.randint(0, size)
    return step("split", [x], [out, out + "b"], split_size_or_sections=[first, size - first], dim=dim)


def matmul_step(rng, program, out):
    x = program.pick()
    shape = program.names[x].shape

    def fits(other):
        sizes = program.names[other].shape
        return len(shape) and len(sizes) and shape[-1] == (sizes[-2] if len(sizes) > 1 else sizes[0])

    others = [name for name in program.floats() if fits(name)]
    if others:
        return step("matmul", [x, rng.choice(others)], out)
    return step("transpose", [x], out, dim0=-1, dim1=-2)


def loss_step(rng, program, out):
    x = program.pick()
    same = [name for name in program.floats() if program.names[name].shape == program.names[x].shape]
    shape = list(program.names[x].shape)
    if rng.random() < 0.3 and shape:
        return step("layer_norm", [x], out, normalized_shape=shape[-rng.randint(1, len(shape)) :], eps=1e-5)
    reduction = rng.choice(["mean", "sum", "none"])
    return step(rng.choice(LOSSES), [x, rng.choice(same)], out, reduction=reduction)


def index_step(rng, program, out):
    indices = [name for name, value in program.names.items() if value.dtype == torch.int64 and value.ndim == 1]
    x = program.pick()
    dim = one_dim(rng, program.names[x].ndim)
    if not indices:
        return step("argmax", [x], out, dim=dim, keepdim=False)
    return step("index_select", [x, rng.choice(indices)], out, dim=dim)


def window_step(rng, program, out):
    x = program.pick()
    if program.names[x].ndim < 3:
        return step("unsqueeze", [x], out, dim=0)
    kernel, stride, padding = rng.choice([(2, 1, 0), (2, 2, 1), (3, 1, 1), (1, 2, 0)])
    if rng.random() < 0.5:
        args = {"dilation": 1, "ceil_mode": rng.random() < 0.3}
        return step("max_pool2d", [x], out, kernel_size=kernel, stride=stride, padding=padding, **args)
    args = {"ceil_mode": rng.random() < 0.3, "count_include_pad": rng.random() < 0.5}
    return step("avg_pool2d", [x], out, kernel_size=kernel, stride=stride, padding=padding, **args)


def conv_step(rng, program, out):
    x = program.pick()
    shape = program.names[x].shape

    def fits(other):
        sizes = program.names[other].shape
        return len(sizes) == 4 and len(shape) in (3, 4) and shape[-3] == sizes[1] and min(sizes) > 0

    weights = [name for name in program.floats() if fits(name)]
    if not weights:
        return step("unsqueeze", [x], out, dim=0)
    args = {"stride": rng.choice([1, 2]), "padding": rng.choice([0, 1]), "dilation": 1, "groups": 1}
    return step("conv2d", [x, rng.choice(weights)], out, **args)


STEPS = [each_step] * 5 + [pair_step] * 5 + [view_step] * 5 + [reduce_step] * 2
STEPS += [along_step, join_step, split_step, matmul_step, matmul_step, loss_step, index_step, window_step, conv_step]


def random_input(rng, dtype, special):
    shape = [rng.choice([1, 2, 3, 3, 4]) for _ in range(rng.choice([0, 1, 2, 2, 3, 4]))]
    if rng.random() < 0.03 and shape:
        shape[rng.randrange(len(shape))] = 0
    x = torch.randn(shape, dtype=dtype) if rng.random() < 0.6 else torch.rand(shape, dtype=dtype) + 0.2
    flat = x.view(-1)
    for i in range(flat.numel()):
        if rng.random() < special:
            flat[i] = rng.choice(SPECIAL)
        elif rng.random() < 0.1 and i:
            flat[i] = flat[i - 1]
    return x.requires_grad_(rng.random() < 0.85)


def grown(rng, dtype, special, length):
    program = Program(rng, [random_input(rng, dtype, special) for _ in range(rng.randint(1, 3))])
    for _ in range(4 * length):
        if len(program.steps) < length:
            program.try_step(rng.choice(STEPS)(rng, program, f"v{len(program.steps)}"))
    return program


def too_large(tensors):
    finite = [t[t.isfinite()].abs().max() for t in tensors if t is not None and t.isfinite().any()]
    return any(t > 1e6 for t in finite)


def program_case(rng, number, special, length):
    """One program with its gradients, or with those of its gradients; nothing when it has become too large."""
    dtype = torch.float64 if rng.random() < 0.8 else torch.float32
    program = grown(rng, dtype, special, length)
    if not program.steps:
        return
    values = [name for name in program.floats() if name.startswith("v")]
    if not values:
        return
    second = rng.random() < 0.5
    outputs = [values[-1]] if second else rng.sample(values, min(len(values), rng.choice([1, 1, 2, 3])))
    args, fresh = {"steps": program.steps, "outputs": outputs}, leaves(program.inputs)
    fields = {"args": plain(args), "inputs": show_inputs(program.inputs)}
    names = run_steps(program.steps, names_of(fresh))
    results = [names[name] for name in outputs]
    if second and not results[0].requires_grad:
        return
    if second:
        y, wanted = results[0], [t for t in fresh if t.requires_grad]
        seed = torch.randn_like(y)
        first = grads_or_zeros(y, wanted, seed, create_graph=True)
        vs = [torch.randn_like(t) for t in wanted]
        grads = grads_or_zeros(sum((f * v).sum() for f, v in zip(first, vs)), wanted)
        spread = lambda items: [
            show(items[[t is w for w in wanted].index(True)]) if t.requires_grad else None for t in fresh
        ]
        fields |= {"output": show(y), "seed_grad": show(seed), "vs": spread(vs)}
        fields |= {"first_grads": spread(first), "grads": spread(grads)}
        large = too_large([y, *first, *grads])
    else:
        seeds = seeds_of(results)
        backward(results, seeds)
        one = len(results) == 1
        fields |= {"output": show(results[0]) if one else show_all(results)}
        fields |= {"seed_grad": show(seeds[0]) if one else show_all(seeds), "grads": [show(t.grad) for t in fresh]}
        large = too_large([*results, *[t.grad for t in fresh]])
    if not large:
        op = "double_backward" if second else "program"
        add("random", op, dtype, {**fields, **TOLERANCE[dtype], "note": f"program {number}"})


def random_programs(seed, count):
    """The same programs for the same seed, each independent of those before it."""
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        torch.manual_seed(rng.getrandbits(32))
        special = rng.choice([0.0, 0.0, 0.05, 0.4])
        program_case(rng, number, special, rng.randint(1, 4 if special else 14))
