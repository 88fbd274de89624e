import Dispatch
import Factorizations
import Foundation
import Matrices
import Synchronization

/// Compares ways of coding queries and keys by the error of the attention logits q·k, head by head.
///
/// Codes are fitted on the calibration arrays and judged on the evaluation arrays.
public struct AttentionExperiment: Sendable {
    /// B, the bits per entry on average, 2 to 8.
    public var bits: Int
    /// The methods, the default first.
    public var methods: [AttentionMethod]
    /// The seed of the random signs of Hadamard rotations.
    public var seed: UInt64
    /// How many heads are worked on at once; the result does not depend on it.
    public var threads: Int

    /// The numbers of bits that all methods support.
    public static let supportedBits = 2...8

    /// An experiment with all methods.
    public init(
        bits: Int, methods: [AttentionMethod] = AttentionMethod.allCases, seed: UInt64 = 1, threads: Int = 1
    ) {
        self.bits = bits
        self.methods = methods
        self.seed = seed
        self.threads = threads
    }

    /// Fits and judges every method. INT and FP are evaluated in any case, for the win rates.
    ///
    /// - Parameter progress: called with the share of the work that is done, from any thread.
    /// - Throws: `bits` outside 2…8, or a failed fit.
    /// - Complexity: per method and head about 4·m·n² + 12·m·T·n and m·n searches, with m tokens.
    public func run(
        _ data: AttentionData, progress: (@Sendable (Double) -> Void)? = nil
    ) throws(ExperimentError) -> AttentionResult {
        guard Self.supportedBits.contains(bits) else { throw .bits(bits, allowed: Self.supportedBits) }
        let evaluated = methods + [.integer, .float].filter { !methods.contains($0) }
        let groups = Set(data.queries.indices.map(data.keyHead(of:))).sorted()
        let state = Mutex(State())
        let workers = max(1, min(threads, groups.count))
        BLAS.withThreads(1) {
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                for place in stride(from: worker, to: groups.count, by: workers) {
                    do throws(ExperimentError) {
                        let heads = try evaluate(data, keyHead: groups[place], evaluated)
                        state.withLock { $0.heads += heads }
                    } catch {
                        state.withLock { $0.failure = error }
                    }
                    let done = state.withLock { $0.heads.count }
                    progress?(Double(done) / Double(data.queries.count))
                }
            }
        }
        let (heads, failure) = state.withLock { ($0.heads, $0.failure) }
        if let failure { throw failure }
        return AttentionResult(
            bits: bits, methods: methods, heads: heads.sorted { $0.queryHead < $1.queryHead })
    }

    private struct State {
        var heads: [AttentionHeadResult] = []
        var failure: ExperimentError?
    }

    /// All methods on the query heads of one key head.
    private func evaluate(
        _ data: AttentionData, keyHead: Int, _ methods: [AttentionMethod]
    ) throws(ExperimentError) -> [AttentionHeadResult] {
        try ExperimentError.wrapping {
            let group = try HeadGroup(data, keyHead: keyHead, seed: seed)
            var results = group.queryHeads.map { AttentionHeadResult(queryHead: $0, keyHead: keyHead) }
            for method in methods {
                let keyCode = try group.keyCode(method, bits: bits)
                let codedKeys = try keyCode.encode(data.keys[keyHead])
                let calibrationKeys = keyCode.quantize(data.calibrationKeys[keyHead])
                for (place, head) in group.queryHeads.enumerated() {
                    let code = try group.queryCode(method, at: place, bits: bits)
                    results[place].checks[method] = try LogitError.check(
                        queries: data.queries[head], keys: data.keys[keyHead],
                        codedQueries: code.encode(data.queries[head]), codedKeys: codedKeys,
                        sequenceLength: data.sequenceLength)
                    results[place].expectedErrors[method] = LogitError.expected(
                        queries: data.calibrationQueries[head], keys: data.calibrationKeys[keyHead],
                        codedQueries: code.quantize(data.calibrationQueries[head]), codedKeys: calibrationKeys)
                    results[place].sideBytes[method] = code.sideBytes + keyCode.sideBytes
                }
            }
            return results
        }
    }
}
