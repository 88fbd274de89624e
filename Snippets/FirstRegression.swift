// A regression on 3-bit codes, as in the README.

import QuantizedLeastSquares

let source = try openTable(path: "Datasets/regression/california_housing.csv")
try source.select(columns: ["median_income", "housing_median_age", "median_house_value"])
let table = try RegressionTable(reading: source, predictors: 2)

var problem = LeastSquaresProblem()
var options = QuantizationOptions()
options.bits = 3
problem.precision = .quantized(options)
let solution = try problem.solve(table)

for c in solution.responses[0].coefficients {
    print(c.name, c.estimate, c.standardError ?? 0, c.quantizationStandardDeviation ?? 0)
}
