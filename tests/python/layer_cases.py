"""Prints what PyTorch's layers print and compute, as `crates/nn/tests/nn/layer_cases.rs` reads it.

Run by hand, where torch is installed:

    python tests/python/layer_cases.py > crates/nn/tests/nn/layer_cases.txt

A case is a layer as written in the Rust table, its printed form, and its parameters. Then come several forward
passes: the mode, the input, the output, a gradient of the output, the gradients of input and parameters, and the buffers
afterwards.
"""

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(1)


def numbers(*shape):
    return (torch.randn(shape) * 100).round() / 100


def text(tensor):
    values = (repr(x).removesuffix(".0") for x in tensor.detach().to(torch.float64).flatten().tolist())
    return " ".join([str(list(tensor.shape)).replace(" ", ""), *values])


def case(call, layer, *forwards):
    print(f"\nlayer {call}\nprint {layer}")
    for name, parameter in layer.named_parameters():
        if not isinstance(layer, nn.Embedding):
            parameter.data = numbers(*parameter.shape)
        print("parameter", name, text(parameter))
    for mode, x in forwards:
        layer.train(mode == "train")
        layer.zero_grad()
        if x.is_floating_point():
            x = x.clone().requires_grad_(True)
        y = layer(x)
        seed = numbers(*y.shape)
        y.backward(seed)
        print("forward", mode)
        print("input", text(x))
        print("output", text(y))
        print("seed", text(seed))
        if x.is_floating_point():
            print("grad input", text(x.grad))
        for name, parameter in layer.named_parameters():
            print("grad", name, text(parameter.grad))
        for name, buffer in layer.named_buffers():
            print("buffer", name, text(buffer))


def batches(*shapes):
    """Three batches in training, one in evaluation, and training again."""
    inputs = [numbers(*shape) * (i + 1) + i for i, shape in enumerate(shapes)]
    modes = ["train"] * (len(shapes) - 2) + ["eval", "train"]
    return list(zip(modes, inputs))


def main():
    print(f"# Written by tests/python/layer_cases.py with torch {torch.__version__.split('+')[0]}, in float64.")
    rows = batches((4, 3), (2, 3), (5, 3), (1, 3), (4, 3))
    signals = batches((2, 3, 2), (1, 3, 4), (2, 3, 1), (1, 3, 1), (4, 3, 2))
    images = batches((2, 2, 3, 2), (1, 2, 2, 2), (3, 2, 1, 1), (1, 2, 1, 3), (2, 2, 2, 2))
    of = "BatchNorm1d::of(3)"
    case(of, nn.BatchNorm1d(3), *rows)
    case(of, nn.BatchNorm1d(3), *signals)
    case(f"{of}.momentum(None).eps(0.1)", nn.BatchNorm1d(3, momentum=None, eps=0.1), *rows)
    case(f"{of}.momentum(0.3).affine(false)", nn.BatchNorm1d(3, momentum=0.3, affine=False), *rows)
    case(f"{of}.bias(false)", nn.BatchNorm1d(3, bias=False), *signals)
    no_stats = [rows[0], ("eval", rows[1][1]), rows[2]]
    case(f"{of}.track_running_stats(false)", nn.BatchNorm1d(3, track_running_stats=False), *no_stats)
    case("BatchNorm2d::of(2)", nn.BatchNorm2d(2), *images)
    case("BatchNorm2d::of(2).momentum(1.0).eps(1e-12)", nn.BatchNorm2d(2, momentum=1.0, eps=1e-12), *images)
    case("BatchNorm1d::of(3) without examples", nn.BatchNorm1d(3), ("train", torch.zeros(0, 3)), rows[0])

    both = [("train", numbers(2, 3, 4)), ("eval", numbers(3, 4))]
    case("LayerNorm::of(4)", nn.LayerNorm(4), *both)
    case("LayerNorm::of([3, 4]).eps(0.001)", nn.LayerNorm((3, 4), eps=1e-3), *both)
    case("LayerNorm::of([4]).bias(false)", nn.LayerNorm([4], bias=False), *both)
    case("LayerNorm::of(4).elementwise_affine(false)", nn.LayerNorm(4, elementwise_affine=False), *both)

    index = [("train", torch.tensor([[1, 4], [4, 0]])), ("eval", torch.tensor(2)), ("train", torch.tensor([3, 3, 3]))]
    case("Embedding::of(5, 2)", nn.Embedding(5, 2), *index)
    case("Embedding::of(5, 2).padding_idx(4)", nn.Embedding(5, 2, padding_idx=4), *index)
    case("Embedding::of(5, 2).padding_idx(-2)", nn.Embedding(5, 2, padding_idx=-2), *index)

    x = torch.tensor([-30.0, -2.0, -0.5, 0.0, 0.5, 2.0, 30.0])
    edges = [("train", x), ("eval", numbers(2, 3))]
    case("ReLU", nn.ReLU(), *edges)
    case("Sigmoid", nn.Sigmoid(), *edges)
    case("Tanh", nn.Tanh(), *edges)
    case("SiLU", nn.SiLU(), *edges)
    case("LeakyReLU::default()", nn.LeakyReLU(), *edges)
    case("LeakyReLU::new(0.00001)", nn.LeakyReLU(1e-5), *edges)
    case("ELU::default()", nn.ELU(), *edges)
    case("ELU::new(0.5)", nn.ELU(0.5), *edges)
    case("GELU::default()", nn.GELU(), *edges)
    case("GELU::new(Approximate::Tanh)", nn.GELU("tanh"), *edges)
    case("Softplus::default()", nn.Softplus(), *edges)
    case("Softplus::new(2.5, 1e16)", nn.Softplus(2.5, 1e16), *edges)
    case("Softmax::new(-1)", nn.Softmax(-1), *edges)
    case("LogSoftmax::new(0)", nn.LogSoftmax(0), *edges)
    case("Dropout::default()", nn.Dropout(), ("eval", numbers(2, 3)))
    case("Dropout::new(0.0)", nn.Dropout(0.0), *edges)
    case("Dropout::new(1.0)", nn.Dropout(1.0), *edges)


if __name__ == "__main__":
    main()
