import Factorizations
import Foundation
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// First-order propagation of the quantization errors of codes into a solution z of the system they were solved in.
///
/// With Â = A + E, b̂ = b + e and M, c the matrix and right-hand side that were solved, ẑ − z ≈ M⁻¹(γ − Δz), where
/// γ − Δz is the error of the normal equations at z. Its mean is the bias, its covariance S, and the error ratio of
/// the solution is q² = (tr(M⁻¹S) + gᵀM⁻¹g + ρ²)/(s²p) with g the bias of the equations and ρ the rounding error.
struct ErrorPropagation {
    let data: QuantizedRegression
    let equations: NormalEquations
    let system: SolvedSystem
    let kernels: Kernels

    /// The error of one response's solution.
    struct Result: Sendable {
        /// Covariance of the error of the normal equations, over the kept columns.
        let scoreCovariance: DenseMatrix
        /// Known bias of the normal equations, over the kept columns.
        let scoreBias: [Double]

        /// tr(M⁻¹S) + gᵀM⁻¹g: the expected square of ‖A(x̂ − x)‖. Cost: k².
        func expectedSquare(_ inverse: DenseMatrix) -> Double {
            var sum = 0.0
            for i in scoreBias.indices {
                for j in scoreBias.indices {
                    sum += inverse[i, j] * (scoreCovariance[j, i] + scoreBias[i] * scoreBias[j])
                }
            }
            return sum
        }
    }

    /// For response b (0-based among the responses).
    func propagate(response b: Int) -> Result {
        let bias = scoreBias(b)
        if data.matrix.columns.allSatisfy({ $0.rounding == .balanced }) {
            return Result(scoreCovariance: balancedCovariance(b), scoreBias: bias)
        }
        return Result(scoreCovariance: independentCovariance(b), scoreBias: bias)
    }

    private var kept: [Int] { system.kept }
    private func column(_ j: Int) -> QuantizedColumn { data.matrix.columns[j] }

    // MARK: Bias

    /// E[γ − Δz] as far as it is known. Uncorrected: the diagonal's (decoded − exact) is known exactly; of the other
    /// products, nearest codes shrink each by the gains of its two columns (Bussgang, jointly Gaussian columns).
    private func scoreBias(_ b: Int) -> [Double] {
        guard system.correction == .none else { return [Double](repeating: 0, count: kept.count) }
        let z = system.coefficients[b], response = equations.predictors + b
        return kept.map { j in
            var bias = column(j).isExact ? 0 : -(equations.gram[j, j] - equations.exactSquares[j]) * z[j]
            for k in kept where k != j {
                bias += equations.gram[j, k] * (equations.gains[j] * equations.gains[k] - 1) * z[k]
            }
            bias -= equations.gram[j, response] * (equations.gains[j] * equations.gains[response] - 1)
            return bias
        }
    }

    // MARK: Balanced codes

    /// The discrepancies D_jk of different pairs of predictors are independent with the variances that the shares of
    /// the columns tell (`DiscrepancyShare`); the diagonal has no error of its own.
    private func balancedCovariance(_ b: Int) -> DenseMatrix {
        let z = system.coefficients[b]
        let variances = equations.variances
        let model = DiscrepancyModel(data.matrix.columns, predictors: data.predictors)
        var covariance = responseCovariance(b, model: model)
        for (p, j) in kept.enumerated() {
            for (q, k) in kept.enumerated() where k != j {
                let pair = variances[j] * variances[k] * model.variance(j, k)
                covariance[p, p] += pair * z[k] * z[k]
                covariance[p, q] += pair * z[j] * z[k]
            }
        }
        return covariance
    }

    /// The covariance of the discrepancies of the response with the predictors.
    ///
    /// Balancing makes them alike in all directions, C ∝ V = diag(v_j), but cannot push them above what rounding at
    /// random would give, N = m(δ_b·R + diag δ_j) (R the correlations, δ the relative distortions); directions in which
    /// collinear predictors hardly vary stay at that. C = (V⁻¹/c + N⁻¹)⁻¹, with c such that tr C = Σ v_j.
    private func responseCovariance(_ b: Int, model: DiscrepancyModel) -> DenseMatrix {
        let response = equations.predictors + b, variances = equations.variances, m = Double(equations.rows)
        let wanted = kept.map { model.variance($0, response) }
        var result = DenseMatrix(rows: kept.count, columns: kept.count)
        let roots = wanted.map { max($0, 1e-300).squareRoot() }
        func relative(_ j: Int) -> Double {
            variances[j] > 0 ? column(j).totalSquaredError / (m * variances[j]) : 0
        }
        var natural = result
        for (p, j) in kept.enumerated() {
            for (q, k) in kept.enumerated() {
                let correlation = equations.gram[j, k] / (equations.gram[j, j] * equations.gram[k, k]).squareRoot()
                let value = relative(response) * correlation + (j == k ? relative(j) : 0)
                natural[p, q] = m * value / (roots[p] * roots[q])
            }
        }
        let units = zip(kept, roots).map { $1 * (variances[$0] * variances[response]).squareRoot() }
        guard let eigen = try? SymmetricEigen(natural) else {
            for p in kept.indices { result[p, p] = units[p] * units[p] }
            return result
        }
        let spectrum = Self.boundedSpectrum(eigen, weights: wanted)
        for i in kept.indices {
            for q in kept.indices {
                for p in kept.indices { result[p, q] += eigen.vectors[p, i] * spectrum[i] * eigen.vectors[q, i] }
            }
        }
        for p in kept.indices {
            for q in kept.indices { result[p, q] *= units[p] * units[q] }
        }
        return result
    }

    /// 1/(1/c + 1/ν_i) for the eigenvalues ν_i, with c such that the weighted trace is that of the weights.
    private static func boundedSpectrum(_ eigen: SymmetricEigen, weights: [Double]) -> [Double] {
        let shares = eigen.values.indices.map { i in
            weights.indices.reduce(0) { $0 + weights[$1] * eigen.vectors[$1, i] * eigen.vectors[$1, i] }
        }
        let target = weights.reduce(0, +)
        func spectrum(_ c: Double) -> [Double] { eigen.values.map { $0 > 0 ? 1 / (1 / c + 1 / $0) : 0 } }
        var low = -1.0, high = 40.0  // log₂ c
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let trace = zip(spectrum(exp2(middle)), shares).reduce(0) { $0 + $1.0 * $1.1 }
            if trace < target { low = middle } else { high = middle }
        }
        return spectrum(exp2(high))
    }

    // MARK: Independent errors

    /// Rows taken into account at most; they are spread evenly over the table and scaled up.
    private static let sampledRows = 32768

    /// Entries err independently with the mean squared error of their code: summed over rows of
    /// Cov(e∘t + a·τ), t_j = r + κ·2a_jz_j (κ = 1 where the diagonal was corrected), τ = e_b − Σ e_k z_k.
    private func independentCovariance(_ b: Int) -> DenseMatrix {
        let size = RegressionTable.blockRows, rows = data.matrix.rows
        let blocks = (rows + size - 1) / size
        let step = max(1, blocks * size / Self.sampledRows)
        var covariance = DenseMatrix(rows: kept.count, columns: kept.count)
        var sampled = 0
        for block in stride(from: 0, to: blocks, by: step) {
            let first = block * size, count = min(size, rows - first)
            addCovariance(first: first, count: count, response: b, into: &covariance)
            sampled += count
        }
        let factor = sampled == 0 ? 0 : Double(rows) / Double(sampled)
        for i in covariance.elements.indices { covariance.elements[i] *= factor }
        return covariance
    }

    private func addCovariance(first: Int, count: Int, response b: Int, into covariance: inout DenseMatrix) {
        let response = equations.predictors + b, z = system.coefficients[b]
        let list = kept + [response]
        let centers = list.map { data.intercept ? column($0).moments.mean : 0 }
        let a = data.matrix.decoded(first: first, count: count, kernels: kernels).centered(list, at: centers)
        let v = errorVariances(list, first: first, count: count)
        let kappa = system.correction == .exactDiagonal ? 2.0 : 0
        var weighted = DenseMatrix(rows: count, columns: kept.count)  // a·√ω
        var plain = DenseMatrix(rows: count, columns: kept.count)
        var mixed = DenseMatrix(rows: count, columns: kept.count)  // v∘t∘z
        let last = kept.count
        for i in 0..<count {
            var residual = a[i, last], omega = v[i, last]
            for p in 0..<last {
                residual -= a[i, p] * z[kept[p]]
                omega += v[i, p] * z[kept[p]] * z[kept[p]]
            }
            for p in 0..<last {
                let t = residual + kappa * a[i, p] * z[kept[p]]
                plain[i, p] = a[i, p]
                weighted[i, p] = a[i, p] * omega.squareRoot()
                mixed[i, p] = v[i, p] * t * z[kept[p]]
                covariance[p, p] += v[i, p] * t * t
            }
        }
        let own = BLAS.multiply(weighted, transposed: true, weighted)
        let cross = BLAS.multiply(mixed, transposed: true, plain)
        for p in 0..<last {
            for q in 0..<last { covariance[p, q] += own[p, q] - cross[p, q] - cross[q, p] }
        }
    }

    private func errorVariances(_ list: [Int], first: Int, count: Int) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: list.count)
        for (q, j) in list.enumerated() {
            let table = column(j).errorVariances
            let codes = data.matrix.codes(column: j, first: first, count: count, kernels: kernels)
            for i in 0..<count { result[i, q] = table[Int(codes[i])] }
        }
        return result
    }
}
