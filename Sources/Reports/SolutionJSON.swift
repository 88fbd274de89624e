import Foundation
import LeastSquares
import Matrices

/// A solution as the JSON object `qls.solution/1`.
public struct SolutionJSON: Encodable {
    private let solution: Solution

    private let explain: Bool
    private let covariance: Bool

    /// The object for a solution; `explain` adds the key `solver`: the rule that chose the method, and what was considered;
    /// `covariance` adds to each response the covariances of the coefficients.
    public init(_ solution: Solution, explain: Bool = false, covariance: Bool = false) {
        self.covariance = covariance
        self.solution = solution
        self.explain = explain
    }

    /// The JSON text, keys sorted, non-finite numbers as null, with a newline at the end.
    public func text() throws -> String {
        try jsonText(self)
    }

    private enum Key: String, CodingKey {
        case schema, observations, predictors, rank, intercept, droppedColumns, method, quantizer, transform
        case biasCorrection, bits, responseBits, bytes, fullPrecisionBytes, responses, conditionNumber, warnings,
            seconds, weights, refinement, iteration, solver, standardErrors, sparse, redraws
    }

    /// Writes the keys of the schema; absent numbers as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("qls.solution/1", forKey: .schema)
        try container.encode(solution.observations, forKey: .observations)
        try container.encode(solution.predictors, forKey: .predictors)
        try container.encode(solution.rank, forKey: .rank)
        try container.encode(solution.intercept, forKey: .intercept)
        try container.encode(solution.droppedColumns.map(\.name), forKey: .droppedColumns)
        try container.encode(solution.method.rawValue, forKey: .method)
        try container.encode(solution.quantizer?.rawValue ?? "none", forKey: .quantizer)
        try container.encode(solution.transform?.rawValue ?? "none", forKey: .transform)
        try container.encode(solution.biasCorrection?.rawValue ?? "none", forKey: .biasCorrection)
        try encode(solution.bits, forKey: .bits, into: &container)
        try encode(solution.responseBits, forKey: .responseBits, into: &container)
        try container.encode(solution.bytes, forKey: .bytes)
        try container.encode(solution.fullPrecisionBytes, forKey: .fullPrecisionBytes)
        try container.encode(solution.responses.map { ResponseJSON($0, covariance: covariance) }, forKey: .responses)
        try container.encode(solution.standardErrors.rawValue, forKey: .standardErrors)
        try container.encode(Finite(solution.conditionNumber), forKey: .conditionNumber)
        try container.encode(solution.warnings, forKey: .warnings)
        if let weighting = solution.weighting { try container.encode(WeightingJSON(weighting), forKey: .weights) }
        try container.encodeIfPresent(solution.refinement.map(RefinementJSON.init), forKey: .refinement)
        try container.encodeIfPresent(solution.redraws.map(RedrawJSON.init), forKey: .redraws)
        try container.encodeIfPresent(solution.iteration.map(IterationJSON.init), forKey: .iteration)
        try container.encodeIfPresent(solution.sparse.map(SparseJSON.init), forKey: .sparse)
        if explain { try container.encodeIfPresent(solution.choice.map(ChoiceJSON.init), forKey: .solver) }
        let times = solution.seconds
        try container.encode(
            [
                "read": times.read, "quantize": times.quantize, "accumulate": times.accumulate,
                "factorize": times.factorize, "total": times.total,
            ], forKey: .seconds)
    }

    /// Bits, or the word that the option takes for full precision.
    private func encode(_ bits: Int?, forKey key: Key, into container: inout KeyedEncodingContainer<Key>) throws {
        if let bits { try container.encode(bits, forKey: key) } else { try container.encode("full", forKey: key) }
    }
}

/// A number, or null where there is none or it is not finite.
struct Finite: Encodable {
    let value: Double?

    init(_ value: Double?) { self.value = value.flatMap { $0.isFinite ? $0 : nil } }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

private struct ResponseJSON: Encodable {
    let name: String
    let coefficients: [CoefficientJSON]
    let residualStandardDeviation, rSquared, adjustedRSquared, fStatistic: Finite
    let predictedErrorRatio, worstCaseErrorRatio, backwardErrorRatio: Finite
    let predictedErrorRatioInterval: [Finite]?
    let samplingCovariance, quantizationCovariance: [[Finite]]?
    let reference: ReferenceJSON?
    let residualDegreesOfFreedom, residualNorm, solutionNorm: Double?
    let problem: ProblemAccountJSON?

    init(_ response: ResponseSolution, covariance: Bool) {
        predictedErrorRatioInterval = response.predictedErrorRatioInterval.map {
            [Finite($0.lowerBound), Finite($0.upperBound)]
        }
        samplingCovariance = covariance ? response.budget?.samplingCovariance?.rowsAsFinite : nil
        quantizationCovariance = covariance ? response.budget?.quantizationCovariance?.rowsAsFinite : nil
        name = response.name
        coefficients = response.coefficients.map(CoefficientJSON.init)
        residualStandardDeviation = Finite(response.residualStandardDeviation)
        rSquared = Finite(response.rSquared)
        adjustedRSquared = Finite(response.adjustedRSquared)
        fStatistic = Finite(response.fStatistic)
        predictedErrorRatio = Finite(response.predictedErrorRatio)
        worstCaseErrorRatio = Finite(response.worstCaseErrorRatio)
        backwardErrorRatio = Finite(response.backwardErrorRatio)
        reference = response.reference.map(ReferenceJSON.init)
        residualDegreesOfFreedom = response.residualDegreesOfFreedom
        residualNorm = response.residualNorm
        solutionNorm = response.solutionNorm
        problem = response.account.map(ProblemAccountJSON.init)
    }
}

extension DenseMatrix {
    fileprivate var rowsAsFinite: [[Finite]] { (0..<rows).map { i in (0..<columns).map { Finite(self[i, $0]) } } }
}

private struct CoefficientJSON: Encodable {
    let name: String
    let estimate, standardError, quantizationStandardDeviation, quantizationBias: Finite
    let quantizationInterval: [Finite]?
    let tStatistic, pValue: Finite

    private enum Key: String, CodingKey {
        case name, estimate, standardError, quantizationStandardDeviation, quantizationBias, quantizationInterval
        case tStatistic, pValue
    }

    init(_ coefficient: Coefficient) {
        name = coefficient.name
        estimate = Finite(coefficient.estimate)
        standardError = Finite(coefficient.standardError)
        quantizationStandardDeviation = Finite(coefficient.quantizationStandardDeviation)
        quantizationBias = Finite(coefficient.quantizationBias)
        quantizationInterval = coefficient.quantizationInterval.map { [Finite($0.lowerBound), Finite($0.upperBound)] }
        tStatistic = Finite(coefficient.tStatistic)
        pValue = Finite(coefficient.pValue)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(estimate, forKey: .estimate)
        try container.encode(standardError, forKey: .standardError)
        try container.encode(quantizationStandardDeviation, forKey: .quantizationStandardDeviation)
        try container.encode(quantizationBias, forKey: .quantizationBias)
        if let quantizationInterval {
            try container.encode(quantizationInterval, forKey: .quantizationInterval)
        } else {
            try container.encodeNil(forKey: .quantizationInterval)
        }
        try container.encode(tStatistic, forKey: .tStatistic)
        try container.encode(pValue, forKey: .pValue)
    }
}

private struct ReferenceJSON: Encodable {
    let coefficients: [CoefficientJSON]
    let errorRatio, coefficientErrorInStandardErrors: Finite

    init(_ reference: ReferenceComparison) {
        coefficients = reference.coefficients.map(CoefficientJSON.init)
        errorRatio = Finite(reference.errorRatio)
        coefficientErrorInStandardErrors = Finite(reference.coefficientErrorInStandardErrors)
    }
}
