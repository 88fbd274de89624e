extension ColumnMoments {
    /// Adds the values that another one has summed: Σ(x − c) = Σ(x − c′) + m′d and Σ(x − c)² = Σ(x − c′)² + 2dΣ(x − c′) +
    /// m′d² with d = c′ − c. Exact but for rounding, which is small where both shifts lie within the values.
    public mutating func merge(_ other: ColumnMoments) {
        guard other.count > 0 else { return }
        let d = other.shift - shift, m = Double(other.count)
        add(
            count: other.count, minimum: other.minimum, maximum: other.maximum, shiftedSum: other.shiftedSum + m * d,
            shiftedSumOfSquares: other.shiftedSumOfSquares + d * (2 * other.shiftedSum + m * d))
    }

    /// Mean square about the mean, or about 0: what standardized columns are divided by, squared.
    public func meanSquare(centered: Bool) -> Double {
        guard count > 0 else { return 0 }
        return centered ? sumOfSquaredDeviations / Double(count) : rootMeanSquare * rootMeanSquare
    }
}
