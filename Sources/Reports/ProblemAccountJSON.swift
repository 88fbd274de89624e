import LeastSquares
import QuantizedMatrices

/// What a problem came to, under the key `problem` of a response.
struct ProblemAccountJSON: Encodable {
    let account: ProblemAccount

    private enum Key: String, CodingKey {
        case kind, penalty, criterion, effectiveDegreesOfFreedom, path, constraints, largestResidual, atLowerBound
        case atUpperBound, optimalityViolation
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch account {
        case .ridge(let ridge):
            try container.encode("ridge", forKey: .kind)
            try container.encode(ridge.penalty, forKey: .penalty)
            try container.encode(ridge.criterion?.rawValue ?? "given", forKey: .criterion)
            try container.encode(ridge.effectiveDegreesOfFreedom, forKey: .effectiveDegreesOfFreedom)
            try container.encode(ridge.path.map(PointJSON.init), forKey: .path)
        case .constrained(let count, let residual):
            try container.encode("constrained", forKey: .kind)
            try container.encode(count, forKey: .constraints)
            try container.encode(Finite(residual), forKey: .largestResidual)
        case .bounded(let lower, let upper, let violation):
            try container.encode("bounded", forKey: .kind)
            try container.encode(lower, forKey: .atLowerBound)
            try container.encode(upper, forKey: .atUpperBound)
            try container.encode(Finite(violation), forKey: .optimalityViolation)
        }
    }

    private struct PointJSON: Encodable {
        let penalty: Double
        let effectiveDegreesOfFreedom, residualSumOfSquares, generalizedCrossValidation, leaveOneOut: Finite
        let coefficients: [Double]

        init(_ point: RidgeAccount.Point) {
            penalty = point.penalty
            effectiveDegreesOfFreedom = Finite(point.effectiveDegreesOfFreedom)
            residualSumOfSquares = Finite(point.residualSumOfSquares)
            generalizedCrossValidation = Finite(point.generalizedCrossValidation)
            leaveOneOut = Finite(point.leaveOneOut)
            coefficients = point.coefficients
        }
    }
}

/// How rows were weighted, under the key `weights`.
struct WeightingJSON: Encodable {
    let column, kind: String
    let rows, zeroRows: Int
    let total: Double

    init(_ weighting: Weighting) {
        column = weighting.column
        kind = weighting.kind.rawValue
        rows = weighting.rows
        zeroRows = weighting.zeroRows
        total = weighting.total
    }
}

extension SolutionReport {
    /// What a problem came to, in words.
    static func words(_ account: ProblemAccount) -> [String] {
        switch account {
        case .ridge(let ridge):
            let choice =
                ridge.criterion.map { " (\($0.rawValue) chose it among \(ridge.path.count))" } ?? ""
            return [
                "ridge penalty \(NumberFormat.general(ridge.penalty)) on the centred columns\(choice), "
                    + "\(NumberFormat.general(ridge.effectiveDegreesOfFreedom, digits: 5)) effective degrees of freedom; "
                    + "standard errors are of the shrunk coefficients, not of what shrinking took from them"
            ]
        case .constrained(let count, let residual):
            return [
                "\(count) linear constraint\(count == 1 ? "" : "s"), met to \(NumberFormat.general(residual, digits: 2))"
            ]
        case .bounded(let lower, let upper, let violation):
            let lists = [("lower", lower), ("upper", upper)].filter { !$0.1.isEmpty }
                .map { "at the \($0.0) bound: \($0.1.joined(separator: ", "))" }
            return [
                (lists.isEmpty ? "no coefficient is at a bound" : lists.joined(separator: "; "))
                    + "; optimality conditions met to \(NumberFormat.general(violation, digits: 2)); "
                    + "errors are those of the free coefficients with the others held"
            ]
        }
    }

    /// How rows were weighted, in words.
    static func words(_ weighting: Weighting) -> String {
        if weighting.kind == .covariance {
            return "\(NumberFormat.count(weighting.rows)) rows with correlated errors, covariance factor "
                + weighting.column
        }
        return
            "weights \(weighting.column) (\(weighting.kind.rawValue)), \(NumberFormat.count(weighting.rows)) rows of sum "
            + NumberFormat.general(weighting.total)
            + (weighting.zeroRows > 0 ? ", \(NumberFormat.count(weighting.zeroRows)) rows of weight 0 left out" : "")
    }
}
