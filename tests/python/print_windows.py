"""Prints convolutions and pools as PyTorch does; `crates/nn/tests/nn/windows.rs` builds and prints the same ones.

Run by hand, where torch is installed:

    python tests/python/print_windows.py > crates/nn/tests/nn/windows.txt
"""

from torch import nn

LAYERS = [
    nn.Conv2d(1, 6, 5),
    nn.Conv2d(1, 6, 5, padding=2),
    nn.Conv2d(4, 6, (5, 3), stride=(2, 1), dilation=2, groups=2, bias=False),
    nn.Conv2d(3, 3, 1, stride=2, padding=(0, 1), dilation=(1, 2), groups=3),
    nn.Conv2d(1, 2, 4, padding="same", dilation=2),
    nn.MaxPool2d(2),
    nn.MaxPool2d((3, 2)),
    nn.MaxPool2d((3, 3), stride=2, padding=(1, 0), dilation=2, ceil_mode=True),
    nn.AvgPool2d(3),
    nn.AvgPool2d((3, 2), (1, 2), 1, ceil_mode=True, count_include_pad=False, divisor_override=7),
]

for layer in LAYERS:
    print(layer)
