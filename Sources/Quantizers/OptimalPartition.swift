import Foundation

/// A cost for the runs of a sequence, concave Monge: cost(a, c) + cost(b, d) ≤ cost(a, d) + cost(b, c) for a < b < c < d.
protocol RunCost {
    /// n: boundaries go from 0 to n.
    var count: Int { get }
    /// The cost of the run from boundary i to boundary j > i.
    func cost(_ i: Int, _ j: Int) -> Double
    /// The same problem with some boundaries only, about `groups` of them; ends included.
    func coarsened(_ groups: Int) -> Self
}

extension RunCost {
    /// The cost of a partition given by its boundaries 0 = b₀ < b₁ < … = n.
    func cost(of boundaries: [Int]) -> Double {
        zip(boundaries, boundaries.dropFirst()).reduce(0) { $0 + cost($1.0, $1.1) }
    }
}

/// The globally optimal partition of a sequence into K runs for a Monge cost: one-dimensional weighted k-means
/// (`WeightedPoints`) and variance-optimal levels (`RoundingVariance`), solved exactly.
///
/// The cost of a run is Monge, so with a price λ per run the best partition (of any number of runs) takes one
/// pass with a queue of candidates, whatever K is, and the number of runs falls as λ grows. A partition that is best
/// for some λ and has K runs is optimal for K (Aggarwal, Schieber and Tokuyama 1994; Grønlund et al. 2017). λ is
/// first found on some thousand groups of points. Where no λ gives exactly K runs (ties), or the last steps would
/// each cost a pass, the boundaries of neighbouring optima interlace with those for K, and a dynamic program over the
/// windows between them finishes: exact in every case.
struct OptimalPartition<Cost: RunCost> {
    private let points: Cost
    /// The least cost up to each boundary, with the price of its runs.
    private var values: [Double]
    private var predecessors: [Int32]
    private var queue: [Candidate]

    /// The points are coarsened for the search of λ where there are more than this.
    static var groupCount: Int { 4096 }

    private struct Candidate {
        var boundary: Int
        /// The first boundary for which this candidate is the best predecessor.
        var start: Int
    }

    init(_ points: Cost) {
        self.points = points
        values = [Double](repeating: 0, count: points.count + 1)
        predecessors = [Int32](repeating: 0, count: points.count + 1)
        queue = []
    }

    /// The boundaries 0 = b₀ < b₁ < … < b_K = n of an optimal partition into K runs (n if there are fewer points).
    ///
    /// Cost: a few passes over n points, each of some ten evaluations per point.
    static func boundaries(of points: Cost, count: Int) -> [Int] {
        precondition(count >= 1, "A partition has at least one run.")
        if points.count <= count { return Array(0...points.count) }
        if count == 1 { return [0, points.count] }
        var solver = OptimalPartition(points)
        return solver.solve(count, price: solver.startingPrice(count))
    }

    /// A price near the right one: from groups of points if there are many, else as if cost fell like 1/K².
    private func startingPrice(_ count: Int) -> Double {
        let total = points.cost(0, points.count)
        let rough = 2 * total / pow(Double(count), 3)
        guard points.count > 4 * Self.groupCount else { return rough }
        let groups = points.coarsened(Self.groupCount)
        guard groups.count > 4 * count else { return rough }
        let fewer = Self.boundaries(of: groups, count: count - 1)
        let more = Self.boundaries(of: groups, count: count + 1)
        return 0.5 * (groups.cost(of: fewer) - groups.cost(of: more))
    }

    /// Searches for a price that gives K runs; finishes inside windows where that does not work out.
    private mutating func solve(_ count: Int, price start: Double) -> [Int] {
        var price = max(start, .leastNormalMagnitude)
        var fewer: (path: [Int], price: Double) = ([0, points.count], points.cost(0, points.count))
        var more: (path: [Int], price: Double)?
        let isLarge = points.count > 4 * Self.groupCount
        for _ in 0..<(isLarge ? 7 : 60) {
            let path = pass(price)
            let runs = path.count - 1
            if runs == count { return path }
            if runs < count { fewer = (path, price) } else { more = (path, price) }
            let ratio = Double(runs) / Double(count)
            var next = price * ratio * ratio * ratio
            let low = more?.price ?? 0
            if !(next > low && next < fewer.price) {
                next = low > 0 ? (low * fewer.price).squareRoot() : 0.5 * fewer.price
                if !(next > low && next < fewer.price) { break }
            }
            price = next
        }
        return finish(count, fewer: fewer.path, more: more?.path)
    }

    /// The best partition at a price per run, by one pass with a queue of candidate predecessors.
    private mutating func pass(_ price: Double) -> [Int] {
        let n = points.count
        queue.removeAll(keepingCapacity: true)
        queue.append(Candidate(boundary: 0, start: 1))
        var front = 0
        for j in 1...n {
            while front + 1 < queue.count, queue[front + 1].start <= j { front += 1 }
            let best = queue[front].boundary
            predecessors[j] = Int32(truncatingIfNeeded: best)
            if j == n { break }
            values[j] = value(best, j) + price
            push(j, n, &front)
        }
        return path(to: n)
    }

    /// The value of predecessor i at boundary j.
    @inline(__always)
    private func value(_ i: Int, _ j: Int) -> Double { values[i] + points.cost(i, j) }

    /// Enters boundary j as a candidate for the boundaries after it: it wins from some boundary on, or never.
    @inline(__always)
    private mutating func push(_ j: Int, _ n: Int, _ front: inout Int) {
        while true {
            let last = queue[queue.count - 1]
            let start = max(last.start, j + 1)
            if value(j, start) < value(last.boundary, start) {
                if queue.count - 1 > front {
                    queue.removeLast()
                    continue
                }
                queue[front] = Candidate(boundary: j, start: j + 1)
                return
            }
            if let takeover = takeover(j, from: last.boundary, after: start, n) {
                queue.append(Candidate(boundary: j, start: takeover))
            }
            return
        }
    }

    /// The first boundary after `start` where j beats an older candidate; nil if it never does. It does not at `start`.
    @inline(__always)
    private func takeover(_ j: Int, from older: Int, after start: Int, _ n: Int) -> Int? {
        var low = start
        var stride = 1
        var high = start
        while true {
            high = low + stride
            if high >= n {
                high = n
                if !(value(j, n) < value(older, n)) { return nil }
                break
            }
            if value(j, high) < value(older, high) { break }
            low = high
            stride *= 2
        }
        while high - low > 1 {
            let middle = (low + high) >> 1
            if value(j, middle) < value(older, middle) { high = middle } else { low = middle }
        }
        return high
    }

    private func path(to n: Int) -> [Int] {
        var result = [n]
        var boundary = n
        while boundary > 0 {
            boundary = Int(predecessors[boundary])
            result.append(boundary)
        }
        return result.reversed()
    }

    /// The optimum for K runs between optima for fewer and for more.
    ///
    /// The i-th boundary for K lies between the (i − d)-th and the i-th for K − d runs, and between the i-th and the
    /// (i + d)-th for K + d runs: otherwise exchanging the tails of two partitions would make one of them better.
    private func finish(_ count: Int, fewer: [Int], more: [Int]?) -> [Int] {
        let n = points.count
        let missing = count - (fewer.count - 1)
        let excess = more.map { $0.count - 1 - count } ?? 0
        var windows: [ClosedRange<Int>] = []
        for i in 1..<count {
            var low = i
            var high = n - (count - i)
            low = max(low, fewer[max(0, i - missing)])
            high = min(high, fewer[min(i, fewer.count - 1)])
            if let more {
                low = max(low, more[i])
                high = min(high, more[i + excess])
            }
            low = max(low, (windows.last?.lowerBound ?? 0) + 1)
            windows.append(low...max(low, high))
        }
        return WindowedPartition(points: points, windows: windows).boundaries()
    }
}
