import Foundation
import QuantizedLeastSquares

/// Query and key products per head at 4 and 8 bits, over all layers of a folder.
///
/// A folder holds either `calibration_queries.npy`, `calibration_keys.npy`, `evaluation_queries.npy` and
/// `evaluation_keys.npy`, or for each layer L `cal_q_L.npy`, `cal_k_L.npy`, `eval_q_L.npy` and `eval_k_L.npy`. Sequences
/// have 64 tokens.
struct AttentionTables {
    let folder: String

    static let excerpt = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Datasets/activations").path

    func write() throws {
        let layers = try layers()
        for bits in [4, 8] {
            var heads: [AttentionHeadResult] = []
            for layer in layers {
                heads += try AttentionExperiment(
                    bits: bits, threads: ProcessInfo.processInfo.activeProcessorCount
                ).run(layer).heads
            }
            print("### \(URL(fileURLWithPath: folder).lastPathComponent), \(bits) bits, \(heads.count) heads\n")
            let result = AttentionResult(bits: bits, methods: AttentionMethod.allCases, heads: heads)
            writeErrors(result)
            writePredictions(result)
        }
    }

    private func writeErrors(_ result: AttentionResult) {
        let bits = result.bits
        print("| method | transform | relative logit error, dB | wins over INT\(bits) | wins over FP\(bits) |")
        print("|---|---|---:|---:|---:|")
        for summary in result.summaries {
            print(
                String(
                    format: "| %@ | %@ | %.2f | %.1f%% | %.1f%% |", summary.method.rawValue,
                    summary.method.isUntransformed ? "no" : "yes", summary.relativeErrorDecibel,
                    100 * summary.winsOverInteger, 100 * summary.winsOverFloat))
        }
        print("")
    }

    /// Predicted over measured squared error: least, median and largest over the heads; how many logits are within 1.96
    /// standard deviations; predicted over measured variance for fifths of the logits, medians over the heads; and the
    /// median of what is expected from the calibration arrays over the measured error.
    private func writePredictions(_ result: AttentionResult) {
        print(
            "| method | predicted / measured: least, median, largest | within | fifths of logits | calibration / measured |"
        )
        print("|---|---:|---:|---:|---:|")
        for method in result.methods {
            let checks = result.heads.compactMap { $0.checks[method] }
            let ratios = checks.map { $0.predictedSquaredError / $0.squaredError }.sorted()
            let groups = checks.map { $0.groups(5).map { $0.predictedVariance / $0.measuredVariance } }
            let fifths = (0..<5).map { g in String(format: "%.2f", median(groups.map { $0[g] })) }
            let calibration = result.heads.compactMap { head in
                head.expectedErrors[method].flatMap { expected in head.errors[method].map { expected / $0 } }
            }
            print(
                String(
                    format: "| %@ | %.3f, %.3f, %.3f | %.1f%% | %@ | %.3f |", method.rawValue, ratios[0],
                    median(ratios),
                    ratios[ratios.count - 1], 100 * checks.reduce(0) { $0 + $1.coverage } / Double(checks.count),
                    fifths.joined(separator: ", "), median(calibration)))
        }
        print("")
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return 0.5 * (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2])
    }

    private func layers() throws -> [AttentionData] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        if files.contains("calibration_queries.npy") {
            return [try layer("calibration_queries", "calibration_keys", "evaluation_queries", "evaluation_keys")]
        }
        return try files.filter { $0.hasPrefix("cal_q_") }.map { file in
            let name = file.dropFirst(6).dropLast(4)
            return try layer("cal_q_\(name)", "cal_k_\(name)", "eval_q_\(name)", "eval_k_\(name)")
        }
    }

    private func layer(_ names: String...) throws -> AttentionData {
        let stacks = try names.map { try NPYStack.read(path: "\(folder)/\($0).npy") }
        return try AttentionData(
            calibrationQueries: stacks[0], calibrationKeys: stacks[1], queries: stacks[2], keys: stacks[3],
            sequenceLength: 64)
    }
}
