/// Why a codebook or a point density could not be made.
public enum QuantizerError: Error, Equatable, Sendable {
    /// A codebook has 1 to 256 levels; this many were asked for or given.
    case levelCount(Int)
    /// Levels have to be finite and strictly ascending.
    case levelsNotAscending
    /// Thresholds have to be ascending and one fewer than the levels.
    case thresholdsNotAscending
    /// A correlation lies in [−1, 1].
    case correlation(Double)
    /// A standard deviation, width or other scale has to be positive and finite.
    case scale(Double)
    /// There was no finite value to design for.
    case noValues
    /// More distinct values than an exact codebook can hold (256).
    case tooManyDistinctValues
    /// Two histograms with different cell edges cannot be merged.
    case edgesDiffer
    /// Two arrays that belong together have different lengths.
    case lengthsDiffer(Int, Int)
    /// A weight is negative or not finite.
    case weight(Double)
}

extension QuantizerError: CustomStringConvertible {
    /// The cause and what would be accepted.
    public var description: String {
        switch self {
        case .levelCount(let count): "A codebook has 1 to 256 levels, not \(count)."
        case .levelsNotAscending: "Levels have to be finite and strictly ascending."
        case .thresholdsNotAscending: "Thresholds have to be ascending and one fewer than the levels."
        case .correlation(let value): "A correlation lies in [-1, 1]; got \(value)."
        case .scale(let value): "A scale has to be positive and finite; got \(value)."
        case .noValues: "There is no finite value to design a codebook for."
        case .tooManyDistinctValues: "An exact codebook holds at most 256 distinct values."
        case .edgesDiffer: "Histograms with different cell edges cannot be merged."
        case .lengthsDiffer(let first, let second): "Arrays of equal length are needed; got \(first) and \(second)."
        case .weight(let value): "A weight has to be finite and not negative; got \(value)."
        }
    }
}
