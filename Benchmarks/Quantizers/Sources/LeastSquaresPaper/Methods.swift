import Foundation
import QuantizedLeastSquares

/// The least-squares solution of columns, the response last.
func solution(_ columns: [[Double]]) throws -> [Double] {
    let rows = columns[0].count, predictors = columns.count - 1
    let matrix = DenseMatrix(rows: rows, columns: predictors, elements: columns.dropLast().flatMap { $0 })
    return try QRFactorization(matrix).leastSquares(columns[predictors])
}

/// ‖W − W*‖ / ‖W*‖.
func relativeError(_ w: [Double], _ reference: [Double]) -> Double {
    let (error, size) = zip(w, reference).reduce((0.0, 0.0)) { sums, pair in
        (sums.0 + (pair.0 - pair.1) * (pair.0 - pair.1), sums.1 + pair.1 * pair.1)
    }
    return (error / size).squareRoot()
}

/// The paper's way: every number is replaced by its level, and the least-squares problem of the levels is solved.
struct PlainQuantizer {
    private let encoder: Encoder

    init(_ codebook: Codebook) { encoder = Encoder(codebook) }

    /// A compander with the density of a Gaussian pair of correlation ρ; 0 is Panter–Dite's.
    static func companding(rho: Double, bits: Int) throws -> PlainQuantizer {
        PlainQuantizer(try Codebook.companding(GaussianPairDensity(correlation: rho), count: 1 << bits))
    }

    static func lloydMax(bits: Int) throws -> PlainQuantizer {
        PlainQuantizer(try Codebook.gaussianLloydMax(count: 1 << bits))
    }

    func solve(_ columns: [[Double]]) throws -> [Double] {
        let levels = encoder.codebook.levels
        return try solution(columns.map { column in encoder.encode(column).map { levels[Int($0)] } })
    }
}

/// What `qls solve` does by default, at the same bits for predictors and response, without intercept.
func solveByDefault(_ columns: [[Double]], bits: Int) throws -> [Double] {
    let names = columns.indices.map { "x\($0)" }
    let table = try RegressionTable(
        reading: ArrayTableSource(names: names, columns: columns), predictors: columns.count - 1)
    var options = QuantizationOptions()
    options.bits = bits
    options.responseBits = bits
    var problem = LeastSquaresProblem()
    problem.precision = .quantized(options)
    problem.intercept = false
    return try problem.solve(table).responses[0].coefficients.map(\.estimate)
}
