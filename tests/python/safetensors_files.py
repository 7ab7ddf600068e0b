"""Safetensors files between Python's `safetensors` package and downhill, in both directions.

Needs `pip install safetensors numpy`.

    python tests/python/safetensors_files.py write       # writes the file that the tests of crates/save read
    python tests/python/safetensors_files.py read FILE   # checks the file of the test `our_own_file_is_as_committed`
"""

import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

FOLDER = Path(__file__).parents[2] / "crates/save/tests/save"

TENSORS = {
    "conv1.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 4 - 1,
    "edges": np.array([np.inf, -np.inf, np.nan, -0.0, 1e-45, 3.4028235e38], dtype=np.float32),
    "fine": np.array([0.1, -1e300], dtype=np.float64),
    "steps": np.array(-(2**53) - 1, dtype=np.int64),
    "labels": np.array([[1, 2], [3, 2**63 - 1]], dtype=np.int64),
    "mask": np.array([True, False, True]),
    "none": np.zeros((0, 4), dtype=np.float32),
    "größe": np.ones((1, 1, 1), dtype=np.float32),
}


def write():
    save_file(TENSORS, FOLDER / "python.safetensors", metadata={"made by": "Python"})
    save_file({"half": np.ones(2, dtype=np.float16)}, FOLDER / "float16.safetensors")


def read(path):
    tensors = load_file(path)
    assert tensors.keys() == TENSORS.keys(), tensors.keys()
    for name, expected in TENSORS.items():
        given = tensors[name]
        assert given.dtype == expected.dtype and given.shape == expected.shape, name
        assert given.tobytes() == expected.tobytes(), name
    with safe_open(path, "np") as file:
        assert file.metadata() == {"made by": "downhill"}, file.metadata()
    print(f"{path}: {len(tensors)} tensors as expected")


if __name__ == "__main__":
    read(sys.argv[2]) if sys.argv[1] == "read" else write()
