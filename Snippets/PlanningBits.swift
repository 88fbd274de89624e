// The fewest bits whose predicted error is far below that of the noise. Nothing here needs the full-precision solution.

import QuantizedLeastSquares

let source = try openTable(path: "Datasets/regression/power_plant_ccpp.csv")
let table = try RegressionTable(reading: source, predictors: source.columnNames.count - 1)

for bits in 1...8 {
    var options = QuantizationOptions()
    options.bits = bits
    let codes = try QuantizedRegression(quantizing: table, options: options)
    let fit = try LeastSquaresProblem().solve(codes)
    let ratio = fit.responses[0].predictedErrorRatio ?? .infinity
    print("\(bits) bits: \(fit.bytes) bytes, fit moved by \(ratio) of the sampling error")
    if ratio < 0.001 { break }
}
