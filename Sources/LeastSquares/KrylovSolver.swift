import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The decoded predictors of a quantized regression as an operator, about their means with an intercept and scaled to
/// norm 1: products straight from the packed codes.
struct CodedDesign: LinearOperator {
    let matrix: QuantizedMatrix
    /// The columns that take part.
    let kept: [Int]
    /// Means of the decoded columns, 0 without an intercept.
    let means: [Double]
    /// What each column is divided by.
    let norms: [Double]
    let kernels: Kernels

    init(_ data: QuantizedRegression, kept: [Int], norms: [Double], kernels: Kernels) {
        matrix = data.matrix
        self.kept = kept
        means = kept.map { data.intercept ? data.matrix.columns[$0].decodedMean : 0 }
        self.norms = norms
        self.kernels = kernels
    }

    var rows: Int { matrix.rows }
    var columns: Int { kept.count }

    /// (Â − 1μᵀ)·(x/norms). Cost: one pass over the codes.
    func multiply(_ x: [Double]) -> [Double] {
        let factors = zip(x, norms).map(/)
        var y = matrix.multiply(columns: kept, by: factors, kernels: kernels)
        let shift = means.dot(factors)
        if shift != 0 { for i in y.indices { y[i] -= shift } }
        return y
    }

    /// (Âᵀ·y − μ·Σy)/norms. Cost: one pass over the codes.
    func multiplyTransposed(_ y: [Double]) -> [Double] {
        let products = matrix.multiplyTransposed(columns: kept, by: y, kernels: kernels)
        let sum = y.reduce(0, +)
        return kept.indices.map { (products[$0] - means[$0] * sum) / norms[$0] }
    }
}

/// Solves a quantized regression by LSQR or LSMR on its codes.
///
/// As decoded, that is min ‖Â·x − b̂‖. With the exact sums of squares of the store the system is (ΓÂᵀÂΓ + Δ)x = ΓÂᵀb̂γ, Γ the
/// decode gains and Δ the diagonal that is missing, which may be negative and then belongs to no least squares problem:
/// conjugate gradients (whose iterates are LSQR's) and conjugate residuals (LSMR's) run on it instead, the products with
/// ÂᵀÂ taken from the codes. Δ comes from the counts of the codes.
///
/// The account of the error (standard errors, propagation, which columns are kept) is that of the normal equations
/// `system`; the coefficients, the residuals and what the iteration left over are the iteration's own.
struct KrylovSolver {
    let data: QuantizedRegression
    let equations: NormalEquations
    let method: SolverMethod
    let kernels: Kernels

    func solve(_ system: SolvedSystem) -> SolvedSystem {
        var result = system
        let kept = system.kept, n = equations.predictors
        let matrix = equations.corrected(system.correction)
        let norms = kept.map { matrix[$0, $0].squareRoot() }
        let design = CodedDesign(data, kept: kept, norms: norms, kernels: kernels)
        var ends: [(iterations: Int, reason: StoppingReason)] = []
        for b in system.coefficients.indices {
            let (y, end, left) = iterate(design, system.correction, response: n + b)
            ends.append(end)
            var full = [Double](repeating: 0, count: n)
            for (a, j) in kept.enumerated() { full[j] = y[a] / norms[a] }
            result.coefficients[b] = full
            result.residualSquares[b] = residualSquares(matrix, full, kept: kept, response: n + b)
            let gradient = zip(left, norms).map(*)
            let remaining = max(0, gradient.dot(BLAS.multiply(system.inverse, gradient)))
            result.roundingErrors[b] = (system.roundingErrors[b] * system.roundingErrors[b] + remaining).squareRoot()
        }
        result.method = method
        result.iteration = IterationSummary(ends)
        return result
    }

    /// The solution for columns of norm 1, how it ended, and the gradient that is left.
    private func iterate(
        _ design: CodedDesign, _ correction: BiasCorrection, response: Int
    ) -> (y: [Double], end: (iterations: Int, reason: StoppingReason), left: [Double]) {
        var b = data.matrix.decoded(column: response, kernels: kernels)
        if data.intercept {
            let mean = b.reduce(0, +) / Double(max(1, b.count))
            for i in b.indices { b[i] -= mean }
        }
        if correction == .none {
            let solution = method == .lsqr ? LSQR.solve(design, b) : LSMR.solve(design, b)
            let left = design.multiplyTransposed(zip(b, design.multiply(solution.x)).map(-))
            return (solution.x, (solution.iterations, solution.reason), left)
        }
        let gains = design.kept.map { equations.gains[$0] }
        let missing = design.kept.indices.map { a in
            let j = design.kept[a]
            let coded = data.matrix.columns[j].decodedSquares(about: design.means[a])
            return (equations.exactSquares[j] - gains[a] * gains[a] * coded) / (design.norms[a] * design.norms[a])
        }
        let gain = equations.gains[response]
        let right = zip(design.multiplyTransposed(b), gains).map { $0 * $1 * gain }
        let solution = ConjugateGradients.solve(right, minimizing: method == .lsqr ? .error : .residual) { y in
            let product = design.multiplyTransposed(design.multiply(zip(y, gains).map(*)))
            return y.indices.map { gains[$0] * product[$0] + missing[$0] * y[$0] }
        }
        return (solution.x, (solution.iterations, solution.reason), solution.residual)
    }

    /// b² − 2xᵀc + xᵀMx, with the exact square of the response.
    private func residualSquares(_ matrix: DenseMatrix, _ x: [Double], kept: [Int], response: Int) -> Double {
        var sum = equations.exactSquares[response]
        for j in kept {
            var row = -2 * matrix[j, response]
            for k in kept { row += matrix[j, k] * x[k] }
            sum += x[j] * row
        }
        return max(0, sum)
    }
}

/// The rows of a table as an operator, about the means with an intercept and scaled: two passes over the table a step.
final class TableDesign: LinearOperator {
    private let table: RegressionTable
    private let kept: [Int]
    private let centers: [Double]
    private let norms: [Double]
    /// The error that a pass over the table ended in; products are NaN from then on.
    private(set) var failure: RegressionError?

    init(_ table: RegressionTable, kept: [Int], norms: [Double], intercept: Bool) {
        self.table = table
        self.kept = kept
        self.norms = norms
        centers = kept.map { intercept ? table.moments[$0].mean : 0 }
    }

    var rows: Int { table.rows }
    var columns: Int { kept.count }

    func multiply(_ x: [Double]) -> [Double] {
        var y: [Double] = []
        y.reserveCapacity(rows)
        pass { y += BLAS.multiply($0, zip(x, norms).map(/)) }
        return failure == nil ? y : [Double](repeating: .nan, count: rows)
    }

    func multiplyTransposed(_ y: [Double]) -> [Double] {
        var x = [Double](repeating: 0, count: columns), first = 0
        pass { block in
            x.subtract(BLAS.multiply(block, transposed: true, Array(y[first..<(first + block.rows)])), times: -1)
            first += block.rows
        }
        return failure == nil ? zip(x, norms).map(/) : [Double](repeating: .nan, count: columns)
    }

    /// The response less its mean.
    func response(_ j: Int, center: Double) throws(RegressionError) -> [Double] {
        var b: [Double] = []
        b.reserveCapacity(rows)
        try table.forEachBlock(of: [j]) { (block) throws(RegressionError) in b += block.elements.map { $0 - center } }
        return b
    }

    private func pass(_ body: (DenseMatrix) -> Void) {
        guard failure == nil else { return }
        do throws(RegressionError) {
            try table.forEachBlock { (block) throws(RegressionError) in body(block.centered(kept, at: centers)) }
        } catch {
            failure = error
        }
    }
}

extension FullPrecisionRegression {
    /// The system with the coefficients that LSQR or LSMR finds on the rows; the account of the error stays.
    ///
    /// The triangle of the rows, which the account needs anyway, preconditions: the singular values are near 1, a few steps
    /// do, and ‖A(x̂ − x)‖ is the gradient that is left.
    func iterated(_ system: SolvedSystem, triangle factor: DenseMatrix) throws(RegressionError) -> SolvedSystem {
        var result = system
        let n = table.predictors
        let norms = system.kept.map { j in
            let square = table.moments[j].totalSquares(intercept: problem.intercept)
            return square > 0 ? square.squareRoot() : 1
        }
        let design = TableDesign(table, kept: system.kept, norms: norms, intercept: problem.intercept)
        let preconditioned = RightPreconditioned(
            design, by: try triangle(of: factor.selectingColumns(system.kept), norms: norms))
        var ends: [(iterations: Int, reason: StoppingReason)] = []
        for b in system.coefficients.indices {
            let center = problem.intercept ? table.moments[n + b].mean : 0
            let response = try design.response(n + b, center: center)
            let solution =
                problem.method == .lsqr ? LSQR.solve(preconditioned, response) : LSMR.solve(preconditioned, response)
            let z = preconditioned.original(solution.x)
            if let failure = design.failure { throw failure }
            ends.append((solution.iterations, solution.reason))
            var full = [Double](repeating: 0, count: n)
            for (a, j) in system.kept.enumerated() { full[j] = z[a] / norms[a] }
            result.coefficients[b] = full
            result.residualSquares[b] = solution.residualNorm * solution.residualNorm
            result.roundingErrors[b] = euclideanNorm([system.roundingErrors[b], solution.gradientNorm])
        }
        result.method = problem.method
        result.iteration = IterationSummary(ends)
        return result
    }

    /// The triangle of the columns divided by their norms.
    private func triangle(of factor: DenseMatrix, norms: [Double]) throws(RegressionError) -> DenseMatrix {
        let n = norms.count
        let r = try RegressionError.factorizing { () throws(FactorizationError) in try QRFactorization(factor).r }
        var scaled = r.submatrix(rows: 0..<n, columns: 0..<n)
        for j in 0..<n {
            for i in 0...j { scaled[i, j] /= norms[j] }
        }
        return scaled
    }
}
