#if SuiteSparse
    internal import CSuiteSparse
    import Matrices

    /// The rank-revealing sparse QR factorization A·P = Q·R (SPQR, `SuiteSparseQR_C`) of any m × n matrix.
    ///
    /// Columns are ordered to keep R sparse, and a column whose remaining norm is at most the tolerance is dropped. When
    /// that, or a wide shape, leaves a rank below n, the transposed R is factorized too (the complete orthogonal
    /// decomposition), so that solutions of least norm cost no more than basic ones. The value owns plain arrays: it may be
    /// copied and used from several threads at once. Source: Davis, Algorithm 915, ACM TOMS 38 (2011).
    public struct SparseQR: Sendable {
        /// The upper trapezoidal factor, rank × n.
        public let r: SparseMatrix
        /// Column j of A·P is column `permutation[j]` of A, counted from 0.
        public let permutation: [Int]
        /// The column norm at or below which a column counted as dependent on the ones before; of scaled columns.
        public let tolerance: Double

        private let q: SparseReflections
        /// Column `pivots[k]` of R ends in row k.
        private let pivots: [Int]
        /// For 0 < rank < n: Rᵀ·P₂ = Q₂·T.
        private let transposedFactor: OrthogonalFactor?

        /// The numerical rank.
        public var rank: Int { pivots.count }

        /// The columns of A that were not taken as pivots, rising: each is, to the tolerance, a combination of columns before
        /// it in the order P, or past the rank that m rows allow.
        public var dependentColumns: [Int] {
            let taken = Set(pivots)
            return permutation.indices.filter { !taken.contains($0) }.map { permutation[$0] }.sorted()
        }

        /// Factorizes A. Cost: depends on the fill; at most that of a dense QR.
        ///
        /// - Parameters:
        ///   - tolerance: the column norm, at least 0, below which a column counts as dependent; by default
        ///     20·(m + n)·2⁻⁵²·max‖a_j‖.
        ///   - scalingColumns: whether columns are scaled to norms between 1 and 2 for that decision, so that it does not
        ///     depend on their units. The scales are powers of two: R and Q are those of A, but for the rank.
        ///
        /// Throws for entries that are not finite, for overflow, and when SPQR runs out of memory or of integers.
        public init(
            _ a: SparseMatrix, tolerance: Double? = nil, scalingColumns: Bool = false
        ) throws(FactorizationError) {
            precondition((tolerance ?? 0) >= 0, "A tolerance cannot be negative.")
            if let place = a.firstNonFiniteEntry { throw .nonFiniteInput(row: place.row, column: place.column) }
            let workspace = try CholmodWorkspace()
            let exponents =
                scalingColumns ? a.columnNorms.map { $0 > 0 ? min(1000, max(-1000, Int($0.exponent))) : 0 } : nil
            let factor = try workspace.orthogonalFactor(
                of: exponents.map { e in a.scalingColumns { -e[$0] } } ?? a,
                tolerance: tolerance ?? Double(SPQR_DEFAULT_TOL))
            (permutation, q, pivots, self.tolerance) = (
                factor.permutation, factor.q, factor.pivots, factor.tolerance
            )
            r = exponents.map { e in factor.r.scalingColumns { e[factor.permutation[$0]] } } ?? factor.r
            transposedFactor =
                pivots.isEmpty || pivots.count == a.columns
                ? nil : try workspace.orthogonalFactor(of: r.transposed(), tolerance: Double(SPQR_NO_TOL))
        }

        /// A basic minimizer x of ‖A·x − b‖ for b of m entries: at most `rank` entries differ from zero. Cost: 4 flops an
        /// entry of Q's reflections and 2 an entry of R. Throws for b of another length or with entries that are not finite.
        public func leastSquares(_ b: [Double]) throws(FactorizationError) -> [Double] {
            unpermuted(SparseTriangle.solveUpper(r, pivots: pivots, try leadingCoordinates(b)))
        }

        /// Among the minimizers of ‖A·x − b‖ the one of least Euclidean norm; equal to ``leastSquares(_:)`` for full column
        /// rank. Cost: as there, for both factorizations. Throws as it does.
        public func minimumNormSolution(_ b: [Double]) throws(FactorizationError) -> [Double] {
            guard let second = transposedFactor else { return try leastSquares(b) }
            let c = try leadingCoordinates(b)
            let y = SparseTriangle.solveUpperTransposed(second.r, second.permutation.map { c[$0] })
            return unpermuted(second.q.apply(y + [Double](repeating: 0, count: r.columns - y.count)))
        }

        /// The solution x of AᵀA·x = c from R alone, for A of full column rank and c of n entries (preconditions). Cost: 4
        /// flops an entry of R.
        public func solveNormalEquations(_ c: [Double]) -> [Double] {
            precondition(rank == r.columns && c.count == rank, "AᵀA·x = c needs full column rank, and c its length.")
            let y = SparseTriangle.solveUpperTransposed(r, permutation.map { c[$0] })
            return unpermuted(SparseTriangle.solveUpper(r, pivots: pivots, y))
        }

        /// Whether the least singular value of the pivot columns, scaled to norm 1, is above rounding, max(m, n)·2⁻⁵², as far as
        /// power iterations with R₁⁻¹R₁⁻ᵀ find it. Cost: 24 times the entries of R.
        public var isIndependent: Bool {
            let norms = pivots.map { j in
                euclideanNorm(Array(r.values[r.columnPointers[j]..<r.columnPointers[j + 1]]))
            }
            let leading = r.selectingColumns(pivots)
            var growth = 1.0
            var v = (0..<rank).map { (k: Int) -> Double in 1 + Double(k * 7919 % 13) / 13 }
            for _ in 0..<6 {
                let length = euclideanNorm(v)
                guard length > 0, length.isFinite else { return false }
                // With S = R₁·diag(1/norms): y = S⁻ᵀv, w = S⁻¹y.
                let y = SparseTriangle.solveUpperTransposed(leading, zip(v, norms).map { $0 * $1 / length })
                let x = SparseTriangle.solveUpper(leading, pivots: Array(0..<rank), y)
                v = zip(x, norms).map(*)
                growth = euclideanNorm(v)
            }
            return growth.isFinite && growth.squareRoot() * Double(max(q.places.count, r.columns)) * .ulpOfOne < 1
        }

        /// Qᵀ·b for b of m entries (a precondition) with the full m × m factor Q; past the first `rank` entries it holds the
        /// coordinates of the residual. Cost: 4 flops an entry of Q's reflections.
        public func applyTransposedQ(_ b: [Double]) -> [Double] {
            precondition(b.count == q.places.count, "Q takes \(q.places.count) entries, not \(b.count).")
            return q.applyTransposed(b)
        }

        /// The first `rank` entries of Qᵀ·b.
        private func leadingCoordinates(_ b: [Double]) throws(FactorizationError) -> [Double] {
            try LAPACKStatus.checkRightHandSide(DenseMatrix(column: b), rows: q.places.count, "SuiteSparseQR")
            return Array(q.applyTransposed(b).prefix(rank))
        }

        /// P·y.
        private func unpermuted(_ y: [Double]) -> [Double] {
            var x = y
            for (j, column) in permutation.enumerated() { x[column] = y[j] }
            return x
        }
    }

    /// The parts of A·P = Q·R as SPQR returns them.
    private struct OrthogonalFactor: Sendable {
        let q: SparseReflections
        let r: SparseMatrix
        let permutation: [Int]
        let pivots: [Int]
        let tolerance: Double
    }

    extension CholmodWorkspace {
        /// A·P = Q·R with R of rank × n. `tolerance` as SPQR takes it: −2 its default, −1 none.
        fileprivate borrowing func orthogonalFactor(
            of a: SparseMatrix, tolerance: Double
        ) throws(FactorizationError) -> OrthogonalFactor {
            if a.values.allSatisfy({ $0 == 0 }) { return zeroFactor(a, tolerance: tolerance) }
            var input = unsafe try Optional(copy(a))
            var r: UnsafeMutablePointer<cholmod_sparse>?
            var h: UnsafeMutablePointer<cholmod_sparse>?
            var coefficients: UnsafeMutablePointer<cholmod_dense>?
            var permutation: UnsafeMutablePointer<Int>?
            var places: UnsafeMutablePointer<Int>?
            defer {
                unsafe cholmod_l_free_sparse(&input, common)
                unsafe cholmod_l_free_sparse(&r, common)
                unsafe cholmod_l_free_sparse(&h, common)
                unsafe cholmod_l_free_dense(&coefficients, common)
                unsafe cholmod_l_free(a.columns, MemoryLayout<Int>.stride, permutation, common)
                unsafe cholmod_l_free(a.rows, MemoryLayout<Int>.stride, places, common)
            }
            let rank = unsafe SuiteSparseQR_C(
                SPQR_ORDERING_DEFAULT, tolerance, 0, 0, input, nil, nil, nil, nil, &r, &permutation, &h, &places,
                &coefficients, common)
            try check("SuiteSparseQR", rows: a.rows, columns: a.columns)
            guard rank >= 0, let r = unsafe r, let h = unsafe h, let coefficients = unsafe coefficients else {
                throw .sparseLibrary(routine: "SuiteSparseQR", code: rank)
            }
            let factor = try unsafe swiftMatrix(r, "SuiteSparseQR")
            let vectors = try unsafe swiftMatrix(h, "SuiteSparseQR")
            if hasNonFiniteValue(factor.values) || hasNonFiniteValue(vectors.values) {
                throw .overflow(routine: "SuiteSparseQR")
            }
            let order = unsafe Self.array(permutation, Int.self, count: a.columns)
            let rowPlaces = unsafe Self.array(places, Int.self, count: a.rows)
            return OrthogonalFactor(
                q: SparseReflections(
                    vectors: vectors,
                    coefficients: unsafe Self.array(coefficients.pointee.x, Double.self, count: vectors.columns),
                    places: rowPlaces.isEmpty ? Array(0..<a.rows) : rowPlaces),
                r: factor, permutation: order.isEmpty ? Array(0..<a.columns) : order, pivots: Self.pivots(of: factor),
                tolerance: unsafe common.pointee.SPQR_tol_used)
        }

        /// The factors of a zero or empty matrix, of rank 0. SPQR is not asked: it has reported other ranks for it
        /// (SuiteSparse issue 982).
        private borrowing func zeroFactor(_ a: SparseMatrix, tolerance: Double) -> OrthogonalFactor {
            OrthogonalFactor(
                q: SparseReflections(
                    vectors: SparseMatrix(rows: a.rows, columns: 0, triplets: []), coefficients: [],
                    places: Array(0..<a.rows)),
                r: SparseMatrix(rows: 0, columns: a.columns, triplets: []), permutation: Array(0..<a.columns),
                pivots: [],
                tolerance: max(tolerance, 0))
        }

        /// The columns of a trapezoid where a new row starts: column `result[k]` ends in row k, and not with a zero.
        private static func pivots(of r: SparseMatrix) -> [Int] {
            var result: [Int] = []
            for j in 0..<r.columns where r.columnPointers[j + 1] > r.columnPointers[j] {
                let last = r.columnPointers[j + 1] - 1
                if r.rowIndices[last] == result.count && r.values[last] != 0 { result.append(j) }
            }
            return result
        }
    }
#endif
