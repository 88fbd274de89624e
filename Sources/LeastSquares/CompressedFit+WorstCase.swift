import Factorizations
import Matrices
import QuantizedMatrices

extension CompressedProblem {
    /// The worst case of ‖A(x̂ − x)‖ for a fit of this problem, see `WorstCaseBound`: over all columns, with the penalty; in
    /// the directions that linear constraints leave free; and over all coefficients that bounds leave free to be
    /// elsewhere, whether they are at a bound or not. nil in full precision, for rows that were chosen, where columns were
    /// left out, and where there is no finite bound. Cost: that of `WorstCaseBound`.
    func worstCaseNorm(_ fit: CompressedFit) -> Double? {
        guard let noise = variant.noise, noise.propagation.data.matrix.share == 1 else { return nil }
        let x = fit.system.coefficients[0], v = BLAS.multiply(noise.basis, residualCombination(x))
        var directions = noise.basis.selectingColumns(columns), penalty = 0.0
        var cone = [ClosedRange<Double>](repeating: -Double.infinity...Double.infinity, count: columns.count)
        switch fit.account {
        case nil: guard fit.system.kept.count == columns.count else { return nil }
        case .ridge(let account): penalty = account.penalty
        case .constrained:
            guard let free = fit.freeDirections else { return nil }
            directions = BLAS.multiply(directions, free)
        case .bounded(let lower, let upper, _):
            for (p, j) in columns.enumerated() {
                if lower.contains(compressed.names[j]) { cone[p] = 0...Double.infinity }
                if upper.contains(compressed.names[j]) { cone[p] = -Double.infinity...0 }
            }
        }
        let free = directions.columns
        if let constant = noise.constant {
            directions = DenseMatrix(
                rows: directions.rows, columns: free + 1, elements: directions.elements + constant)
        }
        guard
            let bound = WorstCaseBound(
                gram: noise.propagation.equations.gram, errors: noise.propagation.data.errorNorms,
                directions: directions, penalties: [Double](repeating: penalty, count: free))
        else { return nil }
        var gradient = bound.gradient(residual: v)
        if penalty > 0 {
            for j in 0..<free { gradient[j] -= penalty * x[j] }
        }
        if free == columns.count {
            for j in 0..<free { gradient[j] = min(max(gradient[j], cone[j].lowerBound), cone[j].upperBound) }
        }
        return bound.norm(residual: v, gradient: gradient)
    }
}
