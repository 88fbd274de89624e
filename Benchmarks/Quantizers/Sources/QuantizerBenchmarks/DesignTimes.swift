import Foundation
import QuantizedLeastSquares

/// Seconds of codebook design for one column: the exact optimum (sorting included), the histogram, and design from it.
/// Processor time of one thread, median of interleaved rounds.
struct DesignTimes {
    let count: Int
    let rounds = 5

    func run() throws {
        print(
            "| column | K | exact optimum, s | histogram, ms | optimum from it, ms | Lloyd–Max from it, ms | excess |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for (name, values) in columns() {
            for levels in [16, 256] { try row(name, values, levels) }
        }
    }

    private func row(_ name: String, _ values: [Double], _ levels: Int) throws {
        var times = [[Double]](repeating: [], count: 4)
        var histogram = try ColumnHistogram(values: values)
        var (exact, fast) = (try Codebook(levels: [0]), try Codebook(levels: [0]))
        for _ in 0..<rounds {
            times[0].append(try seconds { exact = try Codebook.optimal(values: values, count: levels) })
            times[1].append(try seconds { histogram = try ColumnHistogram(values: values) })
            times[2].append(try seconds { fast = try Codebook.optimal(histogram, count: levels) })
            times[3].append(try seconds { _ = try Codebook.lloydMax(histogram, count: levels) })
        }
        let excess = fast.distortion(of: values) / exact.distortion(of: values) - 1
        let milliseconds = times[1...].map { String(format: "%.1f", 1e3 * median($0)) }.joined(separator: " | ")
        print(
            "| \(name) | \(levels) | \(String(format: "%.3f", median(times[0]))) | \(milliseconds) | "
                + String(format: "%.3f%% |", 100 * excess))
    }

    private func columns() -> [(String, [Double])] {
        var generator = SplitMix(state: 1)
        let normal = (0..<count).map { _ in generator.normal() }
        let mixture = (0..<count).map { _ in
            generator.uniform() < 0.3 ? 5 + 0.1 * generator.normal() : generator.normal()
        }
        let laplace = (0..<count).map { _ in (generator.uniform() < 0.5 ? 1 : -1) * log(1 - generator.uniform()) }
        return [
            ("normal", normal), ("Laplace", laplace), ("lognormal", normal.map { exp($0) }), ("mixture", mixture),
        ]
    }
}
