import Foundation
import Quantizers

/// Codebooks of every size for one shape of distribution, learned from a sample of standardized numbers.
///
/// Coordinates that differ in scale but little in shape share the family, so that a codebook is learned from all of
/// them together and side information is one shape and one scale per coordinate. Up to 24 levels the codebook is the
/// global optimum for the sample; beyond, the companding codebook of λ ∝ f^{1/3} (Panter and Dite 1951) with f a
/// histogram of the sample. Both tails of f are continued to 1.5 times the largest number seen: at 8 bits and more an
/// encoder that ends at the sample's extremes loses several decibels to values beyond them.
public struct LevelFamily: Sendable {
    private let histogram: ColumnHistogram
    /// Knots of the piecewise linear distribution function of λ.
    private let knots: [Double]
    private let cumulative: [Double]

    /// Sizes up to this one are optimized exactly.
    static let largestOptimal = 24
    /// How far the tails are continued, relative to the extremes.
    static let tailReach = 1.5

    /// Learns the family. Values that are not finite are left out. Cost: n log n.
    ///
    /// - Throws: `noValues` if nothing is finite.
    public init(sample: [Double]) throws(QuantizerError) {
        var sorted = sample.filter(\.isFinite)
        sorted.sort()
        guard !sorted.isEmpty else { throw .noValues }
        histogram = try ColumnHistogram(values: sorted)
        let (edges, counts) = LevelFamily.cells(sorted)
        var sums = [0.0]
        for i in counts.indices {
            let length = edges[i + 1] - edges[i]
            sums.append(sums[i] + cbrt(counts[i] * length * length))
        }
        knots = edges
        cumulative = sums
    }

    /// The table of K levels, K from 1 to 2¹⁶; fewer where the sample has fewer distinct values.
    ///
    /// - Throws: `levelCount`.
    public func table(count: Int) throws(QuantizerError) -> LevelTable {
        guard (1...LevelTable.maximumCount).contains(count) else { throw .levelCount(count) }
        if count <= LevelFamily.largestOptimal { return LevelTable(try Codebook.optimal(histogram, count: count)) }
        let total = cumulative[cumulative.count - 1]
        guard total > 0 else { return LevelTable(levels: [knots[0]]) }
        var levels: [Double] = []
        levels.reserveCapacity(count)
        var k = 0
        for i in 0..<count {
            let target = total * (Double(i) + 0.5) / Double(count)
            while k < knots.count - 2, cumulative[k + 1] < target { k += 1 }
            let rise = cumulative[k + 1] - cumulative[k]
            levels.append(knots[k] + (rise > 0 ? (target - cumulative[k]) / rise : 0) * (knots[k + 1] - knots[k]))
        }
        return LevelTable(levels: levels)
    }

    /// Cells with their counts: 400 with equal shares of the sample, finer ones at both ends (1, 2, 4, … numbers
    /// from the extremes), and four beyond each extreme that share one fictitious number.
    private static func cells(_ sorted: [Double]) -> (edges: [Double], counts: [Double]) {
        let n = sorted.count
        var places = Set((0...400).map { $0 * (n - 1) / 400 })
        var distance = 1
        while distance < n / 400 {
            places.formUnion([distance, n - 1 - distance])
            distance *= 2
        }
        var edges: [Double] = []
        var below: [Double] = []
        for place in places.sorted() where edges.last.map({ $0 < sorted[place] }) ?? true {
            edges.append(sorted[place])
            below.append(Double(place))
        }
        guard edges.count > 1 else { return (edges + [edges[0]], [0]) }
        below[below.count - 1] = Double(n)
        let counts = zip(below, below.dropFirst()).map { $1 - $0 }
        let reach = (tailReach - 1) * max(abs(edges[0]), abs(edges[edges.count - 1]))
        let steps = (1...4).map { Double($0) / 4 }
        let lower = steps.reversed().map { edges[0] - $0 * reach }
        let upper = steps.map { edges[edges.count - 1] + $0 * reach }
        let pseudo = [Double](repeating: 0.25, count: 4)
        return (lower + edges + upper, pseudo + counts + pseudo)
    }
}
