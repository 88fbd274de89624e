import Factorizations
import Matrices
import Testing

@Suite struct SparseMatrixTests {
    @Test func tripletsAreSortedAndSummed() {
        let a = SparseMatrix(
            rows: 3, columns: 3,
            triplets: [(2, 2, 1), (0, 0, 2), (2, 0, 5), (0, 0, 3), (1, 2, 4), (2, 2, -1)])
        #expect(a.columnPointers == [0, 2, 2, 4])
        #expect(a.rowIndices == [0, 2, 1, 2])
        #expect(a.values == [5, 5, 4, 0])
        #expect(a.dense == DenseMatrix([[5, 0, 0], [0, 0, 4], [5, 0, 0]]))
    }

    /// A matrix with about a third of its entries, and rows and columns without any.
    static func sparse(_ m: Int, _ n: Int, seed: UInt64) -> SparseMatrix {
        var numbers = TestNumbers(seed: seed)
        var a = numbers.matrix(m, n)
        for i in 0..<m * n where a.elements[i] < 0.3 || i % 7 == 0 { a.elements[i] = 0 }
        return SparseMatrix(a)
    }

    @Test(arguments: shapes)
    func productsAgreeWithTheDenseOnes(m: Int, n: Int) {
        let a = Self.sparse(m, n, seed: UInt64(m + 100 * n))
        var numbers = TestNumbers(seed: 4)
        let (x, y) = (numbers.matrix(n, 1), numbers.matrix(m, 1))
        let (ax, aty) = (a.dense.times(x), a.dense.transposed().times(y))
        func column(_ v: [Double]) -> DenseMatrix { DenseMatrix(rows: v.count, columns: 1, elements: v) }
        for operation: any LinearOperator in [a, a.dense] {
            #expect(column(operation.multiply(x.elements)).relativeError(to: ax) < 1e-14)
            #expect(column(operation.multiplyTransposed(y.elements)).relativeError(to: aty) < 1e-14)
        }
        #expect(a.transposed().dense == a.dense.transposed())
        #expect(a.transposed().transposed() == a)
        let checked = SparseMatrix(
            rows: m, columns: n, columnPointers: a.columnPointers, rowIndices: a.rowIndices, values: a.values)
        #expect(checked == a)
    }

    @Test func findsTheNonFiniteEntry() {
        let a = SparseMatrix(rows: 3, columns: 3, triplets: [(0, 0, 1), (2, 2, .infinity)])
        #expect(a.firstNonFiniteEntry?.row == 2 && a.firstNonFiniteEntry?.column == 2)
        #expect(SparseMatrix(rows: 3, columns: 0, triplets: []).firstNonFiniteEntry == nil)
    }

    @Test func normsDoNotOverflow() {
        #expect(abs(euclideanNorm([3e200, 4e200]) - 5e200) < 1e186)
        #expect(abs(euclideanNorm([3e-200, 4e-200]) - 5e-200) < 1e-214)
        #expect(euclideanNorm([]) == 0 && euclideanNorm([0, .infinity]) == .infinity && euclideanNorm([.nan]).isNaN)
        #expect(DenseMatrix([[1, -4], [-2, 0.5]]).oneNorm == 4.5)
        #expect(
            !hasNonFiniteValue([0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]))
        for bad in [Double.nan, .infinity, -.infinity, .signalingNaN] { #expect(hasNonFiniteValue([0, bad])) }
    }

    @Test func invalidColumnsTrap() async {
        await #expect(processExitsWith: .failure) {
            _ = SparseMatrix(rows: 2, columns: 1, columnPointers: [0, 2], rowIndices: [1, 0], values: [1, 1])
        }
        await #expect(processExitsWith: .failure) {
            _ = SparseMatrix(rows: 2, columns: 1, triplets: [(2, 0, 1)])
        }
    }
}
