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
    }

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
        let variance = freedom > 0 ? rss / freedom : nil
        let inverse = inTableBasis(system.inverse)
        let rounding = roundingError(beta, response.index)
        let error = response.propagation.map { quantizationError($0, rounding: rounding, inverse: inverse) }
        let unit = variance.map { ($0 * max(1, parameters)).squareRoot() }
        let predicted = response.propagation.flatMap { predictedNorm($0, rounding: rounding) }
        let total = response.totalSquares
        let explained = max(0, total - rss), regressors = system.rank
        let f = variance.flatMap { hasF && regressors > 0 && $0 > 0 ? explained / Double(regressors) / $0 : nil }
        let base = Double(rows - (intercept ? 1 : 0))
        return ResponseSolution(
            name: response.name,
            coefficients: coefficients(
                beta, mean: response.mean, variance: variance, inverse: inverse, error: error, freedom: freedom),
            residualStandardDeviation: variance?.squareRoot(),
            rSquared: total > 0 ? (regressors == 0 && intercept ? 0 : 1 - rss / total) : nil,
            adjustedRSquared: total > 0 && freedom > 0
                ? (regressors == 0 && intercept ? 0 : 1 - rss / freedom / (total / base)) : nil,
            fStatistic: f, fPValue: f.map { Distributions.fisherUpper($0, Double(regressors), freedom) },
            predictedErrorRatio: Self.ratio(predicted, unit),
            worstCaseErrorRatio: Self.ratio(response.worstCaseNorm.map { $0 + rounding }, unit), reference: nil)
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
    private func predictedNorm(_ result: ErrorPropagation.Result, rounding: Double) -> Double? {
        let sum = result.expectedSquare(system.inverse) + rounding * rounding
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

    // MARK: Covariances

    private struct QuantizationError {
        let covariance: DenseMatrix
        let bias: [Double]
    }

    /// Rounding is added as an error of that norm in a random direction: ρ²/p·(AᵀA)⁻¹.
    private func quantizationError(
        _ result: ErrorPropagation.Result, rounding: Double, inverse: DenseMatrix
    ) -> QuantizationError {
        let sensitivity = system.sensitivity ?? system.inverse
        let v = BLAS.multiply(BLAS.multiply(sensitivity, result.scoreCovariance), sensitivity)
        let bias = embed(BLAS.multiply(sensitivity, result.scoreBias))
        var covariance = inTableBasis(v)
        let share = rounding * rounding / max(1, parameters)
        for i in covariance.elements.indices { covariance.elements[i] += share * inverse.elements[i] }
        return QuantizationError(
            covariance: covariance, bias: basis.map { BLAS.multiply($0, bias) } ?? bias)
    }

    private func embed(_ values: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: places.count)
        for (a, j) in system.kept.enumerated() { result[j] = values[a] }
        return result
    }

    /// W·V·Wᵀ for V over the kept columns.
    private func inTableBasis(_ v: DenseMatrix) -> DenseMatrix {
        var full = DenseMatrix(rows: places.count, columns: places.count)
        for (a, i) in system.kept.enumerated() {
            for (b, j) in system.kept.enumerated() { full[i, j] = v[a, b] }
        }
        guard let basis else { return full }
        return BLAS.multiply(BLAS.multiply(basis, full), transposed: false, basis, transposed: true)
    }

    // MARK: Coefficients

    private func coefficients(
        _ beta: [Double], mean: Double, variance: Double?, inverse: DenseMatrix, error: QuantizationError?,
        freedom: Double
    ) -> [Coefficient] {
        var result: [Coefficient] = []
        let spread =
            confidence > 0 && confidence < 1
            ? Distributions.studentQuantile(confidence: confidence, degreesOfFreedom: .infinity) : 0
        func coefficient(_ name: String, _ estimate: Double, _ unscaled: Double, _ q: Double?, _ bias: Double?)
            -> Coefficient
        {
            let standardError = variance.map { ($0 * max(0, unscaled)).squareRoot() }
            let deviation = q.map { max(0, $0).squareRoot() }
            let t = standardError.flatMap { $0 > 0 ? estimate / $0 : nil }
            var interval: ClosedRange<Double>?
            if let deviation, let bias, (abs(estimate) + abs(bias) + spread * deviation).isFinite {
                interval = (estimate - bias - spread * deviation)...(estimate - bias + spread * deviation)
            }
            return Coefficient(
                name: name, estimate: estimate, standardError: standardError, quantizationStandardDeviation: deviation,
                quantizationBias: bias, quantizationInterval: interval, tStatistic: t,
                pValue: t.map { Distributions.studentTwoSided($0, degreesOfFreedom: freedom) })
        }
        if intercept {
            let atMeans = means.dot(BLAS.multiply(inverse, means))
            result.append(
                coefficient(
                    "(Intercept)", Self.difference(mean, beta, means), 1 / (totalWeight ?? Double(rows)) + atMeans,
                    error.map { means.dot(BLAS.multiply($0.covariance, means)) }, error.map { 0 - means.dot($0.bias) }))
        }
        let systemColumn = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
        let kept = Set(system.kept)
        for (place, name) in predictorNames.enumerated() {
            guard let j = systemColumn[place], basis != nil || kept.contains(j) else {
                result.append(Coefficient(name: name, estimate: systemColumn[place].map { beta[$0] } ?? 0))
                continue
            }
            result.append(
                coefficient(name, beta[j], inverse[j, j], error?.covariance[j, j], error?.bias[j]))
        }
        return result
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
