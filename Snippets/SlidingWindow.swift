// The last three days of a table that grows day by day: each day is a store of 4-bit codes under the same codebooks, joins the
// regression, and leaves it again. What is left is, to the last bit, as if it had never come.

import QuantizedLeastSquares

func day(_ number: Int) throws -> RegressionTable {
    let x = (0..<500).map { Double(($0 * 37 + number * 11) % 101) }
    let y = x.indices.map { 3 + 0.5 * x[$0] + 0.01 * Double(number) * x[$0] + Double(($0 * 53) % 29) }
    return try RegressionTable(reading: ArrayTableSource(names: ["x", "y"], columns: [x, y]), predictors: 1)
}

let first = try QuantizedRegression(quantizing: try day(0))
var window = try QuantizedAccumulator(like: first)
try window.append(first)
var days = [first]
for number in 1..<6 {
    days.append(try window.append(try day(number)))
    if days.count > 3 { try window.remove(days.removeFirst()) }
    let slope = try window.solve().responses[0].coefficients[1]
    print("day", number, "rows", window.rows, "slope", slope.estimate, "±", slope.quantizationStandardDeviation ?? 0)
}
