import Foundation
import QuantizedLeastSquares

/// Least squares on quantized data: companding tuned in ρ against ρ = 0.
///
/// Four predictors and the response are standard normal with correlation ρ between any two; all five columns are coded with the
/// same codebook, and W comes from the normal equations of the codes. The error is ‖Ŵ − W‖/‖W‖ with W the solution in full
/// precision, averaged over the draws. The tuned density is the best of a grid, chosen on draws of its own.
struct RegressionTables {
    let draws: Int
    let rows = 2000
    let predictors = 4

    static let correlations = [0.3, 0.5, 0.7, 0.9]
    static let grid = [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

    func write() throws {
        print("| bits | ρ | ρ = 0 | tuned | its ρ | tuned / (ρ = 0) | Lloyd–Max |")
        print("|---:|---:|---:|---:|---:|---:|---:|")
        for bits in [2, 3, 4, 6] {
            for correlation in Self.correlations {
                let books = try Self.grid.map {
                    try Codebook.companding(GaussianPairDensity(correlation: $0), count: 1 << bits)
                }
                let trial = try errors(correlation, books, seed: 100)
                let best = trial.indices.min { trial[$0] < trial[$1] } ?? 0
                let judged = try errors(
                    correlation, [books[0], books[best], .gaussianLloydMax(count: 1 << bits)], seed: 200)
                print(
                    String(
                        format: "| %d | %.1f | %.4g | %.4g | %.2f | %.3f | %.4g |", bits, correlation, judged[0],
                        judged[1], Self.grid[best], judged[1] / judged[0], judged[2]))
            }
        }
    }

    /// The mean error for each codebook.
    private func errors(_ correlation: Double, _ books: [Codebook], seed: UInt64) throws -> [Double] {
        var generator = NormalDeviates(seed: seed)
        var sums = [Double](repeating: 0, count: books.count)
        for _ in 0..<draws {
            var data = DenseMatrix(rows: rows, columns: predictors + 1)
            for i in 0..<rows {
                let common = correlation.squareRoot() * generator.normal()
                for j in 0...predictors { data[i, j] = common + (1 - correlation).squareRoot() * generator.normal() }
            }
            let exact = try solution(data)
            for (place, book) in books.enumerated() {
                var coded = data
                for i in coded.elements.indices { coded.elements[i] = book.quantize(coded.elements[i]) }
                var difference = try solution(coded)
                difference.subtract(exact, times: 1)
                sums[place] += difference.norm / exact.norm
            }
        }
        return sums.map { $0 / Double(draws) }
    }

    /// The coefficients of the last column on the others.
    private func solution(_ data: DenseMatrix) throws -> [Double] {
        var gram = DenseMatrix(rows: predictors + 1, columns: predictors + 1)
        BLAS.symmetricRankUpdate(data, beta: 0, into: &gram)
        let block = gram.submatrix(rows: 0..<predictors, columns: 0..<predictors)
        return try Cholesky(block).solve(Array(gram.column(predictors).prefix(predictors)))
    }
}
