import Foundation

extension WeightedPoints {
    /// Boundaries of about `count` groups of neighbouring points, placed where levels of a good codebook would be
    /// dense: half by f^{1/3}, a quarter each by mass and by length. Every boundary is one of the points' own.
    func groupBoundaries(_ count: Int) -> [Int] {
        let n = self.count
        let blocks = min(n, 2 * count)
        let ends = (0...blocks).map { $0 * n / blocks }
        let positions = (0..<blocks).map { block in
            let sums = prefix[ends[block] + 1] - prefix[ends[block]]
            return sums.x > 0 ? sums.y / sums.x : .nan
        }
        let lengths = (0..<blocks).map { block -> Double in
            let length = positions[min(block + 1, blocks - 1)] - positions[block]
            return length > 0 ? length : 0
        }
        let masses = (0..<blocks).map { max(0, prefix[ends[$0 + 1]].x - prefix[ends[$0]].x) }
        let roots = (0..<blocks).map { cbrt(masses[$0]) * pow(lengths[$0], 2.0 / 3) }
        let totals = [roots.reduce(0, +), masses.reduce(0, +), lengths.reduce(0, +)].map { $0 > 0 ? $0 : 1 }
        var result = [0]
        var share = 0.0
        for block in 0..<blocks {
            let step =
                0.5 * roots[block] / totals[0] + 0.25 * masses[block] / totals[1] + 0.25 * lengths[block] / totals[2]
            let pieces = Int((share + step) * Double(count)) - Int(share * Double(count))
            let size = ends[block + 1] - ends[block]
            for piece in 1...max(1, pieces) where pieces > 0 {
                let boundary = ends[block] + size * piece / pieces
                if boundary > result[result.count - 1] { result.append(boundary) }
            }
            share += step
        }
        if result[result.count - 1] < n { result.append(n) }
        return result
    }
}
