// A regression from arrays, on 4-bit codes.

import QuantizedLeastSquares

let height = [150.0, 160, 165, 171, 178, 183, 190, 168]
let weight = [52.0, 58, 63, 70, 77, 80, 92, 66]
let source = try ArrayTableSource(names: ["height", "weight"], columns: [height, weight])
let solution = try LeastSquaresProblem().solve(try RegressionTable(reading: source, predictors: 1))

for c in solution.responses[0].coefficients { print(c.name, c.estimate) }
