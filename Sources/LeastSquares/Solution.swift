import QuantizedMatrices

/// A coefficient with the account of its error.
public struct Coefficient: Sendable {
    /// The predictor's name, or "(Intercept)".
    public let name: String
    /// The estimate; 0 for a dropped column.
    public internal(set) var estimate: Double
    /// Sampling standard error, s·√((AᵀA)⁻¹_jj); nil for a dropped column or without degrees of freedom.
    public var standardError: Double?
    /// Standard deviation of what quantization did to the estimate; nil in full precision or for a dropped column.
    public var quantizationStandardDeviation: Double?
    /// Its expectation, where it is known.
    public var quantizationBias: Double?
    /// An interval for the full-precision coefficient: estimate − bias ± z·deviation.
    public var quantizationInterval: ClosedRange<Double>?
    /// estimate / standard error.
    public var tStatistic: Double?
    /// Two-sided tail probability of the t statistic.
    public var pValue: Double?
}

/// The fit of one response.
public struct ResponseSolution: Sendable {
    /// The response's name.
    public let name: String
    /// The intercept (if any) and all predictors in the order of the table.
    public internal(set) var coefficients: [Coefficient]
    /// s = √(RSS/(m − rank)); nil without degrees of freedom.
    public let residualStandardDeviation: Double?
    /// 1 − RSS/TSS; TSS about the mean with an intercept, about 0 without.
    public let rSquared: Double?
    /// R² adjusted for degrees of freedom.
    public let adjustedRSquared: Double?
    /// F statistic of all predictors together.
    public let fStatistic: Double?
    /// Its tail probability.
    public let fPValue: Double?
    /// The predicted ratio q = ‖A(x̂ − x)‖/(s√p), from codes alone, the median of its distribution; nil in full precision.
    public let predictedErrorRatio: Double?
    /// Where q lies with 90% probability, as far as it is random; nil where no q is predicted, or none that is not 0.
    public var predictedErrorRatioInterval: ClosedRange<Double>? { budget?.errorRatioInterval ?? drawnInterval }
    /// The same from draws of the errors, where there is no error budget.
    var drawnInterval: ClosedRange<Double>?
    /// A bound on q that no rounding error of this size can exceed; nil where there is none.
    public let worstCaseErrorRatio: Double?
    /// The smallest change of the decoded numbers that makes this their exact solution, in units of what quantization
    /// changed (see `BackwardError`): below 1 the solution is consistent with the codes. nil in full precision.
    public internal(set) var backwardErrorRatio: Double?
    /// The error budget: covariances of all coefficients, and of any linear combination; nil for sparse problems.
    public internal(set) var budget: ErrorBudget?
    /// m − rank, or less what the fit really uses.
    public var residualDegreesOfFreedom: Double?
    /// What a ridge penalty, constraints or bounds came to; nil for an ordinary problem.
    public var account: ProblemAccount?
    /// ‖b − A·x‖; nil where the residual standard deviation says it.
    public var residualNorm: Double?
    /// ‖x‖ of sparse problems; nil where columns have units of their own.
    public var solutionNorm: Double?
    /// The comparison with the full-precision solution, if it was asked for.
    public var reference: ReferenceComparison?
}

extension ResponseSolution {
    /// Whether each quantization interval holds the full-precision coefficient, for the coefficients that have both.
    public var heldIntervals: [Bool] {
        zip(coefficients, reference?.coefficients ?? []).compactMap { code, full in
            code.quantizationInterval.map { $0.contains(full.estimate) }
        }
    }
}

/// How far a solution is from the full-precision one.
public struct ReferenceComparison: Sendable {
    /// The full-precision coefficients, same names and order.
    public let coefficients: [Coefficient]
    /// q = ‖A(x̂ − x)‖/(s√p) measured.
    public let errorRatio: Double?
    /// Root mean square over the coefficients of |x̂_j − x_j|/se_j.
    public let coefficientErrorInStandardErrors: Double?
}

/// Seconds spent in each stage.
public struct StageTimes: Sendable {
    /// Reading and the first statistics.
    public var read = 0.0
    /// Transform, codebooks, codes.
    public var quantize = 0.0
    /// Gram matrix or QR of the rows.
    public var accumulate = 0.0
    /// Solving and error analysis.
    public var factorize = 0.0
    /// All of it.
    public var total = 0.0

    /// No time spent.
    public init() {}
}

/// A regression's result.
public struct Solution: Sendable {
    /// The number of rows, m.
    public let observations: Int
    /// The number of predictors asked for, n.
    public let predictors: Int
    /// The rank of the design matrix, the intercept's column included.
    public let rank: Int
    /// Whether there is an intercept.
    public let intercept: Bool
    /// Predictors left out, with the reason.
    public let droppedColumns: [DroppedColumn]
    /// What solved it.
    public let method: SolverMethod
    /// Quantizer used; nil in full precision.
    public let quantizer: Quantizer?
    /// "none" or "decorrelate"; nil in full precision.
    public let transform: TransformChoice?
    /// What was done about bias; nil in full precision.
    public let biasCorrection: BiasCorrection?
    /// Bits per predictor entry; nil for full precision.
    public let bits: Int?
    /// Bits per response entry; nil for full precision.
    public let responseBits: Int?
    /// Bytes of codes and side data; the bytes of the numbers themselves in full precision.
    public let bytes: Int
    /// 8·m·(n + r).
    public let fullPrecisionBytes: Int
    /// One fit per response.
    public var responses: [ResponseSolution]
    /// 2-norm condition number of the column-scaled (centred) design matrix of the table's columns that were kept.
    public let conditionNumber: Double
    /// What the reader should know.
    public var warnings: [String]
    /// How rows were weighted; nil for equal weights.
    public var weighting: Weighting?
    /// Time per stage.
    public var seconds: StageTimes
    /// How an iterative method ended.
    public var iteration: IterationSummary?
    /// What else was considered, and why this solved it.
    public var choice: SolverChoice?
    /// What the standard errors are.
    public var standardErrors = StandardErrors.classical
    /// The matrix of a sparse problem; nil for dense rows.
    public var sparse: SparseAccount?
    /// How many rows were quantized together, where these are some of them: sums and errors are estimates then, and there is
    /// no worst-case bound. nil otherwise.
    public var chosenFrom: Int?
    /// How far refinement on the original rows came; nil where there was none.
    public var refinement: RefinementSummary?
    /// How far solutions of the same table, quantized again, scatter; nil where none was asked for.
    public var redraws: RedrawSummary?
}

/// A predictor that was left out.
public struct DroppedColumn: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Why, for instance the columns it is a combination of.
    public let reason: String

    /// The reason where it is not known which columns it is a combination of.
    static let combinationOfEarlierColumns = "a linear combination of the columns before it"

    /// A combination of columns in words, the first four of its terms: "2·a + 1·b"; "constant" without any that matters.
    static func combination(_ terms: [(coefficient: Double, name: String)]) -> String {
        let largest = terms.map { abs($0.coefficient) }.max() ?? 0
        let terms = terms.filter { abs($0.coefficient) > 1e-9 * max(1, largest) }
        guard !terms.isEmpty else { return "constant" }
        let shown = terms.prefix(4).map { "\(short($0.coefficient))·\($0.name)" }
        return shown.joined(separator: " + ") + (terms.count > 4 ? " + … (\(terms.count) columns)" : "")
    }

    private static func short(_ x: Double) -> String {
        let rounded = (x * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && abs(rounded) < 1e9 ? String(Int(rounded)) : String(rounded)
    }
}
