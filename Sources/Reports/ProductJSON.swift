import Experiments
import Foundation

/// A matrix product experiment as the JSON object `qls.matmul/1`.
public struct ProductJSON: Encodable {
    private let result: MatrixProductResult

    /// The object for a result.
    public init(_ result: MatrixProductResult) { self.result = result }

    /// The JSON text, keys sorted, non-finite numbers as null, with a newline at the end.
    public func text() throws -> String { try jsonText(self) }

    private enum Key: String, CodingKey { case schema, rows, inner, columns, bits, correlation, methods, bound }

    /// Writes the keys of the schema; absent numbers as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("qls.matmul/1", forKey: .schema)
        try container.encode(result.rows, forKey: .rows)
        try container.encode(result.inner, forKey: .inner)
        try container.encode(result.columns, forKey: .columns)
        try container.encode(result.bits, forKey: .bits)
        try container.encode(Finite(result.correlation), forKey: .correlation)
        try container.encode(result.outcomes.map(MethodJSON.init), forKey: .methods)
        try container.encode(Finite(result.bound), forKey: .bound)
    }

    private struct MethodJSON: Encodable {
        let name: String
        let relativeError, predictedRelativeError: Finite
        let bytes, errorMomentBytes: Int
        let entries: EntryErrorsJSON

        init(_ outcome: MatrixProductResult.Outcome) {
            name = outcome.method.rawValue
            relativeError = Finite(outcome.relativeError)
            predictedRelativeError = Finite(outcome.predictedRelativeError)
            bytes = outcome.bytes
            errorMomentBytes = outcome.errorMomentBytes
            entries = EntryErrorsJSON(outcome.check)
        }
    }
}

/// Predicted errors of the entries of a product beside the measured ones: root mean squares, the share of entries within
/// 1.96 predicted standard deviations, and five groups of entries from the least predicted variance to the largest.
struct EntryErrorsJSON: Encodable {
    let error, predictedStandardDeviation, predictedBias, coverage: Finite
    let groups: [Group]

    struct Group: Encodable {
        let predictedVariance, measuredVariance: Finite
    }

    init(_ check: ProductErrorCheck) {
        error = Finite(check.errorOfEntry)
        predictedStandardDeviation = Finite(check.standardDeviationOfEntry)
        predictedBias = Finite(check.biasOfEntry)
        coverage = Finite(check.coverage)
        groups = check.groups(5).map {
            Group(predictedVariance: Finite($0.predictedVariance), measuredVariance: Finite($0.measuredVariance))
        }
    }
}
