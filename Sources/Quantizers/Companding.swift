extension Codebook {
    /// The companding codebook of a point density: levels F^{-1}((i − ½)/K), i = 1 … K, thresholds at midpoints.
    ///
    /// - Throws: `levelCount` unless K is in 1 … 256; `levelsNotAscending` if the density is too concentrated for K
    ///   different levels. Cost: K quantiles.
    public static func companding(_ density: some PointDensity, count: Int) throws(QuantizerError) -> Codebook {
        guard (1...maximumCount).contains(count) else { throw .levelCount(count) }
        var levels: [Double] = []
        for i in 0..<count { levels.append(density.quantile((Double(i) + 0.5) / Double(count))) }
        return try Codebook(levels: levels)
    }
}
