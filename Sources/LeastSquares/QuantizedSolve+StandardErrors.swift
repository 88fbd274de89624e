import Matrices
import QuantizedMatrices

extension QuantizedSolve {
    /// Sandwiches for the standard errors of each response, from the codes; nil for classical ones. Cost: that of decoding,
    /// and 2·m·k² per response.
    func sandwiches(_ system: SolvedSystem, equations: NormalEquations) -> [DenseMatrix]? {
        guard problem.standardErrors != .classical else { return nil }
        let inverse = system.better?.inverse ?? system.inverse
        let parameters = Double(system.rank + (data.intercept ? 1 : 0))
        var sums = data.responses.map { _ in
            RobustCovariance(
                problem.standardErrors, inverse: inverse, rows: data.matrix.rows, intercept: data.intercept,
                parameters: parameters)
        }
        let propagation = ErrorPropagation(
            data: data, equations: equations, correction: system.correction, kernels: problem.kernels)
        let columns = Array(data.matrix.columns.indices)
        let centers = columns.map { data.intercept ? data.matrix.columns[$0].moments.mean : 0 }
        let sign = data.matrix.columns.contains { $0.rounding == .nearest } ? -1.0 : 1
        for first in stride(from: 0, to: data.matrix.rows, by: RegressionTable.blockRows) {
            let count = min(RegressionTable.blockRows, data.matrix.rows - first)
            let a = data.matrix.decoded(first: first, count: count, kernels: problem.kernels)
                .centered(columns, at: centers)
            let variances = propagation.errorVariances(columns, first: first, count: count)
            let kept = a.selectingColumns(system.kept), errors = variances.selectingColumns(system.kept)
            for b in sums.indices {
                let v = propagation.residualCombination(system, response: b)
                sums[b].add(
                    kept, residuals: a.applied(to: v),
                    noise: .init(residuals: variances.applied(to: v.map { $0 * $0 }), entries: errors, sign: sign))
            }
        }
        return sums.map { $0.covariance() }
    }
}

extension FullPrecisionRegression {
    /// The same from the numbers, in another pass over them.
    func sandwiches(_ system: SolvedSystem) throws(RegressionError) -> [DenseMatrix]? {
        guard problem.standardErrors != .classical else { return nil }
        let n = table.predictors, parameters = Double(system.rank + (problem.intercept ? 1 : 0))
        var sums = (0..<table.responses).map { _ in
            RobustCovariance(
                problem.standardErrors, inverse: system.inverse, rows: table.rows, intercept: problem.intercept,
                parameters: parameters)
        }
        let centers = table.moments.map { problem.intercept ? $0.mean : 0 }
        try table.forEachBlock { (block) throws(RegressionError) in
            let a = block.centered(Array(0..<block.columns), at: centers)
            let kept = a.selectingColumns(system.kept)
            for b in sums.indices {
                var v = [Double](repeating: 0, count: block.columns)
                for j in 0..<n { v[j] = -system.coefficients[b][j] }
                v[n + b] = 1
                sums[b].add(kept, residuals: a.applied(to: v))
            }
        }
        return sums.map { $0.covariance() }
    }
}

extension DenseMatrix {
    /// A·v. Cost: rows·columns.
    fileprivate func applied(to v: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: rows)
        for j in 0..<columns where v[j] != 0 {
            for i in 0..<rows { result[i] += elements[i + j * rows] * v[j] }
        }
        return result
    }
}
