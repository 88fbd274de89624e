"""Writes a table of a linear model with correlated Gaussian predictors, for timing readers and solvers.

    python3 Benchmarks/make_table.py ROWS COLUMNS OUTPUT.csv [--npy OUTPUT.npy] [--seed 1] [--correlation 0.5]
                                     [--noise 1.0]

Columns: x1 ... xn, then the response y = 1 + X b + noise, b_j = (-1)^(j+1) / j. Predictors have unit variance and
correlation r^|i-j| (an autoregression along the columns). Numbers are written with all their digits (repr). The
.npy file holds the same numbers (float64, C order) with y as the last column. Needs numpy.
"""
import argparse
import numpy as np

ROWS_AT_ONCE = 10_000


def rows(generator, count, columns, correlation, noise):
    x = generator.standard_normal((count, columns))
    for j in range(1, columns):
        x[:, j] = correlation * x[:, j - 1] + np.sqrt(1 - correlation**2) * x[:, j]
    index = np.arange(1, columns + 1)
    y = 1 + x @ ((-1.0) ** (index + 1) / index) + noise * generator.standard_normal(count)
    return np.column_stack([x, y])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("columns", type=int, help="number of predictors")
    parser.add_argument("csv")
    parser.add_argument("--npy")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--correlation", type=float, default=0.5)
    parser.add_argument("--noise", type=float, default=1.0)
    arguments = parser.parse_args()

    generator = np.random.default_rng(arguments.seed)
    array = None
    if arguments.npy:
        shape = (arguments.rows, arguments.columns + 1)
        array = np.lib.format.open_memmap(arguments.npy, mode="w+", dtype=np.float64, shape=shape)
    with open(arguments.csv, "w", encoding="ascii") as file:
        file.write(",".join([f"x{j}" for j in range(1, arguments.columns + 1)] + ["y"]) + "\n")
        for start in range(0, arguments.rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, arguments.rows - start)
            block = rows(generator, count, arguments.columns, arguments.correlation, arguments.noise)
            file.writelines(",".join(map(repr, row)) + "\n" for row in block.tolist())
            if array is not None:
                array[start : start + count] = block


if __name__ == "__main__":
    main()
