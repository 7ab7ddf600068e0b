"""The operations of the cases as calls of PyTorch: a function of the arguments and the inputs for each name."""

import torch
import torch.nn.functional as F

OPS = {}

for (
    name
) in "neg exp log log1p expm1 sqrt rsqrt abs sin cos tanh sigmoid relu square reciprocal sign clone detach".split():
    OPS[name] = lambda a, x, f=getattr(torch, name): f(x)
for name in "add sub mul div pow maximum minimum matmul where".split():
    OPS[name] = lambda a, *x, f=getattr(torch, name): f(*x)
for name in "leaky_relu elu gelu softplus silu softmax log_softmax dropout avg_pool2d max_pool2d".split():
    OPS[name] = lambda a, x, f=getattr(F, name): f(x, **a)
for name in "mse_loss l1_loss smooth_l1_loss huber_loss".split():
    OPS[name] = lambda a, x, y, f=getattr(F, name): f(x, y, **a)
for name in "logsumexp var std argmax argmin cumsum".split():
    OPS[name] = lambda a, x, f=getattr(torch, name): f(x, **a)


def reduce_over(f):
    """`dim = None` means all, with the dimensions kept if wanted."""

    def call(a, x):
        dim, keepdim = a.get("dim"), a.get("keepdim", False)
        return f(x, dim=list(range(x.ndim)) if dim is None and keepdim else dim, keepdim=keepdim)

    return call


def all_dims(f):
    """As `reduce_over` for functions that take an empty list for all."""

    def call(a, x):
        dim, keepdim = a.get("dim"), a.get("keepdim", False)
        return f(x, dim=[] if dim is None else dim, keepdim=keepdim)

    return call


OPS["sum"], OPS["mean"] = reduce_over(torch.sum), reduce_over(torch.mean)
OPS["amax"], OPS["amin"] = all_dims(torch.amax), all_dims(torch.amin)


def prod(a, x):
    return x.prod() if a["dim"] is None else x.prod(dim=a["dim"], keepdim=a.get("keepdim", False))


def class_losses(f, names):
    def call(a, x, target, weight=None):
        options = {name: a[name] for name in names if name in a}
        return f(x, target, weight=weight, reduction=a["reduction"], **options)

    return call


def bce(a, x, target, *rest):
    rest = list(rest)
    weight = rest.pop(0) if a["has_weight"] else None
    pos_weight = rest.pop(0) if a["has_pos_weight"] else None
    return F.binary_cross_entropy_with_logits(x, target, weight, pos_weight=pos_weight, reduction=a["reduction"])


def batch_norm(a, x, mean, var, weight=None, bias=None):
    mean, var = mean.clone(), var.clone()
    y = F.batch_norm(x, mean, var, weight, bias, a["training"], a["momentum"], a["eps"])
    return [y, mean, var]


def sliced(a, x):
    dim = a["dim"] if a["dim"] >= 0 else a["dim"] + x.ndim
    return x[(slice(None),) * dim + (slice(a["start"], a["end"], a["step"]),)]


def squeeze(a, x):
    if a["dim"] is None:
        return x.squeeze()
    return x.squeeze(tuple(a["dim"]) if isinstance(a["dim"], list) else a["dim"])


OPS |= {
    "clamp": lambda a, x: torch.clamp(x, a["min"], a["max"]),
    "pow_scalar": lambda a, x: x ** a["exponent"],
    "add_scalar": lambda a, x: x + a["value"],
    "sub_scalar": lambda a, x: x - a["value"],
    "rsub_scalar": lambda a, x: a["value"] - x,
    "mul_scalar": lambda a, x: x * a["value"],
    "div_scalar": lambda a, x: x / a["value"],
    "rdiv_scalar": lambda a, x: a["value"] / x,
    "norm": lambda a, x: torch.linalg.vector_norm(x, a["p"], dim=a["dim"], keepdim=a.get("keepdim", False)),
    "prod": prod,
    "max": lambda a, x: x.max(),
    "min": lambda a, x: x.min(),
    "max_dim": lambda a, x: list(x.max(dim=a["dim"], keepdim=a["keepdim"])),
    "min_dim": lambda a, x: list(x.min(dim=a["dim"], keepdim=a["keepdim"])),
    "reshape": lambda a, x: x.reshape(a["shape"]),
    "flatten": lambda a, x: x.flatten(a["start_dim"], a["end_dim"]),
    "transpose": lambda a, x: x.transpose(a["dim0"], a["dim1"]),
    "permute": lambda a, x: x.permute(a["dims"]),
    "squeeze": squeeze,
    "unsqueeze": lambda a, x: x.unsqueeze(a["dim"]),
    "expand": lambda a, x: x.expand(a["size"]),
    "cat": lambda a, *x: torch.cat(x, a["dim"]),
    "stack": lambda a, *x: torch.stack(x, a["dim"]),
    "split": lambda a, x: list(torch.split(x, a["split_size_or_sections"], a["dim"])),
    "chunk": lambda a, x: list(torch.chunk(x, a["chunks"], a["dim"])),
    "narrow": lambda a, x: x.narrow(a["dim"], a["start"], a["length"]),
    "slice": sliced,
    "flip": lambda a, x: x.flip(a["dims"]),
    "pad": lambda a, x: F.pad(x, a["pad"], a["mode"], a["value"]),
    "index_select": lambda a, x, i: x.index_select(a["dim"], i),
    "gather": lambda a, x, i: x.gather(a["dim"], i),
    "embedding": lambda a, w, i: F.embedding(i, w, a["padding_idx"]),
    "linear": lambda a, *x: F.linear(*x),
    "layer_norm": lambda a, x, w=None, b=None: F.layer_norm(x, a["normalized_shape"], w, b, a["eps"]),
    "batch_norm": batch_norm,
    "cross_entropy": class_losses(F.cross_entropy, ("ignore_index", "label_smoothing")),
    "nll_loss": class_losses(F.nll_loss, ("ignore_index",)),
    "binary_cross_entropy_with_logits": bce,
    "conv2d": lambda a, x, w, b=None: F.conv2d(x, w, b, **a),
}
