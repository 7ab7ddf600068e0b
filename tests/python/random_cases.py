"""Compares random programs with PyTorch: writes them with PyTorch's answers for the test `pytorch_parity`.

    python tests/python/random_cases.py FOLDER [SEED] [COUNT]
    DOWNHILL_ORACLE=FOLDER cargo test -p downhill-tests --test pytorch_parity

The same seed makes the same programs. Needs torch (written with 2.15).
"""

import json
import os
import sys

import torch

from oracle.random_programs import random_programs
from oracle.write import FAMILIES


def main():
    folder = sys.argv[1]
    seed, count = (int(word) for word in (sys.argv[2:] + ["0", "2000"][len(sys.argv) - 2 :]))
    torch.set_num_threads(1)
    random_programs(seed, count)
    os.makedirs(folder, exist_ok=True)
    for family, cases in FAMILIES.items():
        with open(os.path.join(folder, family + ".jsonl"), "w") as file:
            file.writelines(json.dumps(c, allow_nan=False) + "\n" for c in cases)
        print(family, len(cases), "of", count)


if __name__ == "__main__":
    main()
