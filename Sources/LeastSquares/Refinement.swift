import Factorizations
import Matrices

/// Iterative refinement of a full-precision solution: x ← x + (AᵀA)⁻¹Aᵀ(b − A·x), the residuals and their products with
/// the columns in double-double arithmetic.
///
/// QR in double precision leaves a relative error of about κ²·ε·‖r‖/(‖A‖‖x‖) + κ·ε, which is large where the residuals
/// are (Wampler's polynomials). Each step multiplies the error by about κ²·ε, so it is taken only where that is below
/// 1/100, and, to spare a pass over the rows, only where κ is above 100. (Björck, *Numerical Methods for Least Squares
/// Problems*, 1996, section 6.6: corrected seminormal equations.) Cost: about 40·m·n flops per step.
struct Refinement {
    let table: RegressionTable
    let intercept: Bool

    private static let steps = 3

    func refined(_ system: SolvedSystem) throws(RegressionError) -> SolvedSystem {
        let kappa = system.conditionNumber
        guard kappa > 100, kappa * kappa * .ulpOfOne < 0.01 else { return system }
        var coefficients = system.coefficients
        var last = [Double](repeating: .infinity, count: coefficients.count)
        for _ in 0..<Self.steps {
            let gradients = try gradients(coefficients, kept: system.kept)
            var isFinished = true
            for b in coefficients.indices {
                let step = BLAS.multiply(system.inverse, gradients[b])
                let size = relativeSize(step, of: coefficients[b], kept: system.kept)
                guard size < 0.5 * min(last[b], 0.01) else { continue }
                for (a, j) in system.kept.enumerated() { coefficients[b][j] += step[a] }
                last[b] = size
                if size > .ulpOfOne { isFinished = false }
            }
            if isFinished { break }
        }
        var refined = system
        refined.coefficients = coefficients
        return refined
    }

    /// The largest |δ_j|/|x_j|.
    private func relativeSize(_ step: [Double], of x: [Double], kept: [Int]) -> Double {
        zip(step, kept).reduce(0) { $1.0 == 0 ? $0 : max($0, abs($1.0) / max(abs(x[$1.1]), abs($1.0))) }
    }

    /// Per response: Aᵀ(b − A·x) over the kept columns, both about their means.
    private func gradients(_ coefficients: [[Double]], kept: [Int]) throws(RegressionError) -> [[Double]] {
        let n = table.predictors, responses = coefficients.count
        let centers = table.moments.map { intercept ? $0.mean : 0 }
        let zero = DoubleDouble(0)
        var products = [[DoubleDouble]](repeating: [DoubleDouble](repeating: zero, count: kept.count), count: responses)
        var columnSums = [DoubleDouble](repeating: zero, count: kept.count)
        var residualSums = [DoubleDouble](repeating: zero, count: responses)
        var deviations = columnSums
        try table.forEachBlock { (block) throws(RegressionError) in
            for i in 0..<block.rows {
                for (a, j) in kept.enumerated() {
                    deviations[a] = .difference(block[i, j], centers[j])
                    columnSums[a] = columnSums[a] + deviations[a]
                }
                for b in 0..<responses {
                    var residual = DoubleDouble.difference(block[i, n + b], centers[n + b])
                    for (a, j) in kept.enumerated() {
                        residual = residual + .product(deviations[a], DoubleDouble(-coefficients[b][j]))
                    }
                    residualSums[b] = residualSums[b] + residual
                    for a in kept.indices { products[b][a] = products[b][a] + .product(deviations[a], residual) }
                }
            }
        }
        guard intercept else { return products.map { $0.map(\.high) } }
        // The centers are means up to rounding; the intercept takes what is left.
        let share = DoubleDouble(-1 / Double(max(1, table.rows)))
        return products.indices.map { b in
            kept.indices.map { a in
                (products[b][a] + .product(.product(columnSums[a], residualSums[b]), share)).high
            }
        }
    }
}
