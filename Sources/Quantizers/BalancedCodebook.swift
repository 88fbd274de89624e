extension Codebook {
    /// The levels for balanced rounding: the optimal ones (`optimal`), stretched about their mean so that the
    /// codes of the optimal cells would keep the column's square, Σ x̂·(x − x̄) = Σ(x − x̄)².
    ///
    /// Centroids shrink it: Σ x̂·(x − x̄) = (1 − d)·Σ(x − x̄)² with d their distortion relative to the variance, which the
    /// stretch by 1/(1 − d) undoes (1 bit, Gaussian: ±1.253σ in place of ±0.798σ). Balanced rounding keeps the products of a
    /// column with all others. Where a response is nearly a combination of the predictors, these fix the column's product
    /// with itself too, and levels that cannot reach it would leave an error that grows like the rows.
    ///
    /// - Parameters:
    ///   - histogram: the column; exact, as it is, where it has at most K distinct values.
    ///   - count: K, 1 to 256.
    /// - Throws: `levelCount` or `noValues`.
    /// - Complexity: as `optimal`.
    public static func balanced(_ histogram: ColumnHistogram, count: Int) throws(QuantizerError) -> Codebook {
        let optimal = try optimal(histogram, count: count)
        guard !optimal.isExact else { return optimal }
        let measure = try HistogramMeasure(histogram)
        let standardized = try optimal.scaled(toUnitsOf: measure)
        let sums = measure.moments(from: -.infinity, to: .infinity)
        let mean = sums.first / sums.mass, square = sums.second - sums.first * mean
        let kept = square - standardized.distortion(of: measure)
        guard kept > 0, square > kept else { return optimal }
        let factor = min(square / kept, largestStretch)
        return try optimal.scaled(by: factor, offset: (1 - factor) * (measure.centre + measure.scale * mean))
    }

    /// No column of more than one level needs more.
    private static let largestStretch = 8.0
}
