// A matrix product from factors kept at 4 bits an entry: what each code loses, what was predicted, and the bound.

import QuantizedLeastSquares

func wave(_ rows: Int, _ columns: Int, _ step: Double) -> DenseMatrix {
    let entries = (0..<rows * columns).map { i in
        (Double((i * 7919) % 1009) / 504.5 - 1) * (1 + step * Double(i % columns))
    }
    return DenseMatrix(rows: rows, columns: columns, elements: entries)
}

let experiment = MatrixProductExperiment(bits: 4)
let result = try experiment.run(wave(64, 48, 0.02), wave(48, 32, 0.05))
for outcome in result.outcomes {
    print(outcome.method.rawValue, outcome.relativeError, outcome.predictedRelativeError, outcome.bytes)
}
print("no code of this rate does better than", result.bound, "on independent Gaussian entries")
