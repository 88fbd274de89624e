#if SuiteSparse
    import Factorizations
    import Matrices
    import QuantizedMatrices
    import Quantizers

    /// Linear least squares min ‖A·x − b‖₂ with a sparse A, in full precision or with the stored entries of A at a few bits
    /// each; without an intercept, which would be a dense column. The right-hand sides stay in full precision.
    ///
    /// The pattern of A is kept exactly. Optimal levels are the means of their cells, so the errors of the entries are
    /// uncorrelated with the coded entries and the solution of min ‖Â·x − b‖ has no bias of first order (the errors are of
    /// Berkson's kind): nothing is corrected. Where the rank is deficient or A is wide, the solution is the one of least norm.
    public struct SparseLeastSquares: Sendable {
        /// Bits per stored entry, 1 to 8, or nil for full precision.
        public var bits: Int? = 4
        /// How it is solved: automatic, qr (SPQR), normal (CHOLMOD), lsqr or lsmr. There is no sparse svd; qr finds rank and
        /// least norms too.
        public var method = SolverMethod.automatic
        /// Confidence of the quantization intervals.
        public var confidence = 0.95
        /// Whether to solve in full precision too and report the true errors.
        public var reference = false
        /// Seed of the draws that predict the error.
        public var seed: UInt64 = 1
        /// Bytes that a factor may take before `auto` iterates instead.
        public var factorLimit = 2 << 30

        /// The defaults: 4 bits, everything chosen automatically.
        public init() {}

        /// Solves for every right-hand side.
        ///
        /// - Parameters:
        ///   - a: m × n.
        ///   - rightHandSides: m numbers each.
        ///   - names: of the right-hand sides.
        ///   - columnNames: of the columns; x1 to xn unless given.
        /// - Throws: `RegressionError`: for empty problems, entries that are not finite, right-hand sides of another length,
        ///   the methods `svd` and `pivotedQR`, dependent columns with the method `normal`, and failed factorizations.
        public func solve(
            _ a: SparseMatrix, _ rightHandSides: [[Double]], names: [String], columnNames: [String]? = nil
        ) throws(RegressionError) -> Solution {
            precondition(names.count == rightHandSides.count, "Every right-hand side has a name.")
            precondition(columnNames?.count ?? a.columns == a.columns, "Every column has a name.")
            guard method != .svd, method != .pivotedQR else {
                throw .invalidProblem("There is no sparse method \(method.rawValue); qr finds rank and least norm.")
            }
            guard a.columns > 0, !rightHandSides.isEmpty else { throw .emptyModel }
            guard a.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
            try RegressionError.factorizing { () throws(FactorizationError) in
                if let place = a.firstNonFiniteEntry { throw .nonFiniteInput(row: place.row, column: place.column) }
                for (k, b) in rightHandSides.enumerated() {
                    if b.count != a.rows {
                        throw .shapeMismatch(expected: "a right-hand side of \(a.rows) rows", found: "\(b.count) rows")
                    }
                    if let i = b.firstIndex(where: { !$0.isFinite }) { throw .nonFiniteInput(row: i, column: k) }
                }
            }
            let columnNames = columnNames ?? (0..<a.columns).map { "x\($0 + 1)" }
            try RegressionTable.checkMagnitudes(
                Array(zip(columnNames, a.columnMaxima))
                    + zip(names, rightHandSides.map { $0.reduce(0) { max($0, abs($1)) } }))
            var watch = Stopwatch()
            let codes = try bits.map { (bits) throws(RegressionError) in
                try RegressionError.quantizing { () throws(QuantizerError) in try QuantizedSparseMatrix(a, bits: bits) }
            }
            let matrix = codes?.sparse ?? a
            let quantizing = watch.lap()
            let run = SparseRun(
                problem: self, matrix: matrix, codes: codes, rightHandSides: rightHandSides,
                columnNames: columnNames)
            let (fit, choice) = try run.fit()
            try RegressionError.checkCancellation()
            var solution = run.describe(fit, names: names)
            solution.choice = choice
            let factorizing = watch.lap()
            solution.seconds.quantize = bits == nil ? 0 : quantizing
            solution.seconds.factorize = factorizing
            solution.seconds.total = quantizing + factorizing
            if reference { try compare(&solution, a, rightHandSides, names: names, columnNames: run.columnNames) }
            return solution
        }

        private func compare(
            _ solution: inout Solution, _ a: SparseMatrix, _ rightHandSides: [[Double]], names: [String],
            columnNames: [String]
        ) throws(RegressionError) {
            var full = self
            (full.bits, full.method, full.reference) = (nil, .qr, false)
            let exact = try full.solve(a, rightHandSides, names: names, columnNames: columnNames)
            let p = Double(max(1, exact.rank))
            for b in solution.responses.indices {
                let truth = exact.responses[b]
                let delta = zip(solution.responses[b].coefficients, truth.coefficients).map {
                    $0.estimate - $1.estimate
                }
                let s = truth.residualStandardDeviation ?? 0
                let ratios = zip(delta, truth.coefficients).compactMap { d, c -> Double? in
                    c.standardError.flatMap { $0 > 0 ? d / $0 : nil }
                }
                solution.responses[b].reference = ReferenceComparison(
                    coefficients: truth.coefficients,
                    errorRatio: s > 0 ? a.multiply(delta).norm / (s * p.squareRoot()) : nil,
                    coefficientErrorInStandardErrors: ratios.isEmpty
                        ? nil : ratios.norm / Double(ratios.count).squareRoot())
            }
        }
    }
#endif
