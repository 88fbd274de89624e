extension Codebook {
    /// The uniform codebook of a range: K levels equally spaced from the minimum to the maximum, both included.
    ///
    /// The step is (maximum − minimum)/(K − 1) and thresholds are midpoints, so every level is used by values in the
    /// range, no value inside it is off by more than half a step, and the two ends are represented exactly. A range
    /// of one value gives one level; K = 1 gives the middle.
    ///
    /// - Throws: `levelCount` unless K is in 1 … 256; `scale` if the range is not finite or is reversed.
    public static func uniform(minimum: Double, maximum: Double, count: Int) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        guard minimum.isFinite, maximum.isFinite, minimum <= maximum else { throw .scale(maximum - minimum) }
        if minimum == maximum { return try Codebook(levels: [minimum]) }
        if count == 1 { return try Codebook(levels: [0.5 * minimum + 0.5 * maximum]) }
        var levels: [Double] = []
        for i in 0..<count {
            let share = Double(i) / Double(count - 1)
            let level = (1 - share) * minimum + share * maximum
            if levels.last.map({ $0 < level }) ?? true { levels.append(level) }
        }
        return try Codebook(levels: levels)
    }
}
