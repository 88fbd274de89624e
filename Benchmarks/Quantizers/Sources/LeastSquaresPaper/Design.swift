import Foundation
import QuantizedLeastSquares

/// A Gaussian regression b = A·x without intercept, all variables N(0, 1).
struct RegressionDesign {
    /// n.
    let predictors: Int
    /// Correlation of every two columns of A.
    let columnCorrelation: Double
    /// Correlation ρ of every column with b.
    let responseCorrelation: Double

    /// One column.
    static func single(_ rho: Double) -> RegressionDesign {
        RegressionDesign(predictors: 1, columnCorrelation: 0, responseCorrelation: rho)
    }

    /// Eight columns; every two of the nine variables have correlation ρ.
    static func equicorrelated(_ rho: Double) -> RegressionDesign {
        RegressionDesign(predictors: 8, columnCorrelation: rho, responseCorrelation: rho)
    }

    /// Eight independent columns, ρ < 1/√8.
    static func independent(_ rho: Double) -> RegressionDesign {
        RegressionDesign(predictors: 8, columnCorrelation: 0, responseCorrelation: rho)
    }

    /// Each true coefficient: ρ/(1 + (n−1)c).
    var coefficient: Double { responseCorrelation / (1 + Double(predictors - 1) * columnCorrelation) }

    /// The share of the variance of b that the columns explain.
    var rSquared: Double { Double(predictors) * coefficient * responseCorrelation }

    /// Columns of one draw, the response last.
    func draw(rows: Int, using generator: inout NormalGenerator) -> [[Double]] {
        var columns = [[Double]](repeating: [Double](repeating: 0, count: rows), count: predictors + 1)
        let (common, own) = (columnCorrelation.squareRoot(), (1 - columnCorrelation).squareRoot())
        let noise = max(0, 1 - rSquared).squareRoot()
        for i in 0..<rows {
            let factor = generator.normal()
            var response = noise * generator.normal()
            for j in 0..<predictors {
                columns[j][i] = common * factor + own * generator.normal()
                response += coefficient * columns[j][i]
            }
            columns[predictors][i] = response
        }
        return columns
    }
}

/// Standard normal numbers (Box–Muller on SplitMix64), the same in every run.
struct NormalGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) * 0x1p-53
    }

    mutating func normal() -> Double { (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform()) }
}
