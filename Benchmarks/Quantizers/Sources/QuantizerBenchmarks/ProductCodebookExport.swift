import Foundation
import QuantizedLeastSquares

/// A designed pair of codebooks and the moments claimed for it, for a program that checks them.
private struct ExportedPair: Encodable {
    var rho: Double
    var levels: Int
    /// "mse" for E[D²] alone, "unbiased" for the limit of many summed products.
    var objective: String
    var xLevels: [Double]
    var xThresholds: [Double]
    var yLevels: [Double]
    var yThresholds: [Double]
    var meanSquaredError: Double
    var meanSquaredErrorAfterGain: Double
    var decodeGain: Double
}

/// Prints the jointly optimal codebooks of `ProductDesign` for each "ρ:K" as one JSON array.
func printProductCodebooks(_ cases: some Sequence<String>) throws {
    var pairs: [ExportedPair] = []
    for item in cases {
        let parts = item.split(separator: ":")
        guard parts.count == 2, let rho = Double(parts[0]), let levels = Int(parts[1]) else { continue }
        for (name, inner) in [("mse", 1), ("unbiased", nil)] as [(String, Int?)] {
            let books = try ProductDesign(innerDimension: inner).gaussian(
                correlation: rho, xCount: levels, yCount: levels)
            pairs.append(
                ExportedPair(
                    rho: rho, levels: levels, objective: name, xLevels: books.x.levels, xThresholds: books.x.thresholds,
                    yLevels: books.y.levels, yThresholds: books.y.thresholds,
                    meanSquaredError: books.moments.meanSquaredError,
                    meanSquaredErrorAfterGain: books.moments.meanSquaredErrorAfterGain,
                    decodeGain: books.moments.decodeGain))
        }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    print(String(decoding: try encoder.encode(pairs), as: UTF8.self))
}
