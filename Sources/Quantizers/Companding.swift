extension Codebook {
    /// The companding codebook of a point density: levels F^{-1}((i − ½ + shift)/K), i = 1 … K, thresholds at
    /// midpoints.
    ///
    /// - Parameter shift: moves all levels by a share of their spacing, in (−½, ½).
    /// - Throws: `levelCount` unless K is in 1 … 256; `levelsNotAscending` if the density is too concentrated for K
    ///   different levels. Cost: K quantiles.
    public static func companding(
        _ density: some PointDensity, count: Int, shift: Double = 0
    ) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        precondition(abs(shift) < 0.5, "Levels are shifted by less than half their spacing.")
        var levels: [Double] = []
        for i in 0..<count { levels.append(density.quantile((Double(i) + 0.5 + shift) / Double(count))) }
        return try Codebook(levels: levels)
    }
}
