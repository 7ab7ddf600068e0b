"""Prints a nested network as PyTorch shows it; `tests/derive.rs` builds and prints the same one.

Run by hand, where torch is installed:

    python tests/python/print_network.py > tests/framework/network.txt
"""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.fc = nn.Linear(2, 2, bias=False)
        self.act = nn.ReLU()


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def extra_repr(self):
        return "scale=2.0"


class Unit(nn.Module):
    pass


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.Tanh(), nn.Sigmoid()), nn.Flatten())
        self.blocks = nn.ModuleList([Block(), Block()])
        self.heads = nn.ModuleList([nn.Linear(2, 1), nn.Linear(2, 1), nn.Linear(2, 3), nn.ReLU()])
        self.twins = nn.Sequential(nn.ReLU(), nn.ReLU())
        self.nothing = nn.Sequential()
        self.no_blocks = nn.ModuleList([])
        self.scaled = Scaled()
        self.unit = Unit()


print(Net())
