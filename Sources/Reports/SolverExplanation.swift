import LeastSquares

extension Solution {
    /// The rule that chose the method, and every way that was considered with its predicted error.
    var explanation: [String] {
        guard let choice else { return [] }
        let count = NumberFormat.count(observations)
        let shape =
            "\(count) × \(predictors)" + (intercept ? " and an intercept" : "") + ", rank \(rank), condition number "
            + NumberFormat.general(conditionNumber, digits: 3)
            + (bits.map { ", \($0)-bit codes" } ?? ", full precision")
        return [shape, "rule: \(choice.rule.condition): \(choice.rule.action)"]
            + choice.candidates.map { candidate in
                let correction = candidate.correction.map { ", " + $0.description } ?? ""
                let error =
                    candidate.predictedErrorRatio.map {
                        ", root mean square error \(NumberFormat.general($0, digits: 3)) of the sampling error"
                    } ?? ""
                return (candidate.isChosen ? "taken: " : "considered: ") + candidate.method.title + correction + error
                    + " (\(candidate.remark))"
            }
    }
}

extension BiasCorrection {
    /// What was done, for the explanation.
    fileprivate var description: String {
        switch self {
        case .none: "as decoded"
        case .exactDiagonal: "with exact sums of squares"
        }
    }
}

struct RefinementJSON: Encodable {
    let passes: Int
    let errorRatio: Finite

    init(_ summary: RefinementSummary) {
        passes = summary.passes
        errorRatio = Finite(summary.errorRatio)
    }
}

struct RedrawJSON: Encodable {
    let count: Int
    let errorRatios: [Finite]

    init(_ summary: RedrawSummary) {
        count = summary.count
        errorRatios = summary.errorRatios.map { Finite($0) }
    }
}

struct IterationJSON: Encodable {
    let iterations: Int
    let reason: String
    let converged: Bool

    init(_ summary: IterationSummary) {
        iterations = summary.iterations
        reason = summary.reason
        converged = summary.hasConverged
    }
}

struct ChoiceJSON: Encodable {
    struct Candidate: Encodable {
        let method: String
        let biasCorrection: String?
        let predictedErrorRatio: Finite
        let chosen: Bool
        let remark: String
    }

    let rule, condition, action: String
    let candidates: [Candidate]

    init(_ choice: SolverChoice) {
        rule = choice.rule.rawValue
        condition = choice.rule.condition
        action = choice.rule.action
        candidates = choice.candidates.map {
            Candidate(
                method: $0.method.rawValue, biasCorrection: $0.correction?.rawValue,
                predictedErrorRatio: Finite($0.predictedErrorRatio), chosen: $0.isChosen, remark: $0.remark)
        }
    }
}
