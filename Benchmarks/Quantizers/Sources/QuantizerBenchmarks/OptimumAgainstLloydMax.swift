import Foundation
import QuantizedLeastSquares

/// Compares the globally optimal codebook with Lloyd–Max from random starts, on every column of tables.
///
/// Lloyd's iteration runs on the exact values (prefix sums over the distinct ones) until no threshold moves; a start is
/// K distinct values of the column drawn at random. The table lists, for each file, the columns with more than K
/// distinct values, the largest ratio optimum / best Lloyd–Max − 1 (never above rounding), the share of starts
/// that reach the optimum to 10⁻⁹, and the median and largest excess of a single start.
struct OptimumAgainstLloydMax {
    private var levelCounts = [4, 16]
    private var starts = 50
    private var files: [String] = []

    init(arguments: some Sequence<String>) throws {
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            switch argument {
            case "--levels": levelCounts = (iterator.next() ?? "").split(separator: ",").compactMap { Int($0) }
            case "--starts": starts = iterator.next().flatMap { Int($0) } ?? 50
            default: files.append(argument)
            }
        }
    }

    func run() throws {
        print(
            "| data | K | columns | exact | worst optimum / best start − 1 | starts at the optimum | median excess | largest excess |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|---:|")
        var isNeverWorse = true
        for file in files {
            let table = try CSVReader(path: file).readMatrix()
            for count in levelCounts {
                let result = try compare(table, count)
                isNeverWorse = isNeverWorse && result.worst <= 1e-12
                print(
                    "| \(URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent) | \(count) \(result.cells)"
                )
            }
        }
        print(isNeverWorse ? "The optimum is never worse." : "THE OPTIMUM IS WORSE SOMEWHERE.")
        if !isNeverWorse { exit(1) }
    }

    private struct Outcome {
        var columns = 0
        var exact = 0
        var worst = -Double.infinity
        var excesses: [Double] = []

        var cells: String {
            guard columns > 0 else { return "| 0 | \(exact) | – | – | – | – |" }
            let reached = Double(excesses.count { $0 <= 1e-9 }) / Double(excesses.count)
            return "| \(columns) | \(exact) | " + String(format: "%.1e | %.1f%% | ", worst, 100 * reached)
                + String(format: "%.2f%% | %.0f%% |", 100 * median(excesses), 100 * (excesses.max() ?? 0))
        }
    }

    private func compare(_ table: DenseMatrix, _ count: Int) throws -> Outcome {
        var outcome = Outcome()
        var generator = SplitMix(state: UInt64(count))
        for j in 0..<table.columns {
            let values = table.column(j)
            let optimal = try Codebook.optimal(values: values, count: count)
            if optimal.isExact {
                outcome.exact += 1
                continue
            }
            outcome.columns += 1
            let points = DistinctPoints(values)
            let least = points.distortion(optimal.levels)
            var best = Double.infinity
            for _ in 0..<starts {
                let start = points.values.indices.shuffledPrefix(count, using: &generator).sorted()
                let reached = points.distortion(points.lloyd(from: start.map { points.values[$0] }))
                best = min(best, reached)
                outcome.excesses.append(reached / least - 1)
            }
            outcome.worst = max(outcome.worst, least / best - 1)
        }
        return outcome
    }
}

/// The distinct values of a column with their counts, and prefix sums about the mean for Lloyd's iteration.
struct DistinctPoints {
    let values: [Double]
    private let counts: [Double]
    private let mean: Double
    private var masses = [0.0]
    private var sums = [0.0]

    init(_ column: [Double]) {
        let sorted = column.sorted()
        var (values, counts): ([Double], [Double]) = ([], [])
        for value in sorted {
            if values.last == value {
                counts[counts.count - 1] += 1
            } else {
                values.append(value)
                counts.append(1)
            }
        }
        self.values = values
        self.counts = counts
        mean = column.reduce(0, +) / Double(column.count)
        for (value, count) in zip(values, counts) {
            masses.append(masses[masses.count - 1] + count)
            sums.append(sums[sums.count - 1] + count * (value - mean))
        }
    }

    /// Lloyd's iteration from ascending levels until the partition repeats.
    func lloyd(from start: [Double]) -> [Double] {
        var levels = start
        var cuts: [Int] = []
        for _ in 0..<10_000 {
            let next = zip(levels, levels.dropFirst()).map { firstIndex(above: ($0 + $1) / 2) }
            if next == cuts { break }
            cuts = next
            let ends = [0] + cuts + [values.count]
            levels = levels.indices.map { k in
                let mass = masses[ends[k + 1]] - masses[ends[k]]
                return mass > 0 ? mean + (sums[ends[k + 1]] - sums[ends[k]]) / mass : levels[k]
            }
        }
        return levels
    }

    /// ∑ count (x − x̂)² with the nearest of ascending levels, summed term by term.
    func distortion(_ levels: [Double]) -> Double {
        var total = 0.0
        var k = 0
        for (value, count) in zip(values, counts) {
            while k + 1 < levels.count, abs(levels[k + 1] - value) < abs(levels[k] - value) { k += 1 }
            total += count * (value - levels[k]) * (value - levels[k])
        }
        return total
    }

    private func firstIndex(above threshold: Double) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] > threshold { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Range<Int> {
    /// `count` different members, by the first steps of a Fisher–Yates shuffle.
    func shuffledPrefix(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Int] {
        var members = Array(self)
        for k in 0..<count { members.swapAt(k, Int.random(in: k..<members.count, using: &generator)) }
        return Array(members.prefix(count))
    }
}
