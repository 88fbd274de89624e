import Factorizations
import Matrices
import QuantizedKernels

/// How the standard errors of coefficients are computed.
public enum StandardErrors: String, Sendable, CaseIterable {
    /// s²(AᵀA)⁻¹: all residuals have the same variance.
    case classical
    /// (AᵀA)⁻¹(Σ r_i²a_ia_iᵀ)(AᵀA)⁻¹: each residual has its own (White 1980).
    case hc0
    /// hc0 times m/(m − p).
    case hc1
    /// With r_i²/(1 − h_i), h_i the leverage: unbiased where residuals have one variance (MacKinnon and White 1985).
    case hc2
    /// With r_i²/(1 − h_i)²: near the jackknife.
    case hc3
}

/// The heteroscedasticity-consistent covariance of a solution, summed over blocks of rows.
///
/// Rows are [1, a_i] with an intercept, a_i the kept columns about their means. From codes, residuals and rows have errors of
/// their own with known variances ω_i and ω_ij: what these add to r̂_i², to â_ijâ_ij and to the leverage is taken away
/// (with nearest codes, added: see `ErrorPropagation`).
struct RobustCovariance {
    private let kind: StandardErrors
    private let inverse: DenseMatrix
    private let rows: Double
    private let intercept: Bool
    private let parameters: Double
    private let kernels: Kernels
    private var meat: DenseMatrix

    /// For a system with (AᵀA)⁻¹ = `inverse` over its k kept columns.
    init(
        _ kind: StandardErrors, inverse: DenseMatrix, rows: Int, intercept: Bool, parameters: Double, kernels: Kernels
    ) {
        self.kind = kind
        self.inverse = inverse
        self.rows = Double(rows)
        self.intercept = intercept
        self.parameters = parameters
        self.kernels = kernels
        meat = DenseMatrix(rows: inverse.rows + 1, columns: inverse.rows + 1)
    }

    /// Variances of the errors of a block from codes.
    struct Noise {
        /// Of the residuals.
        let residuals: [Double]
        /// Of the entries, as the block.
        let entries: DenseMatrix
        /// +1 where decoded numbers vary more than the numbers do, −1 where less (nearest codes).
        let sign: Double
    }

    /// Adds rows (count × k, about the means) with their residuals. Cost: 1.5·count·k² multiply–adds.
    mutating func add(_ a: DenseMatrix, residuals: [Double], noise: Noise? = nil) {
        let k = a.columns, spread = BLAS.multiply(a, transposed: false, inverse)
        var weights = [Double](repeating: 0, count: a.rows)
        for i in 0..<a.rows {
            var leverage = intercept ? 1 / rows : 0
            for j in 0..<k {
                leverage += spread[i, j] * a[i, j] - (noise.map { $0.sign * $0.entries[i, j] * inverse[j, j] } ?? 0)
            }
            let left = 1 - min(max(leverage, 0), 1 - 1e-12)
            let square = residuals[i] * residuals[i] - (noise.map { $0.sign * $0.residuals[i] } ?? 0)
            weights[i] = square / (kind == .hc2 ? left : kind == .hc3 ? left * left : 1)
        }
        for j in 0..<k {
            var sum = 0.0, own = 0.0
            for i in 0..<a.rows {
                sum += weights[i] * a[i, j]
                if let noise { own += noise.sign * weights[i] * noise.entries[i, j] }
            }
            meat[0, j + 1] += sum
            meat[j + 1, 0] += sum
            meat[j + 1, j + 1] -= own
        }
        meat[0, 0] += weights.reduce(0, +)
        addProducts(a, weights)
    }

    /// Adds Σ w_i·a_ia_iᵀ. Cost: count·k²/2 multiply–adds.
    private mutating func addProducts(_ a: DenseMatrix, _ weights: [Double]) {
        let k = a.columns
        var products = DenseMatrix(rows: k, columns: k)
        var scratch = [Double](repeating: 0, count: Kernels.weightedGramScratchCount(columns: k))
        var sums = products.elements.mutableSpan, scratchSpan = scratch.mutableSpan
        kernels.weightedGram(
            a.elements.span, rows: a.rows, columnStride: a.rows, count: k, weights: weights.span, into: &sums,
            scratch: &scratchSpan)
        for q in 0..<k {
            for p in 0..<k { meat[p + 1, q + 1] += products[max(p, q), min(p, q)] }
        }
    }

    /// The covariance of the mean response and the kept coefficients (k + 1 in all, the former 0 without intercept).
    func covariance() -> DenseMatrix {
        let k = inverse.rows
        var bread = DenseMatrix(rows: k + 1, columns: k + 1)
        bread[0, 0] = intercept ? 1 / rows : 0
        for q in 0..<k {
            for p in 0..<k { bread[p + 1, q + 1] = inverse[p, q] }
        }
        let factor = kind == .hc1 && rows > parameters ? rows / (rows - parameters) : 1
        return BLAS.multiply(BLAS.multiply(bread, meat), bread).scaled(by: factor)
    }
}
