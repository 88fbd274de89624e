import Factorizations
import Matrices
import Testing

@Suite struct BLASTests {
    @Test(arguments: shapes)
    func productsAgreeWithTheTripleLoop(m: Int, n: Int) {
        var numbers = TestNumbers(seed: UInt64(m * 100 + n))
        let a = numbers.matrix(m, n)
        let b = numbers.matrix(n, 6)
        #expect(BLAS.multiply(a, b).relativeError(to: a.times(b)) < 1e-14)
        #expect(BLAS.multiply(a.transposed(), transposed: true, b).relativeError(to: a.times(b)) < 1e-14)
        #expect(
            BLAS.multiply(a, transposed: false, b.transposed(), transposed: true).relativeError(to: a.times(b)) < 1e-14)
        #expect(
            BLAS.multiply(a.transposed(), transposed: true, b.transposed(), transposed: true)
                .relativeError(to: a.times(b)) < 1e-14)
        let x = numbers.matrix(n, 1)
        let product = DenseMatrix(rows: m, columns: 1, elements: BLAS.multiply(a, x.elements))
        #expect(product.relativeError(to: a.times(x)) < 1e-14)
        let y = numbers.matrix(m, 1)
        let transposed = DenseMatrix(rows: n, columns: 1, elements: BLAS.multiply(a, transposed: true, y.elements))
        #expect(transposed.relativeError(to: a.transposed().times(y)) < 1e-14)
    }

    @Test(arguments: shapes)
    func rankUpdateFillsBothTriangles(m: Int, n: Int) {
        var numbers = TestNumbers(seed: UInt64(m * 100 + n + 7))
        let a = numbers.matrix(m, n)
        var c = DenseMatrix(rows: n, columns: n, repeating: 3)
        BLAS.symmetricRankUpdate(a, alpha: 2, beta: 0.5, into: &c)
        var expected = a.transposed().times(a)
        expected.elements = expected.elements.map { 2 * $0 + 1.5 }
        #expect(c.relativeError(to: expected) < 1e-14)
        #expect(c == c.transposed())
    }

    @Test(arguments: shapes)
    func rankTwoUpdateFillsBothTriangles(m: Int, n: Int) {
        var numbers = TestNumbers(seed: UInt64(m * 100 + n + 11))
        let a = numbers.matrix(m, n), b = numbers.matrix(m, n)
        var c = DenseMatrix(rows: n, columns: n, repeating: 3)
        BLAS.symmetricRankTwoUpdate(a, b, beta: 0.5, into: &c)
        var expected = a.transposed().times(b)
        let other = b.transposed().times(a)
        expected.elements = expected.elements.indices.map { expected.elements[$0] + other.elements[$0] + 1.5 }
        #expect(c.relativeError(to: expected) < 1e-14)
        #expect(c == c.transposed())
    }

    @Test func threadsAreRestoredAfterAnError() {
        struct Stop: Error {}
        let before = BLAS.threads
        #expect(throws: Stop.self) {
            try BLAS.withThreads(before + 1) { () throws(Stop) in throw Stop() }
        }
        #expect(BLAS.threads == before)
        #expect(BLAS.withThreads(1) { BLAS.threads } == 1)
    }
}
