import Foundation
import QuantizedLeastSquares

/// The point density of a Gaussian pair around |ρ| = 1/√3, where one peak becomes two.
struct TransitionTables {
    static let correlations = [
        0, 0.3, 0.5, 0.55, 0.57, 0.577, 0.5774, 0.58, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95, 0.99, 1,
    ]

    func write() throws {
        print(
            "| ρ | peaks of λ | place of the right peak, σ | Z(ρ) | C(ρ) | gain over ρ = 0 | K²E[D²]/2C at K = 16 | at K = 256 |"
        )
        print("|---:|---:|---:|---:|---:|---:|---:|---:|")
        for correlation in Self.correlations {
            let density = try GaussianPairDensity(correlation: correlation)
            let cells = [
                "\(correlation)", "\(density.modes.count)", String(format: "%.4f", density.peak),
                String(format: "%.6f", density.normalization), String(format: "%.6f", density.constant),
                String(format: "%.4f", density.gainOverPanterDite),
                try ratio(density, 16), try ratio(density, 256),
            ]
            print("| " + cells.joined(separator: " | ") + " |")
        }
    }

    /// The exact error of the companding codebook against the high-resolution formula.
    private func ratio(_ density: GaussianPairDensity, _ count: Int) throws -> String {
        let codebook = try Codebook.companding(density, count: count)
        let moments = try GaussianPairDistortion(correlation: density.correlation).moments(codebook, codebook)
        return String(
            format: "%.4f", moments.meanSquaredErrorAfterGain * Double(count * count) / (2 * density.constant))
    }
}
