import Factorizations
import Matrices
import Testing

@Suite struct TallSkinnyQRTests {
    static func factor(_ a: DenseMatrix, blocks: [Int]) throws -> TallSkinnyQR {
        var qr = TallSkinnyQR(columns: a.columns)
        var row = 0
        for count in blocks {
            try qr.append(rows: a.block(row..<(row + count)))
            row += count
        }
        #expect(row == a.rows && qr.rowCount == a.rows)
        return qr
    }

    static let splits: [[Int]] = [
        [2100], [0, 1, 2099], Array(repeating: 1, count: 2100), [511, 1, 1, 1587], [513, 511, 1076], [700, 700, 700],
    ]

    @Test(arguments: splits)
    func everySplitGivesTheSameTriangle(_ blocks: [Int]) throws {
        let sigma = geometricSingularValues(23, condition: 1e6)
        let a = DenseMatrix.withSingularValues(sigma, rows: 2100, columns: 23, seed: 11)
        // Other tests that run at the same time change OpenBLAS's number of threads, and with it the last digits.
        let (expected, r, whole) = try BLAS.withThreads(1) {
            (
                try QRFactorization(a).r, try Self.factor(a, blocks: blocks).r, try Self.factor(a, blocks: [2100]).r
            )
        }
        #expect(r.absolute.relativeError(to: expected.absolute) < 1e-13)
        #expect(r == whole)
        for j in 0..<23 { for i in (j + 1)..<23 { #expect(r[i, j] == 0) } }
    }

    @Test(arguments: [(1, 4), (3, 40), (17, 40), (600, 700), (1500, 700)])
    func wideBlocksAndFewRows(m: Int, n: Int) throws {
        var numbers = TestNumbers(seed: UInt64(m + n))
        let a = numbers.matrix(m, n)
        let r = try Self.factor(a, blocks: [m / 2, m - m / 2]).r
        #expect(r.rows == n && r.columns == n)
        #expect(BLAS.multiply(r, transposed: true, r).relativeError(to: BLAS.multiply(a, transposed: true, a)) < 1e-13)
        if m < n { #expect(r.block(m..<n).elements.allSatisfy { $0 == 0 }) }
    }

    @Test(arguments: [(0, 0), (0, 2), (5, 0), (5, 1400), (1400, 5), (600, 1200), (300, 300)])
    func mergingEqualsAppending(first: Int, second: Int) throws {
        var numbers = TestNumbers(seed: UInt64(first * 7 + second))
        let (a, b) = (numbers.matrix(first, 9), numbers.matrix(second, 9))
        var merged = try Self.factor(a, blocks: [first])
        try merged.merge(try Self.factor(b, blocks: [second]))
        var appended = try Self.factor(a, blocks: [first])
        try appended.append(rows: b)
        #expect(merged.rowCount == first + second)
        #expect(try merged.r.absolute.relativeError(to: appended.r.absolute) < 1e-13)
    }

    @Test func aRankDeficientMatrixKeepsItsGramMatrix() throws {
        let a = DenseMatrix.withSingularValues([3, 2, 1], rows: 1300, columns: 8, seed: 3)
        let r = try Self.factor(a, blocks: [1000, 300]).r
        #expect(r.transposed().times(r).relativeError(to: a.transposed().times(a)) < 1e-14)
        #expect(try SVD.singularValues(of: r)[3] < 1e-14)
    }

    @Test func refusalsLeaveTheFactorAsItWas() throws {
        var qr = TallSkinnyQR(columns: 2)
        try qr.append(rows: DenseMatrix([[3, 1], [4, 1]]))
        let before = try qr.r
        #expect(throws: FactorizationError.nonFiniteInput(row: 3, column: 0)) {
            try qr.append(rows: DenseMatrix([[1, 1], [.nan, 1]]))
        }
        #expect(throws: FactorizationError.shapeMismatch(expected: "a block of 2 columns", found: "3 columns")) {
            try qr.append(rows: DenseMatrix(rows: 1, columns: 3))
        }
        #expect(throws: FactorizationError.shapeMismatch(expected: "a factor of 2 columns", found: "1 columns")) {
            try qr.merge(TallSkinnyQR(columns: 1))
        }
        #expect(try qr.r == before && qr.rowCount == 2)
        #expect(abs(before[0, 0]) == 5)
    }

    @Test func noColumns() throws {
        var qr = TallSkinnyQR(columns: 0)
        try qr.append(rows: DenseMatrix(rows: 1000, columns: 0))
        #expect(try qr.r.elements.isEmpty && qr.rowCount == 1000)
    }
}
