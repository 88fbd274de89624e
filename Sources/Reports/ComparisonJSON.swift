import Experiments
import LeastSquares

/// A comparison as the JSON object `qls.compare/1`.
public struct ComparisonJSON: Encodable {
    private let result: RegressionComparisonResult

    /// The object for a comparison.
    public init(_ result: RegressionComparisonResult) { self.result = result }

    /// The JSON text, keys sorted, non-finite numbers as null, with a newline at the end.
    public func text() throws -> String { try jsonText(self) }

    private enum Key: String, CodingKey {
        case schema, response, observations, predictors, rank, intercept, conditionNumber, fullPrecisionBytes
        case fullPrecision, rows
    }

    /// Writes the keys of the schema; absent numbers as null.
    public func encode(to encoder: any Encoder) throws {
        let solution = result.reference
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("qls.compare/1", forKey: .schema)
        try container.encode(solution.responses.first?.name ?? "", forKey: .response)
        try container.encode(solution.observations, forKey: .observations)
        try container.encode(solution.predictors, forKey: .predictors)
        try container.encode(solution.rank, forKey: .rank)
        try container.encode(solution.intercept, forKey: .intercept)
        try container.encode(Finite(solution.conditionNumber), forKey: .conditionNumber)
        try container.encode(solution.bytes, forKey: .fullPrecisionBytes)
        try container.encode(result.fullPrecision.map(FullJSON.init), forKey: .fullPrecision)
        try container.encode(
            result.rows.map { RowJSON($0, best: result.best(bits: $0.bits)) }, forKey: .rows)
    }

    private struct FullJSON: Encodable {
        let method: String
        let seconds: Double
        let errorRatio: Finite

        init(_ time: FullPrecisionTime) {
            (method, seconds) = (time.method.rawValue, time.seconds)
            errorRatio = Finite(time.errorRatio)
        }
    }

    private struct RowJSON: Encodable {
        let bits: Int
        let quantizer, transform, method: String
        let isDefault: Bool
        let measured, predicted, coefficientError, largestCoefficientError, covered, timesTheBest: Finite
        let predictedInterval: [Finite]?
        let bytes: Int
        let buildSeconds, solveSeconds: Double
        let failure: String?

        init(_ row: ComparisonRow, best: Double?) {
            (bits, isDefault, bytes, failure) = (row.bits, row.isDefault, row.bytes, row.failure)
            (quantizer, transform) = (row.quantizer.rawValue, row.transform.rawValue)
            method = row.method.rawValue
            (measured, predicted) = (Finite(row.measured), Finite(row.predicted))
            predictedInterval = row.predictedInterval.map { [Finite($0.lowerBound), Finite($0.upperBound)] }
            (coefficientError, covered) = (Finite(row.coefficientError), Finite(row.covered))
            largestCoefficientError = Finite(row.largestCoefficientError)
            timesTheBest = Finite(row.measured.flatMap { q in best.flatMap { $0 > 0 ? q / $0 : nil } })
            (buildSeconds, solveSeconds) = (row.buildSeconds, row.solveSeconds)
        }
    }
}
