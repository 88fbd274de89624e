import Factorizations
import Matrices

/// One response solved on a compressed regression, in the basis of the columns chosen.
struct CompressedFit {
    let system: SolvedSystem
    let account: ProblemAccount?
    /// The rank of all columns, where bounds hold some of them.
    var rank: Int?
    /// An orthonormal basis of the directions that linear constraints leave free, of a problem that has any.
    var freeDirections: DenseMatrix?
}

/// A small dense problem min ‖A·x − b‖: chosen columns of a compressed regression and one of them as response.
struct CompressedProblem {
    let compressed: CompressedRegression
    let variant: CompressedRegression.Variant
    /// The predictors, places in the compressed regression.
    let columns: [Int]
    /// The response, likewise.
    let response: Int

    /// A (q × k).
    var design: DenseMatrix { variant.factor.selectingColumns(columns) }
    /// b (q).
    var target: [Double] { variant.factor.column(response) }

    /// v = ε_b − Σ x_j ε_j: residuals are X·v.
    func residualCombination(_ x: [Double]) -> [Double] {
        var v = [Double](repeating: 0, count: compressed.names.count)
        v[response] = 1
        for (j, value) in zip(columns, x) { v[j] -= value }
        return v
    }

    /// A solved system from its parts, coefficients over all columns.
    func system(
        kept: [Int], _ x: [Double], covariance: DenseMatrix, sensitivity: DenseMatrix? = nil,
        effectiveParameters: Double? = nil
    ) throws(RegressionError) -> SolvedSystem {
        let a = design
        let fitted = BLAS.multiply(a, x)
        let residual = zip(target, fitted).map { $0 - $1 }
        let norms = columns.indices.map { a.column($0).norm }
        var scaled = a.selectingColumns(kept)
        for (p, j) in kept.enumerated() {
            for i in 0..<scaled.rows { scaled[i, p] /= norms[j] > 0 ? norms[j] : 1 }
        }
        let values = try RegressionError.factorizing { () throws(FactorizationError) in
            try SVD.singularValues(of: scaled)
        }
        let smallest = values.prefix(kept.count).last ?? 1
        let size = zip(x, norms).map { $0 * $1 }.norm
        return SolvedSystem(
            kept: kept, coefficients: [x], inverse: covariance, residualSquares: [residual.dot(residual)],
            conditionNumber: kept.isEmpty ? 1 : (values[0] / max(smallest, .leastNormalMagnitude)),
            smallestSingularValue: smallest,
            roundingErrors: [.ulpOfOne * Double(max(1, kept.count)).squareRoot() * size],
            method: variant.noise == nil ? .qr : .normal, correction: variant.correction, sensitivity: sensitivity,
            effectiveParameters: effectiveParameters)
    }

    // MARK: Ordinary

    /// The columns, of those listed, that can be told from combinations of the ones before them: what is left of a
    /// column's square is above rounding and above what the codes' errors could make up.
    func independentColumns(among list: [Int]? = nil) -> [Int] {
        let a = design
        var basis = ColumnBasis(), kept: [Int] = []
        for j in list ?? Array(columns.indices) where kept.count < largestRank {
            let rest = basis.remainder(of: a.column(j))
            guard rest.norm > 0, rest.norm > rounding * rest.size else { continue }
            if let noise = variant.noise {
                var w = [Double](repeating: 0, count: compressed.names.count)
                w[columns[j]] = 1
                for (l, k) in kept.enumerated() { w[columns[k]] = -rest.coefficients[l] }
                guard rest.norm * rest.norm > noise.indistinguishable(w) else { continue }
            }
            basis.append(a.column(j), rest)
            kept.append(j)
        }
        return kept
    }

    /// The relative rounding error of the factor: of Householder's, or of the root of a Gram matrix.
    var rounding: Double {
        variant.noise == nil
            ? 16 * .ulpOfOne * Double(max(1, compressed.rows)).squareRoot()
            : (64 * .ulpOfOne * Double(columns.count + 1)).squareRoot()
    }

    /// The largest rank that so many rows allow.
    var largestRank: Int { max(0, compressed.rows - (compressed.intercept ? 1 : 0)) }

    /// min ‖A·x − b‖, dependent columns left out as R's `lm` does.
    func ordinary() throws(RegressionError) -> CompressedFit {
        let kept = independentColumns()
        let a = design.selectingColumns(kept)
        let (solution, inverse) = try RegressionError.factorizing { () throws(FactorizationError) in
            let qr = try QRFactorization(a)
            let half = try TriangularMatrix.inverse(qr.r, .upper)
            return (
                try qr.leastSquares(target), BLAS.multiply(half, transposed: false, half, transposed: true)
            )
        }
        var x = [Double](repeating: 0, count: columns.count)
        for (value, j) in zip(solution, kept) { x[j] = value }
        return CompressedFit(system: try system(kept: kept, x, covariance: inverse), account: nil)
    }

    // MARK: Bounds

    /// min ‖A·x − b‖ subject to l ≤ x ≤ u. Errors are those of the free coefficients with the others held at their bounds.
    func bounded(_ bounds: CoefficientBounds) throws(RegressionError) -> CompressedFit {
        let names = columns.map { compressed.names[$0] }
        for name in Set(bounds.lower.keys).union(bounds.upper.keys).sorted() where !names.contains(name) {
            throw missing(name)
        }
        let lower = names.map { bounds.lower[$0] ?? bounds.lowerOfOthers }
        let upper = names.map { bounds.upper[$0] ?? bounds.upperOfOthers }
        for (j, name) in names.enumerated() where lower[j] == .infinity || upper[j] == -.infinity {
            throw .invalidProblem(
                "\(name): a bound of \(lower[j] == .infinity ? "∞ from below" : "−∞ from above") leaves no value.")
        }
        for (j, name) in names.enumerated() where !(lower[j] <= upper[j]) {
            throw .invalidProblem("\(name): the lower bound \(lower[j]) is not at most the upper bound \(upper[j]).")
        }
        let rank = independentColumns().count
        let (a, b) = rank < columns.count ? nudged : (design, target)
        let solved = try RegressionError.factorizing { () throws(FactorizationError) in
            try BoundedLeastSquares(a, b, lower: lower, upper: upper)
        }
        let kept = independentColumns(among: columns.indices.filter { solved.places[$0] == .free })
        let inverse = try RegressionError.factorizing { () throws(FactorizationError) in
            let half = try TriangularMatrix.inverse(QRFactorization(design.selectingColumns(kept)).r, .upper)
            return BLAS.multiply(half, transposed: false, half, transposed: true)
        }
        func at(_ place: BoundedLeastSquares.Place) -> [String] {
            columns.indices.filter { solved.places[$0] == place }.map { names[$0] }
        }
        return CompressedFit(
            system: try system(kept: kept, solved.solution, covariance: inverse),
            account: .bounded(lower: at(.lower), upper: at(.upper), violation: solved.violation), rank: rank)
    }

    /// A and b with rows 10⁻⁸·‖a_j‖·x_j = 0 below: where columns depend on each other, the coefficients are those of least
    /// norm (of scaled columns) among the minimizers; the fit changes by 10⁻¹⁶ of them.
    private var nudged: (DenseMatrix, [Double]) {
        let a = design, q = a.rows, k = columns.count
        var rows = DenseMatrix(rows: q + k, columns: k)
        for j in 0..<k {
            for i in 0..<q { rows[i, j] = a[i, j] }
            let norm = a.column(j).norm
            rows[q + j, j] = 1e-8 * (norm > 0 ? norm : 1)
        }
        return (rows, target + [Double](repeating: 0, count: k))
    }

    /// A column that a bound or constraint names and that does not take part.
    func missing(_ name: String) -> RegressionError {
        guard let left = compressed.origin.left.first(where: { $0.name == name }) else {
            return .invalidProblem(
                "A bound or a constraint is on \"\(name)\", which is no column; the columns are "
                    + RegressionError.list(columns.map { compressed.names[$0] }) + ".")
        }
        return .invalidProblem("\(name) is not among the codes: \(left.reason).")
    }
}
