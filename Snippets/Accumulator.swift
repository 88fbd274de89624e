// Two accumulators take blocks of rows as they come, are written down, read again and merged. The sums are exact: the
// result is that of all rows in one, to the last bit, whatever the order.

import Foundation
import QuantizedLeastSquares

func block(from first: Int, count: Int) -> DenseMatrix {
    let x = (first..<(first + count)).map { Double($0 % 17) }
    return DenseMatrix(rows: count, columns: 2, elements: x + x.map { 3 + 0.5 * $0 + ($0 == 4 ? 0.1 : 0) })
}

var first = try RegressionAccumulator(names: ["x", "y"])
var second = first
for start in stride(from: 0, to: 1000, by: 100) { try first.append(block(from: start, count: 100)) }
try second.append(block(from: 1000, count: 250))

let text = try JSONEncoder().encode(second)
try first.merge(try JSONDecoder().decode(RegressionAccumulator.self, from: text))
for c in try first.solve().responses[0].coefficients { print(c.name, c.estimate) }

try first.remove(second)
print(first.rows, "rows are left")
