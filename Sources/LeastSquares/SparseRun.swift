#if SuiteSparse
    import Factorizations
    import Matrices
    import QuantizedMatrices
    import Quantizers

    /// One sparse problem on its way from the matrix to the solution.
    struct SparseRun {
        let problem: SparseLeastSquares
        /// The matrix that is solved with: decoded, or the original.
        let matrix: SparseMatrix
        let codes: QuantizedSparseMatrix?
        let rightHandSides: [[Double]]
        let columnNames: [String]

        /// What a method found.
        struct Fit {
            let method: SolverMethod
            let coefficients: [[Double]]
            let rank: Int
            /// The share of a column's norm at or below which it counted as dependent; nil where no rank was found.
            var rankTolerance: Double?
            /// Whether rounding forbade the solution of least norm, so that a basic one was taken.
            var isBasic = false
            var iteration: IterationSummary?
            /// c ↦ (ÂᵀÂ)⁻¹c; nil where the rank is deficient or nothing was factorized.
            var solveNormal: (([Double]) -> [Double])?
            var condition: Double
            /// Columns that the others determine; empty where the shape alone makes the rank deficient.
            var dependent: [Int] = []
            /// The direction of the scaled columns that is nearest to dependence; nil where none was sought.
            var weakest: WeakDirection?
        }

        /// A right singular vector v of the columns scaled to norm 1, for the least singular value.
        struct WeakDirection {
            /// ‖Âv‖.
            let singularValue: Double
            /// Root mean square of ‖Ev‖, E the errors of the codes.
            let noise: Double
        }

        /// Solves by the method asked for, or by the decision table.
        func fit() throws(RegressionError) -> (Fit, SolverChoice) {
            guard problem.method == .automatic else {
                let fit = try fit(by: problem.method)
                return (fit, choice(.asked, fit, remark: "asked for"))
            }
            if factorBytes > Double(problem.factorLimit) {
                let fit = try fit(by: .lsmr)
                return (fit, choice(.sparseLarge, fit, remark: "the factor could take \(Int(factorBytes)) bytes"))
            }
            if let codes, !codes.isExact, matrix.rows >= matrix.columns {
                if let fit = try? cholesky() {
                    return (fit, choice(.sparseCodes, fit, remark: "all columns independent"))
                }
                let fit = try fit(by: .qr)
                return (
                    fit,
                    choice(.sparseCodesDeficient, fit, remark: "the normal equations are singular", passedOver: .normal)
                )
            }
            let fit = try fit(by: .qr)
            return (fit, choice(codes == nil ? .sparseFull : .sparseCodesDeficient, fit, remark: "finds the rank"))
        }

        private func choice(
            _ rule: SolverChoice.Rule, _ fit: Fit, remark: String, passedOver: SolverMethod? = nil
        ) -> SolverChoice {
            func candidate(_ method: SolverMethod, _ isChosen: Bool, _ remark: String) -> SolverChoice.Candidate {
                SolverChoice.Candidate(
                    method: method, correction: codes == nil ? nil : BiasCorrection.none, predictedErrorRatio: nil,
                    isChosen: isChosen, remark: remark)
            }
            return SolverChoice(
                rule: rule,
                candidates: [candidate(fit.method, true, remark)]
                    + (passedOver.map { [candidate($0, false, "columns are dependent")] } ?? []))
        }

        /// An upper bound of the bytes of R: all of its upper triangle, or 64 times the entries of A where that is less.
        var factorBytes: Double {
            let n = Double(min(matrix.rows, matrix.columns))
            return 16 * min(n * n / 2, 64 * Double(matrix.storedCount))
        }

        private func fit(by method: SolverMethod) throws(RegressionError) -> Fit {
            switch method {
            case .lsqr, .lsmr: iterate(method)
            case .normal: try cholesky()
            default: try orthogonal()
            }
        }

        private func orthogonal() throws(RegressionError) -> Fit {
            try RegressionError.factorizing { () throws(FactorizationError) in
                let qr = try trustworthyFactor()
                let found = try rightHandSides.map { (b) throws(FactorizationError) in try leastNorm(qr, b) }
                let solutions = found.map(\.x)
                let isFull = qr.rank == matrix.columns
                let solve: ([Double]) -> [Double] = { qr.solveNormalEquations($0) }
                let conditioning = isFull ? self.conditioning(solve) : (.nan, nil)
                return Fit(
                    method: .qr, coefficients: solutions, rank: qr.rank, rankTolerance: qr.tolerance,
                    isBasic: found.contains(where: \.isBasic),
                    solveNormal: isFull ? solve : nil,
                    condition: conditioning.condition,
                    dependent: qr.rank < min(matrix.rows, matrix.columns) ? qr.dependentColumns : [],
                    weakest: conditioning.weakest)
            }
        }

        /// The factorization with the smallest tolerance that leaves pivot columns whose least singular value is above
        /// rounding: a column that is a combination of others with large coefficients is left of rounding errors many times
        /// the tolerance, and would count as independent.
        private func trustworthyFactor() throws(FactorizationError) -> SparseQR {
            var qr = try SparseQR(matrix, scalingColumns: true)
            for _ in 0..<Self.largestSteps where qr.rank > 0 && !qr.isIndependent {
                qr = try SparseQR(matrix, tolerance: 30 * qr.tolerance, scalingColumns: true)
            }
            return qr
        }

        /// How often the tolerance is raised, 30 times each: to 10⁻⁸ at most.
        private static let largestSteps = 3

        /// The solution of least norm; where its residual is worse than that of the basic one, which units of columns far
        /// apart can cause, the basic one.
        private func leastNorm(
            _ qr: SparseQR, _ b: [Double]
        ) throws(FactorizationError) -> (x: [Double], isBasic: Bool) {
            let least = try qr.minimumNormSolution(b)
            guard qr.rank < matrix.columns else { return (least, false) }
            let basic = try qr.leastSquares(b)
            func residual(_ x: [Double]) -> Double { zip(b, matrix.multiply(x)).map(-).norm }
            let isWorse = residual(least) > (1 + 1e-8) * residual(basic) + 1e-12 * b.norm
            return isWorse ? (basic, true) : (least, false)
        }

        private func cholesky() throws(RegressionError) -> Fit {
            let cholesky: SparseCholesky
            do throws(FactorizationError) {
                cholesky = try SparseCholesky(normalEquationsOf: matrix)
            } catch .dependentColumn(let j) {
                throw .invalidProblem(
                    "Column \"\(columnNames[j])\" cannot be told from a combination of the others in the normal equations; "
                        + "the method qr finds the rank and the solution of least norm.")
            } catch {
                throw .factorization(error)
            }
            return try RegressionError.factorizing { () throws(FactorizationError) in
                let solutions = try rightHandSides.map { (b) throws(FactorizationError) in
                    try cholesky.leastSquares(b)
                }
                let solve: ([Double]) -> [Double] = { cholesky.solve($0) }
                let conditioning = conditioning(solve)
                return Fit(
                    method: .normal, coefficients: solutions, rank: matrix.columns, solveNormal: solve,
                    condition: conditioning.condition, weakest: conditioning.weakest)
            }
        }

        /// Straight from the codes where there are any, on columns of like norms where theirs differ by more than
        /// `largestRange`: then an undetermined solution is the one of least norm of the scaled coefficients. The rank is not
        /// found.
        private func iterate(_ method: SolverMethod) -> Fit {
            var options = IterationOptions()
            options.iterationLimit = 20 * min(matrix.rows, matrix.columns) + 200
            // To rounding: 10⁻¹⁴ leaves 9 digits where κ is 10⁴.
            (options.matrixTolerance, options.rightHandSideTolerance) = (.ulpOfOne, .ulpOfOne)
            let factors = columnFactors
            func solve<Operator: LinearOperator>(_ a: Operator, _ b: [Double]) -> IterativeSolution {
                let scaled = ColumnScaled(a, by: factors)
                var found =
                    method == .lsqr
                    ? LSQR.solve(scaled, b, options: options) : LSMR.solve(scaled, b, options: options)
                found.x = scaled.original(found.x)
                return found
            }
            let found = rightHandSides.map { b in codes.map { solve($0, b) } ?? solve(matrix, b) }
            return Fit(
                method: method, coefficients: found.map(\.x), rank: min(matrix.rows, matrix.columns),
                iteration: IterationSummary(found.map { ($0.iterations, $0.reason) }),
                condition: found.map(\.condition).max() ?? .nan)
        }

        /// How far norms of columns may be apart before an iteration scales them.
        private static let largestRange = 1e6

        /// Whether an iteration scales the columns.
        var isScaled: Bool { columnFactors.contains { $0 != 1 } }

        /// Powers of two that bring the norms of columns to between 1 and 2 where they are far apart; ones elsewhere.
        private var columnFactors: [Double] {
            let norms = matrix.columnNorms, nonzero = norms.filter { $0 > 0 }
            guard let least = nonzero.min(), let most = nonzero.max(), most > Self.largestRange * least else {
                return norms.map { _ in 1 }
            }
            return norms.map { 1 / $0.powerOfTwoBelow }
        }

        /// The condition number of the columns scaled to norm 1, estimated from below by power iterations with the scaled
        /// normal matrix and its inverse, and the direction that the latter found.
        private func conditioning(
            _ solve: ([Double]) -> [Double]
        ) -> (condition: Double, weakest: WeakDirection?) {
            let norms = matrix.columnNorms.map { max($0, .leastNormalMagnitude) }
            func power(_ apply: ([Double]) -> [Double]) -> (value: Double, vector: [Double]) {
                var generator = SplitMix64(seed: 5)
                var v = norms.map { _ in Double(generator.next() >> 11) * 0x1p-53 - 0.5 }
                var value = 0.0
                for _ in 0..<20 {
                    let length = v.norm
                    guard length > 0, length.isFinite else { break }
                    v = apply(v.map { $0 / length })
                    value = v.norm
                }
                return (value, v.map { $0 / value })
            }
            let largest = power { v in
                zip(matrix.multiplyTransposed(matrix.multiply(zip(v, norms).map(/))), norms).map(/)
            }
            let inverse = power { v in zip(solve(zip(v, norms).map(*)), norms).map(*) }
            let weakest = codes.map { codes in
                WeakDirection(
                    singularValue: inverse.value > 0 ? 1 / inverse.value.squareRoot() : 0,
                    noise: inverse.vector.indices.reduce(0) { sum, j in
                        let share = inverse.vector[j] / norms[j]
                        return sum + share * share * codes.squaredErrors[j]
                    }.squareRoot())
            }
            return (max(1, (largest.value * inverse.value).squareRoot()), weakest)
        }
    }
#endif
