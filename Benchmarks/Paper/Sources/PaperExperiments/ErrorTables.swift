import Foundation
import QuantizedLeastSquares

/// Predicted errors of products of Gaussian pairs beside the measured ones, for every method of `qls matmul`.
///
/// A is 96 × 192 and B is 192 × 96; a_it and b_tj have correlation ρ for all i, j and are independent for different t. Codes are
/// fitted to each draw. The prediction sees the codes and the moments kept with them.
struct ErrorTables {
    let draws: Int
    let outer = 96
    let inner = 192

    static let correlations = [0, 0.5, 0.7, 0.9]
    static let bits = [1, 2, 3, 4, 6, 8]

    func write() throws {
        for correlation in Self.correlations {
            print("### ρ = \(correlation)\n")
            print(
                "| method | " + Self.bits.map { "\($0) bits" }.joined(separator: " | ")
                    + " | groups of entries at 4 bits |")
            print("|---|" + String(repeating: "---:|", count: Self.bits.count + 1))
            let methods = ProductMethod.allCases
            var cells: [ProductMethod: [String]] = [:]
            var groups: [ProductMethod: String] = [:]
            for bits in Self.bits {
                let sums = try sums(correlation, bits)
                for method in methods {
                    cells[method, default: []].append(sums[method].map(\.cell) ?? "–")
                    if bits == 4 { groups[method] = sums[method].map(\.groupCell) }
                }
            }
            for method in methods {
                print(
                    "| \(method.rawValue) | \(cells[method, default: []].joined(separator: " | ")) | \(groups[method] ?? "–") |"
                )
            }
            print("")
        }
    }

    private struct Sums {
        var measured = 0.0
        var predicted = 0.0
        var coverage = 0.0
        var draws = 0.0
        var groups = [(predicted: Double, measured: Double)](repeating: (0, 0), count: 5)

        mutating func add(_ check: ProductErrorCheck) {
            measured += check.squaredError
            predicted += check.predictedSquaredError
            coverage += check.coverage
            draws += 1
            for (place, group) in check.groups(5).enumerated() {
                groups[place].predicted += group.predictedVariance
                groups[place].measured += group.measuredVariance
            }
        }

        var cell: String { String(format: "%.3f (%.1f%%)", predicted / measured, 100 * coverage / draws) }

        var groupCell: String {
            groups.map { String(format: "%.2f", $0.predicted / $0.measured) }.joined(separator: ", ")
        }
    }

    private func sums(_ correlation: Double, _ bits: Int) throws -> [ProductMethod: Sums] {
        var result: [ProductMethod: Sums] = [:]
        var generator = NormalDeviates(seed: UInt64(1000 * correlation) + UInt64(bits))
        for _ in 0..<draws {
            let (a, b) = generator.correlatedFactors(correlation, outer: outer, inner: inner)
            for outcome in try MatrixProductExperiment(bits: bits).run(a, b).outcomes {
                result[outcome.method, default: Sums()].add(outcome.check)
            }
        }
        return result
    }
}

extension NormalDeviates {
    /// Factors of a product whose entries at one place of the inner index have correlation ρ ≥ 0.
    mutating func correlatedFactors(
        _ correlation: Double, outer: Int, inner: Int
    ) -> (DenseMatrix, DenseMatrix) {
        let (common, own) = (correlation.squareRoot(), (1 - correlation).squareRoot())
        var (a, b) = (DenseMatrix(rows: outer, columns: inner), DenseMatrix(rows: inner, columns: outer))
        for t in 0..<inner {
            let z = common * normal()
            for i in 0..<outer { a[i, t] = z + own * normal() }
            for j in 0..<outer { b[t, j] = z + own * normal() }
        }
        return (a, b)
    }
}
