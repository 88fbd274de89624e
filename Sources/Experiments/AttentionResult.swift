import Foundation

/// The logit errors of one query head.
public struct AttentionHeadResult: Sendable {
    /// The query head, from 0.
    public let queryHead: Int
    /// The key head that it uses.
    public let keyHead: Int
    /// Σ(q·k − q̂·k̂)²/Σ(q·k)² for each method.
    public internal(set) var errors: [AttentionMethod: Double] = [:]
    /// The same expected from the moments of the calibration arrays (`LogitError.expected`).
    public internal(set) var expectedErrors: [AttentionMethod: Double] = [:]
    /// Bytes kept beside the codes of both operands.
    public internal(set) var sideBytes: [AttentionMethod: Int] = [:]

    init(queryHead: Int, keyHead: Int) {
        self.queryHead = queryHead
        self.keyHead = keyHead
    }

    /// 10·log10 of the relative error of a method.
    public func decibel(_ method: AttentionMethod) -> Double? { errors[method].map { 10 * log10($0) } }
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
        /// The same expected from the calibration arrays.
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
            Double(heads.count { ($0.errors[method] ?? .infinity) < ($0.errors[rival] ?? 0) }) / count
        }
        return Summary(
            method: method, relativeErrorDecibel: decibels.reduce(0, +) / count,
            expectedErrorDecibel: heads.compactMap { $0.expectedErrors[method].map { 10 * log10($0) } }.reduce(0, +)
                / count,
            winsOverInteger: wins(over: .integer), winsOverFloat: wins(over: .float))
    }
}
