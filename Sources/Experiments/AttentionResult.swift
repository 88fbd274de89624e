import Foundation

/// The logit errors of one query head.
public struct AttentionHeadResult: Sendable {
    /// The query head, from 0.
    public let queryHead: Int
    /// The key head that it uses.
    public let keyHead: Int
    /// The predicted errors of the logits beside the measured ones, for each method: predicted from the codes of the
    /// evaluation arrays and the moments kept with them.
    public internal(set) var checks: [AttentionMethod: ProductErrorCheck] = [:]
    /// The relative error expected from the moments of the calibration arrays (`LogitError.expected`), before the
    /// evaluation arrays are seen.
    public internal(set) var expectedErrors: [AttentionMethod: Double] = [:]
    /// Bytes kept beside the codes of both operands.
    public internal(set) var sideBytes: [AttentionMethod: Int] = [:]

    init(queryHead: Int, keyHead: Int) {
        self.queryHead = queryHead
        self.keyHead = keyHead
    }

    /// Σ(q·k − q̂·k̂)²/Σ(q·k)² for each method.
    public var errors: [AttentionMethod: Double] { checks.mapValues(\.relativeError) }

    /// 10·log10 of the relative error of a method.
    public func decibel(_ method: AttentionMethod) -> Double? {
        checks[method].map { 10 * log10($0.relativeError) }
    }

    /// The same as predicted.
    public func predictedDecibel(_ method: AttentionMethod) -> Double? {
        checks[method].map { 10 * log10($0.predictedRelativeError) }
    }
}

/// What an attention experiment found.
public struct AttentionResult: Sendable {
    /// Bits per entry.
    public let bits: Int
    /// The methods asked for, the default first.
    public let methods: [AttentionMethod]
    /// One entry per query head.
    public let heads: [AttentionHeadResult]

    /// A result from heads, of several layers for instance.
    public init(bits: Int, methods: [AttentionMethod], heads: [AttentionHeadResult]) {
        self.bits = bits
        self.methods = methods
        self.heads = heads
    }

    /// A method over all heads.
    public struct Summary: Sendable {
        /// The method.
        public let method: AttentionMethod
        /// 10·log10 of the geometric mean over heads of the relative logit error.
        public let relativeErrorDecibel: Double
        /// The same predicted from the codes and the moments kept with them.
        public let predictedErrorDecibel: Double
        /// The median over heads of max(r, 1/r), r the predicted over the measured error.
        public let medianMisprediction: Double
        /// The share of logits whose error is within 1.96 predicted standard deviations of the predicted bias.
        public let coverage: Double
        /// The same error as expected from the calibration arrays.
        public let expectedErrorDecibel: Double
        /// The share of heads with less error than INT.
        public let winsOverInteger: Double
        /// The share of heads with less error than FP.
        public let winsOverFloat: Double
    }

    /// One summary per method, in order.
    public var summaries: [Summary] { methods.map(summary) }

    /// A method's summary.
    public func summary(_ method: AttentionMethod) -> Summary {
        let count = Double(max(1, heads.count))
        let decibels = heads.compactMap { $0.decibel(method) }
        func wins(over rival: AttentionMethod) -> Double {
            Double(
                heads.count { ($0.checks[method]?.relativeError ?? .infinity) < ($0.checks[rival]?.relativeError ?? 0) }
            )
                / count
        }
        let checks = heads.compactMap { $0.checks[method] }
        let misses = checks.map { check in
            let ratio = check.predictedRelativeError / check.relativeError
            return max(ratio, 1 / ratio)
        }.sorted()
        return Summary(
            method: method, relativeErrorDecibel: decibels.reduce(0, +) / count,
            predictedErrorDecibel: heads.compactMap { $0.predictedDecibel(method) }.reduce(0, +) / count,
            medianMisprediction: misses.isEmpty
                ? .nan : 0.5 * (misses[(misses.count - 1) / 2] + misses[misses.count / 2]),
            coverage: checks.reduce(0) { $0 + $1.coverage } / count,
            expectedErrorDecibel: heads.compactMap { $0.expectedErrors[method].map { 10 * log10($0) } }.reduce(0, +)
                / count,
            winsOverInteger: wins(over: .integer), winsOverFloat: wins(over: .float))
    }
}
