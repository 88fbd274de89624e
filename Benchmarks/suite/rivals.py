"""The rivals, each a program: rivals.py NAME FILE [arguments]. Prints coefficients as JSON, the intercept first.

A .npy file is a C-ordered float64 array, the response in its last column unless said otherwise. Sparse systems are
A.mtx b.mtx, without an intercept.
"""
import json
import sys

import numpy as np


def split(path, response=-1, predictors=None):
    table = np.load(path)
    y = np.ascontiguousarray(table[:, response])
    if predictors is None:
        chosen = np.delete(np.arange(table.shape[1]), response % table.shape[1])
        # All but the last column is a view: no rival is made to copy what it need not.
        x = table[:, :-1] if response % table.shape[1] == table.shape[1] - 1 else table[:, chosen]
    else:
        x = table[:, predictors]
    return x, y


def with_ones(x):
    return np.column_stack([np.ones(len(x)), x])


def lstsq(path):
    x, y = split(path)
    return np.linalg.lstsq(with_ones(x), y, rcond=None)[0].tolist()


def normal(path):
    """The quickest that numpy does: one Gram matrix of the whole table (dsyrk), centred afterwards."""
    table = np.load(path)
    means = table.mean(axis=0)
    gram = table.T @ table - len(table) * np.outer(means, means)
    slopes = np.linalg.solve(gram[:-1, :-1], gram[:-1, -1])
    return [float(means[-1] - means[:-1] @ slopes)] + slopes.tolist()


def lsmr(path):
    from scipy.sparse.linalg import lsmr as solve
    x, y = split(path)
    return solve(with_ones(x), y, atol=1e-10, btol=1e-10)[0].tolist()


def ols(path):
    """statsmodels by QR, its quicker way."""
    from statsmodels.api import OLS
    x, y = split(path)
    return OLS(y, with_ones(x)).fit(method="qr").params.tolist()


def linear(path, response="-1", columns=None):
    from sklearn.linear_model import LinearRegression
    x, y = split(path, int(response), None if columns is None else list(map(int, columns.split(","))))
    model = LinearRegression().fit(x, y)
    return [float(model.intercept_)] + model.coef_.tolist()


def ridge(path, penalties):
    """One fit per penalty; the last is printed."""
    from sklearn.linear_model import Ridge
    x, y = split(path)
    for penalty in map(float, penalties.split(",")):
        model = Ridge(alpha=penalty).fit(x, y)
    return [float(model.intercept_)] + model.coef_.tolist()


def ridge_cv(path, penalties):
    """Leave-one-out chooses the penalty."""
    from sklearn.linear_model import RidgeCV
    x, y = split(path)
    model = RidgeCV(alphas=list(map(float, penalties.split(",")))).fit(x, y)
    return [float(model.intercept_)] + model.coef_.tolist()


def sparse_system(matrix, right):
    from scipy.io import mmread
    return mmread(matrix).tocsc(), np.asarray(mmread(right)).ravel()


def sparse_lsmr(matrix, right):
    from scipy.sparse.linalg import lsmr as solve
    a, b = sparse_system(matrix, right)
    return solve(a, b, atol=1e-12, btol=1e-12, maxiter=10 * a.shape[1])[0].tolist()


def sparse_normal(matrix, right):
    """scipy's sparse LU of the normal equations."""
    from scipy.sparse.linalg import spsolve
    a, b = sparse_system(matrix, right)
    return spsolve((a.T @ a).tocsc(), a.T @ b).tolist()


def sparse_qr(matrix, right):
    """SuiteSparse's SPQR."""
    import sparseqr
    a, b = sparse_system(matrix, right)
    return sparseqr.solve(a, b, tolerance=0).tolist()


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
