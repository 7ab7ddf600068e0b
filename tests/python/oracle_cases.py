"""Writes cases for the test `pytorch_parity` with PyTorch: with shapes, arguments and edge values
other than the committed ones.

    python tests/python/oracle_cases.py FOLDER [SEED]
    DOWNHILL_ORACLE=FOLDER cargo test -p downhill-tests --test pytorch_parity

Needs torch (written with 2.15). One JSON object per line, one file per family.
"""

import json
import os
import sys

import torch

from oracle.elementwise import binary_cases, unary_cases
from oracle.functional import functional_cases
from oracle.higher_order import higher_order_cases
from oracle.index import index_cases, matmul_cases
from oracle.losses import loss_cases
from oracle.modules import module_cases
from oracle.optim import optim_cases
from oracle.reduce import reduce_cases
from oracle.schedulers import scheduler_cases
from oracle.shape import shape_cases
from oracle.training import training_cases
from oracle.windows import conv_pool_cases
from oracle.write import FAMILIES, use_seed


def main():
    folder = sys.argv[1]
    use_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 7)
    torch.set_num_threads(1)
    groups = (
        unary_cases,
        binary_cases,
        reduce_cases,
        shape_cases,
        matmul_cases,
        index_cases,
        functional_cases,
        loss_cases,
        conv_pool_cases,
        module_cases,
        optim_cases,
        scheduler_cases,
        higher_order_cases,
        training_cases,
    )
    for group in groups:
        group()
    os.makedirs(folder, exist_ok=True)
    for family, cases in FAMILIES.items():
        with open(os.path.join(folder, family + ".jsonl"), "w") as file:
            file.writelines(json.dumps(c, allow_nan=False) + "\n" for c in cases)
        print(family, len(cases), sum("expect_error" in c for c in cases), "errors")


if __name__ == "__main__":
    main()
