#if SuiteSparse
    import Factorizations
    import Matrices
    import Quantizers

    /// `WorstCaseBound` for a sparse matrix Â = A + E of full column rank, of which ‖E_j‖ and the pattern are known; the
    /// right-hand side has no errors.
    ///
    /// A row of E has at most as many entries as the pattern has there. With K_j the most that a row through column j has,
    /// Cauchy's inequality row by row gives ‖E·w‖² ≤ Σ K_j‖E_j‖²w_j² = ‖S·w‖², where a dense matrix would have n for K_j. With
    /// σ = σ_min(ÂS⁻¹), τ = 1/σ, ρ_j the norm of the residual over the rows of column j and g = Âᵀr̂,
    ///
    ///     ‖A(x̂ − x)‖ ≤ h + τ·(‖S⁻¹g‖ + √Σρ_j²/K_j)/(1 − τ),   h = min(Σ|x̂_j|‖E_j‖, ‖S·x̂‖).
    ///
    /// σ is estimated from above by inverse iteration; that it is not below what is used is proven by a Cholesky
    /// factorization of S⁻¹ÂᵀÂS⁻¹ − σ²I, which exists for positive definite matrices only.
    struct SparseWorstCase {
        private let matrix: SparseMatrix
        private let errors: [Double]
        private let rowCounts: [Double]
        private let scales: [Double]
        /// τ.
        let share: Double

        /// Shares of the estimated σ² that are tried, the largest first.
        private static let trials = [0.98, 0.9, 0.75, 0.5]

        /// nil where there is no finite bound. Cost: two Cholesky factorizations mostly, five at most.
        init?(_ matrix: SparseMatrix, squaredErrors: [Double]) {
            self.matrix = matrix
            errors = squaredErrors.map { $0.squareRoot() }
            var counts = [Int](repeating: 0, count: matrix.rows)
            for i in matrix.rowIndices { counts[i] += 1 }
            rowCounts = (0..<matrix.columns).map { j in
                let entries = matrix.columnPointers[j]..<matrix.columnPointers[j + 1]
                return Double(entries.reduce(1) { max($0, counts[matrix.rowIndices[$1]]) })
            }
            // Exact columns err by a little as well, to keep S regular.
            scales = zip(zip(errors, rowCounts), matrix.columnNorms).map { pair, norm in
                max(pair.0 * pair.1.squareRoot(), 1e-5 * norm)
            }
            guard matrix.rows >= matrix.columns, scales.allSatisfy({ $0 > 0 }),
                let square = Self.smallestSquare(matrix.dividingColumns(by: scales))
            else { return nil }
            share = 1 / square.squareRoot()
        }

        /// A number above 1 that σ² is not below; nil where none was found.
        private static func smallestSquare(_ scaled: SparseMatrix) -> Double? {
            guard let factor = try? SparseCholesky(normalEquationsOf: scaled) else { return nil }
            var generator = SplitMix64(seed: 7), quotient = 0.0
            var v = (0..<scaled.columns).map { _ in Double(generator.next() >> 11) * 0x1p-53 - 0.5 }
            for _ in 0..<20 {
                let norm = v.norm
                guard norm > 0, norm.isFinite else { return nil }
                let unit = v.map { $0 / norm }
                v = factor.solve(unit)
                quotient = unit.dot(v)
            }
            guard quotient > 0, quotient.isFinite else { return nil }
            return trials.lazy.map { $0 / quotient }.first { square in
                square > 1 && (try? SparseCholesky(normalEquationsOf: scaled, regularization: -square)) != nil
            }
        }

        /// The bound for a solution x̂ with the residual r̂ = b − Âx̂. Cost: the stored entries.
        func norm(_ x: [Double], residual: [Double]) -> Double {
            let sum = zip(x, errors).reduce(0) { $0 + abs($1.0) * $1.1 }
            let direct = min(sum, zip(x, scales).map { $0 * $1 }.norm)
            let gradient = zip(matrix.multiplyTransposed(residual), scales).map { $0 / $1 }
            var local = 0.0
            for j in x.indices {
                for p in matrix.columnPointers[j]..<matrix.columnPointers[j + 1] {
                    let r = residual[matrix.rowIndices[p]]
                    local += r * r / rowCounts[j]
                }
            }
            return direct + share * (gradient.norm + local.squareRoot()) / (1 - share)
        }
    }

    extension SparseMatrix {
        /// Every column divided by a number.
        fileprivate func dividingColumns(by divisors: [Double]) -> SparseMatrix {
            var result = values
            for j in 0..<columns {
                for p in columnPointers[j]..<columnPointers[j + 1] { result[p] /= divisors[j] }
            }
            return SparseMatrix(
                rows: rows, columns: columns, columnPointers: columnPointers, rowIndices: rowIndices, values: result)
        }
    }
#endif
