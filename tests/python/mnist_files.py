"""Writes the four small files of crates/data/tests/mnist: MNIST's names and format, compressed by Python's gzip.

Pixel (row, column) of image i is (i * 50 + row * 28 + column) % 256; the labels count down from 9.
"""

import gzip
import struct
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "crates/data/tests/mnist"

for part, count in [("train", 3), ("t10k", 2)]:
    pixels = bytes((i * 50 + pixel) % 256 for i in range(count) for pixel in range(28 * 28))
    labels = bytes(9 - i for i in range(count))
    files = {
        f"{part}-images-idx3-ubyte.gz": struct.pack(">IIII", 0x803, count, 28, 28) + pixels,
        f"{part}-labels-idx1-ubyte.gz": struct.pack(">II", 0x801, count) + labels,
    }
    for name, data in files.items():
        # Without the time of day, so that every run writes the same bytes.
        (FOLDER / name).write_bytes(gzip.compress(data, mtime=0))
