/// The best partition into K runs whose i-th boundary lies in the i-th of K − 1 windows, by dynamic programming with
/// divide and conquer over monotone predecessors. Cost: ∑ w log w for windows of w boundaries.
struct WindowedPartition<Cost: RunCost> {
    let points: Cost
    /// The windows of boundaries 1 … K−1, lower ends strictly ascending.
    let windows: [ClosedRange<Int>]

    /// The boundaries 0 = b₀ < … < b_K = n.
    func boundaries() -> [Int] {
        let n = points.count
        var layer = [0.0]
        var range = 0...0
        var predecessors: [[Int32]] = []
        for window in windows + [n...n] {
            var next = [Double](repeating: .infinity, count: window.count)
            var chosen = [Int32](repeating: Int32(range.lowerBound), count: window.count)
            Layer(points: points, values: layer, range: range, window: window)
                .fill(window.lowerBound, window.upperBound, range.lowerBound, range.upperBound, &next, &chosen)
            predecessors.append(chosen)
            layer = next
            range = window
        }
        var result = [n]
        var boundary = n
        for (index, chosen) in predecessors.enumerated().reversed() {
            let window = index < windows.count ? windows[index] : n...n
            boundary = Int(chosen[boundary - window.lowerBound])
            result.append(boundary)
        }
        return result.reversed()
    }

    /// One step of the dynamic program: the values at the boundaries of a range, and the window to fill.
    private struct Layer {
        let points: Cost
        let values: [Double]
        let range: ClosedRange<Int>
        let window: ClosedRange<Int>

        /// Fills the boundaries first … last, whose best predecessors lie in low … high.
        func fill(
            _ first: Int, _ last: Int, _ low: Int, _ high: Int, _ next: inout [Double], _ chosen: inout [Int32]
        ) {
            if first > last { return }
            let middle = (first + last) >> 1
            var best = Double.infinity
            var place = low
            let end = min(high, middle - 1)
            if low <= end {
                for i in low...end {
                    let value = values[i - range.lowerBound] + points.cost(i, middle)
                    if value < best { (best, place) = (value, i) }
                }
            }
            next[middle - window.lowerBound] = best
            chosen[middle - window.lowerBound] = Int32(place)
            fill(first, middle - 1, low, place, &next, &chosen)
            fill(middle + 1, last, place, high, &next, &chosen)
        }
    }
}
