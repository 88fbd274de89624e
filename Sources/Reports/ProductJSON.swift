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
        let bytes: Int

        init(_ outcome: MatrixProductResult.Outcome) {
            name = outcome.method.rawValue
            relativeError = Finite(outcome.relativeError)
            predictedRelativeError = Finite(outcome.predictedRelativeError)
            bytes = outcome.bytes
        }
    }
}
