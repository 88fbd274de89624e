import QuantizedMatrices

/// Bits for every column of a table.
public struct BitPlan: Sendable, Equatable {
    /// A predictor with its bits.
    public struct Column: Sendable, Equatable {
        /// The predictor's name.
        public let name: String
        /// Bits per entry.
        public let bits: Int
    }

    /// The predictors, in the order of the table.
    public let columns: [Column]
    /// Bits per response entry.
    public let responseBits: Int
    /// The number of responses.
    public let responses: Int

    /// Bits of a row.
    public var bitsPerRow: Int { columns.reduce(responses * responseBits) { $0 + $1.bits } }

    /// The options that quantize so; all else as in `options`.
    public func options(_ options: QuantizationOptions) -> QuantizationOptions {
        var result = options
        result.bits = columns.map(\.bits).max() ?? options.bits
        result.columnBits = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.bits) })
        result.responseBits = responseBits
        return result
    }
}

/// What a plan is to reach.
public enum PlanGoal: Sendable, Equatable {
    /// A quantization-to-sampling error ratio q, with the fewest bytes.
    case errorRatio(Double)
    /// For every coefficient a standard deviation of the quantization error of so many standard errors, likewise.
    case coefficientError(Double)
    /// The smallest error with so many bytes of codes.
    case bytes(Int)
}

/// A plan with the codes that were made by it, and what they are predicted to reach.
public struct PlannedRegression: Sendable {
    /// The plan.
    public let plan: BitPlan
    /// The codes.
    public let regression: QuantizedRegression
    /// The regression solved on them.
    public let solution: Solution
    /// The predicted q: the largest over the responses.
    public let errorRatio: Double
    /// The largest quantization standard deviation of a coefficient, in standard errors.
    public let coefficientError: Double
    /// Whether the goal is met: by the prediction for the codes that were made, or in bytes.
    public let isMet: Bool
    /// How often codes were made: more than once where the first plan missed.
    public internal(set) var builds: Int
    /// The cheapest plan with the same bits for all predictors and 8 for responses that the sample predicts to meet the
    /// goal; nil if none does, or the goal is in bytes.
    public internal(set) var uniform: BitPlan?
}
