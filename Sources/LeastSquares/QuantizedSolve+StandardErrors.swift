import Factorizations
import Matrices
import QuantizedMatrices

extension QuantizedSolve {
    /// Sandwiches for the standard errors of each response, from the codes; nil for classical ones. Cost: that of decoding,
    /// and 2·m·k² per response.
    func sandwiches(_ system: SolvedSystem, equations: NormalEquations) -> [DenseMatrix]? {
        guard var sums = system.sandwichSums(problem, rows: data.matrix.rows, intercept: data.intercept) else {
            return nil
        }
        let propagation = ErrorPropagation(
            data: data, equations: equations, correction: system.correction, threads: problem.threads,
            kernels: problem.kernels)
        let columns = Array(data.matrix.columns.indices)
        let centers = columns.map { data.intercept ? data.matrix.columns[$0].moments.mean : 0 }
        let sign = data.matrix.columns.contains { $0.rounding == .nearest } ? -1.0 : 1
        let combinations = sums.indices.map { system.residualCombination(response: $0) }
        for first in stride(from: 0, to: data.matrix.rows, by: RegressionTable.blockRows) {
            let count = min(RegressionTable.blockRows, data.matrix.rows - first)
            let a = data.matrix.decoded(first: first, count: count, kernels: problem.kernels)
                .centered(columns, at: centers)
            let variances = propagation.errorVariances(columns, first: first, count: count)
            let kept = a.selectingColumns(system.kept), errors = variances.selectingColumns(system.kept)
            for (b, v) in combinations.enumerated() {
                let noise = BLAS.multiply(variances, v.map { $0 * $0 })
                sums[b].add(
                    kept, residuals: BLAS.multiply(a, v), noise: .init(residuals: noise, entries: errors, sign: sign))
            }
        }
        return sums.map { $0.covariance() }
    }
}

extension FullPrecisionRegression {
    /// The same from the numbers, in another pass over them.
    func sandwiches(_ system: SolvedSystem) throws(RegressionError) -> [DenseMatrix]? {
        guard var sums = system.sandwichSums(problem, rows: table.rows, intercept: problem.intercept) else {
            return nil
        }
        let centers = table.moments.map { problem.intercept ? $0.mean : 0 }
        let combinations = sums.indices.map { system.residualCombination(response: $0) }
        try table.forEachBlock { (block) throws(RegressionError) in
            let a = block.centered(Array(0..<block.columns), at: centers)
            let kept = a.selectingColumns(system.kept)
            for (b, v) in combinations.enumerated() { sums[b].add(kept, residuals: BLAS.multiply(a, v)) }
        }
        return sums.map { $0.covariance() }
    }
}

extension SolvedSystem {
    /// Empty sums for the sandwich of each response; nil for classical standard errors.
    fileprivate func sandwichSums(
        _ problem: LeastSquaresProblem, rows: Int, intercept: Bool
    ) -> [RobustCovariance]? {
        guard problem.standardErrors != .classical else { return nil }
        let empty = RobustCovariance(
            problem.standardErrors, inverse: better?.inverse ?? inverse, rows: rows, intercept: intercept,
            parameters: Double(rank + (intercept ? 1 : 0)), kernels: problem.kernels)
        return [RobustCovariance](repeating: empty, count: coefficients.count)
    }
}
