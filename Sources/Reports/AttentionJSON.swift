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
        let relativeErrorDecibel, predictedRelativeErrorDecibel, calibrationRelativeErrorDecibel: Finite
        let medianMisprediction, coverage: Finite
        let winsOverInteger, winsOverFloat: Double
        let transform: Bool

        init(_ summary: AttentionResult.Summary, _ result: AttentionResult) {
            name = summary.method.rawValue
            relativeErrorDecibel = Finite(summary.relativeErrorDecibel)
            predictedRelativeErrorDecibel = Finite(summary.predictedErrorDecibel)
            calibrationRelativeErrorDecibel = Finite(summary.expectedErrorDecibel)
            medianMisprediction = Finite(summary.medianMisprediction)
            coverage = Finite(summary.coverage)
            winsOverInteger = summary.winsOverInteger
            winsOverFloat = summary.winsOverFloat
            transform = !summary.method.isUntransformed
        }
    }

    private struct HeadJSON: Encodable {
        let head, keyHead: Int
        let relativeErrorDecibel, predictedRelativeErrorDecibel, calibrationRelativeErrorDecibel: [String: Finite]
        let logits: [String: EntryErrorsJSON]

        init(_ head: AttentionHeadResult, _ methods: [AttentionMethod]) {
            func perMethod<Value>(_ value: (AttentionMethod) -> Value) -> [String: Value] {
                Dictionary(methods.map { ($0.rawValue, value($0)) }) { first, _ in first }
            }
            self.head = head.queryHead
            keyHead = head.keyHead
            relativeErrorDecibel = perMethod { Finite(head.decibel($0)) }
            predictedRelativeErrorDecibel = perMethod { Finite(head.predictedDecibel($0)) }
            calibrationRelativeErrorDecibel = perMethod { Finite(head.expectedErrors[$0].map { 10 * log10($0) }) }
            logits = perMethod { head.checks[$0] }.compactMapValues { $0.map(EntryErrorsJSON.init) }
        }
    }
}
