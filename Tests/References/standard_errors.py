"""Standard errors and a prediction of the diabetes set by statsmodels, printed as ErrorBudgetTests.swift keeps them.

    python3 Tests/References/standard_errors.py
"""

import numpy
import pandas
import statsmodels.api

table = pandas.read_csv("Datasets/regression/diabetes.csv")
design = statsmodels.api.add_constant(table.drop(columns="target").astype(float))
response = table["target"].astype(float)
model = statsmodels.api.OLS(response, design)
for kind in ["HC0", "HC1", "HC2", "HC3"]:
    errors = model.fit(cov_type=kind).bse.values
    print(f".{kind.lower()}: [{', '.join(f'{value:.12g}' for value in errors)}],")
at = numpy.concatenate([[1.0], design.iloc[0, 1:].values + 0.01 * numpy.arange(10)])
prediction = model.fit().get_prediction(at[None, :])
print(prediction.predicted_mean[0], prediction.se_mean[0], prediction.conf_int(alpha=0.05)[0])
