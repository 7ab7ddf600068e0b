"""Prints how PyTorch shows a set of tensors, as the table that `crates/tensor/tests/tensor/display.rs` reads.

Run by hand, where torch is installed:

    python tests/python/print_cases.py > crates/tensor/tests/tensor/display_cases.txt
"""

import torch

# Name, element type, shape, data, and what autograd knows: "-" nothing, "leaf" a leaf that requires grad,
# "neg" the negation of such a leaf. Data shorter than the shape is repeated.
CASES = [
    # Numbers without dimensions.
    ("scalar", "f32", "", "3.14159274", "-"),
    ("scalar, negative", "f32", "", "-2", "-"),
    ("scalar nan", "f32", "", "nan", "-"),
    ("scalar minus infinity", "f64", "", "-inf", "-"),
    ("scalar integer", "i64", "", "-7", "-"),
    ("scalar bool", "bool", "", "true", "-"),
    # Whole floats.
    ("whole floats", "f32", "5", "0 1 2 3 4", "-"),
    ("whole floats, negative, with minus zero", "f32", "2 3", "1 -20 300 -0.0 5 0", "-"),
    ("only zeros", "f32", "2 2", "0 -0.0", "-"),
    ("16777216, the end of the exact integers in f32", "f32", "2", "16777216 16777215", "-"),
    ("1e8 is still whole", "f32", "2", "1e8 5e7", "-"),
    ("beyond 1e8", "f32", "2", "100000008 5e7", "-"),
    ("whole floats over a wide range", "f32", "4", "0 1 -2 5000", "-"),
    # Decimals.
    ("decimals of f32", "f32", "2 2", "0.1 0.2 0.3 16.7", "-"),
    ("decimals, negative", "f32", "2 3", "0.5 -1.25 10.125 -0.0 0 3", "-"),
    ("half to even", "f64", "4", "0.03125 0.09375 -0.15625 2.00005", "-"),
    ("all equal", "f32", "3 2", "0.333333343", "-"),
    ("ratio of exactly 1000", "f64", "2", "0.5 500", "-"),
    ("ratio just above 1000", "f64", "2", "0.5 500.5", "-"),
    ("0.0001 in f64 is not small", "f64", "2", "0.0001 0.05", "-"),
    ("0.0001 in f32 is less than 1e-4", "f32", "2", "0.0001 0.05", "-"),
    ("small numbers", "f32", "3", "1e-7 -2.5e-6 0", "-"),
    ("denormals of f32", "f32", "3", "1e-45 1.17549421e-38 -3e-40", "-"),
    ("exponents of three digits", "f64", "2 2", "1e-300 -2.5e300 5e-324 1.7976931348623157e308", "-"),
    ("a wide range", "f32", "2 3", "1e-3 1 1e3 -1e10 0.5 -0.0", "-"),
    # Neither finite nor zero.
    ("nan and infinities among whole floats", "f32", "4", "1 nan inf -inf", "-"),
    ("nan and infinities among decimals", "f32", "2 3", "0.5 nan inf -inf 0 -10.5", "-"),
    ("nan and infinities among small numbers", "f32", "4", "1e-7 nan inf -inf", "-"),
    ("nothing but nan and zero", "f32", "3", "nan 0 inf", "-"),
    # Integers and bools.
    ("integers", "i64", "2 3", "1 -20 300 0 5 -6", "-"),
    ("the largest integers", "i64", "3", "9223372036854775807 -9223372036854775808 0", "-"),
    ("bools", "bool", "2 3", "true false false true true false", "-"),
    ("only true", "bool", "3", "true", "-"),
    # Shapes.
    ("three dimensions", "f32", "2 3 4", "0 1.5 -2.25 3 4.125", "-"),
    ("four dimensions", "i64", "2 2 2 2", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "-"),
    ("five dimensions of one", "f32", "1 2 1 2 1", "1 2 3 4", "-"),
    ("empty vector", "f32", "0", "", "-"),
    ("empty vector of f64", "f64", "0", "", "-"),
    ("empty matrix", "f32", "0 3", "", "-"),
    ("empty rows", "f32", "3 0", "", "leaf"),
    ("empty integers", "i64", "0", "", "-"),
    ("empty bools", "bool", "2 0 4", "", "-"),
    # Long rows and large tensors.
    ("a long row", "f32", "30", "0.5 -1.25 3", "-"),
    ("a long row of integers", "i64", "2 33", "1 2 3 45", "-"),
    ("long rows in four dimensions", "bool", "1 1 2 20", "true false false", "-"),
    ("1000 elements are shown", "i64", "1000", "1 2 3 4 5 6 7", "-"),
    ("1001 elements are summarised, and 1e9 is not seen", "f32", "1001", "1 2 3 1e9 5 6 7", "-"),
    ("a summary of wide numbers wraps", "f64", "2000", "-1.5e-300 2.25e300 3", "-"),
    ("a summarised matrix", "f32", "40 40", "0.5 1.5 2.5 -3.5 4.5 5.5 6.5", "-"),
    ("short dimensions stay whole in a summary", "i64", "1 6 200", "1 2 3 4 5 6 7 8 9 10 11", "-"),
    ("a summary of four dimensions", "bool", "1 7 2 100", "true false false", "-"),
    # What is printed after the values.
    ("f64", "f64", "2 2", "0.1 0.2 0.3 0.4", "-"),
    ("leaf", "f32", "2", "1 2", "leaf"),
    ("leaf of f64", "f64", "2", "1 2", "leaf"),
    ("result of an operation", "f32", "2", "1.5 -2", "neg"),
    ("result of an operation in f64", "f64", "2 2", "1.5 -2", "neg"),
    ("suffixes after a full line", "f64", "8", "0.5 10.5 100.5", "leaf"),
    ("a suffix that just fits", "f32", "12", "0 0 0 nan", "leaf"),
    ("a suffix that does not fit by one", "f32", "12", "0 0 nan", "leaf"),
]

DTYPES = {"f32": torch.float32, "f64": torch.float64, "i64": torch.int64, "bool": torch.bool}
PARSERS = {"f32": float, "f64": float, "i64": int, "bool": "true".__eq__}


def tensor(dtype, shape, data, autograd):
    shape = [int(size) for size in shape.split()]
    numbers = [PARSERS[dtype](number) for number in data.split()]
    numel = torch.Size(shape).numel()
    values = [numbers[i % len(numbers)] for i in range(numel)]
    leaf = torch.tensor(values, dtype=DTYPES[dtype]).reshape(shape)
    if autograd == "-":
        return leaf
    leaf.requires_grad_(True)
    return -leaf if autograd == "neg" else leaf


def main():
    version = torch.__version__.split("+")[0]
    print(f"# str(torch.tensor(...)) in PyTorch {version}, made by tests/python/print_cases.py.")
    print("# Data shorter than the shape is repeated. The text is what stands behind the bars.")
    for case in CASES:
        print()
        for key, value in zip(["name", "dtype", "shape", "data", "autograd"], case):
            print(f"{key}: {value}".rstrip())
        for line in str(tensor(*case[1:])).split("\n"):
            print(f"| {line}".rstrip())


if __name__ == "__main__":
    main()
