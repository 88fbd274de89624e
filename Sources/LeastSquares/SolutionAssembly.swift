import Factorizations
import Matrices

/// Turns the solution of a system into coefficients of the table's columns, with standard errors and error budget.
struct SolutionAssembly {
    /// Names of all predictors asked for, in the order of the table.
    let predictorNames: [String]
    /// The place of each column of the system among them.
    let places: [Int]
    /// Means of the system's predictors before any transform, 0 without intercept.
    let means: [Double]
    let intercept: Bool
    /// Norms of the table's columns, about their means with an intercept.
    let norms: [Double]
    let rows: Int
    let confidence: Double
    let system: SolvedSystem
    /// W: coefficients z of the system are W·z of the table's columns; nil for the identity.
    let basis: DenseMatrix?
    /// Σ of the rows' weights, where it is not their number.
    var totalWeight: Double?
    /// Whether the columns have errors: then residuals of which nothing is left are unknown, not 0.
    var hasErrors = false
    /// Whether codes were solved whose moments without their errors are not positive definite: then residuals are unknown.
    var isIndefinite = false
    /// Whether F compares the fit with that of a constant.
    var hasF = true

    /// What is particular to a response.
    struct Response {
        let name: String
        let index: Int
        let mean: Double
        /// Σ(b − b̄)², or Σb² without intercept.
        let totalSquares: Double
        /// What the transform took from the response beforehand, as coefficients of the table's columns.
        let offset: [Double]
        let propagation: ErrorPropagation.Result?
        let worstCaseNorm: Double?
        /// A sandwich for the standard errors: of the mean response and the kept columns.
        var sandwich: DenseMatrix?
    }

    /// How much larger than expected rounding is taken to be in a worst case.
    private static let roundingBound = 10.0

    /// The number of estimated coefficients with the intercept, p.
    var parameters: Double {
        (system.effectiveParameters ?? Double(system.rank)) + (intercept ? 1 : 0)
    }

    func assemble(_ response: Response) -> ResponseSolution {
        let z = system.coefficients[response.index]
        var beta = basis.map { BLAS.multiply($0, z) } ?? z
        for j in beta.indices { beta[j] += response.offset[j] }
        let rss = system.residualSquares[response.index]
        let freedom = Double(rows) - parameters
        let spread = response.propagation?.residualNoise.deviation(at: rss) ?? 0
        let isHidden = isIndefinite || (hasErrors && rss <= ResidualNoise.significance * spread)
        let variance = freedom > 0 && !isHidden ? rss / freedom : nil
        let rounding = roundingError(beta, response.index)
        let unit = variance.map { ($0 * max(1, parameters)).squareRoot() }
        let predicted = response.propagation.flatMap { result in
            Self.ratio(predictedNorm(result.expectedSquare, rounding: rounding), unit).map {
                RatioPrediction(
                    rootMeanSquare: $0, result, metric: system.better?.metric ?? system.inverse,
                    residualSpread: rss > 0 ? spread / rss : 0)
            }
        }
        let budget = budget(
            response, estimates: estimates(beta, mean: response.mean), variance: variance, freedom: freedom,
            rounding: rounding, ratio: predicted)
        let total = response.totalSquares
        let explained = max(0, total - rss), regressors = system.rank
        let f = variance.flatMap { hasF && regressors > 0 && $0 > 0 ? explained / Double(regressors) / $0 : nil }
        let base = Double(rows - (intercept ? 1 : 0))
        return ResponseSolution(
            name: response.name,
            coefficients: coefficients(budget),
            residualStandardDeviation: variance?.squareRoot(),
            rSquared: total > 0 && !isIndefinite ? (regressors == 0 && intercept ? 0 : 1 - rss / total) : nil,
            adjustedRSquared: total > 0 && freedom > 0 && !isIndefinite
                ? (regressors == 0 && intercept ? 0 : 1 - rss / freedom / (total / base)) : nil,
            fStatistic: f, fPValue: f.map { Distributions.fisherUpper($0, Double(regressors), freedom) },
            predictedErrorRatio: predicted?.median,
            worstCaseErrorRatio: Self.ratio(response.worstCaseNorm.map { $0 + Self.roundingBound * rounding }, unit),
            budget: budget,
            reference: nil)
    }

    private static func ratio(_ norm: Double?, _ unit: Double?) -> Double? {
        guard let norm, let unit, unit > 0, norm.isFinite else { return nil }
        return norm / unit
    }

    /// The rounding error to expect of A·x in double precision, in the system's basis and in the table's, where the
    /// numbers of collinear columns are large and cancel: ε·√(k·Σ(β_j‖a_j‖)²).
    private func roundingError(_ beta: [Double], _ index: Int) -> Double {
        let terms = zip(beta, norms).map { $0 * $1 }.norm
        let table = .ulpOfOne * max(1, parameters).squareRoot() * terms
        return (system.roundingErrors[index] * system.roundingErrors[index] + table * table).squareRoot()
    }

    /// √(tr(M⁻¹S) + gᵀM⁻¹g + ρ²).
    private func predictedNorm(_ expectedSquare: Double, rounding: Double) -> Double? {
        let sum = expectedSquare + rounding * rounding
        return sum >= 0 ? sum.squareRoot() : nil
    }

    /// The 2-norm condition number of the table's columns that take part, scaled to norm 1, from (AᵀA)⁻¹ in their basis;
    /// that of the system where there is no transform or the rank is deficient. Cost: 2·n³.
    var conditionNumber: Double {
        guard basis != nil, system.deficiency == 0, !system.kept.isEmpty else { return system.conditionNumber }
        var inverse = inTableBasis(system.inverse)
        for j in norms.indices {
            for k in norms.indices { inverse[k, j] *= norms[k] * norms[j] }
        }
        guard let values = try? SymmetricEigen.values(of: inverse), let largest = values.last, values[0] > 0 else {
            return system.conditionNumber
        }
        return (largest / values[0]).squareRoot()
    }

    // MARK: Coefficients

    /// The intercept (if any) and the coefficients of all predictors, 0 for those that are not there.
    private func estimates(_ beta: [Double], mean: Double) -> [Double] {
        var result = intercept ? [Self.difference(mean, beta, means)] : []
        let offset = result.count
        result += [Double](repeating: 0, count: predictorNames.count)
        for (j, place) in places.enumerated() { result[offset + place] = beta[j] }
        return result
    }

    /// Whether each coefficient was estimated.
    private var areEstimated: [Bool] {
        var result = [Bool](repeating: false, count: predictorNames.count)
        let kept = Set(system.kept)
        for (j, place) in places.enumerated() { result[place] = basis != nil || kept.contains(j) }
        return (intercept ? [true] : []) + result
    }

    private func coefficients(_ budget: ErrorBudget) -> [Coefficient] {
        let isEstimated = areEstimated
        return budget.names.indices.map { j in
            guard isEstimated[j] else { return Coefficient(name: budget.names[j], estimate: budget.estimates[j]) }
            let own = budget.coefficient(j)
            let t = own.standardError.flatMap { $0 > 0 ? own.estimate / $0 : nil }
            return Coefficient(
                name: budget.names[j], estimate: own.estimate, standardError: own.standardError,
                quantizationStandardDeviation: own.quantizationStandardDeviation,
                quantizationBias: own.quantizationBias,
                quantizationInterval: own.quantizationInterval(confidence: confidence), tStatistic: t,
                pValue: t.map { Distributions.studentTwoSided($0, degreesOfFreedom: budget.degreesOfFreedom) })
        }
    }

    /// mean − Σ β_j·mean_j, with the rounding errors of the products (fused multiply–add) and of the sum added back.
    private static func difference(_ mean: Double, _ beta: [Double], _ means: [Double]) -> Double {
        var sum = CompensatedSum()
        sum.add(mean)
        for (b, m) in zip(beta, means) {
            let product = -b * m
            sum.add(product)
            sum.add((-product).addingProduct(-b, m))
        }
        return sum.value
    }
}
