import Experiments
import Foundation
import Matrices
import QuantizedLeastSquares
import TestSupport

/// Normal deviates from a seeded generator (Box and Muller).
struct NormalGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493 }

    mutating func uniform() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var bits = state
        bits ^= bits >> 33
        bits = bits &* 0xFF51_AFD7_ED55_8CCD
        bits ^= bits >> 33
        return (Double(bits >> 11) + 0.5) * 0x1p-53
    }

    mutating func normal() -> Double {
        (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    mutating func matrix(_ rows: Int, _ columns: Int) -> DenseMatrix {
        DenseMatrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in normal() })
    }
}

/// The product of two matrices by its definition.
func product(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
    var result = DenseMatrix(rows: a.rows, columns: b.columns)
    for j in 0..<b.columns {
        for i in 0..<a.rows {
            result[i, j] = (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
        }
    }
    return result
}

/// The largest difference of two matrices' entries.
func distance(_ a: DenseMatrix, _ b: DenseMatrix) -> Double {
    zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
}

/// The activations that come with the package.
enum Excerpt {
    static func stack(_ name: String) throws -> [DenseMatrix] {
        try NPYStack.read(path: Checkout.datasets.appendingPathComponent("activations/\(name).npy").path)
    }

    static func data() throws -> AttentionData {
        try AttentionData(
            calibrationQueries: stack("calibration_queries"), calibrationKeys: stack("calibration_keys"),
            queries: stack("evaluation_queries"), keys: stack("evaluation_keys"), sequenceLength: 64)
    }
}
