import Foundation
import Quantizers
import TestSupport
import Testing

/// Lloyd's iteration on sorted values, apart from the library: cells by binary search, centroids from prefix sums of the
/// values less an offset near them.
private func lloydMax(_ sorted: [Double], _ prefix: [Double], offset: Double, startingFrom start: [Double]) -> [Double]
{
    var levels = start
    var cuts: [Int] = []
    for _ in 0..<1000 {
        let next = zip(levels, levels.dropFirst()).map { a, b in firstIndex(sorted, above: (a + b) / 2) }
        if next == cuts { break }
        cuts = next
        let ends = [0] + cuts + [sorted.count]
        for k in levels.indices where ends[k + 1] > ends[k] {
            levels[k] = offset + (prefix[ends[k + 1]] - prefix[ends[k]]) / Double(ends[k + 1] - ends[k])
        }
    }
    return levels
}

private func firstIndex(_ sorted: [Double], above threshold: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
        let middle = (low + high) / 2
        if sorted[middle] > threshold { high = middle } else { low = middle + 1 }
    }
    return low
}

/// ∑ (x − x̂)² with the nearest of ascending levels.
private func cost(_ sorted: [Double], _ levels: [Double]) -> Double {
    var (total, k) = (0.0, 0)
    for x in sorted {
        while k + 1 < levels.count, abs(levels[k + 1] - x) < abs(levels[k] - x) { k += 1 }
        total += (x - levels[k]) * (x - levels[k])
    }
    return total
}

/// The columns of a data set of the package.
private func columns(_ file: String) throws -> [[Double]] {
    let path = Checkout.datasets.appendingPathComponent("regression/\(file).csv")
    let rows = try String(contentsOf: path, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst()
        .map { $0.split(separator: ",").map { Double($0)! } }
    return rows[0].indices.map { j in rows.map { $0[j] } }
}

@Suite struct RegressionColumnTests {
    @Test(arguments: [("diabetes", 11, 442), ("power_plant_ccpp", 5, 9568)], [4, 16])
    func neverWorseThanLloydMaxFromFiftyStarts(data: (file: String, columns: Int, rows: Int), count: Int) throws {
        let columns = try columns(data.file)
        #expect(columns.count == data.columns && columns[0].count == data.rows)
        var generator = TestGenerator(seed: UInt64(count))
        for (j, column) in columns.enumerated() {
            let sorted = column.sorted()
            let offset = sorted[sorted.count / 2]
            var prefix = [0.0]
            for x in sorted { prefix.append(prefix[prefix.count - 1] + (x - offset)) }
            let distinct = Set(sorted).sorted()
            let optimal = try Codebook.optimal(values: sorted, count: count)
            #expect(optimal.isExact == (distinct.count <= count))
            let least = cost(sorted, optimal.levels)
            if optimal.isExact {
                #expect(least == 0)
                continue
            }
            var reached = Double.infinity
            for _ in 0..<50 {
                let start = distinct.shuffled(using: &generator).prefix(count).sorted()
                let levels = lloydMax(sorted, prefix, offset: offset, startingFrom: start)
                reached = min(reached, cost(sorted, levels))
            }
            #expect(least <= reached * (1 + 1e-12), "column \(j)")
            // Few levels are found by luck too, so a bound that is far too low would show.
            #expect(least > 0 && (count > 4 || least > 0.9 * reached), "column \(j)")
        }
    }
}
