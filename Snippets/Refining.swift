// From 4-bit codes to full double precision: the codes precondition, each step is a pass over the original rows.

import QuantizedLeastSquares

let source = try openTable(path: "Datasets/regression/diabetes.csv")
let table = try RegressionTable(reading: source, predictors: source.columnNames.count - 1)

var problem = LeastSquaresProblem()
problem.reference = true
for refines in [false, true] {
    problem.refines = refines
    let solution = try problem.solve(table)
    let off = solution.responses[0].reference?.errorRatio ?? .nan
    print("passes over the rows:", solution.refinement?.passes ?? 0, "distance from full precision:", off)
}
