// Codes are made once; then any of their columns is regressed on any others without the table.

import Foundation
import QuantizedLeastSquares

let table = try RegressionTable(
    reading: try openTable(path: "Datasets/regression/power_plant_ccpp.csv"), predictors: 4)
let store = FileManager.default.temporaryDirectory.appendingPathComponent("example-\(UUID().uuidString).qls").path
defer { try? FileManager.default.removeItem(atPath: store) }
try QuantizedRegression(quantizing: table).write(store: store)

let compressed = try CompressedRegression(try QuantizedRegression(store: store))
var problem = LeastSquaresProblem()
for predictors in [Array(compressed.names[..<2]), Array(compressed.names[1..<3])] {
    problem.columns = ModelColumns(predictors: predictors, responses: [compressed.names[3]])
    let fit = try compressed.solve(problem).responses[0]
    print(predictors, "R²", fit.rSquared ?? 0, "moved by codes, in sampling errors:", fit.predictedErrorRatio ?? 0)
}
