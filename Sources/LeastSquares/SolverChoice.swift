/// What solved a problem and why: the row of the decision table that applied, and every way that was tried with the error
/// that was predicted for it.
public struct SolverChoice: Sendable, Equatable {
    /// A way to solve the problem.
    public struct Candidate: Sendable, Equatable {
        /// The method.
        public let method: SolverMethod
        /// What it does about the bias of codes; nil in full precision.
        public let correction: BiasCorrection?
        /// The predicted error ratio q, root mean square over the responses; nil in full precision and where none is known.
        public let predictedErrorRatio: Double?
        /// Whether it was taken.
        public let isChosen: Bool
        /// Why it was taken or not.
        public let remark: String
    }

    /// The row of the decision table.
    public let rule: Rule
    /// What was tried, and what was passed over.
    public let candidates: [Candidate]

    /// A row of the decision table of `auto`. `Documentation/solver-choice.md` has the table with its reasons.
    public enum Rule: String, Sendable, CaseIterable {
        /// The method was named by the caller.
        case asked
        /// Dense rows in full precision.
        case denseFull
        /// Fewer dense rows than coefficients.
        case denseWide
        /// Dense codes, rounding far below the quantization error.
        case denseCodes
        /// Dense codes so exact or so ill-conditioned that rounding shows.
        case denseCodesRounding
        /// A problem with weights, a penalty, constraints, bounds, or columns chosen after the rows were reduced.
        case reduced
        /// Sparse rows in full precision whose factor fits into memory.
        case sparseFull
        /// Sparse codes that determine all columns.
        case sparseCodes
        /// Sparse codes of a deficient rank, or wide.
        case sparseCodesDeficient
        /// Sparse rows or codes whose factor would not fit into memory.
        case sparseLarge

        /// When the row applies.
        public var condition: String {
            switch self {
            case .asked: "the method was asked for"
            case .denseFull: "dense rows in full precision, at least as many as coefficients"
            case .denseWide: "fewer dense rows than coefficients, in full precision or on codes"
            case .denseCodes: "dense codes, rounding below a tenth of the predicted error"
            case .denseCodesRounding:
                "dense codes, rounding above a tenth of the predicted error, or columns lost to the noise of the codes"
            case .reduced: "weights, penalties, constraints, bounds, or columns chosen of reduced rows"
            case .sparseFull: "sparse rows in full precision, factor within memory"
            case .sparseCodes: "sparse codes, all columns independent"
            case .sparseCodesDeficient:
                "sparse codes that are exact, of dependent columns, or with fewer rows than columns"
            case .sparseLarge: "sparse rows, factor beyond memory"
            }
        }

        /// What is done, and the reason.
        public var action: String {
            switch self {
            case .asked: "it runs, whatever the table says"
            case .denseFull:
                "QR of the rows in blocks: it does not square the condition number; dependent columns are dropped in order"
            case .denseWide: "singular values: the solution of least norm"
            case .denseCodes:
                "normal equations from the exact integer Gram matrix, with exact sums of squares where that halves the "
                    + "predicted error"
            case .denseCodesRounding: "QR of the decoded rows competes too; the smallest predicted error wins"
            case .reduced:
                "the rows are reduced once to a factor: QR of rows in full precision, of codes the Cholesky factor of the "
                    + "exact Gram matrix, with or without exact sums of squares by the predicted error"
            case .sparseFull: "SPQR: it finds the rank, and the solution of least norm where that is deficient"
            case .sparseCodes: "CHOLMOD on the normal equations: the errors of codes are above what squaring κ costs"
            case .sparseCodesDeficient: "SPQR: rank, solution of least norm, all digits"
            case .sparseLarge: "LSMR, which needs no factor"
            }
        }
    }
}
