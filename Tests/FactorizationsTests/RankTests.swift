import Factorizations
import Matrices
import Testing

/// PivotedQR, SVD and SymmetricEigen on full-rank, rank-deficient and wide matrices.
@Suite struct RankTests {
    @Test(arguments: shapes)
    func pivotedFactors(m: Int, n: Int) throws {
        var numbers = TestNumbers(seed: UInt64(m * 1000 + n + 1))
        let a = numbers.matrix(m, n)
        let qr = try PivotedQR(a)
        #expect(qr.rank == min(m, n) && qr.permutation.sorted() == Array(0..<n))
        var permuted = DenseMatrix(rows: m, columns: n)
        for j in 0..<n { for i in 0..<m { permuted[i, j] = a[i, qr.permutation[j]] } }
        #expect(qr.thinQ().times(qr.r).relativeError(to: permuted) < 1e-14)
        #expect(qr.thinQ().orthonormalityDefect < 1e-13)
    }

    @Test(arguments: shapes)
    func singularVectors(m: Int, n: Int) throws {
        var numbers = TestNumbers(seed: UInt64(m * 1000 + n + 2))
        let a = numbers.matrix(m, n)
        let svd = try SVD(a)
        let k = min(m, n)
        #expect(svd.u.rows == m && svd.u.columns == k && svd.v.rows == n && svd.v.columns == k)
        var scaled = svd.u
        for j in 0..<k { for i in 0..<m { scaled[i, j] *= svd.singularValues[j] } }
        #expect(scaled.times(svd.v.transposed()).relativeError(to: a) < 1e-13)
        #expect(svd.u.orthonormalityDefect < 1e-13 && svd.v.orthonormalityDefect < 1e-13)
        #expect(zip(svd.singularValues, svd.singularValues.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(svd.rank() == k)
        let alone = try SVD.singularValues(of: a)
        #expect(zip(alone, svd.singularValues).allSatisfy { abs($0 - $1) <= 1e-13 * alone[0] })
    }

    @Test(arguments: [1e0, 1e6, 1e12])
    func givenSingularValuesComeBack(_ condition: Double) throws {
        let sigma = geometricSingularValues(15, condition: condition)
        let a = DenseMatrix.withSingularValues(sigma, rows: 40, columns: 15, seed: 8)
        let found = try SVD.singularValues(of: a)
        #expect(zip(found, sigma).allSatisfy { abs($0 - $1) < 1e-14 })
        let ratio = try SVD.conditionNumber(of: a) / condition
        #expect(abs(ratio - 1) < 1e-14 * condition + 1e-13)
        let eigen = try SymmetricEigen(a.transposed().times(a))
        #expect(zip(eigen.values.reversed(), sigma).allSatisfy { abs($0 - $1 * $1) < 1e-14 })
    }

    /// Every solver of least norm finds the same x, orthogonal to the null space, with AᵀR = 0.
    @Test(arguments: [(30, 12, 12), (30, 12, 5), (12, 30, 12), (12, 30, 5), (9, 9, 1), (6, 6, 0)])
    func minimumNormSolutions(m: Int, n: Int, rank: Int) throws {
        let sigma = geometricSingularValues(rank, condition: 100)
        let a = DenseMatrix.withSingularValues(sigma, rows: m, columns: n, seed: UInt64(m + rank))
        var numbers = TestNumbers(seed: 99)
        let b = numbers.matrix(m, 3)
        let qr = try PivotedQR(a, tolerance: 1e-12)
        let svd = try SVD(a)
        #expect(qr.rank == rank && svd.rank(rcond: 1e-12) == rank)
        let fromQR = try qr.minimumNormSolution(b)
        let fromSVD = try svd.minimumNormSolution(b, rcond: 1e-12)
        #expect(fromQR.relativeError(to: fromSVD) < 1e-11)
        let residual = b - a.times(fromQR)
        #expect(a.transposed().times(residual).frobeniusNorm < 1e-13 * b.frobeniusNorm)
        let basic = try qr.leastSquares(b)
        #expect((b - a.times(basic)).frobeniusNorm <= residual.frobeniusNorm * (1 + 1e-12))
        #expect(fromQR.frobeniusNorm <= basic.frobeniusNorm * (1 + 1e-12))
        for j in 0..<3 { #expect(basic.column(j).filter { $0 != 0 }.count <= rank) }
        let projector = svd.v.firstColumns(rank)
        #expect((fromQR - projector.times(projector.transposed().times(fromQR))).frobeniusNorm < 1e-11)
    }

    /// A row of ones: x1 + x2 + x3 = 6 has the solution of least norm (2, 2, 2).
    @Test func oneEquation() throws {
        let a = DenseMatrix([[1, 1, 1]])
        for x in [try PivotedQR(a).minimumNormSolution([6]), try SVD(a).minimumNormSolution([6])] {
            #expect(x.allSatisfy { abs($0 - 2) < 1e-14 })
        }
    }

    @Test(arguments: [(0, 0), (0, 3), (3, 0), (4, 2)])
    func zeroMatricesHaveRankZero(m: Int, n: Int) throws {
        let zero = DenseMatrix(rows: m, columns: n)
        let b = DenseMatrix(rows: m, columns: 2, repeating: 1)
        #expect(try PivotedQR(zero).rank == 0)
        #expect(try PivotedQR(zero).minimumNormSolution(b) == DenseMatrix(rows: n, columns: 2))
        #expect(try SVD(zero).rank() == 0)
        #expect(try SVD(zero).minimumNormSolution(b) == DenseMatrix(rows: n, columns: 2))
        #expect(try SVD.conditionNumber(of: zero) == (min(m, n) == 0 ? 1 : .infinity))
    }

    /// λ_k = 2 − 2 cos(kπ/(n+1)) for the second-difference matrix.
    @Test(arguments: [1, 2, 50])
    func eigenvaluesOfTheSecondDifference(n: Int) throws {
        var a = DenseMatrix(rows: n, columns: n)
        for i in 0..<n {
            a[i, i] = 2
            if i > 0 { a[i, i - 1] = -1 }
        }
        let eigen = try SymmetricEigen(a)
        for k in 1...n {
            let half = sine(Double(k) * .pi / Double(2 * (n + 1)))
            #expect(abs(eigen.values[k - 1] - 4 * half * half) < 1e-14)
        }
        for i in 1..<max(n, 2) where n > 1 { a[i - 1, i] = -1 }
        #expect(eigen.vectors.orthonormalityDefect < 1e-13)
        var scaled = eigen.vectors
        for j in 0..<n { for i in 0..<n { scaled[i, j] *= eigen.values[j] } }
        #expect(a.times(eigen.vectors).relativeError(to: scaled) < 1e-13)
        #expect(try SymmetricEigen.values(of: a).count == n)
    }

    @Test func refusals() {
        let bad = DenseMatrix([[1, 2], [3, .nan]])
        let error = FactorizationError.nonFiniteInput(row: 1, column: 1)
        #expect(throws: error) { try PivotedQR(bad) }
        #expect(throws: error) { try SVD(bad) }
        #expect(throws: error) { try SVD.singularValues(of: bad) }
        #expect(throws: error) { try SymmetricEigen(bad) }
        #expect(throws: error) { try TriangularMatrix.inverse(bad, .lower) }
        #expect(throws: FactorizationError.shapeMismatch(expected: "a right-hand side of 2 rows", found: "1 rows")) {
            try SVD(.identity(2)).minimumNormSolution([1])
        }
    }
}

/// The sine by its Taylor series, for 0 ≤ x ≤ π/2.
private func sine(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    for k in 1..<14 {
        term *= -x * x / Double(2 * k * (2 * k + 1))
        sum += term
    }
    return sum
}

@Suite struct TriangularMatrixTests {
    @Test(arguments: [0, 1, 2, 70], [TriangularMatrix.Side.upper, .lower])
    func solvesAndInverts(n: Int, side: TriangularMatrix.Side) throws {
        var numbers = TestNumbers(seed: UInt64(n))
        var t = numbers.matrix(n, n)
        for i in 0..<n { t[i, i] += 3 * Double(n) }
        var triangle = t
        for j in 0..<n { for i in 0..<n where side == .upper ? i > j : i < j { triangle[i, j] = 0 } }
        let x = numbers.matrix(n, 2)
        #expect(try TriangularMatrix.solve(t, side, triangle.times(x)).relativeError(to: x) < 1e-14)
        #expect(
            try TriangularMatrix.solve(t, side, transposed: true, triangle.transposed().times(x))
                .relativeError(to: x) < 1e-14)
        let inverse = try TriangularMatrix.inverse(t, side)
        #expect(inverse.times(triangle).relativeError(to: .identity(n)) < 1e-14)
        let exact = n == 0 ? 1 : 1 / (triangle.oneNorm * inverse.oneNorm)
        let estimate = try TriangularMatrix.reciprocalConditionEstimate(t, side)
        #expect(estimate >= exact * 0.999 && estimate <= 3 * exact)
    }

    @Test func singularTriangle() {
        let t = DenseMatrix([[1, 2], [0, 0]])
        #expect(throws: FactorizationError.singular(index: 2)) { try TriangularMatrix.solve(t, .upper, [1, 1]) }
        #expect(throws: FactorizationError.singular(index: 2)) { try TriangularMatrix.inverse(t, .upper) }
    }

    @Test func messagesNameCauseAndNextStep() {
        let message = FactorizationError.notPositiveDefinite(minor: 3).description
        #expect(message.contains("leading 3 × 3 block") && message.contains("QR factorization"))
        #expect(FactorizationError.nonFiniteInput(row: 2, column: 1).description.contains("row 2, column 1"))
    }
}
