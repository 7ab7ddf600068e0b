"""Prints what PyTorch computes for the calls in the table of losses, as `crates/nn/tests/nn/losses.rs` reads it.

Run by hand, where torch is installed:

    python tests/python/loss_cases.py > crates/nn/tests/nn/losses.txt

A case is a call as written in the Rust table, its inputs (`leaf` with a gradient, `const` without) and labels, and
for each reduction the loss, a gradient of the loss and the gradients of the leaves. `smooth` cases are away from
kinks, so that finite differences apply to them as well.
"""

import math
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
RANDOM = random.Random(1)
NAN, INF = math.nan, math.inf


def normal(*shape):
    return torch.tensor([round(RANDOM.gauss(0, 2), 2) for _ in range(math.prod(shape))]).reshape(shape)


def positive(*shape):
    return torch.tensor([round(RANDOM.uniform(0.2, 2), 2) for _ in range(math.prod(shape))]).reshape(shape)


def text(tensor):
    numbers = (repr(x).removesuffix(".0") for x in tensor.detach().flatten().tolist())
    return " ".join([str(list(tensor.shape)).replace(" ", ""), *numbers])


def case(kind, call, f, leaves, constants=(), labels=None):
    print(f"\n{kind} {call}")
    for leaf in leaves:
        print("leaf", text(leaf))
    for constant in constants:
        print("const", text(constant))
    if labels is not None:
        print("labels", text(labels))
    for reduction in ("mean", "sum", "none"):
        inputs = [leaf.clone().requires_grad_(True) for leaf in leaves]
        extra = [] if labels is None else [labels]
        loss = f(*inputs, *constants, *extra, reduction=reduction)
        seeds = [round(RANDOM.choice([-1, 1]) * RANDOM.uniform(0.5, 1.5), 2) for _ in range(loss.numel())]
        seed = torch.tensor(seeds, dtype=torch.float64).reshape(loss.shape)
        grads = torch.autograd.grad(loss, inputs, seed)
        print(reduction, text(loss))
        print("seed", text(seed))
        for grad in grads:
            print("grad", text(grad))


def regression(call, f):
    difference = torch.tensor([[0.3, -0.7, 1.4], [-2.6, 0.13, 3.1]])
    y = normal(2, 3)
    case("smooth", call, f, [y + difference, y])
    kinks = torch.tensor([-INF, INF, NAN, 1, -1, 0, -0.0, 0.5, -0.5, -2, 2, 1e-30, 1e15])
    case("edge", call, f, [kinks, torch.zeros(13)])
    case("smooth", call, f, [torch.tensor(1.7), torch.tensor(-0.4)])
    case("edge", call, f, [torch.ones(0, 2), torch.ones(0, 2)])


def regressions():
    regression("MSELoss::new().reduction(r).forward(x, y)", F.mse_loss)
    regression("L1Loss::new().reduction(r).forward(x, y)", F.l1_loss)
    regression("SmoothL1Loss::new().reduction(r).forward(x, y)", F.smooth_l1_loss)
    for beta in ("0.5", "0"):
        call = f"SmoothL1Loss::new().beta({beta}).reduction(r).forward(x, y)"
        regression(call, lambda x, y, reduction, b=float(beta): F.smooth_l1_loss(x, y, beta=b, reduction=reduction))
    regression("HuberLoss::new().reduction(r).forward(x, y)", F.huber_loss)
    for delta in ("0.5", "2"):
        call = f"HuberLoss::new().delta({delta}).reduction(r).forward(x, y)"
        regression(call, lambda x, y, reduction, d=float(delta): F.huber_loss(x, y, delta=d, reduction=reduction))


def labels_of(*numbers):
    return torch.tensor(numbers, dtype=torch.long)


ROWS = labels_of(2, 0, 1, 0)
SOME_IGNORED = labels_of(2, -100, 0, -100)
ALL_IGNORED = labels_of(-100, -100, -100, -100)
PLACES = labels_of([[2, 0], [-100, 1]], [[1, 1], [0, 2]])
INFINITE = torch.tensor([[1, -INF, 3], [0, 1, -INF], [INF, 0, 1], [NAN, 0, 1], [-INF, -INF, -INF]])


def labelled(kind, call, f, shape, labels, weighted=False):
    case(kind, call, f, [normal(*shape)], [positive(3)] if weighted else [], labels)


def of_labels(name, loss):
    """The options that `CrossEntropyLoss` and `NLLLoss` have in common."""
    end = ".reduction(r).forward(x, labels)"
    call = f"{name}::new(){end}"
    labelled("smooth", call, loss, (4, 3), ROWS)
    labelled("smooth", call, loss, (4, 3), SOME_IGNORED)
    labelled("edge", call, loss, (4, 3), ALL_IGNORED)
    labelled("smooth", call, loss, (3,), torch.tensor(1))
    labelled("edge", call, loss, (3,), torch.tensor(-100))
    labelled("smooth", call, loss, (2, 3, 4), labels_of([0, 1, 2, 0], [2, 2, -100, 1]))
    labelled("smooth", call, loss, (2, 3, 2, 2), PLACES)
    labelled("edge", call, loss, (0, 3), torch.zeros(0, dtype=torch.long))
    case("edge", call, loss, [INFINITE], [], labels_of(1, 0, 0, 1, 2))
    case("edge", call, loss, [INFINITE], [], labels_of(0, 2, 1, 0, -100))

    call = f"{name}::new().weight(w){end}"
    weighted = lambda x, w, labels, reduction: loss(x, labels, w, reduction=reduction)
    labelled("smooth", call, weighted, (4, 3), ROWS, True)
    labelled("smooth", call, weighted, (4, 3), SOME_IGNORED, True)
    labelled("edge", call, weighted, (4, 3), ALL_IGNORED, True)
    labelled("smooth", call, weighted, (3,), torch.tensor(1), True)
    labelled("smooth", call, weighted, (2, 3, 2, 2), PLACES, True)
    labelled("edge", call, weighted, (0, 3), torch.zeros(0, dtype=torch.long), True)
    case("edge", call, weighted, [INFINITE], [torch.tensor([0.0, 1, 2])], labels_of(1, 0, 0, 1, 2))
    case("edge", call, weighted, [normal(2, 3)], [torch.tensor([0.0, 0, 1])], labels_of(0, 1))

    call = f"{name}::new().weight(w).ignore_index(1){end}"
    ignoring = lambda x, w, labels, reduction: loss(x, labels, w, ignore_index=1, reduction=reduction)
    labelled("smooth", call, ignoring, (4, 3), ROWS, True)
    # A label that is ignored need not be a class.
    call = f"{name}::new().ignore_index(255){end}"
    ignoring = lambda x, labels, reduction: loss(x, labels, ignore_index=255, reduction=reduction)
    labelled("smooth", call, ignoring, (4, 3), labels_of(255, 0, 1, 255))


def smoothed():
    end = ".reduction(r).forward(x, labels)"
    for smoothing in (0.1, 1.0):
        call = f"CrossEntropyLoss::new().label_smoothing({smoothing}){end}"
        smooth = lambda x, labels, reduction, s=smoothing: F.cross_entropy(
            x, labels, label_smoothing=s, reduction=reduction
        )
        labelled("smooth", call, smooth, (4, 3), ROWS)
        labelled("smooth", call, smooth, (4, 3), SOME_IGNORED)
        labelled("edge", call, smooth, (4, 3), ALL_IGNORED)
        labelled("smooth", call, smooth, (3,), torch.tensor(1))
        labelled("smooth", call, smooth, (2, 3, 2, 2), PLACES)
        case("edge", call, smooth, [INFINITE], [], labels_of(1, 0, 0, 1, 2))
    call = f"CrossEntropyLoss::new().weight(w).label_smoothing(0.2){end}"
    both = lambda x, w, labels, reduction: F.cross_entropy(x, labels, w, label_smoothing=0.2, reduction=reduction)
    labelled("smooth", call, both, (4, 3), SOME_IGNORED, True)
    labelled("edge", call, both, (4, 3), ALL_IGNORED, True)
    labelled("smooth", call, both, (3,), torch.tensor(2), True)
    labelled("smooth", call, both, (2, 3, 2, 2), PLACES, True)
    labelled("edge", call, both, (0, 3), torch.zeros(0, dtype=torch.long), True)


def of_probabilities():
    end = ".reduction(r).forward(x, y)"
    hot = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0.5, 0.5, 0], [0.2, 0.3, 0.5], [0, 0, 0]])
    call = f"CrossEntropyLoss::new(){end}"
    case("smooth", call, F.cross_entropy, [normal(4, 3), positive(4, 3).softmax(1)])
    case("smooth", call, F.cross_entropy, [normal(3), positive(3).softmax(0)])
    case("smooth", call, F.cross_entropy, [normal(2, 3, 2), positive(2, 3, 2).softmax(1)])
    case("edge", call, F.cross_entropy, [INFINITE, hot])
    case("edge", call, F.cross_entropy, [normal(0, 3), positive(0, 3)])
    call = f"CrossEntropyLoss::new().weight(w).label_smoothing(0.2){end}"
    both = lambda x, y, w, reduction: F.cross_entropy(x, y, w, label_smoothing=0.2, reduction=reduction)
    case("smooth", call, both, [normal(4, 3), positive(4, 3).softmax(1)], [positive(3)])
    case("smooth", call, both, [normal(3), positive(3).softmax(0)], [positive(3)])
    case("smooth", call, both, [normal(2, 3, 2), positive(2, 3, 2).softmax(1)], [positive(3)])


def binary():
    end = ".reduction(r).forward(x, y)"
    bce = F.binary_cross_entropy_with_logits
    logits = torch.tensor([-INF, INF, NAN, 1000, -1000, 0, -0.0, 40, -40])
    call = f"BCEWithLogitsLoss::new(){end}"
    case("smooth", call, bce, [normal(2, 3), positive(2, 3) / 2])
    case("smooth", call, bce, [torch.tensor(0.0), torch.tensor(0.3)])
    case("edge", call, bce, [normal(0, 3), positive(0, 3)])
    for target in (0.0, 0.5, 1.0):
        case("edge", call, bce, [logits], [torch.full((9,), target)])
    call = f"BCEWithLogitsLoss::new().weight(w){end}"
    weighted = lambda x, y, w, reduction: bce(x, y, w, reduction=reduction)
    for shape in [(2, 3), (3,), (2, 1), ()]:
        case("smooth", call, weighted, [normal(2, 3), positive(2, 3) / 2], [positive(*shape)])
    call = f"BCEWithLogitsLoss::new().pos_weight(w){end}"
    questions = lambda x, y, w, reduction: bce(x, y, pos_weight=w, reduction=reduction)
    for shape in [(2, 3), (3,), (1,)]:
        case("smooth", call, questions, [normal(2, 3), positive(2, 3) / 2], [positive(*shape)])
    case("edge", call, questions, [logits], [torch.ones(9), torch.tensor(3.0)])
    call = f"BCEWithLogitsLoss::new().weight(w).pos_weight(p){end}"
    both = lambda x, y, w, p, reduction: bce(x, y, w, pos_weight=p, reduction=reduction)
    case("smooth", call, both, [normal(2, 3), positive(2, 3) / 2], [positive(2, 1), positive(3)])


def negative_smoothing():
    """PyTorch ignores it. The last case, so that the random numbers of the others stay the same."""
    call = "CrossEntropyLoss::new().label_smoothing(-0.2).reduction(r).forward(x, labels)"
    none = lambda x, labels, reduction: F.cross_entropy(x, labels, label_smoothing=-0.2, reduction=reduction)
    labelled("smooth", call, none, (4, 3), ROWS)


def main():
    print(f"# Written by tests/python/loss_cases.py with torch {torch.__version__.split('+')[0]}, in float64.")
    regressions()
    of_labels("CrossEntropyLoss", F.cross_entropy)
    of_labels("NLLLoss", F.nll_loss)
    smoothed()
    of_probabilities()
    binary()
    negative_smoothing()


if __name__ == "__main__":
    main()
