import Factorizations
import Foundation
import Matrices
import QuantizedMatrices
import Synchronization

extension ErrorPropagation {
    /// The discrepancies D_jk of different pairs of columns are independent with the variances that the shares of
    /// the columns tell (`DiscrepancyShare`); the diagonal has no error of its own. Predictors' products with a response
    /// are correlated, see `responseCovariance`; systematic ones add up, see `systematicExcess`.
    func balancedCovariance(_ v: [Double], over rows: [Int]) -> DenseMatrix {
        let model = DiscrepancyModel(data.matrix.columns, predictors: data.predictors)
        var covariance = DenseMatrix(rows: rows.count, columns: rows.count)
        let places = rows.indices.filter { rows[$0] < data.predictors }
        for b in data.predictors..<v.count where v[b] != 0 && !places.isEmpty {
            let predictors = places.map { rows[$0] }
            let part = known.covariance(of: b, predictors: predictors) {
                responseCovariance(b, predictors: predictors, model: model)
            }
            for (p, i) in places.enumerated() {
                for (q, j) in places.enumerated() { covariance[i, j] += v[b] * v[b] * part[p, q] }
            }
        }
        for (p, j) in rows.enumerated() {
            covariance[p, p] += systematicExcess(v, of: j, model)
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

    /// Discrepancies above what rounding at random would leave, m(δ_j + δ_k + δ_j·δ_k) in square, grow like the rows: levels
    /// cannot keep all products, and the discrepancies of a column have something in common. Taken as fully correlated they
    /// have (Σ_k |v_k|·√Var D_jk)², of which this is what exceeds Σ_k v_k²·Var D_jk. Cost: p.
    private func systematicExcess(_ v: [Double], of j: Int, _ model: DiscrepancyModel) -> Double {
        var sum = 0.0, squares = 0.0
        for k in v.indices where k != j && v[k] != 0 && isSystematic(j, k, model) {
            let square = v[k] * v[k] * pairVariance(j, k, model)
            sum += square.squareRoot()
            squares += square
        }
        return sum * sum - squares
    }

    /// Whether D_jk is more than rounding at random would leave.
    func isSystematic(_ j: Int, _ k: Int, _ model: DiscrepancyModel) -> Bool {
        let first = relativeDistortions[j], second = relativeDistortions[k]
        return model.variance(j, k) > Double(equations.rows) * (first + second + first * second)
    }

    /// The covariance of the discrepancies of a response with the predictors `kept`.
    ///
    /// Balancing makes them alike in all directions, C ∝ V = diag(v_j), but cannot push them above what rounding at
    /// random would give, N = m(δ_b·R + diag δ_j) (R the correlations, δ the relative distortions); directions in which
    /// collinear predictors hardly vary stay at that. C = (V⁻¹/c + N⁻¹)⁻¹, with c such that tr C = Σ v_j; what is more than
    /// N altogether is systematic and added in proportion to v_j.
    private func responseCovariance(_ response: Int, predictors kept: [Int], model: DiscrepancyModel) -> DenseMatrix {
        let variances = equations.variances, m = Double(equations.rows)
        let wanted = kept.map { model.variance($0, response) }
        var result = DenseMatrix(rows: kept.count, columns: kept.count)
        let roots = wanted.map { max($0, 1e-300).squareRoot() }
        var natural = result
        for (p, j) in kept.enumerated() {
            for (q, k) in kept.enumerated() {
                let correlation = equations.gram[j, k] / (equations.gram[j, j] * equations.gram[k, k]).squareRoot()
                let value = relativeDistortions[response] * correlation + (j == k ? relativeDistortions[j] : 0)
                natural[p, q] = m * value / (roots[p] * roots[q])
            }
        }
        let units = zip(kept, roots).map { $1 * (variances[$0] * variances[response]).squareRoot() }
        guard let eigen = try? SymmetricEigen(natural) else {
            for p in kept.indices { result[p, p] = units[p] * units[p] }
            return result
        }
        let shares = eigen.values.indices.map { i in
            wanted.indices.reduce(0) { $0 + wanted[$1] * eigen.vectors[$1, i] * eigen.vectors[$1, i] }
        }
        let target = wanted.reduce(0, +), spectrum = Self.boundedSpectrum(eigen, shares: shares, trace: target)
        let known = spectrum.indices.reduce(0) { $0 + spectrum[$1] * shares[$1] }
        // diag(u)·(V·diag(s)·Vᵀ + the rest)·diag(u)
        var half = eigen.vectors
        for i in kept.indices {
            for p in kept.indices { half[p, i] *= units[p] * spectrum[i].squareRoot() }
        }
        result = BLAS.multiply(half, transposed: false, half, transposed: true)
        for p in kept.indices where target > known { result[p, p] += units[p] * units[p] * (target - known) / target }
        return result
    }

    /// 1/(1/c + 1/ν_i) for the eigenvalues ν_i, with c such that the sum weighted by the shares is `target`, if it can be.
    private static func boundedSpectrum(_ eigen: SymmetricEigen, shares: [Double], trace target: Double) -> [Double] {
        func spectrum(_ c: Double) -> [Double] { eigen.values.map { $0 > 0 ? 1 / (1 / c + 1 / $0) : 0 } }
        var low = -1.0, high = 40.0  // log₂ c
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let trace = zip(spectrum(exp2(middle)), shares).reduce(0) { $0 + $1.0 * $1.1 }
            if trace < target { low = middle } else { high = middle }
        }
        return spectrum(exp2(high))
    }
}

/// The covariances of the discrepancies of responses with predictors: the same for every solution of the same equations.
final class ResponseCovariances: Sendable {
    private struct Key: Hashable {
        let response: Int
        let predictors: [Int]
    }

    private let known = Mutex<[Key: DenseMatrix]>([:])

    /// The covariance of a response with the predictors listed, computed where it is not known.
    func covariance(of response: Int, predictors: [Int], computed compute: () -> DenseMatrix) -> DenseMatrix {
        let key = Key(response: response, predictors: predictors)
        if let found = known.withLock({ $0[key] }) { return found }
        let covariance = compute()
        known.withLock { $0[key] = covariance }
        return covariance
    }
}
