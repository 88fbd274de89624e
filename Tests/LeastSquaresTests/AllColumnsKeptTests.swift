import Factorizations
import Matrices
import TestSupport
import Testing

@testable import LeastSquares

/// What is computed for all columns at once is what it is for one after the other.
@Suite struct AllColumnsKeptTests {
    /// Columns of which each is partly the one before it, scaled to norm 1.
    private func design(columns n: Int, share: Double) -> DenseMatrix {
        var random = RandomNumbers(seed: 77), columns: [[Double]] = []
        for j in 0..<n {
            var column = random.gaussians(200)
            if j > 0 { column.subtract(columns[j - 1], times: -share) }
            columns.append(column.map { [norm = column.norm] in $0 / norm })
        }
        return DenseMatrix(rows: 200, columns: n, elements: columns.flatMap { $0 })
    }

    @Test(arguments: [0.1, 2, 30]) func tolerancesOfPivots(share: Double) throws {
        let n = 12, a = design(columns: n, share: share)
        let factor = try Cholesky(BLAS.multiply(a, transposed: true, a)).factor
        let rows = (0..<n).map { j in (0...j).map { factor[j, $0] } }
        var weights = try TriangularMatrix.inverse(factor, .lower).transposed()
        for j in 0..<n { for i in 0...j { weights[i, j] *= factor[j, j] } }
        let noises = [
            PivotNoise.fullPrecision,
            PivotNoise(
                productVariance: { Double(1 + min($0, $1)) * 1e-4 / Double(2 + max($0, $1)) },
                inflation: (0..<n).map { Double($0) * 1e-3 }),
        ]
        for noise in noises {
            let all = noise.tolerances(weights)
            for j in 0..<n {
                let one = noise.tolerance(
                    of: j, given: Array(0..<j), row: Array(rows[j].dropLast()), factor: Array(rows[..<j]))
                #expect(abs(all[j] - one) <= 1e-9 * one, "column \(j): \(all[j]), \(one)")
            }
        }
    }

    /// A triangle whose last column but one is a combination of those before, up to `rest`; listed backwards, columns are
    /// looked at one after the other.
    @Test(arguments: [0, 1e-13, 1e-6, 1]) func columnsOfATriangle(rest: Double) throws {
        let n = 20
        var r = try QRFactorization(design(columns: n, share: 0.5)).r
        for i in 0..<n { r[i, n - 2] = i < n - 3 ? Double(i + 1) : i == n - 2 ? rest * 50 : 0 }
        let all = Array(0..<n), isKept = rest > 1e-10
        #expect(r.independentColumns(all, tolerance: 1e-10) == (isKept ? all : all.filter { $0 != n - 2 }))
        let backwards = r.independentColumns(all.reversed(), tolerance: 1e-10)
        #expect(backwards.count == (isKept ? n : n - 1))
        // The same columns, but no triangle.
        let swapped = r.selectingColumns([1, 0] + all.dropFirst(2))
        #expect(swapped.independentColumns(all, tolerance: 1e-10).count == (isKept ? n : n - 1))
    }
}
