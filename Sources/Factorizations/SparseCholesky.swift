#if SuiteSparse
    internal import CSuiteSparse
    import Matrices

    /// The sparse Cholesky factorization P·(AᵀA + λI)·Pᵀ = L·Lᵀ of the normal equations of a sparse m × n matrix (CHOLMOD),
    /// with the order P chosen to keep L sparse.
    ///
    /// It squares the condition number: a refinement step of ``leastSquares(_:refinements:)`` wins most of the digits back
    /// up to condition numbers near 1e7; beyond that use ``SparseQR``. The value owns plain arrays: it may be copied and used
    /// from several threads at once. Source: Chen, Davis, Hager, Rajamanickam, Algorithm 887, ACM TOMS 35 (2008).
    public struct SparseCholesky: Sendable {
        /// The lower triangular factor L, n × n.
        public let factor: SparseMatrix
        /// Row k of L belongs to column `permutation[k]` of A, counted from 0.
        public let permutation: [Int]
        /// The λ added to the diagonal.
        public let regularization: Double
        private let matrix: SparseMatrix

        /// Factorizes AᵀA + λI. A negative λ is allowed: that a factor exists proves that σ_min(A)² > −λ, up to rounding.
        /// Cost: depends on the fill; at most that of the dense product and factorization.
        ///
        /// Throws ``FactorizationError/dependentColumn(column:)`` when a column is, up to n·2⁻⁵² of its squared norm, a
        /// combination of the ones before it in the order P; and for entries that are not finite, or out of memory.
        public init(normalEquationsOf a: SparseMatrix, regularization: Double = 0) throws(FactorizationError) {
            precondition(regularization.isFinite, "A regularization is a finite number.")
            if let place = a.firstNonFiniteEntry { throw .nonFiniteInput(row: place.row, column: place.column) }
            matrix = a
            self.regularization = regularization
            let diagonal = (0..<a.columns).map { j in
                a.values[a.columnPointers[j]..<a.columnPointers[j + 1]].reduce(regularization) { $0 + $1 * $1 }
            }
            if let zero = diagonal.firstIndex(where: { $0 <= 0 }) { throw .dependentColumn(column: zero) }
            if hasNonFiniteValue(diagonal) { throw .overflow(routine: "cholmod_factorize") }
            if a.columns == 0 {
                (factor, permutation) = (SparseMatrix(rows: 0, columns: 0, triplets: []), [])
                return
            }
            let workspace = try CholmodWorkspace()
            (factor, permutation) = try workspace.normalCholesky(a.transposed(), regularization)
            let relative = Double(a.columns) * Double.ulpOfOne
            for (k, column) in permutation.enumerated() {
                let pivot = factor.values[factor.columnPointers[k]]
                if !(pivot * pivot > relative * diagonal[column]) { throw .dependentColumn(column: column) }
            }
        }

        /// (min l_kk / max l_kk)², an upper bound of the reciprocal condition number of AᵀA + λI; 1 for no columns. Cost: n.
        public var reciprocalConditionBound: Double {
            let pivots = (0..<factor.columns).map { factor.values[factor.columnPointers[$0]] }
            guard let smallest = pivots.min(), let largest = pivots.max() else { return 1 }
            return (smallest / largest) * (smallest / largest)
        }

        /// The solution x of (AᵀA + λI)·x = c for c of n entries (a precondition). Cost: 4 flops an entry of L.
        public func solve(_ c: [Double]) -> [Double] {
            precondition(
                c.count == factor.columns, "The right-hand side needs \(factor.columns) entries, not \(c.count).")
            let y = SparseTriangle.solveLower(factor, permutation.map { c[$0] })
            let z = SparseTriangle.solveLowerTransposed(factor, y)
            var x = c
            for (k, column) in permutation.enumerated() { x[column] = z[k] }
            return x
        }

        /// The minimizer x of ‖A·x − b‖² + λ‖x‖² for b of m entries, with some steps of refinement by the residual (the
        /// corrected normal equations). Cost: for each step, 4 flops an entry of L and of A. Throws for b of another length
        /// or with entries that are not finite.
        public func leastSquares(_ b: [Double], refinements: Int = 1) throws(FactorizationError) -> [Double] {
            try LAPACKStatus.checkRightHandSide(DenseMatrix(column: b), rows: matrix.rows, "cholmod_solve")
            var x = solve(matrix.multiplyTransposed(b))
            for _ in 0..<refinements {
                let residual = zip(b, matrix.multiply(x)).map(-)
                var gradient = matrix.multiplyTransposed(residual)
                for j in gradient.indices { gradient[j] -= regularization * x[j] }
                let correction = solve(gradient)
                for j in x.indices { x[j] += correction[j] }
            }
            return x
        }
    }

    extension CholmodWorkspace {
        /// L and P with P·(C·Cᵀ + λI)·Pᵀ = L·Lᵀ for C of n × m.
        fileprivate borrowing func normalCholesky(
            _ c: SparseMatrix, _ regularization: Double
        ) throws(FactorizationError) -> (SparseMatrix, [Int]) {
            unsafe common.pointee.final_asis = 0
            unsafe common.pointee.final_super = 0
            unsafe common.pointee.final_ll = 1
            var input = unsafe try Optional(copy(c))
            defer { unsafe cholmod_l_free_sparse(&input, common) }
            var factor = unsafe cholmod_l_analyze(input, common)
            defer { unsafe cholmod_l_free_factor(&factor, common) }
            try check("cholmod_analyze", rows: c.rows, columns: c.columns)
            var shift = [regularization, 0]
            unsafe cholmod_l_factorize_p(input, &shift, nil, 0, factor, common)
            try check("cholmod_factorize", rows: c.rows, columns: c.columns)
            guard let symbolic = unsafe factor else { throw .outOfMemory(routine: "cholmod_analyze") }
            let permutation = unsafe Self.array(symbolic.pointee.Perm, Int.self, count: c.rows)
            let minor = unsafe symbolic.pointee.minor
            if minor < c.rows { throw .dependentColumn(column: permutation[minor]) }
            var lower = unsafe cholmod_l_factor_to_sparse(symbolic, common)
            defer { unsafe cholmod_l_free_sparse(&lower, common) }
            try check("cholmod_factor_to_sparse", rows: c.rows, columns: c.columns)
            guard let lower = unsafe lower else { throw .outOfMemory(routine: "cholmod_factor_to_sparse") }
            return (try unsafe swiftMatrix(lower, "cholmod_factor_to_sparse"), permutation)
        }
    }
#endif
