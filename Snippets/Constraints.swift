// Linear constraints and bounds.

import QuantizedLeastSquares

let a = [1.0, 2, 3, 4, 5, 6], b = [2.0, 1, 4, 3, 6, 5], y = [3.1, 2.9, 7.2, 7.1, 10.8, 11.2]
func table() throws -> RegressionTable {
    try RegressionTable(
        reading: try ArrayTableSource(names: ["a", "b", "y"], columns: [a, b, y]), predictors: 2)
}

var problem = LeastSquaresProblem()
problem.precision = .full
problem.kind = .constrained(
    try LinearConstraints(
        names: ["a", "b"], matrix: DenseMatrix(rows: 1, columns: 2, elements: [1, 1]), rightHandSide: [2]))
for c in try problem.solve(try table()).responses[0].coefficients { print(c.name, c.estimate) }

problem.kind = .bounded(CoefficientBounds(lower: ["a": 0], upper: ["b": 0.5]))
for c in try problem.solve(try table()).responses[0].coefficients { print(c.name, c.estimate) }
