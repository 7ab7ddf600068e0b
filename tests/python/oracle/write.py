"""Makes tensors, runs a case with PyTorch and writes its answer in the form that the test `pytorch_parity` reads."""

import math

import torch

from oracle.ops import OPS

FAMILIES = {}
TOLERANCE = {torch.float64: (1e-9, 1e-11), torch.float32: (2e-5, 1e-5)}


def use_seed(seed):
    torch.manual_seed(seed)


def randn(shape, dtype=torch.float64):
    return torch.randn(shape, dtype=dtype).requires_grad_(True)


def uniform(shape, low, high, dtype=torch.float64):
    return (torch.rand(shape, dtype=dtype) * (high - low) + low).requires_grad_(True)


def ints(shape, low, high):
    return torch.randint(low, high, shape)


def bools(shape):
    return torch.rand(shape) < 0.5


def number(x):
    """A number as JSON; NaN and infinities are strings."""
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return x


def plain(x):
    """Arguments with their numbers as JSON."""
    if isinstance(x, dict):
        return {name: plain(value) for name, value in x.items()}
    return [plain(value) for value in x] if isinstance(x, (list, tuple)) else number(x)


def show(x, requires_grad=None):
    if x is None:
        return None
    out = {"shape": list(x.shape), "data": [number(v) for v in x.detach().reshape(-1).tolist()]}
    if x.dtype == torch.int64:
        out["dtype"] = "i64"
    if x.dtype == torch.bool:
        out["dtype"], out["data"] = "bool", [int(v) for v in out["data"]]
    if requires_grad is not None:
        out["requires_grad"] = requires_grad
    return out


def show_all(tensors):
    return [show(t) for t in tensors]


def show_inputs(inputs):
    return [t if t is None else show(t, t.requires_grad) for t in inputs]


def leaves(inputs):
    """Each input as a tensor of its own."""
    return [t if t is None else t.detach().clone().requires_grad_(t.requires_grad) for t in inputs]


def type_of(inputs):
    floats = [t.dtype for t in inputs if t is not None and t.is_floating_point()]
    return floats[0] if floats else torch.float64


def add(family, op, dtype, fields, check="none"):
    cases = FAMILIES.setdefault(family, [])
    rtol, atol = TOLERANCE[dtype]
    name = f"extra.{family}.{op}.{len(cases):03}"
    kind = "f64" if dtype == torch.float64 else "f32"
    cases.append({"name": name, "op": op, "dtype": kind, "rtol": rtol, "atol": atol, "check": check, **fields})


def seeds_of(outputs):
    return [torch.randn_like(o) if o.is_floating_point() and o.requires_grad else None for o in outputs]


def backward(outputs, seeds):
    pairs = [(o, s) for o, s in zip(outputs, seeds) if s is not None]
    if pairs:
        torch.autograd.backward([o for o, _ in pairs], [s for _, s in pairs])


def one_or_list(items, output):
    return items if isinstance(output, (list, tuple)) else items[0]


def attempt(family, op, args, inputs, run):
    """Writes the result of `run` on fresh inputs, with gradients, or that PyTorch refuses it."""
    dtype, fresh = type_of(inputs), leaves(inputs)
    fields = {"args": plain(args), "inputs": show_inputs(inputs)}
    try:
        output = run(fresh)
        outputs = list(output) if isinstance(output, (list, tuple)) else [output]
        seeds = seeds_of(outputs)
        backward(outputs, seeds)
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError) as error:
        first_line = (str(error) or "refused").splitlines()[0][:150]
        add(family, op, dtype, {**fields, "expect_error": True, "torch_message": first_line}, "error")
        return
    fields["output"] = one_or_list(show_all(outputs), output)
    fields["seed_grad"] = one_or_list(show_all(seeds), output)
    fields["grads"] = [show(t.grad) for t in fresh]
    add(family, op, dtype, fields)


def case(family, op, args, inputs):
    attempt(family, op, args, inputs, lambda fresh: OPS[op](args, *fresh))


def run_steps(steps, names):
    for step in steps:
        result = OPS[step["op"]](step["args"], *[names[name] for name in step["in"]])
        out = step["out"]
        if isinstance(out, list):
            names.update(zip(out, result, strict=True))
        else:
            names[out] = result
    return names


def names_of(inputs, consts=()):
    names = {f"x{i}": t for i, t in enumerate(inputs)}
    return names | {f"c{i}": t for i, t in enumerate(consts)}


def program(family, steps, outputs, inputs):
    def run(fresh):
        names = run_steps(steps, names_of(fresh))
        return names[outputs[0]] if len(outputs) == 1 else [names[name] for name in outputs]

    attempt(family, "program", {"steps": steps, "outputs": outputs}, inputs, run)


def step(op, inputs, out, **args):
    return {"op": op, "in": inputs, "out": out, "args": args}
