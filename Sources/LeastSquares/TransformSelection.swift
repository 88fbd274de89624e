import Factorizations
import Foundation
import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers

/// Chooses a transform by the quantization error that the pilot sample predicts for it.
struct TransformSelection: Sendable {
    let pilot: PilotModel
    /// The names of the columns.
    let names: [String]
    let options: QuantizationOptions
    /// The columns that `bits` represent exactly as they are.
    let exact: [Bool]
    /// The number of rows of the whole table.
    let rows: Int
    /// Threads over columns.
    let threads: Int
    let kernels: Kernels

    private var predictors: Int { pilot.predictors }
    private var columns: Int { pilot.centers.count }

    /// The transforms that the options allow, the one of least predicted error first.
    func ranked() throws(RegressionError) -> [ColumnTransform] {
        if options.transform == .none { return [.identity(columns: columns)] }
        var costs: [(cost: Double, transform: ColumnTransform)] = []
        var known: [KnownDistortions] = []
        for candidate in try candidates() where !costs.contains(where: { $0.transform == candidate }) {
            let cost = try predictedCost(candidate, known: &known)
            if cost < .infinity { costs.append((cost, candidate)) }
        }
        costs.sort { $0.cost < $1.cost }
        return costs.isEmpty ? [.identity(columns: columns)] : costs.map(\.transform)
    }

    /// With and without decorrelated predictors, with and without responses less their pilot regression.
    private func candidates() throws(RegressionError) -> [ColumnTransform] {
        var choices: [[Bool]] = []
        for keepsPredictors in options.transform == .automatic ? [false, true] : [false] {
            for keepsResponses in [false, true] {
                choices.append((0..<columns).map { $0 < predictors ? exact[$0] || keepsPredictors : keepsResponses })
            }
        }
        return try pilot.decorrelations(exact: exact, keeping: choices)
    }

    /// Proportional to the squared error ratio q² summed over the responses.
    ///
    /// The discrepancy of a product of standardized columns j, k has variance ∝ δ_j + δ_k with δ the relative
    /// distortion; the error of the solution is R⁻¹ times that of the normal equations (see `ErrorBudget`).
    private func predictedCost(
        _ transform: ColumnTransform, known: inout [KnownDistortions]
    ) throws(RegressionError) -> Double {
        let u = PreparedTransform(transform, kernels: kernels).apply(pilot.sample)
        let scaled = standardized(u)
        let n = predictors
        let relative = try relativeDistortions(u, kept: transform.kept, known: known)
        known.append(KnownDistortions(rows: u, kept: transform.kept, relative: relative))
        let gram = Self.gram(scaled)
        guard let cholesky = try? Cholesky(gram.selecting(Array(0..<n))) else { return .infinity }
        let inverse = cholesky.inverse()
        var cost = 0.0
        for b in n..<columns {
            let cross = (0..<n).map { gram[$0, b] }
            let z = cholesky.solve(cross)
            let unexplained = max(1 - z.dot(cross), 1e-12)
            let sampling = unexplained / Double(pilot.sample.rows)
            let weights = (0..<n).map { z[$0] * z[$0] + sampling * inverse[$0, $0] }
            let total = weights.reduce(0, +)
            let weighted = zip(weights, relative).reduce(0) { $0 + $1.0 * $1.1 }
            for j in 0..<n {
                let variance =
                    relative[j] + relative[b] + relative[j] * (total - weights[j])
                    + (weighted - weights[j] * relative[j])
                cost += inverse[j, j] * variance / unexplained
            }
        }
        return cost
    }

    /// What an earlier candidate made of the sample, and the relative distortions of its columns.
    private struct KnownDistortions: Sendable {
        let rows: DenseMatrix
        let kept: [Bool]
        let relative: [Double]
    }

    /// Candidates share most of their columns: what is known of the same column is taken over.
    private func relativeDistortions(
        _ u: DenseMatrix, kept: [Bool], known: [KnownDistortions]
    ) throws(RegressionError) -> [Double] {
        try parallelMap(columns, threads: threads) { j throws(RegressionError) in
            let values = u.column(j)
            if let same = known.first(where: { $0.kept[j] == kept[j] && $0.rows.column(j) == values }) {
                return same.relative[j]
            }
            return try relativeDistortion(values, kept: kept[j], column: j)
        }
    }

    private func relativeDistortion(_ values: [Double], kept: Bool, column j: Int) throws(RegressionError) -> Double {
        let isResponse = j >= predictors
        let bits = isResponse ? min(options.responseBits ?? 16, 16) : options.bits(of: names[j])
        if kept && exact[j] { return 0 }
        guard bits <= 8 else { return pow(4, -Double(bits)) }
        var moments = ColumnMoments(shift: pilot.centers[j])
        moments.add(values)
        let deviation = moments.standardDeviation
        guard deviation > 0 else { return 0 }
        return try RegressionError.quantizing { () throws(QuantizerError) in
            let histogram = try ColumnHistogram(values: values, cells: 512)
            let codebook = try CodebookDesigner(quantizer: options.quantizer)
                .codebook(histogram, bits: bits, center: moments.mean, deviation: deviation).codebook
            return codebook.distortion(of: values) / (deviation * deviation)
        }
    }

    private func standardized(_ u: DenseMatrix) -> DenseMatrix {
        let scaled = parallelMap(u.columns, threads: threads) { [intercept = pilot.intercept] j in
            var column = u.column(j)
            if intercept {
                let mean = column.reduce(0, +) / Double(max(1, column.count))
                for i in column.indices { column[i] -= mean }
            }
            let norm = column.norm
            return column.map { norm > 0 ? $0 / norm : 0 }
        }
        return DenseMatrix(rows: u.rows, columns: u.columns, elements: scaled.flatMap { $0 })
    }

    private static func gram(_ a: DenseMatrix) -> DenseMatrix {
        var result = DenseMatrix(rows: a.columns, columns: a.columns)
        BLAS.symmetricRankUpdate(a, beta: 0, into: &result)
        return result
    }
}
