import Quantizers

/// A scalar quantizer with any number of levels, up to 2¹⁶ (a `Codebook` has at most 256): real numbers in, the
/// level of their cell out.
///
/// Budgets that go by coordinate need codes of 9 to 16 bits for the strongest ones.
public struct LevelTable: Sendable, Equatable {
    /// The most levels a table may have.
    public static let maximumCount = 1 << 16

    /// The decoded values, ascending.
    public let levels: [Double]
    /// The cell boundaries, the midpoints between neighbouring levels unless a codebook says otherwise; the code of x
    /// is the number of them below x.
    public let thresholds: [Double]

    /// For each of many equal intervals of the range of the thresholds, the first threshold not below its start.
    private let starts: [Int32]
    private let origin: Double
    private let intervalsPerUnit: Double

    /// A table of levels given in any order, to the nearest of which every number goes; equal ones count once.
    ///
    /// - Precondition: 1 to 2¹⁶ finite numbers. Cost: K log K.
    public init(levels: [Double]) {
        precondition((1...LevelTable.maximumCount).contains(levels.count), "A table has 1 to 65,536 levels.")
        precondition(levels.allSatisfy(\.isFinite), "Levels are finite.")
        var ascending: [Double] = []
        for level in levels.sorted() where ascending.last.map({ $0 < level }) ?? true { ascending.append(level) }
        self.init(ascending, thresholds: zip(ascending, ascending.dropFirst()).map { 0.5 * $0 + 0.5 * $1 })
    }

    /// The levels and thresholds of a codebook.
    public init(_ codebook: Codebook) { self.init(codebook.levels, thresholds: codebook.thresholds) }

    private init(_ levels: [Double], thresholds: [Double]) {
        self.levels = levels
        self.thresholds = thresholds
        let range = (thresholds.last ?? 0) - (thresholds.first ?? 0)
        let intervals = range > 0 && range.isNormal ? 4 * thresholds.count : 1
        origin = thresholds.first ?? 0
        intervalsPerUnit = intervals > 1 ? Double(intervals) / range : 0
        var starts: [Int32] = [0]
        var next = 0
        for i in 1..<max(1, intervals) {
            let start = origin + Double(i) / intervalsPerUnit
            while next < thresholds.count, thresholds[next] < start { next += 1 }
            // One step back, so that rounding of the interval's number cannot skip a threshold.
            starts.append(Int32(max(0, next - 1)))
        }
        starts.append(Int32(thresholds.count))
        self.starts = starts
    }

    /// K, the number of levels.
    public var count: Int { levels.count }

    /// The width of a code: the smallest b ≥ 0 with 2^b ≥ K. One level needs no bit.
    public var bits: Int {
        var width = 0
        while 1 << width < levels.count { width += 1 }
        return width
    }

    /// The code of x: the number of thresholds below x. Cost: a few comparisons.
    @inline(__always)
    public func encode(_ x: Double) -> Int {
        var low = 0
        var high = thresholds.count
        let position = (x - origin) * intervalsPerUnit
        if position > 0, intervalsPerUnit > 0 {
            let interval = Int(min(position, Double(starts.count - 2)))
            low = Int(starts[interval])
            high = min(thresholds.count, Int(starts[min(interval + 1, starts.count - 1)]) + 2)
            if high < thresholds.count, thresholds[high - 1] < x { high = thresholds.count }
        }
        while low < high {
            let middle = (low + high) / 2
            if thresholds[middle] < x { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The level of the cell of x: the nearest, the lower one half-way between two, where thresholds are midpoints.
    @inline(__always)
    public func quantize(_ x: Double) -> Double { levels[encode(x)] }

    /// Levels times a scale ≥ 0, to the nearest of which every number goes.
    public func scaled(by scale: Double) -> LevelTable { LevelTable(levels: levels.map { scale * $0 }) }
}
