import Factorizations
import Foundation
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// First-order propagation of the quantization errors of codes into the solution of the system they were solved in.
///
/// Residuals are r̂ = Â·v with v = (−z, ε_b) over all columns, predictors then responses. With Ĝ the Gram matrix that was
/// solved with and ΔG its error, the normal equations are off by the rows of ΔG·v that belong to predictors. The mean of
/// that is the bias g, its covariance S, and the error ratio of the solution z = M⁻¹c is
/// q² = (tr(M⁻¹S) + gᵀM⁻¹g + ρ²)/(s²p) with ρ the rounding error.
struct ErrorPropagation: Sendable {
    let data: QuantizedRegression
    let equations: NormalEquations
    let correction: BiasCorrection
    let kernels: Kernels

    /// The error of one response's solution.
    struct Result: Sendable {
        /// Covariance of the error of the normal equations, over the kept columns.
        let scoreCovariance: DenseMatrix
        /// Known bias of the normal equations, over the kept columns.
        let scoreBias: [Double]

        /// No error of quantization.
        static func none(columns: Int) -> Result {
            Result(
                scoreCovariance: DenseMatrix(rows: columns, columns: columns),
                scoreBias: [Double](repeating: 0, count: columns))
        }

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

    /// For response b (0-based among the responses) of a solved system, over its kept columns.
    func propagate(_ system: SolvedSystem, response b: Int) -> Result {
        var v = system.coefficients[b].map { -$0 } + [Double](repeating: 0, count: equations.columns - data.predictors)
        v[data.predictors + b] = 1
        return propagate(v, over: system.kept)
    }

    /// Of the rows of ΔG·v listed, v over all columns.
    func propagate(_ v: [Double], over rows: [Int]) -> Result {
        let isBalanced = data.matrix.columns.allSatisfy { $0.rounding == .balanced }
        return Result(
            scoreCovariance: isBalanced ? balancedCovariance(v, over: rows) : independentCovariance(v, over: rows),
            scoreBias: scoreBias(v, over: rows))
    }

    private func column(_ j: Int) -> QuantizedColumn { data.matrix.columns[j] }

    // MARK: Bias

    /// E[ΔG·v] as far as it is known. Uncorrected: the diagonal's (decoded − exact) is known exactly; of the other
    /// products, nearest codes shrink each by the gains of its two columns (Bussgang, jointly Gaussian columns).
    private func scoreBias(_ v: [Double], over rows: [Int]) -> [Double] {
        guard correction == .none else { return [Double](repeating: 0, count: rows.count) }
        return rows.map { j in
            var bias = column(j).isExact ? 0 : (equations.gram[j, j] - equations.exactSquares[j]) * v[j]
            for k in v.indices where k != j && v[k] != 0 {
                bias -= equations.gram[j, k] * (equations.gains[j] * equations.gains[k] - 1) * v[k]
            }
            return bias
        }
    }

    // MARK: Balanced codes

    /// The discrepancies D_jk of different pairs of columns are independent with the variances that the shares of
    /// the columns tell (`DiscrepancyShare`); the diagonal has no error of its own. Predictors' products with a response
    /// are correlated, see `responseCovariance`.
    private func balancedCovariance(_ v: [Double], over rows: [Int]) -> DenseMatrix {
        let model = DiscrepancyModel(data.matrix.columns, predictors: data.predictors)
        var covariance = DenseMatrix(rows: rows.count, columns: rows.count)
        let places = rows.indices.filter { rows[$0] < data.predictors }
        for b in data.predictors..<v.count where v[b] != 0 && !places.isEmpty {
            let part = responseCovariance(b, predictors: places.map { rows[$0] }, model: model)
            for (p, i) in places.enumerated() {
                for (q, j) in places.enumerated() { covariance[i, j] += v[b] * v[b] * part[p, q] }
            }
        }
        for (p, j) in rows.enumerated() {
            for k in v.indices where k != j && v[k] != 0 && !(j < data.predictors && k >= data.predictors) {
                covariance[p, p] += pairVariance(j, k, model) * v[k] * v[k]
            }
            for (q, k) in rows.enumerated() where k != j && v[j] != 0 && v[k] != 0 {
                covariance[p, q] += pairVariance(j, k, model) * v[j] * v[k]
            }
        }
        return covariance
    }

    /// Var D_jk.
    func pairVariance(_ j: Int, _ k: Int, _ model: DiscrepancyModel) -> Double {
        equations.variances[j] * equations.variances[k] * model.variance(j, k)
    }

    /// The covariance of the discrepancies of a response with the predictors `kept`.
    ///
    /// Balancing makes them alike in all directions, C ∝ V = diag(v_j), but cannot push them above what rounding at
    /// random would give, N = m(δ_b·R + diag δ_j) (R the correlations, δ the relative distortions); directions in which
    /// collinear predictors hardly vary stay at that. C = (V⁻¹/c + N⁻¹)⁻¹, with c such that tr C = Σ v_j.
    private func responseCovariance(_ response: Int, predictors kept: [Int], model: DiscrepancyModel) -> DenseMatrix {
        let variances = equations.variances, m = Double(equations.rows)
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
    /// Cov(e∘t + a·τ), t_j = r − κ·2a_jv_j (κ = 1 where the diagonal was corrected), τ = Σ e_k v_k.
    private func independentCovariance(_ v: [Double], over list: [Int]) -> DenseMatrix {
        let size = RegressionTable.blockRows, rows = data.matrix.rows
        let blocks = (rows + size - 1) / size
        let step = max(1, blocks * size / Self.sampledRows)
        var covariance = DenseMatrix(rows: list.count, columns: list.count)
        var sampled = 0
        for block in stride(from: 0, to: blocks, by: step) {
            let first = block * size, count = min(size, rows - first)
            addCovariance(first: first, count: count, v, over: list, into: &covariance)
            sampled += count
        }
        let factor = sampled == 0 ? 0 : Double(rows) / Double(sampled)
        for i in covariance.elements.indices { covariance.elements[i] *= factor }
        return covariance
    }

    private func addCovariance(
        first: Int, count: Int, _ v: [Double], over rows: [Int], into covariance: inout DenseMatrix
    ) {
        let list = rows + v.indices.filter { v[$0] != 0 && !rows.contains($0) }
        let centers = list.map { data.intercept ? column($0).moments.mean : 0 }
        let a = data.matrix.decoded(first: first, count: count, kernels: kernels).centered(list, at: centers)
        let variances = errorVariances(list, first: first, count: count)
        let kappa = correction == .exactDiagonal ? 2.0 : 0
        var weighted = DenseMatrix(rows: count, columns: rows.count)  // a·√ω
        var plain = DenseMatrix(rows: count, columns: rows.count)
        var mixed = DenseMatrix(rows: count, columns: rows.count)  // Var(e)∘t∘v
        for i in 0..<count {
            var residual = 0.0, omega = 0.0
            for (p, j) in list.enumerated() {
                residual += a[i, p] * v[j]
                omega += variances[i, p] * v[j] * v[j]
            }
            for (p, j) in rows.enumerated() {
                let t = residual - kappa * a[i, p] * v[j]
                plain[i, p] = a[i, p]
                weighted[i, p] = a[i, p] * omega.squareRoot()
                mixed[i, p] = variances[i, p] * t * v[j]
                covariance[p, p] += variances[i, p] * t * t
            }
        }
        let own = BLAS.multiply(weighted, transposed: true, weighted)
        let cross = BLAS.multiply(mixed, transposed: true, plain)
        for p in rows.indices {
            for q in rows.indices { covariance[p, q] += own[p, q] + cross[p, q] + cross[q, p] }
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
