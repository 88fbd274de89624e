// A path of ridge regressions on 4-bit codes, the penalty chosen by leaving each row out.

import QuantizedLeastSquares

let source = try openTable(path: "Datasets/regression/diabetes.csv")
let names = source.columnNames
let table = try RegressionTable(reading: source, predictors: names.count - 1)

var problem = LeastSquaresProblem()
problem.kind = .ridge(RidgePenalty())
let fit = try problem.solve(table).responses[0]
if case .ridge(let ridge) = fit.account {
    print("penalty", ridge.penalty, "effective degrees of freedom", ridge.effectiveDegreesOfFreedom)
    for point in ridge.path { print(point.penalty, point.leaveOneOut ?? 0, point.generalizedCrossValidation ?? 0) }
}
