import LeastSquares

/// Quantized solutions of one regression beside the full-precision one.
public struct RegressionComparisonResult: Sendable {
    /// The full-precision solution that everything is measured against.
    public let reference: Solution
    /// Time of full precision by each method.
    public let fullPrecision: [FullPrecisionTime]
    /// One per number of bits, quantizer, transform and method, in that order; of each number of bits the default first.
    public let rows: [ComparisonRow]
    /// What the default does, per number of bits.
    public let details: [ComparisonDetail]
    /// Confidence of the intervals.
    public let confidence: Double

    /// The numbers of bits, ascending.
    public var bits: [Int] { Set(rows.map(\.bits)).sorted() }

    /// The rows of a number of bits, the smallest measured error first, failures last.
    public func ranked(bits: Int) -> [ComparisonRow] {
        rows.filter { $0.bits == bits }.enumerated().sorted {
            let (a, b) = ($0.element.measured ?? .infinity, $1.element.measured ?? .infinity)
            return a != b ? a < b : $0.offset < $1.offset
        }.map(\.element)
    }

    /// The default's row of a number of bits.
    public func standard(bits: Int) -> ComparisonRow? { rows.first { $0.bits == bits && $0.isDefault } }

    /// The smallest measured error of a number of bits.
    public func best(bits: Int) -> Double? { rows.lazy.filter { $0.bits == bits }.compactMap(\.measured).min() }
}

/// Full precision by one method.
public struct FullPrecisionTime: Sendable {
    /// The method.
    public let method: SolverMethod
    /// Seconds from the rows in memory to the solution.
    public let seconds: Double
    /// q against the reference: what rounding in double precision does.
    public let errorRatio: Double?
}

/// One way of quantizing and solving at one number of bits.
public struct ComparisonRow: Sendable {
    /// Bits per predictor entry.
    public let bits: Int
    /// The quantizer; of the default the one that was chosen.
    public let quantizer: Quantizer
    /// The transform that was applied; where the way failed, the one asked for.
    public let transform: TransformChoice
    /// The method that solved; where the way failed, the one asked for.
    public let method: SolverMethod
    /// Whether everything was left to the library.
    public let isDefault: Bool
    /// q = ‖A(x̂ − x)‖/(s√p) against full precision.
    public internal(set) var measured: Double?
    /// The same predicted from the codes.
    public internal(set) var predicted: Double?
    /// Where q lies with 90% probability, from the codes (`ErrorBudget.errorRatioInterval`).
    public internal(set) var predictedInterval: ClosedRange<Double>?
    /// Root mean square of |x̂_j − x_j| in standard errors.
    public internal(set) var coefficientError: Double?
    /// The largest |x̂_j − x_j| in standard errors.
    public internal(set) var largestCoefficientError: Double?
    /// The share of coefficients whose quantization interval holds the full-precision one.
    public internal(set) var covered: Double?
    /// Bytes of codes and side data.
    public internal(set) var bytes = 0
    /// Seconds for transform, codebooks and codes.
    public internal(set) var buildSeconds = 0.0
    /// Seconds from the codes to the solution with its error account.
    public internal(set) var solveSeconds = 0.0
    /// Why this way failed.
    public internal(set) var failure: String?
}

/// What the default did at one number of bits.
public struct ComparisonDetail: Sendable {
    /// Its solution, compared with full precision.
    public let solution: Solution
    /// The columns as they were quantized, predictors then the response.
    public let columns: [ComparisonColumn]
}

/// A quantized column and what its numbers look like.
public struct ComparisonColumn: Sendable {
    /// The column's name.
    public let name: String
    /// Bits per code.
    public let bits: Int
    /// The levels, ascending.
    public let levels: [Double]
    /// Whether all entries are kept exactly.
    public let isExact: Bool
    /// Mean squared error over variance.
    public let relativeDistortion: Double
    /// The column's numbers after the transform in some rows.
    public let sample: [Double]
}
