import Factorizations
import Matrices
import Testing

@Suite struct QRTests {
    @Test(arguments: shapes)
    func factorsMultiplyToTheMatrix(m: Int, n: Int) throws {
        var numbers = TestNumbers(seed: UInt64(m * 1000 + n))
        let a = numbers.matrix(m, n)
        let qr = try QRFactorization(a)
        let q = qr.thinQ()
        #expect(qr.r.rows == min(m, n) && qr.r.columns == n && q.rows == m && q.columns == min(m, n))
        #expect(q.times(qr.r).relativeError(to: a) < 1e-14)
        #expect(q.orthonormalityDefect < 1e-13)
        for j in 0..<n { for i in 0..<min(m, n) where i > j { #expect(qr.r[i, j] == 0) } }
        let b = numbers.matrix(m, 2)
        let rotated = qr.applyTransposedQ(b)
        #expect(rotated.block(0..<min(m, n)).relativeError(to: q.transposed().times(b)) < 1e-13)
        #expect(qr.applyQ(rotated).relativeError(to: b) < 1e-14)
    }

    /// A consistent system with given singular values: the error of x is bounded by about κ·ε.
    @Test(arguments: [1e1, 1e4, 1e8, 1e12])
    func leastSquaresUpToCondition(_ condition: Double) throws {
        let sigma = geometricSingularValues(12, condition: condition)
        let a = DenseMatrix.withSingularValues(sigma, rows: 50, columns: 12, seed: 5)
        let x = (0..<12).map { Double($0) - 4.5 }
        let b = a.times(DenseMatrix(rows: 12, columns: 1, elements: x)).elements
        let qr = try QRFactorization(a)
        let solution = try qr.leastSquares(b)
        let error = euclideanNorm(zip(solution, x).map(-)) / euclideanNorm(x)
        #expect(error < 50 * condition * Double.ulpOfOne)
        let estimate = qr.reciprocalConditionEstimate
        #expect(estimate <= 1 / condition * 1.01 && estimate >= 1 / (12 * condition) * 0.9)
    }

    /// The line through (0, 1), (1, 3), (2, 4), (3, 4): intercept 1.5, slope 1, residual sum of squares 1.
    @Test func lineThroughFourPoints() throws {
        let a = DenseMatrix([[1, 0], [1, 1], [1, 2], [1, 3]])
        let qr = try QRFactorization(a)
        let x = try qr.leastSquares([1, 3, 4, 4])
        #expect(abs(x[0] - 1.5) < 1e-14 && abs(x[1] - 1) < 1e-14)
        let tail = qr.applyTransposedQ([1, 3, 4, 4]).suffix(2)
        #expect(abs(tail.reduce(0) { $0 + $1 * $1 } - 1) < 1e-13)
    }

    @Test func refusals() throws {
        #expect(throws: FactorizationError.nonFiniteInput(row: 0, column: 1)) {
            try QRFactorization(DenseMatrix([[1, .infinity], [1, 1]]))
        }
        #expect(throws: FactorizationError.overflow(routine: "dgeqrf")) {
            try QRFactorization(DenseMatrix(rows: 4, columns: 2, repeating: 1.7e308))
        }
        let wide = try QRFactorization(DenseMatrix(rows: 1, columns: 2, repeating: 1))
        #expect {
            try wide.leastSquares([1])
        } throws: {
            if case FactorizationError.shapeMismatch(_, "1 × 2") = $0 { true } else { false }
        }
        let zero = try QRFactorization(DenseMatrix(rows: 3, columns: 2))
        #expect(throws: FactorizationError.singular(index: 1)) { try zero.leastSquares([1, 2, 3]) }
        #expect(throws: FactorizationError.nonFiniteInput(row: 2, column: 0)) { try zero.leastSquares([1, 2, .nan]) }
        #expect {
            try zero.leastSquares([1, 2])
        } throws: {
            if case FactorizationError.shapeMismatch = $0 { true } else { false }
        }
    }
}
