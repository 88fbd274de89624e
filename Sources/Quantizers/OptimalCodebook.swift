extension Codebook {
    /// The codebook of K levels with the least possible ∑ w(x − x̂)² on the given values: the global optimum, found
    /// exactly (to rounding) by dynamic programming.
    ///
    /// Values with at most K distinct ones are represented exactly. Values that are not finite are left out.
    ///
    /// - Parameters:
    ///   - values: the column, in any order.
    ///   - weights: one weight per value, finite and not negative; nil for equal weights.
    ///   - count: K, 1 to 256.
    /// - Throws: `levelCount`, `noValues`, `lengthsDiffer` or `weight`.
    /// - Complexity: sorting n values, and a few passes whose cost does not depend on K; 48 bytes per value.
    public static func optimal(
        values: [Double], weights: [Double]? = nil, count: Int
    ) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        let distinct: (values: [Double], masses: [Double])
        if let weights {
            distinct = try weighted(values, weights)
        } else {
            let finite = values.allSatisfy(\.isFinite) ? values : values.filter(\.isFinite)
            distinct = WeightedPoints.distinct(RadixSort.sorted(finite))
        }
        guard !distinct.values.isEmpty else { throw .noValues }
        if distinct.values.count <= count { return try Codebook(levels: distinct.values, isExact: true) }
        let points = WeightedPoints(ascending: distinct.values, masses: distinct.masses)
        return try Codebook(optimal: points, count: count)
    }

    /// The codebook of K levels that is globally optimal for a histogram, then refined inside its cells.
    ///
    /// The dynamic program joins whole cells; Lloyd–Max iteration with interpolated cells moves the thresholds to
    /// their places between cell boundaries. A column with at most K distinct values is represented exactly.
    ///
    /// - Parameters:
    ///   - histogram: the column.
    ///   - weight: the weight m(x) of a squared error at x; nil for 1.
    ///   - count: K, 1 to 256.
    /// - Throws: `levelCount` or `noValues`.
    /// - Complexity: some tens of passes over the occupied cells.
    public static func optimal(
        _ histogram: ColumnHistogram, count: Int, weight: ((Double) -> Double)? = nil
    ) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        if let exact = try exact(histogram, count: count) { return exact }
        let measure = try HistogramMeasure(histogram, weight: weight)
        let start = try Codebook(optimal: measure.points, count: count).scaled(toUnitsOf: measure)
        let refined = try LloydMax.forHistograms.codebook(for: measure, startingFrom: start.levels)
        return try refined.scaled(by: measure.scale, offset: measure.centre)
    }

    /// The centroids of the optimal partition of points.
    init(optimal points: WeightedPoints, count: Int) throws(QuantizerError) {
        let boundaries = OptimalPartition.boundaries(of: points, count: count)
        var levels: [Double] = []
        for (i, j) in zip(boundaries, boundaries.dropFirst()) {
            guard let centroid = points.centroid(i, j), levels.last.map({ $0 < centroid }) ?? true else { continue }
            levels.append(centroid)
        }
        guard !levels.isEmpty else { throw .noValues }
        try self.init(levels: levels)
    }

    /// Distinct finite values of positive weight, sorted, with their weights added up.
    private static func weighted(
        _ values: [Double], _ weights: [Double]
    ) throws(QuantizerError) -> (values: [Double], masses: [Double]) {
        guard values.count == weights.count else { throw .lengthsDiffer(values.count, weights.count) }
        for weight in weights where !(weight >= 0 && weight.isFinite) { throw .weight(weight) }
        var distinct: [Double] = []
        var masses: [Double] = []
        let kept = values.indices.filter { values[$0].isFinite && weights[$0] > 0 }
        for index in RadixSort.order(kept.map { values[$0] }) {
            let place = kept[Int(index)]
            if let last = distinct.last, last == values[place] {
                masses[masses.count - 1] += weights[place]
            } else {
                distinct.append(values[place])
                masses.append(weights[place])
            }
        }
        return (distinct, masses)
    }
}
