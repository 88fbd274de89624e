import Factorizations
import Matrices

/// Solves normal equations by Cholesky factorization after scaling every column to norm 1.
///
/// Columns are taken in order; one whose remaining share of its square (the pivot) is not above its tolerance cannot
/// be told from a linear combination of the columns before it and is left out (coefficient 0), as R's `lm` does.
/// Forming AᵀA squares the condition number: of 16 digits about 2·log₁₀κ are lost.
struct NormalEquationsSolver {
    let equations: NormalEquations
    /// Per column: the variance of a discrepancy, in units of its share of the square (see `ErrorBudget`).
    let pivotNoise: PivotNoise

    func solve(_ correction: BiasCorrection) throws(RegressionError) -> SolvedSystem {
        let matrix = equations.corrected(correction)
        let n = equations.predictors, p = equations.columns
        let norms = (0..<p).map { max(matrix[$0, $0], 0).squareRoot() }
        var scaled = DenseMatrix(rows: p, columns: p)
        for j in 0..<p {
            for k in 0..<p where norms[j] > 0 && norms[k] > 0 { scaled[j, k] = matrix[j, k] / (norms[j] * norms[k]) }
        }
        let (kept, cholesky) = try factor(scaled, keptColumns(scaled, n: n))
        let system = scaled.selecting(kept)
        let eigenvalues = try RegressionError.factorizing { () throws(FactorizationError) in
            try SymmetricEigen.values(of: system)
        }
        let condition = kept.isEmpty ? 1 : (eigenvalues[kept.count - 1] / max(eigenvalues[0], .leastNormalMagnitude))
        var inverse = cholesky.inverse()
        for a in kept.indices {
            for b in kept.indices { inverse[a, b] /= norms[kept[a]] * norms[kept[b]] }
        }
        var coefficients: [[Double]] = [], residuals: [Double] = [], rounding: [Double] = []
        for b in n..<p {
            let rightHandSide = kept.map { scaled[$0, b] }
            let z = cholesky.solve(rightHandSide)
            var full = [Double](repeating: 0, count: n)
            for (a, j) in kept.enumerated() { full[j] = z[a] * norms[b] / norms[j] }
            coefficients.append(full)
            // The response's own square is known exactly, whatever the correction of the matrix.
            let surplus = equations.exactSquares[b] - matrix[b, b]
            residuals.append(max(0, matrix[b, b] * (1 - z.dot(rightHandSide)) + surplus))
            rounding.append(
                .ulpOfOne * condition.squareRoot() * (Double(kept.count) * (eigenvalues.last ?? 1)).squareRoot()
                    * z.norm * norms[b])
        }
        return SolvedSystem(
            kept: kept, coefficients: coefficients, inverse: inverse, residualSquares: residuals,
            conditionNumber: condition.squareRoot(),
            smallestSingularValue: max(0, eigenvalues.first ?? 1).squareRoot(), roundingErrors: rounding,
            method: .normal, correction: correction)
    }

    /// The factor over the columns listed, less those whose pivots rounding makes negative after all.
    private func factor(_ scaled: DenseMatrix, _ columns: [Int]) throws(RegressionError) -> ([Int], Cholesky) {
        var kept = columns
        while true {
            do throws(FactorizationError) {
                return (kept, try Cholesky(scaled.selecting(kept)))
            } catch .notPositiveDefinite(let minor) where pivotNoise.productVariance == nil {
                kept.remove(at: minor - 1)
            } catch {
                throw .factorization(error)
            }
        }
    }

    /// Left-looking Cholesky over the columns in order; a column with too small a pivot is passed over.
    private func keptColumns(_ scaled: DenseMatrix, n: Int) -> [Int] {
        let most = max(0, equations.rows - (equations.intercept ? 1 : 0))
        if n <= most, keepsAll(scaled.submatrix(rows: 0..<n, columns: 0..<n)) { return Array(0..<n) }
        var kept: [Int] = [], rows: [[Double]] = []  // rows of L for the kept columns
        for j in 0..<n where scaled[j, j] > 0 && kept.count < most {
            var row: [Double] = []
            for (a, k) in kept.enumerated() {
                var value = scaled[j, k]
                for c in 0..<a { value -= row[c] * rows[a][c] }
                row.append(value / rows[a][a])
            }
            let pivot = scaled[j, j] - row.dot(row)
            if pivot > pivotNoise.tolerance(of: j, given: kept, row: row, factor: rows) {
                rows.append(row + [pivot.squareRoot()])
                kept.append(j)
            }
        }
        return kept
    }

    /// Whether every pivot is more than twice its tolerance; the others are for a look at one after the other.
    private func keepsAll(_ scaled: DenseMatrix) -> Bool {
        guard let factor = try? Cholesky(scaled).factor, let inverse = try? TriangularMatrix.inverse(factor, .lower)
        else { return false }
        // Column j: the combination of columns 0 … j that leaves the residual of column j.
        var weights = inverse.transposed()
        for j in 0..<weights.columns {
            for a in 0...j { weights[a, j] *= factor[j, j] }
        }
        let tolerances = pivotNoise.tolerances(weights)
        return tolerances.indices.allSatisfy { factor[$0, $0] * factor[$0, $0] > 2 * tolerances[$0] }
    }
}

/// How small a pivot must be to be indistinguishable from zero.
struct PivotNoise: Sendable {
    /// Variance of the error of the scaled product of columns j and k; nil in full precision.
    let productVariance: (@Sendable (Int, Int) -> Double)?
    /// Share of the diagonal that quantization adds and no correction takes away.
    let inflation: [Double]

    /// Rounding only.
    static let fullPrecision = PivotNoise(productVariance: nil, inflation: [])

    /// Three standard deviations of wᵀΔw with w the combination that leaves column j's residual, plus what the
    /// inflated diagonal adds to it, plus rounding. Cost: k² for k kept columns.
    func tolerance(of j: Int, given kept: [Int], row: [Double], factor: [[Double]]) -> Double {
        let rounding = 64 * Double.ulpOfOne * Double(kept.count + 1)
        var w = row  // solves Lᵀw = row
        for a in w.indices.reversed() {
            for c in (a + 1)..<max(a + 1, w.count) { w[a] -= factor[c][a] * w[c] }
            w[a] /= factor[a][a]
        }
        guard productVariance != nil else {
            let size = w.reduce(1) { $0 + abs($1) }
            return rounding * size * size
        }
        return tolerance(weights: w.map { $0 * $0 } + [1], columns: kept + [j])
    }

    /// The tolerances of all columns where all before them are kept, for the combinations w that leave their residuals (n × n,
    /// upper triangular with a diagonal of 1). Cost: 2·n³ flops.
    func tolerances(_ weights: DenseMatrix) -> [Double] {
        let n = weights.columns
        var result = (0..<n).map { 64 * Double.ulpOfOne * Double($0 + 1) }
        guard let productVariance else {
            for j in 0..<n {
                let size = weights.column(j).reduce(0) { $0 + abs($1) }
                result[j] *= size * size
            }
            return result
        }
        var squares = weights, variances = DenseMatrix(rows: n, columns: n)
        for i in squares.elements.indices { squares.elements[i] *= squares.elements[i] }
        for j in 0..<n {
            for k in 0..<j {
                variances[j, k] = productVariance(j, k)
                variances[k, j] = variances[j, k]
            }
        }
        let products = BLAS.multiply(variances, squares)
        for j in 0..<n {
            let own = squares.column(j)
            result[j] += 3 * (2 * own.dot(products.column(j))).squareRoot() + own.dot(Array(inflation.prefix(n)))
        }
        return result
    }

    /// The same for wᵀΔw with any w over the columns listed, given by its squares, and any number of standard deviations.
    /// Cost: k².
    func tolerance(weights: [Double], columns: [Int], deviations: Double = 3) -> Double {
        let rounding = 64 * Double.ulpOfOne * Double(columns.count)
        guard let productVariance else { return rounding }
        var variance = 0.0, inflated = 0.0
        for a in columns.indices {
            inflated += weights[a] * inflation[columns[a]]
            for b in 0..<a { variance += 4 * weights[a] * weights[b] * productVariance(columns[a], columns[b]) }
        }
        return rounding + deviations * variance.squareRoot() + inflated
    }
}
