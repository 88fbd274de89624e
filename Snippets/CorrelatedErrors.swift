// Generalised least squares: a trend through measurements whose errors drift, each step by an error of its own.

import QuantizedLeastSquares

let m = 12
let time = (0..<m).map { Double($0) }
let level = zip(time, [0.1, 0.2, 0.1, 0.3, 0.5, 0.4, 0.4, 0.6, 0.9, 0.8, 1.0, 1.1]).map { 5 + 0.5 * $0 + $1 }

// Row i has the sum of the errors so far: the covariance is B·Bᵀ with ones on and below the diagonal of B.
var factor = DenseMatrix(rows: m, columns: m)
for j in 0..<m { for i in j..<m { factor[i, j] = 1 } }

let table = try WeightedTable(
    reading: ArrayTableSource(names: ["time", "level"], columns: [time, level]), predictors: 1,
    whitening: Whitening(covarianceFactor: factor))
var problem = LeastSquaresProblem()
problem.precision = .full
for c in try problem.solve(table).responses[0].coefficients { print(c.name, c.estimate, c.standardError ?? 0) }
