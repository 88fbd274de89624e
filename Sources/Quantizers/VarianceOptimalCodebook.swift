extension Codebook {
    /// The K levels with the least ∑(x − l)(u − x), the total variance of stochastic rounding: the exact optimum.
    ///
    /// The first and last level are the minimum and the maximum of the values; between two values the sum is linear in
    /// each level, so the others can be values as well, and the choice of values is a shortest path with a Monge cost.
    /// At most K distinct values are represented exactly. Thresholds are midpoints, for rounding to nearest.
    /// For many levels the density is ∝ f^{1/3}, as for rounding to nearest, and the error twice as large.
    ///
    /// - Parameters:
    ///   - values: the column; values that are not finite are left out.
    ///   - count: K, 2 to 256.
    /// - Throws: `levelCount` or `noValues`.
    /// - Complexity: sorting, and a few passes whose cost does not depend on K.
    public static func varianceOptimal(values: [Double], count: Int) throws(QuantizerError) -> Codebook {
        guard (2...maximumCount).contains(count) else { throw .levelCount(count) }
        let distinct = WeightedPoints.distinct(RadixSort.sorted(values.filter(\.isFinite)))
        guard !distinct.values.isEmpty else { throw .noValues }
        if distinct.values.count <= count { return try Codebook(levels: distinct.values, isExact: true) }
        return try varianceOptimal(distinct.values, masses: distinct.masses, count: count)
    }

    /// The same from a histogram; levels are means of its cells, ends are the exact minimum and maximum.
    ///
    /// - Throws: `levelCount` or `noValues`. Cost: some tens of passes over the occupied cells.
    public static func varianceOptimal(_ histogram: ColumnHistogram, count: Int) throws(QuantizerError) -> Codebook {
        guard (2...maximumCount).contains(count) else { throw .levelCount(count) }
        if let exact = try exact(histogram, count: count) { return exact }
        var values: [Double] = []
        var masses: [Double] = []
        for run in histogram.runs {
            if let last = values.last, last >= run.mean {
                masses[masses.count - 1] += Double(run.count)
            } else {
                values.append(run.mean)
                masses.append(Double(run.count))
            }
        }
        if values.count <= count { return try Codebook(levels: values) }
        return try varianceOptimal(values, masses: masses, count: count)
    }

    private static func varianceOptimal(
        _ values: [Double], masses: [Double], count: Int
    ) throws(QuantizerError) -> Codebook {
        let cost = RoundingVariance(values, masses: masses)
        let nodes = OptimalPartition.boundaries(of: cost, count: count - 1)
        return try Codebook(levels: nodes.map { values[$0] })
    }
}

/// The cost of having no level between the i-th and the j-th point: ∑ m(u − uᵢ)(uⱼ − u) over the points between, which
/// is (uᵢ + uⱼ)ΔS₁ − ΔS₂ − uᵢuⱼΔS₀ with sums of m, mu, mu². It is Monge.
struct RoundingVariance: RunCost {
    /// Standardized places of the points that may be levels.
    private let places: [Double]
    /// Prefix sums (∑m, ∑mu, ∑mu²) before each of them.
    private let sums: [SIMD4<Double>]

    init(_ values: [Double], masses: [Double]) {
        let points = WeightedPoints(ascending: values, masses: masses)
        places = values.map { ($0 - points.centre) / points.scale }
        sums = (0..<values.count).map { points.prefix[$0] }
    }

    private init(places: [Double], sums: [SIMD4<Double>]) {
        self.places = places
        self.sums = sums
    }

    /// One less than the number of points: runs lie between levels.
    var count: Int { places.count - 1 }

    @inline(__always)
    func cost(_ i: Int, _ j: Int) -> Double {
        let sum = sums[j] - sums[i]
        let (a, b) = (places[i], places[j])
        return max(0, (a + b) * sum.y - sum.z - a * b * sum.x)
    }

    /// Levels only at every so manyth point.
    func coarsened(_ groups: Int) -> RoundingVariance {
        let kept = (0...groups).map { $0 * count / groups }
        return RoundingVariance(places: kept.map { places[$0] }, sums: kept.map { sums[$0] })
    }
}
