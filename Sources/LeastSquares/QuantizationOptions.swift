import QuantizedMatrices

/// How a table is to be quantized.
public struct QuantizationOptions: Sendable {
    /// Bits per predictor entry, 1 to 8.
    public var bits = 4
    /// Bits of predictors that have others than `bits`, by name; see `BitPlanner`.
    public var columnBits: [String: Int] = [:]
    /// Bits per response entry, 1 to 16 in codes of at most 8 bits, or nil for full precision (codes refined until
    /// the last bit).
    public var responseBits: Int? = 8
    /// Where levels go and how values are rounded to them.
    public var quantizer = Quantizer.automatic
    /// Which transform comes before.
    public var transform = TransformChoice.automatic
    /// Seed of the pilot sample and of stochastic rounding.
    public var seed: UInt64 = 1
    /// What neighbours among the largest rows, which balanced rounding takes first, are shuffled by; nil for their order.
    var neighbourSeed: UInt64?

    /// The defaults.
    public init() {}

    /// Bits of a predictor.
    func bits(of predictor: String) -> Int { columnBits[predictor] ?? bits }
}

/// Families of codebook and rounding.
public enum Quantizer: String, Sendable, CaseIterable {
    /// The one with the smallest predicted error: balanced rounding.
    case automatic = "auto"
    /// Equally spaced levels from minimum to maximum.
    case uniform
    /// Levels at the quantiles of the Gaussian point density, scaled to the column's mean and deviation.
    case companding
    /// Levels of least squared error for nearest rounding, by Lloyd's iteration (a local optimum).
    case lloydMax = "lloyd-max"
    /// The global optimum of the same by dynamic programming.
    case optimal
    /// Stochastic rounding between the levels of least variance for it, from minimum to maximum: unbiased.
    case stochastic
    /// Optimal levels with balanced rounding: cross products keep their sums.
    case balanced

    /// The rounding that the family uses.
    public var rounding: Rounding {
        switch self {
        case .automatic, .balanced: .balanced
        case .stochastic: .stochastic
        case .uniform, .companding, .lloydMax, .optimal: .nearest
        }
    }
}

/// Transforms of the columns before quantization.
public enum TransformChoice: String, Sendable, CaseIterable {
    /// The one with the smallest predicted error.
    case automatic = "auto"
    /// The columns as they are.
    case none
    /// Each column less what the columns before it explain on a pilot sample; responses less their pilot regression.
    case decorrelate
}
