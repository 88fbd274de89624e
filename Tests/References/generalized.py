"""Generalised least squares on problem_kinds.csv by statsmodels, and rows without error by LAPACK's dgglse (scipy).

Writes generalized.json.
"""

import json

import numpy as np
import scipy.linalg
import statsmodels.api as sm

table = np.loadtxt("problem_kinds.csv", delimiter=",", skiprows=1)
X, y = table[:, :5], table[:, 5]
m = len(y)
i = np.arange(m)
scale = np.sqrt(1 + i / m)
covariance = 0.8 ** np.abs(i[:, None] - i) * np.outer(scale, scale)
out = {}
for name, design in (("withIntercept", sm.add_constant(X)), ("withoutIntercept", X)):
    f = sm.GLS(y, design, sigma=covariance).fit()
    out[name] = {
        "coefficients": list(f.params), "standardErrors": list(f.bse), "rSquared": f.rsquared,
        "fStatistic": f.fvalue, "freedom": f.df_resid,
    }
out["exactRows"] = list(scipy.linalg.lapack.dgglse(X[2:], X[:2], y[2:], y[:2])[3])
json.dump(out, open("generalized.json", "w"), indent=1)
