"""Problems of every kind on one small table, solved by numpy, scipy, statsmodels and scikit-learn.

Writes problem_kinds.csv (the table) and problem_kinds.json (the answers).
"""

import json

import numpy as np
import scipy.linalg
import scipy.optimize
import sklearn.linear_model
import statsmodels.api as sm

rng = np.random.default_rng(20261124)
m = 240
a = rng.normal(size=m) + 5
b = 0.6 * a + 0.8 * rng.normal(size=m) + 100
c = rng.gamma(2, size=m)
d = rng.integers(0, 3, size=m).astype(float)
e = 0.5 * c + rng.normal(size=m)
w = np.round(rng.gamma(1.5, size=m) + 0.05, 6)
w[::30] = 0
n = rng.integers(0, 5, size=m).astype(float)
y = 1 + 2 * a - 0.5 * b + 0.7 * c + 0.3 * d - 0.05 * e + rng.normal(size=m)
table = np.round(np.c_[a, b, c, d, e, y, w, n], 6)
np.savetxt("problem_kinds.csv", table, delimiter=",", header="a,b,c,d,e,y,w,n", comments="", fmt="%.6f")
X, y, w, n = table[:, :5], table[:, 5], table[:, 6], table[:, 7]
Xc, yc = X - X.mean(0), y - y.mean()


def linear(f):
    return {
        "coefficients": list(f.params), "standardErrors": list(f.bse), "rSquared": f.rsquared,
        "fStatistic": f.fvalue, "freedom": f.df_resid,
    }


out = {}
for intercept in (True, False):
    design = sm.add_constant(X) if intercept else X
    name = "" if intercept else "NoIntercept"
    out["analytic" + name] = linear(sm.WLS(y[w > 0], design[w > 0], weights=w[w > 0]).fit())
    repeated = np.repeat(np.arange(m), n.astype(int))
    out["frequency" + name] = linear(sm.OLS(y[repeated], design[repeated]).fit())
out["ridge"] = []
for penalty in (0.5, 20.0, 4000.0):
    f = sklearn.linear_model.Ridge(alpha=penalty, solver="svd").fit(X, y)
    hat = Xc @ np.linalg.solve(Xc.T @ Xc + penalty * np.eye(5), Xc.T)
    r = yc - hat @ yc
    cv = sklearn.linear_model.RidgeCV(alphas=[penalty, 2 * penalty], store_cv_results=True).fit(X, y)
    out["ridge"].append({
        "penalty": penalty, "coefficients": [f.intercept_, *f.coef_], "effective": np.trace(hat),
        "generalized": m * (r @ r) / (m - np.trace(hat) - 1) ** 2, "leaveOneOut": cv.cv_results_.mean(0)[0],
    })
C = np.array([[1, 1, 0, 0, 0], [0, 0, 1, 0, -1.0]])
rhs = np.array([2, 0.5])
out["constrained"] = list(scipy.linalg.lapack.dgglse(Xc, C, yc, rhs)[3])
out["nonnegative"] = list(scipy.optimize.nnls(Xc, yc)[0])
lower, upper = [-np.inf, -0.1, 0, 0, -0.01], [1.5, np.inf, 0.65, np.inf, np.inf]
out["bounded"] = list(scipy.optimize.lsq_linear(Xc, yc, (lower, upper), method="bvls", tol=1e-15).x)
json.dump(out, open("problem_kinds.json", "w"), indent=1)
