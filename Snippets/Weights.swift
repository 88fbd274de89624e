// Observation weights: the last column of the source.

import QuantizedLeastSquares

let dose = [1.0, 2, 3, 4, 5, 6], answer = [2.1, 3.9, 6.2, 7.8, 10.1, 12.2], weight = [1.0, 4, 4, 1, 0, 2]
let source = try ArrayTableSource(names: ["dose", "answer", "w"], columns: [dose, answer, weight])
let weighted = try WeightedTable(reading: source, predictors: 1, kind: .analytic)

var problem = LeastSquaresProblem()
problem.precision = .full
let solution = try problem.solve(weighted)
for c in solution.responses[0].coefficients { print(c.name, c.estimate, c.standardError ?? 0) }
for warning in solution.warnings { print(warning) }
