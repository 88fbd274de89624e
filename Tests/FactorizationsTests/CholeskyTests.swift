import Factorizations
import Matrices
import Testing

@Suite struct CholeskyTests {
    /// The inverse of the Hilbert matrix has integer entries
    /// (−1)^(i+j) (i+j−1) C(n+i−1, n−j) C(n+j−1, n−i) C(i+j−2, i−1)², i, j from 1.
    static func hilbertInverse(_ n: Int) -> DenseMatrix {
        func choose(_ n: Int, _ k: Int) -> Double { (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) } }
        return DenseMatrix(
            (1...n).map { i in
                (1...n).map { j in
                    let sign = (i + j) % 2 == 0 ? 1.0 : -1.0
                    let square = choose(i + j - 2, i - 1) * choose(i + j - 2, i - 1)
                    return sign * Double(i + j - 1) * choose(n + i - 1, n - j) * choose(n + j - 1, n - i) * square
                }
            })
    }

    /// κ of the Hilbert matrix grows as e^(3.5 n): 15.5, 4.8e5, 1.5e10 for n = 2, 5, 8, and the inverse loses as many
    /// digits.
    @Test(arguments: [(1, 1e-15), (2, 1e-14), (5, 1e-10), (8, 1e-5)])
    func inverseOfHilbertMatrix(n: Int, tolerance: Double) throws {
        let inverse = try Cholesky(.hilbert(n)).inverse()
        #expect(inverse.relativeError(to: Self.hilbertInverse(n)) < tolerance)
        #expect(inverse == inverse.transposed())
    }

    /// 1 / (‖A‖₁‖A⁻¹‖₁) from the closed form; the estimate is a lower bound of the norm, so an upper bound here, and
    /// rarely off by more than a factor of 3.
    @Test(arguments: [1, 2, 5, 8])
    func conditionEstimate(n: Int) throws {
        let exact = 1 / (DenseMatrix.hilbert(n).oneNorm * Self.hilbertInverse(n).oneNorm)
        let estimate = try Cholesky(.hilbert(n)).reciprocalConditionEstimate
        #expect(estimate >= exact * 0.999 && estimate <= 3 * exact)
    }

    @Test(arguments: [0, 1, 2, 33, 130])
    func factorsAndSolves(n: Int) throws {
        var numbers = TestNumbers(seed: UInt64(n))
        var gram = DenseMatrix.identity(n)
        BLAS.symmetricRankUpdate(numbers.matrix(n + 5, n), beta: 1, into: &gram)
        let cholesky = try Cholesky(gram)
        let l = cholesky.factor
        #expect(l.times(l.transposed()).relativeError(to: gram) < 1e-14)
        for j in 0..<n { for i in 0..<j { #expect(l[i, j] == 0) } }
        let x = numbers.matrix(n, 3)
        let b = gram.times(x)
        #expect(cholesky.solve(b).relativeError(to: x) < 1e-12)
        #expect(cholesky.solve(b.column(1)).count == n)
        #expect(
            DenseMatrix(rows: n, columns: 1, elements: cholesky.solve(b.column(2)))
                .relativeError(to: DenseMatrix(rows: n, columns: 1, elements: x.column(2))) < 1e-12)
        #expect(cholesky.solveLower(l.times(x)).relativeError(to: x) < 1e-12)
        #expect(cholesky.solveLowerTransposed(l.transposed().times(x)).relativeError(to: x) < 1e-12)
    }

    @Test func readsOnlyTheLowerTriangle() throws {
        let cholesky = try Cholesky(DenseMatrix([[4, 99], [2, 5]]))
        #expect(cholesky.factor == DenseMatrix([[2, 0], [1, 2]]))
    }

    @Test func refusesIndefiniteNonFiniteAndOblongMatrices() {
        #expect(throws: FactorizationError.notPositiveDefinite(minor: 2)) {
            try Cholesky(DenseMatrix([[1, 2, 0], [2, 1, 0], [0, 0, 1]]))
        }
        #expect(throws: FactorizationError.notPositiveDefinite(minor: 1)) { try Cholesky(DenseMatrix([[0]])) }
        #expect(throws: FactorizationError.nonFiniteInput(row: 1, column: 0)) {
            try Cholesky(DenseMatrix([[1, 0], [.nan, 1]]))
        }
        #expect(throws: FactorizationError.shapeMismatch(expected: "a square matrix", found: "2 × 3")) {
            try Cholesky(DenseMatrix(rows: 2, columns: 3))
        }
    }

    @Test func nonFiniteRightHandSidePassesThrough() throws {
        let x = try Cholesky(.identity(2)).solve([.nan, 1])
        #expect(x[0].isNaN)
    }
}
