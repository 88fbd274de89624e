import Factorizations
import Matrices

extension CompressedProblem {
    /// min ‖A·x − b‖ subject to C·x = d, on columns scaled by powers of two to norms near 1. Where A and C do not determine
    /// x, the solution of least norm (of the scaled coefficients), with the rank that there is.
    func constrained(_ constraints: LinearConstraints) throws(RegressionError) -> CompressedFit {
        let (given, d) = try conditions(constraints)
        let plain = design
        let factors = columns.indices.map { 1 / plain.column($0).norm.powerOfTwoBelow }
        let a = plain.scaled(columns: factors), c = given.scaled(columns: factors)
        let null: DenseMatrix
        do throws(FactorizationError) {
            null = try ConstrainedLeastSquares.nullSpace(of: c)
        } catch .dependentConstraint(let row) {
            throw .invalidProblem(
                "Constraint \(row + 1) is a combination of the constraints before it, or of none of the columns: it says what "
                    + "they say already, or contradicts them. Leave it out.")
        } catch {
            throw .factorization(error)
        }
        let free = null.scaled(rows: factors)
        let (svd, known) = try determined(BLAS.multiply(a, null), directions: free)
        let scaled = try RegressionError.factorizing { () throws(FactorizationError) in
            known.count == null.columns
                ? try ConstrainedLeastSquares(a, target, constraints: c, equal: d).solution
                : try leastNorm(a, c, d, null: null, svd, known)
        }
        let x = zip(scaled, factors).map(*)
        // Cov x = N(NᵀAᵀAN)⁻¹Nᵀ.
        var half = BLAS.multiply(free, svd.v.selectingColumns(known))
        for (p, i) in known.enumerated() {
            for j in 0..<half.rows { half[j, p] /= svd.singularValues[i] }
        }
        let residual = zip(BLAS.multiply(given, x), d).reduce(0) { max($0, abs($1.0 - $1.1)) }
        return CompressedFit(
            system: try system(
                kept: Array(columns.indices), x,
                covariance: BLAS.multiply(half, transposed: false, half, transposed: true),
                effectiveParameters: Double(known.count)),
            account: .constrained(count: c.rows, residual: residual), rank: c.rows + known.count, freeDirections: free)
    }

    /// The singular values of A·N, and the places of those above rounding and above what the errors of codes could make up;
    /// at most as many as rows allow. `directions` are N's columns in units of the coefficients.
    private func determined(
        _ product: DenseMatrix, directions: DenseMatrix
    ) throws(RegressionError) -> (svd: SVD, known: [Int]) {
        let svd = try RegressionError.factorizing { () throws(FactorizationError) in try SVD(product) }
        let known = svd.singularValues.indices.prefix(largestRank).filter { i in
            let value = svd.singularValues[i]
            guard value > rounding * svd.singularValues[0] else { return false }
            guard let noise = variant.noise else { return true }
            var w = [Double](repeating: 0, count: compressed.names.count)
            for (j, share) in zip(columns, BLAS.multiply(directions, svd.v.column(i))) { w[j] = share }
            return value * value > noise.indistinguishable(w)
        }
        return (svd, known)
    }

    /// The solution of least norm: what the constraints say alone, and the determined directions that they leave free.
    private func leastNorm(
        _ a: DenseMatrix, _ c: DenseMatrix, _ d: [Double], null: DenseMatrix, _ svd: SVD, _ known: [Int]
    ) throws(FactorizationError) -> [Double] {
        var x = try SVD(c).minimumNormSolution(d)
        let rest = zip(target, BLAS.multiply(a, x)).map { $0 - $1 }
        for i in known {
            let share = svd.u.column(i).dot(rest) / svd.singularValues[i]
            x.subtract(BLAS.multiply(null, svd.v.column(i)), times: -share)
        }
        return x
    }

    /// C and d over the chosen columns.
    private func conditions(_ constraints: LinearConstraints) throws(RegressionError) -> (DenseMatrix, [Double]) {
        let q = constraints.matrix.rows
        var c = DenseMatrix(rows: q, columns: columns.count)
        for (from, name) in constraints.names.enumerated() {
            if name == "(Intercept)" && compressed.intercept {
                throw .invalidProblem(
                    "The intercept is free of constraints; to bind it, fit without one and with a column of ones.")
            }
            guard let p = columns.firstIndex(where: { compressed.names[$0] == name }) else {
                throw missing(name)
            }
            for i in 0..<q { c[i, p] += constraints.matrix[i, from] }
        }
        guard q <= columns.count else {
            throw .invalidProblem("There are \(q) constraints on \(columns.count) coefficients.")
        }
        return (c, constraints.rightHandSide)
    }
}

extension DenseMatrix {
    /// The matrix times diag(factors).
    fileprivate func scaled(columns factors: [Double]) -> DenseMatrix {
        var result = self
        for j in 0..<columns {
            for i in 0..<rows { result[i, j] *= factors[j] }
        }
        return result
    }

    /// diag(factors) times the matrix.
    fileprivate func scaled(rows factors: [Double]) -> DenseMatrix {
        var result = self
        for j in 0..<columns {
            for i in 0..<rows { result[i, j] *= factors[i] }
        }
        return result
    }
}
