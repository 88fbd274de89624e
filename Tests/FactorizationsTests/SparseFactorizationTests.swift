#if SuiteSparse
    import Factorizations
    import Matrices
    import TestSupport
    import Testing

    @Suite struct SparseFactorizationTests {
        static let sets = (try? References.load().sparse) ?? []

        static func relativeError(_ x: [Double], _ expected: [Double]) -> Double {
            euclideanNorm(zip(x, expected).map(-)) / max(euclideanNorm(expected), .leastNormalMagnitude)
        }

        /// A column in other units is as independent as before; a dependent one stays dependent, and is named.
        @Test(arguments: [1e-200, 1e-20, 1, 1e20, 1e200])
        func rankDoesNotDependOnUnits(unit: Double) throws {
            let rows: [[Double]] = [[1, 2, 0, 3], [0, 1, 1, 1], [4, 0, 1, 4], [1, 1, 0, 2], [0, 3, 2, 3]]
            var entries: [(row: Int, column: Int, value: Double)] = []
            for (i, row) in rows.enumerated() {
                for (j, value) in row.enumerated() where value != 0 {
                    entries.append((row: i, column: j, value: j == 2 ? unit * value : value))
                }
            }
            let a = SparseMatrix(rows: 5, columns: 4, triplets: entries)  // column 3 is column 0 + column 1
            let qr = try SparseQR(a, scalingColumns: true)
            #expect(qr.rank == 3 && qr.dependentColumns.count == 1 && qr.dependentColumns[0] != 2)
            let x = try qr.minimumNormSolution([3, 1, 4, 2, 3])
            let residual = zip(a.multiply(x), [3, 1, 4, 2, 3]).map(-)
            #expect(residual.allSatisfy { abs($0) < 1e-12 })
            let full = try SparseQR(a.selectingColumns([0, 1, 2]), scalingColumns: true)
            #expect(full.rank == 3 && full.dependentColumns.isEmpty)
        }

        @Test func referencesAreThere() { #expect(Self.sets.count == 7) }

        /// Measured relative errors of x: 2.4e-13 for illc1033 (κ = 1.9e4), at most 1.4e-15 for the others.
        @Test(arguments: sets)
        func dataSets(_ set: References.Sparse) throws {
            let a = try sparseDataset(set.name)
            let b = try rightHandSide(set.name, rows: a.rows)
            let qr = try SparseQR(a)
            #expect(a.rows == set.rows && a.columns == set.columns && qr.rank == set.rank)
            let scale = euclideanNorm(b)
            for x in [try qr.leastSquares(b), try qr.minimumNormSolution(b)] {
                let residual = euclideanNorm(zip(b, a.multiply(x)).map(-))
                #expect(abs(residual - set.residualNorm) < 1e-13 * scale)
            }
            let least = try qr.minimumNormSolution(b)
            #expect(Self.relativeError(least, set.minimumNormSolution) < 1e-14 + 1e-16 * set.condition)
            #expect(try qr.leastSquares(b).filter { $0 != 0 }.count <= set.rank)
            let tail = euclideanNorm(Array(qr.applyTransposedQ(b).dropFirst(set.rank)))
            #expect(abs(tail - set.residualNorm) < 1e-13 * scale)
            if set.rank == set.columns {
                let x = try SparseCholesky(normalEquationsOf: a).leastSquares(b)
                #expect(Self.relativeError(x, set.minimumNormSolution) < 1e-14 + 1e-16 * set.condition)
            } else {
                #expect {
                    try SparseCholesky(normalEquationsOf: a)
                } throws: {
                    if case FactorizationError.dependentColumn = $0 { true } else { false }
                }
            }
        }

        /// Random sparse matrices of every rank against the dense SVD.
        @Test(arguments: [(12, 7), (7, 12), (60, 40), (40, 60), (1, 1), (1, 6), (6, 1)], 1...6)
        func agreesWithTheDenseSVD(shape: (Int, Int), seed: Int) throws {
            var dense = SparseMatrixTests.sparse(shape.0, shape.1, seed: UInt64(seed)).dense
            if seed > 3 {
                for j in stride(from: 2, to: shape.1, by: 3) {
                    for i in 0..<shape.0 { dense[i, j] = dense[i, j - 1] - 2 * dense[i, j - 2] }
                }
            }
            let svd = try SVD(dense)
            let rank = svd.rank(rcond: 1e-12)
            let condition = rank == 0 ? 1 : svd.singularValues[0] / svd.singularValues[rank - 1]
            let a = SparseMatrix(dense)
            let qr = try SparseQR(a)
            #expect(qr.rank == rank && qr.r.rows == rank)
            var numbers = TestNumbers(seed: 77)
            let b = numbers.matrix(shape.0, 1).elements
            let expected = try svd.minimumNormSolution(b, rcond: 1e-12)
            #expect(Self.relativeError(try qr.minimumNormSolution(b), expected) < 1e-14 + 2e-16 * condition)
            let basic = try qr.leastSquares(b)
            let gradient = a.multiplyTransposed(zip(b, a.multiply(basic)).map(-))
            #expect(euclideanNorm(gradient) < 5e-12)
            let gram = BLAS.multiply(qr.r.dense, transposed: true, qr.r.dense)
            var permuted = DenseMatrix(rows: shape.0, columns: shape.1)
            for j in 0..<shape.1 { for i in 0..<shape.0 { permuted[i, j] = dense[i, qr.permutation[j]] } }
            #expect(gram.relativeError(to: BLAS.multiply(permuted, transposed: true, permuted)) < 1e-14)
        }

        /// SPQR's own rank is not asked for these.
        @Test(arguments: [(7, 1), (1, 7), (4, 4), (0, 3), (3, 0), (0, 0)])
        func zeroAndEmptyMatricesHaveRankZero(m: Int, n: Int) throws {
            let stored = min(m, n) == 0 ? [] : [(row: 0, column: 0, value: 0.0)]
            let qr = try SparseQR(SparseMatrix(rows: m, columns: n, triplets: stored))
            let b = [Double](repeating: 1, count: m)
            #expect(qr.rank == 0)
            #expect(try qr.leastSquares(b) == [Double](repeating: 0, count: n))
            #expect(try qr.minimumNormSolution(b) == [Double](repeating: 0, count: n))
            #expect(qr.applyTransposedQ(b) == b)
        }

        @Test func aColumnBelowTheToleranceIsDropped() throws {
            let a = SparseMatrix(DenseMatrix([[1, 1], [0, 1e-6], [0, 0]]))
            #expect(try SparseQR(a).rank == 2)
            let dropped = try SparseQR(a, tolerance: 1e-5)
            #expect(dropped.rank == 1 && dropped.tolerance == 1e-5)
            let x = try dropped.minimumNormSolution([2, 0, 0])
            #expect(abs(x[0] - 1) < 1e-6 && abs(x[1] - 1) < 1e-6)
        }

        /// (AᵀA + λI)x = Aᵀb against the dense Cholesky, and a rank-deficient matrix made solvable by λ.
        @Test(arguments: [(30, 20, 0.0), (30, 20, 0.5), (10, 25, 0.5), (0, 4, 2.0), (4, 0, 0.0), (200, 150, 0.25)])
        func normalEquations(m: Int, n: Int, lambda: Double) throws {
            var numbers = TestNumbers(seed: UInt64(m + n))
            var dense = numbers.matrix(m, n)
            for i in 0..<m * n where dense.elements[i] < 0.4 { dense.elements[i] = 0 }
            let a = SparseMatrix(dense)
            let cholesky = try SparseCholesky(normalEquationsOf: a, regularization: lambda)
            var gram = DenseMatrix.identity(n)
            BLAS.symmetricRankUpdate(dense, beta: lambda, into: &gram)
            let c = numbers.matrix(n, 1)
            let reference = try Cholesky(gram)
            #expect(Self.relativeError(cholesky.solve(c.elements), reference.solve(c.elements)) < 1e-13)
            let b = numbers.matrix(m, 1).elements
            #expect(
                Self.relativeError(try cholesky.leastSquares(b), reference.solve(a.multiplyTransposed(b))) < 1e-13)
            let l = cholesky.factor.dense
            var ordered = DenseMatrix(rows: n, columns: n)
            for j in 0..<n {
                for i in 0..<n { ordered[i, j] = gram[cholesky.permutation[i], cholesky.permutation[j]] }
            }
            #expect(l.times(l.transposed()).relativeError(to: ordered) < 1e-13)
            let values = n == 0 ? [1, 1] : try SymmetricEigen.values(of: gram)
            #expect(cholesky.reciprocalConditionBound >= values[0] / values[values.count - 1] * 0.999)
        }

        @Test func refinementWinsBackDigits() throws {
            let set = try #require(Self.sets.first { $0.name == "illc1033" })
            let a = try sparseDataset(set.name)
            let b = try rightHandSide(set.name, rows: a.rows)
            let cholesky = try SparseCholesky(normalEquationsOf: a)
            let plain = Self.relativeError(try cholesky.leastSquares(b, refinements: 0), set.minimumNormSolution)
            let refined = Self.relativeError(try cholesky.leastSquares(b), set.minimumNormSolution)
            #expect(refined < plain / 100)
        }

        @Test func refusals() throws {
            let bad = SparseMatrix(rows: 2, columns: 2, triplets: [(0, 0, 1), (1, 1, .nan)])
            let error = FactorizationError.nonFiniteInput(row: 1, column: 1)
            #expect(throws: error) { try SparseQR(bad) }
            #expect(throws: error) { try SparseCholesky(normalEquationsOf: bad) }
            let huge = SparseMatrix(rows: 2, columns: 1, triplets: [(0, 0, 1.5e308), (1, 0, 1.5e308)])
            #expect {
                try SparseQR(huge)
            } throws: {
                if case FactorizationError.overflow = $0 { true } else { false }
            }
            #expect(throws: FactorizationError.overflow(routine: "cholmod_factorize")) {
                try SparseCholesky(normalEquationsOf: huge)
            }
            let zeroColumn = SparseMatrix(rows: 2, columns: 2, triplets: [(0, 0, 1)])
            #expect(throws: FactorizationError.dependentColumn(column: 1)) {
                try SparseCholesky(normalEquationsOf: zeroColumn)
            }
            #expect(throws: FactorizationError.nonFiniteInput(row: 1, column: 0)) {
                try SparseQR(zeroColumn).leastSquares([1, .infinity])
            }
            #expect(throws: FactorizationError.shapeMismatch(expected: "a right-hand side of 2 rows", found: "1 rows"))
            {
                try SparseQR(zeroColumn).leastSquares([1])
            }
        }
    }
#endif
