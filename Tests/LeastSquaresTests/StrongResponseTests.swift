import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

/// Responses that are nearly a combination of the predictors, on balanced codes without a transform: the products of the
/// codes with the response tie their squares, which few levels may be unable to keep.
@Suite struct StrongResponseTests {
    /// y = Σ (j + 1)·a_j + noise, of columns with the correlation ρ.
    private func table(_ seed: UInt64, rows: Int, correlation: Double, noise: Double) throws -> RegressionTable {
        var random = RandomNumbers(seed: seed)
        let common = random.gaussians(rows)
        let columns = (0..<5).map { _ in
            zip(common, random.gaussians(rows)).map {
                correlation.squareRoot() * $0 + (1 - correlation).squareRoot() * $1
            }
        }
        let y = (0..<rows).map { i in
            columns.indices.reduce(noise * random.gaussian()) { $0 + Double($1 + 1) * columns[$1][i] }
        }
        return try regressionTable(["a", "b", "c", "d", "e", "y"], columns + [y])
    }

    /// The answer is not worse than QR of the decoded rows by more than 5%; what is predicted is true within a factor of 3,
    /// or nothing is predicted.
    @Test(arguments: [1, 2, 4], [0.1, 1, 5])
    func errorsAreKnownOrSaidToBeUnknown(bits: Int, noise: Double) throws {
        for (seed, correlation) in [(1, 0.0), (2, 0.0), (3, 0.8), (4, 0.8)] {
            let table = try table(UInt64(seed), rows: 800, correlation: correlation, noise: noise)
            var problem = LeastSquaresProblem.quantized(bits: bits, transform: .none)
            problem.reference = true
            let chosen = try problem.solve(table).responses[0]
            problem.method = .qr
            let plain = try problem.solve(table).responses[0]
            let q = try #require(chosen.reference?.errorRatio)
            #expect(q <= 1.05 * (try #require(plain.reference?.errorRatio)), "seed \(seed)")
            if let predicted = chosen.predictedErrorRatio {
                #expect(predicted > q / 3 && predicted < 3 * q, "seed \(seed): predicted \(predicted), measured \(q)")
            }
        }
    }
}
