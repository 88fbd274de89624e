import Matrices

/// What is minimised over the coefficients x, and under which conditions. The intercept is free of all of them.
public enum ProblemKind: Sendable, Equatable {
    /// ‖A·x − b‖².
    case ordinary
    /// ‖A·x − b‖² + λ‖x‖², A and b about their means if there is an intercept, the columns of A not scaled: the
    /// convention of scikit-learn's `Ridge`.
    case ridge(RidgePenalty)
    /// ‖A·x − b‖² subject to C·x = d.
    case constrained(LinearConstraints)
    /// ‖A·x − b‖² subject to l ≤ x ≤ u.
    case bounded(CoefficientBounds)
}

/// The penalties λ of a ridge regression and how one of them is chosen.
public struct RidgePenalty: Sendable, Equatable {
    /// What is least at the chosen penalty.
    public enum Criterion: String, Sendable, CaseIterable {
        /// Σ (r_i/(1 − h_i))², h the leverages: the exact squared error of predicting each row from the others. One pass
        /// over the rows.
        case leaveOneOut = "leave-one-out"
        /// m·RSS/(m − d)², d the effective degrees of freedom with the intercept (Golub, Heath, Wahba 1979). No pass.
        case generalized = "generalized-cross-validation"
    }

    /// The candidates, each ≥ 0; empty for a grid of 61 made from the singular values of A.
    public var penalties: [Double]
    /// How one is chosen where there are several.
    public var criterion: Criterion

    /// Candidates and criterion.
    public init(_ penalties: [Double] = [], criterion: Criterion = .leaveOneOut) {
        self.penalties = penalties
        self.criterion = criterion
    }
}

/// Linear conditions C·x = d on named coefficients.
public struct LinearConstraints: Sendable, Equatable {
    /// The coefficients that the columns of C belong to. Not the intercept, which is free; to bind it, fit without one and
    /// with a column of ones.
    public let names: [String]
    /// C, one row per condition.
    public let matrix: DenseMatrix
    /// d.
    public let rightHandSide: [Double]

    /// Conditions from their parts. Throws `invalidProblem` where the shapes differ or a number is not finite.
    public init(names: [String], matrix: DenseMatrix, rightHandSide: [Double]) throws(RegressionError) {
        guard matrix.columns == names.count, matrix.rows == rightHandSide.count else {
            throw .invalidProblem(
                "The constraints have \(matrix.rows) rows of \(matrix.columns) coefficients; there are \(names.count) "
                    + "names and \(rightHandSide.count) right-hand sides.")
        }
        if let place = matrix.firstNonFiniteEntry {
            throw .invalidProblem("Constraint \(place.row + 1), \(names[place.column]): not a finite number.")
        }
        if let row = rightHandSide.firstIndex(where: { !$0.isFinite }) {
            throw .invalidProblem("Constraint \(row + 1): the right-hand side is not a finite number.")
        }
        guard Set(names).count == names.count else {
            throw .invalidProblem("A coefficient occurs twice among the constraints.")
        }
        self.names = names
        self.matrix = matrix
        self.rightHandSide = rightHandSide
    }
}

/// Bounds of coefficients.
public struct CoefficientBounds: Sendable, Equatable {
    /// Lower bounds by name.
    public var lower: [String: Double]
    /// Upper bounds by name.
    public var upper: [String: Double]
    /// The lower bound of the others.
    public var lowerOfOthers: Double
    /// The upper bound of the others.
    public var upperOfOthers: Double

    /// x ≥ 0.
    public static let nonnegative = CoefficientBounds(lowerOfOthers: 0)

    /// Bounds from their parts.
    public init(
        lower: [String: Double] = [:], upper: [String: Double] = [:], lowerOfOthers: Double = -.infinity,
        upperOfOthers: Double = .infinity
    ) {
        self.lower = lower
        self.upper = upper
        self.lowerOfOthers = lowerOfOthers
        self.upperOfOthers = upperOfOthers
    }
}

/// Which of the columns at hand take part in a regression.
public struct ModelColumns: Sendable, Equatable {
    /// The predictors, in this order; nil for all predictors at hand.
    public var predictors: [String]?
    /// Columns that are left out.
    public var excluded: Set<String>
    /// The responses, any columns at hand; nil for all responses at hand.
    public var responses: [String]?

    /// All predictors and responses unless said otherwise.
    public init(predictors: [String]? = nil, excluded: Set<String> = [], responses: [String]? = nil) {
        self.predictors = predictors
        self.excluded = excluded
        self.responses = responses
    }

    /// Whether these are the columns that a store was made for, in its order.
    func isWhole(of data: QuantizedRegression) -> Bool {
        excluded.isEmpty && (predictors ?? data.description.predictorNames) == data.description.predictorNames
            && (responses ?? data.responses) == data.responses
    }
}
