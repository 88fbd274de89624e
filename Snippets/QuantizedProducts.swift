// A matrix product from factors kept at 4 bits an entry: what each code loses, what was predicted, and the bound;
// then the error of a single entry, from the codes alone.

import QuantizedLeastSquares

func wave(_ rows: Int, _ columns: Int, _ step: Double) -> DenseMatrix {
    let entries = (0..<rows * columns).map { i in
        (Double((i * 7919) % 1009) / 504.5 - 1) * (1 + step * Double(i % columns))
    }
    return DenseMatrix(rows: rows, columns: columns, elements: entries)
}

let (a, b) = (wave(64, 48, 0.02), wave(48, 32, 0.05))
let result = try MatrixProductExperiment(bits: 4).run(a, b)
for outcome in result.outcomes {
    print(outcome.method.rawValue, outcome.relativeError, outcome.predictedRelativeError, outcome.bytes)
}
print("no code of this rate does better than", result.bound, "on independent Gaussian entries")

let columns = b.transposed()
let rowCode = try VectorCode.principal(
    CodeTarget(vectors: a, metric: SecondMoments(columns).secondMoment), bitsPerEntry: 4)
let columnCode = try VectorCode.principal(
    CodeTarget(vectors: columns, metric: SecondMoments(a).secondMoment), bitsPerEntry: 4)
let prediction = try ProductErrorPrediction(rowCode.encode(a), columnCode.encode(columns))
let entry = prediction.entry(3, 17)
print("entry (3, 17) is off by", entry.bias, "±", entry.standardDeviation)
print("expected squared Frobenius error", prediction.expectedSquaredNorm)
