import Factorizations
import Foundation
import Matrices

/// Ridge solutions at many penalties from one singular value decomposition A = UΣVᵀ of a compressed design:
/// x(λ) = V·diag(σ/(σ² + λ))·Uᵀb.
struct RidgePath {
    let problem: CompressedProblem
    /// Candidates, ascending.
    let penalties: [Double]
    private let values: [Double]
    private let v: DenseMatrix
    /// Uᵀb.
    private let rotated: [Double]
    /// ‖b‖² less what A can explain of it.
    private let unexplained: Double

    /// The grid where no penalties are given.
    static let gridCount = 61

    /// Decomposes. Cost: about 12·k³ flops for k columns.
    init(_ problem: CompressedProblem, _ penalty: RidgePenalty) throws(RegressionError) {
        self.problem = problem
        let a = problem.design, b = problem.target
        let svd = try RegressionError.factorizing { () throws(FactorizationError) in try SVD(a) }
        values = svd.singularValues
        v = svd.v
        rotated = BLAS.multiply(svd.u, transposed: true, b)
        let rest = zip(b, BLAS.multiply(svd.u, rotated)).map { $0 - $1 }
        unexplained = rest.dot(rest)
        for value in penalty.penalties where !(value >= 0) || value == .infinity {
            throw .invalidProblem("A ridge penalty is a finite number of at least 0, not \(value).")
        }
        penalties =
            penalty.penalties.isEmpty ? Self.grid(values) : Array(Set(penalty.penalties)).sorted()
    }

    /// From a thousandth of the smallest σ² that is not rounding to a hundred times the largest, equally spaced in log λ.
    private static func grid(_ values: [Double]) -> [Double] {
        let largest = values.first ?? 0
        guard largest > 0 else { return [0] }
        let smallest = values.last { $0 > 1e-7 * largest } ?? largest
        let low = log(1e-3 * smallest * smallest), high = log(100 * largest * largest)
        return (0..<gridCount).map { exp(low + (high - low) * Double($0) / Double(gridCount - 1)) }
    }

    /// 1/(σ² + λ), 0 where that is a division by rounding.
    private func inverses(_ penalty: Double) -> [Double] {
        let floor = pow(.ulpOfOne * Double(max(1, problem.columns.count)) * (values.first ?? 0), 2)
        return values.map { $0 * $0 + penalty > floor ? 1 / ($0 * $0 + penalty) : 0 }
    }

    /// In coordinates of V: the coefficients at a penalty.
    private func rotatedCoefficients(_ penalty: Double) -> [Double] {
        zip(zip(values, rotated), inverses(penalty)).map { $0.0 * $0.1 * $1 }
    }

    func coefficients(_ penalty: Double) -> [Double] { BLAS.multiply(v, rotatedCoefficients(penalty)) }

    private func effective(_ penalty: Double) -> Double {
        zip(values, inverses(penalty)).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    }

    /// The path, without leave-one-out errors. Cost: k² per penalty.
    func path() -> [RidgeAccount.Point] {
        let m = Double(problem.compressed.rows), constant = problem.compressed.intercept ? 1.0 : 0
        return penalties.map { penalty in
            var squares = unexplained
            for (value, (part, inverse)) in zip(values, zip(rotated, inverses(penalty))) {
                let left = (1 - value * value * inverse) * part
                squares += left * left
            }
            let used = effective(penalty), freedom = m - used - constant
            return RidgeAccount.Point(
                penalty: penalty, effectiveDegreesOfFreedom: used, residualSumOfSquares: squares,
                generalizedCrossValidation: freedom > 0 ? m * squares / (freedom * freedom) : nil, leaveOneOut: nil,
                coefficients: coefficients(penalty))
        }
    }

    /// Adds the leave-one-out errors. One pass over the rows; cost: 2·m·k·(k + 2L) flops for L penalties.
    func addLeaveOneOut(to path: inout [RidgeAccount.Point], rows: RowPass) throws(RegressionError) {
        let k = values.count, count = path.count
        var shrunk = DenseMatrix(rows: k, columns: count), weights = shrunk
        for (l, point) in path.enumerated() {
            let z = rotatedCoefficients(point.penalty), inverse = inverses(point.penalty)
            for i in 0..<k {
                shrunk[i, l] = z[i]
                weights[i, l] = inverse[i]
            }
        }
        var sums = [Double](repeating: 0, count: count), inflation = sums, seen = 0.0
        let names = problem.compressed.names.count
        var map = DenseMatrix(rows: names, columns: k + 1)
        map[problem.response, k] = 1
        for (p, j) in problem.columns.enumerated() {
            for i in 0..<k { map[j, i] = v[p, i] }
        }
        try rows.forEachBlock(map) { (block, constant, repeats) in
            let z = block.submatrix(rows: 0..<block.rows, columns: 0..<k)
            var squares = z
            for i in squares.elements.indices { squares.elements[i] *= squares.elements[i] }
            let fitted = BLAS.multiply(z, shrunk), leverages = BLAS.multiply(squares, weights)
            for i in 0..<block.rows {
                seen += repeats?[i] ?? 1
                for l in 0..<count {
                    // Of w equal rows one is left out: each has 1/w of their leverage and of their squared residual.
                    let own = 1 - (leverages[i, l] + constant[i]) / (repeats?[i] ?? 1)
                    let factor = 1 / (own * own)
                    let residual = block[i, k] - fitted[i, l]
                    sums[l] += residual * residual * factor
                    inflation[l] += factor
                }
            }
        }
        for l in 0..<count where seen > 0 {
            let noise = problem.variant.noise.map {
                $0.squaredErrors(problem.residualCombination(path[l].coefficients))
            }
            let value = (sums[l] - (noise ?? 0) * inflation[l] / Double(max(1, rows.count))) / seen
            path[l].leaveOneOut = value.isFinite ? max(0, value) : nil
        }
    }

    /// The fit at a penalty.
    func fit(_ penalty: Double, account: RidgeAccount) throws(RegressionError) -> CompressedFit {
        let inverse = inverses(penalty)
        func conjugated(_ diagonal: [Double]) -> DenseMatrix {
            var scaled = v
            for j in diagonal.indices {
                for i in 0..<v.rows { scaled[i, j] *= diagonal[j] }
            }
            return BLAS.multiply(scaled, transposed: false, v, transposed: true)
        }
        return CompressedFit(
            system: try problem.system(
                kept: Array(problem.columns.indices), coefficients(penalty),
                covariance: conjugated(zip(values, inverse).map { $0 * $0 * $1 * $1 }),
                sensitivity: conjugated(inverse), effectiveParameters: effective(penalty)),
            account: .ridge(account))
    }
}
