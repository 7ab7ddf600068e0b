"""Networks."""

import torch
import torch.nn as nn

from oracle.ops import OPS
from oracle.write import add, ints, leaves, plain, randn, show, show_inputs, uniform

KINDS = (torch.float64, torch.float32)


def build(layers, dtype):
    made = [getattr(nn, layer["type"])(**{k: v for k, v in layer.items() if k != "type"}) for layer in layers]
    net = nn.Sequential(*made).to(dtype)
    for module in net:
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)) and module.running_mean is not None:
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
            module.num_batches_tracked.fill_(3)
    return net


def state_of(net):
    return {name: show(t) for name, t in net.state_dict().items()}


def buffers_of(net):
    return {name: show(t) for name, t in net.named_buffers()}


def module_case(layers, mode, x, target=None, loss=None):
    dtype = x.dtype if x.is_floating_point() else torch.float64
    net = build(layers, dtype)
    net.train(mode == "train")
    inputs = [x] if target is None else [x, target]
    args = {"layers": layers, "mode": mode, **({"loss": loss} if loss else {})}
    fields = {"args": plain(args), "state_dict": state_of(net), "inputs": show_inputs(inputs)}
    fresh = leaves(inputs)
    try:
        output = net(fresh[0])
        if loss:
            fields["logits"] = show(output)
            output = OPS[loss["op"]](loss["args"], output, fresh[1])
        seed = torch.randn_like(output) if output.requires_grad else None
        if seed is not None:
            output.backward(seed)
    except (RuntimeError, ValueError, IndexError) as error:
        refused = {"expect_error": True, "torch_message": str(error).splitlines()[0][:150]}
        fields.pop("logits", None)
        return add("modules", "module", dtype, {**fields, **refused}, "error")
    fields |= {"output": show(output), "seed_grad": show(seed), "grads": [show(t.grad) for t in fresh]}
    fields["param_grads"] = {name: show(p.grad) for name, p in net.named_parameters()}
    if buffers_of(net):
        fields["buffers_after"] = buffers_of(net)
    add("modules", "module", dtype, fields)


def layer(type, **args):
    return {"type": type, **args}


def module_cases():
    activations = [layer(name) for name in "ReLU LeakyReLU ELU GELU SiLU Softplus Sigmoid Tanh Identity".split()]
    activations += [
        layer("LeakyReLU", negative_slope=0.3),
        layer("ELU", alpha=0.5),
        layer("GELU", approximate="tanh"),
        layer("Softplus", beta=2.0, threshold=1.0),
        layer("Softmax", dim=-1),
        layer("LogSoftmax", dim=1),
        layer("Dropout", p=0.0),
        layer("Dropout", p=1.0),
        layer("Softmax", dim=0),
    ]
    for i, activation in enumerate(activations):
        if activation["type"] == "Identity":
            continue
        module_case(
            [layer("Linear", in_features=3, out_features=4), activation], "train", randn((2, 3), KINDS[i % 2])
        )
    for mode in ("train", "eval"):
        for dtype in KINDS:
            bn1 = [
                layer("Linear", in_features=3, out_features=4, bias=False),
                layer("BatchNorm1d", num_features=4, eps=1e-3, momentum=0.3),
                layer("Tanh"),
            ]
            module_case(bn1, mode, randn((5, 3), dtype))
            module_case([layer("BatchNorm1d", num_features=4, affine=False)], mode, randn((3, 4), dtype))
            module_case([layer("BatchNorm1d", num_features=3)], mode, randn((2, 3, 4), dtype))
            module_case([layer("BatchNorm1d", num_features=3, track_running_stats=False)], mode, randn((4, 3), dtype))
            module_case([layer("BatchNorm1d", num_features=3, momentum=None)], mode, randn((4, 3), dtype))
            module_case(
                [layer("BatchNorm2d", num_features=2, affine=False, track_running_stats=False)],
                mode,
                randn((2, 2, 3, 3), dtype),
            )
            module_case(
                [layer("Dropout", p=0.4 if mode == "eval" else 0.0), layer("Linear", in_features=3, out_features=1)],
                mode,
                randn((4, 3), dtype),
            )
        module_case([layer("BatchNorm1d", num_features=3)], mode, randn((1, 3)))
    conv = [
        layer("Conv2d", in_channels=2, out_channels=4, kernel_size=3, stride=[2, 1], padding=1, groups=2, bias=False),
        layer("BatchNorm2d", num_features=4, momentum=0.05),
        layer("SiLU"),
        layer("MaxPool2d", kernel_size=2, stride=1, padding=1, ceil_mode=True),
        layer("Conv2d", in_channels=4, out_channels=2, kernel_size=[2, 3], dilation=[1, 2]),
        layer("AvgPool2d", kernel_size=[2, 1], count_include_pad=False, padding=[1, 0]),
        layer("Flatten"),
    ]
    module_case(conv, "train", randn((2, 2, 7, 8)))
    module_case(conv, "eval", randn((2, 2, 7, 8), torch.float32))
    module_case(
        [layer("Conv2d", in_channels=1, out_channels=2, kernel_size=[3, 2], padding="valid")],
        "train",
        randn((1, 1, 5, 5)),
    )
    module_case(
        [layer("Conv2d", in_channels=1, out_channels=2, kernel_size=3, padding_mode="zeros")],
        "train",
        randn((1, 5, 5)),
    )
    module_case(
        [
            layer("MaxPool2d", kernel_size=[2, 3], dilation=2),
            layer("AvgPool2d", kernel_size=2, divisor_override=3, ceil_mode=True),
        ],
        "train",
        randn((1, 2, 9, 9)),
    )
    module_case(
        [layer("Flatten", start_dim=2), layer("Flatten", start_dim=0, end_dim=1)], "train", randn((2, 3, 2, 2))
    )
    module_case([layer("LayerNorm", normalized_shape=[3, 2], eps=1e-3)], "train", randn((4, 3, 2)))
    module_case([layer("LayerNorm", normalized_shape=4)], "train", randn((4,)))
    module_case(
        [layer("LayerNorm", normalized_shape=[4], elementwise_affine=False)], "train", randn((3, 4), torch.float32)
    )
    module_case([layer("LayerNorm", normalized_shape=[4], bias=False)], "train", randn((3, 4)))
    module_case(
        [
            layer("Embedding", num_embeddings=5, embedding_dim=2, padding_idx=1),
            layer("Tanh"),
            layer("Flatten", start_dim=1),
            layer("Linear", in_features=6, out_features=2),
        ],
        "train",
        torch.tensor([[1, 4, 1], [0, 1, 2]]),
    )
    module_case(
        [layer("Embedding", num_embeddings=5, embedding_dim=2, padding_idx=-1)], "eval", torch.tensor([4, 0, 4])
    )
    module_case([layer("Embedding", num_embeddings=5, embedding_dim=2)], "eval", torch.tensor([5, 0]))
    module_case([layer("Linear", in_features=3, out_features=2)], "train", randn((3,)).detach())
    module_case([layer("Linear", in_features=3, out_features=2)], "train", randn((2, 4)))
    module_case([layer("ReLU")], "train", randn((2, 3)))
    mlp = lambda out, *last: [
        layer("Linear", in_features=3, out_features=5),
        layer("ELU"),
        layer("Linear", in_features=5, out_features=out),
        *last,
    ]
    for reduction in ("mean", "sum", "none"):
        labels = ints((4,), 0, 3)
        module_case(
            mlp(3),
            "train",
            randn((4, 3)),
            labels,
            {"op": "cross_entropy", "args": {"reduction": reduction, "ignore_index": 1, "label_smoothing": 0.1}},
        )
        module_case(
            mlp(3, layer("LogSoftmax", dim=1)),
            "train",
            randn((4, 3)),
            labels,
            {"op": "nll_loss", "args": {"reduction": reduction, "ignore_index": -100}},
        )
        for name, extra in [
            ("mse_loss", {}),
            ("l1_loss", {}),
            ("smooth_l1_loss", {"beta": 0.5}),
            ("huber_loss", {"delta": 0.5}),
            ("binary_cross_entropy_with_logits", {"has_weight": False, "has_pos_weight": False}),
        ]:
            module_case(
                mlp(2),
                "train",
                randn((4, 3)),
                uniform((4, 2), 0.0, 1.0).detach(),
                {"op": name, "args": {"reduction": reduction, **extra}},
            )
    module_case(
        mlp(3),
        "eval",
        randn((2, 3)),
        torch.softmax(torch.randn(2, 3, dtype=torch.float64), 1),
        {"op": "cross_entropy", "args": {"reduction": "mean", "label_smoothing": 0.1}},
    )
