import Experiments
import Foundation

/// An attention experiment as the JSON object `qls.attention/1`.
public struct AttentionJSON: Encodable {
    private let result: AttentionResult

    /// The object for a result.
    public init(_ result: AttentionResult) { self.result = result }

    /// The JSON text, keys sorted, non-finite numbers as null, with a newline at the end.
    public func text() throws -> String { try jsonText(self) }

    private enum Key: String, CodingKey { case schema, bits, heads, methods, perHead }

    /// Writes the keys of the schema; absent numbers as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("qls.attention/1", forKey: .schema)
        try container.encode(result.bits, forKey: .bits)
        try container.encode(result.heads.count, forKey: .heads)
        try container.encode(result.summaries.map { MethodJSON($0, result) }, forKey: .methods)
        try container.encode(result.heads.map { HeadJSON($0, result.methods) }, forKey: .perHead)
    }

    private struct MethodJSON: Encodable {
        let name: String
        let relativeErrorDecibel, predictedRelativeErrorDecibel: Finite
        let winsOverInteger, winsOverFloat: Double
        let transform: Bool

        init(_ summary: AttentionResult.Summary, _ result: AttentionResult) {
            name = summary.method.rawValue
            relativeErrorDecibel = Finite(summary.relativeErrorDecibel)
            predictedRelativeErrorDecibel = Finite(summary.expectedErrorDecibel)
            winsOverInteger = summary.winsOverInteger
            winsOverFloat = summary.winsOverFloat
            transform = !summary.method.isUntransformed
        }
    }

    private struct HeadJSON: Encodable {
        let head, keyHead: Int
        let relativeErrorDecibel, predictedRelativeErrorDecibel: [String: Finite]

        init(_ head: AttentionHeadResult, _ methods: [AttentionMethod]) {
            self.head = head.queryHead
            keyHead = head.keyHead
            relativeErrorDecibel = Dictionary(
                uniqueKeysWithValues: methods.map { ($0.rawValue, Finite(head.decibel($0))) })
            predictedRelativeErrorDecibel = Dictionary(
                uniqueKeysWithValues: methods.map { method in
                    (method.rawValue, Finite(head.expectedErrors[method].map { 10 * log10($0) }))
                })
        }
    }
}
