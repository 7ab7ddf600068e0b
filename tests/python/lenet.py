"""Trains LeNet in PyTorch with the weights and images that downhill used, and compares the losses of every step.

Run by hand, where torch and safetensors are installed:

    cargo test --release -p downhill-tests --test framework -- --ignored lenet
    python tests/python/lenet.py [FILE]

FILE is the file that the test wrote, `target/tmp/lenet.safetensors` by default. Prints a Markdown table; fails when a
loss differs by more than `TOLERANCE`.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn, optim

FILE = Path(__file__).parents[2] / "target/tmp/lenet.safetensors"
BATCH_SIZE = 4
SHOWN = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1300]
# Relative. In PyTorch itself float32 and float64 differ by about a tenth of it in these steps.
TOLERANCE = 1e-4


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.pool(self.conv1(x).relu())
        x = self.pool(self.conv2(x).relu())
        x = self.fc1(x.flatten(1)).relu()
        x = self.fc2(x).relu()
        return self.fc3(x)


def train(trace, dtype):
    """The loss of every step, computed in `dtype`."""
    net = LeNet()
    net.load_state_dict({name: trace[name] for name in net.state_dict()})
    net.to(dtype)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    losses = []
    for images, labels in zip(trace["images"].to(dtype).split(BATCH_SIZE), trace["labels"].split(BATCH_SIZE)):
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses, dtype=torch.float64)


def largest(given, expected):
    """The largest relative difference, and the step at which it is."""
    difference, step = ((given - expected).abs() / expected.abs()).max(0)
    return difference.item(), step.item() + 1


def main():
    torch.set_num_threads(1)
    trace = load_file(sys.argv[1] if len(sys.argv) > 1 else FILE)
    ours = trace["losses_f64"]
    assert torch.equal(ours.float(), trace["losses"]), "the losses in f32 and f64 are not the same"
    theirs, exact = train(trace, torch.float32), train(trace, torch.float64)
    assert len(ours) == len(theirs) == SHOWN[-1], (len(ours), len(theirs))

    print("| step | downhill | PyTorch | relative difference |\n|---:|---:|---:|---:|")
    for step in SHOWN:
        a, b = ours[step - 1].item(), theirs[step - 1].item()
        print(f"| {step} | {a:.7f} | {b:.7f} | {abs(a - b) / b:.1e} |")
    print()
    for names, given, expected in [
        ("downhill and PyTorch", ours, theirs),
        ("downhill and PyTorch in float64", ours, exact),
        ("PyTorch and PyTorch in float64", theirs, exact),
    ]:
        difference, step = largest(given, expected)
        print(f"Largest relative difference of {names}: {difference:.1e} (step {step} of {len(ours)})")
    # `not <=` rather than `>`, so that NaN fails.
    difference, _ = largest(ours, theirs)
    if not difference <= TOLERANCE:
        sys.exit(f"the losses differ by {difference:.1e}, more than {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
