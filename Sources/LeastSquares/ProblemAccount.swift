/// What a problem that is not an ordinary one came to, for one response.
public enum ProblemAccount: Sendable, Equatable {
    /// A ridge regression.
    case ridge(RidgeAccount)
    /// Linear constraints: how many, and the largest |C·x − d|.
    case constrained(count: Int, residual: Double)
    /// Bounds: the coefficients that are at one of theirs, and the largest violation of the optimality conditions
    /// relative to the norms of column and response.
    case bounded(lower: [String], upper: [String], violation: Double)
}

/// The path of a ridge regression, and what was chosen on it.
public struct RidgeAccount: Sendable, Equatable {
    /// One penalty.
    public struct Point: Sendable, Equatable {
        /// λ.
        public let penalty: Double
        /// Σ σ²/(σ² + λ), without the intercept.
        public let effectiveDegreesOfFreedom: Double
        /// Σ of squared residuals.
        public let residualSumOfSquares: Double
        /// m·RSS/(m − d)².
        public let generalizedCrossValidation: Double?
        /// Mean over the rows of (r_i/(1 − h_i))²; nil where no pass over the rows was made. From codes, the squared
        /// errors that the codes are known to put into the residuals are taken away.
        public internal(set) var leaveOneOut: Double?
        /// The coefficients, without the intercept.
        public let coefficients: [Double]
    }

    /// The penalty that the coefficients belong to.
    public let penalty: Double
    /// How it was chosen; nil where there was one candidate.
    public let criterion: RidgePenalty.Criterion?
    /// Its effective degrees of freedom, without the intercept.
    public let effectiveDegreesOfFreedom: Double
    /// All candidates, ascending.
    public let path: [Point]
}
