/// What weights a row has.
public enum WeightKind: String, Sendable, CaseIterable {
    /// The variance of the row's response is proportional to 1/w; the number of observations is that of the rows.
    case analytic
    /// The row stands for w equal rows, w a whole number; the number of observations is Σw.
    case frequency
    /// The errors of the rows are correlated, and rows were made uncorrelated by a factor of their covariance.
    case covariance
}

/// How the rows of a regression are weighted, with the weighted sums that its report needs.
///
/// Weighted rows are kept multiplied by √w, less a center: √w·(x − c). The column of ones becomes √w, the first predictor.
/// With a covariance V = L·Lᵀ it is L⁻¹(x − c) and L⁻¹1, and 1ᵀV⁻¹x stands for Σwx.
public struct Weighting: Sendable, Equatable {
    /// What the weights mean.
    public var kind: WeightKind
    /// The name of the column of weights, or of the covariance.
    public var column: String
    /// Whether there is an intercept, that is, a column √w.
    public var hasConstant: Bool
    /// The rows with a weight above 0.
    public var rows: Int
    /// The rows of weight 0, which were left out.
    public var zeroRows: Int
    /// Σw.
    public var total: Double
    /// Per column, predictors then responses: the c that was subtracted.
    public var centers: [Double]
    /// Per column: Σwx/Σw, 0 without intercept.
    public var means: [Double]
    /// Per column: Σw(x − x̄)², x̄ = 0 without intercept.
    public var totalSquares: [Double]

    /// From its parts.
    public init(
        kind: WeightKind, column: String, hasConstant: Bool, rows: Int, zeroRows: Int, total: Double,
        centers: [Double], means: [Double], totalSquares: [Double]
    ) {
        self.kind = kind
        self.column = column
        self.hasConstant = hasConstant
        self.rows = rows
        self.zeroRows = zeroRows
        self.total = total
        self.centers = centers
        self.means = means
        self.totalSquares = totalSquares
    }

    /// The number of observations: the rows, or for frequency weights the sum of the weights.
    public var observations: Int { kind == .frequency ? Int(total.rounded()) : rows }
}
