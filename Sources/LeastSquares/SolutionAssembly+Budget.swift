import Factorizations
import Matrices

extension SolutionAssembly {
    /// The error budget of a response's coefficients, with `freedom` residual degrees of freedom.
    func budget(
        _ response: Response, estimates: [Double], variance: Double?, freedom: Double, rounding: Double,
        ratio: RatioPrediction?
    ) -> ErrorBudget {
        let inverse = inTableBasis(system.better?.inverse ?? system.inverse)
        let quantization = response.propagation.map { error($0) }
        return ErrorBudget(
            names: (intercept ? ["(Intercept)"] : []) + predictorNames, estimates: estimates,
            unscaled: overCoefficients(inverse, atMeans: 1 / (totalWeight ?? Double(rows))), residualVariance: variance,
            degreesOfFreedom: freedom, sandwich: response.sandwich.map(sandwich),
            quantizationCovariance: quantization.map {
                let constant = response.propagation?.constantSquare ?? 0
                return overCoefficients($0.covariance, atMeans: constant / (totalWeight ?? Double(rows)))
            },
            quantizationBias: quantization.map { bias in
                let slopes = bias.bias
                var result = [Double](repeating: 0, count: predictorNames.count)
                for (j, place) in places.enumerated() { result[place] = slopes[j] }
                return (intercept ? [0 - means.dot(slopes)] : []) + result
            },
            roundingShare: rounding * rounding / max(1, parameters), errorRatio: ratio?.median,
            errorRatioInterval: ratio?.range)
    }

    /// Mean and covariance of the error of the system's coefficients, in the basis of the table.
    private func error(_ result: ErrorPropagation.Result) -> (covariance: DenseMatrix, bias: [Double]) {
        let sensitivity = system.sensitivity ?? system.better?.inverse ?? system.inverse
        let v = BLAS.multiply(BLAS.multiply(sensitivity, result.scoreCovariance), sensitivity)
        let bias = embed(BLAS.multiply(sensitivity, result.scoreBias))
        return (inTableBasis(v), basis.map { BLAS.multiply($0, bias) } ?? bias)
    }

    func embed(_ values: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: places.count)
        for (a, j) in system.kept.enumerated() { result[j] = values[a] }
        return result
    }

    /// W·V·Wᵀ for V over the kept columns.
    func inTableBasis(_ v: DenseMatrix) -> DenseMatrix {
        var full = DenseMatrix(rows: places.count, columns: places.count)
        for (a, i) in system.kept.enumerated() {
            for (b, j) in system.kept.enumerated() { full[i, j] = v[a, b] }
        }
        guard let basis else { return full }
        return BLAS.multiply(BLAS.multiply(basis, full), transposed: false, basis, transposed: true)
    }

    /// A covariance of the system's columns as one of the coefficients, for the intercept b̄ − Σ x_j·mean_j, b̄ with
    /// variance `atMeans` and covariances `cross` with the columns.
    private func overCoefficients(_ c: DenseMatrix, atMeans: Double, cross: [Double]? = nil) -> DenseMatrix {
        let offset = intercept ? 1 : 0, count = offset + predictorNames.count
        var full = DenseMatrix(rows: count, columns: count)
        for (k, column) in places.enumerated() {
            for (j, row) in places.enumerated() { full[offset + row, offset + column] = c[j, k] }
        }
        guard intercept else { return full }
        let shifted = BLAS.multiply(c, means)
        full[0, 0] = atMeans + means.dot(shifted) - 2 * (cross.map { means.dot($0) } ?? 0)
        for (j, place) in places.enumerated() {
            full[0, 1 + place] = (cross?[j] ?? 0) - shifted[j]
            full[1 + place, 0] = full[0, 1 + place]
        }
        return full
    }

    /// A sandwich of the mean response and the kept columns, over the coefficients.
    private func sandwich(_ covariance: DenseMatrix) -> DenseMatrix {
        let k = system.kept.count
        let own = covariance.submatrix(rows: 1..<(k + 1), columns: 1..<(k + 1))
        let cross = embed((0..<k).map { covariance[0, $0 + 1] })
        return overCoefficients(
            inTableBasis(own), atMeans: covariance[0, 0], cross: basis.map { BLAS.multiply($0, cross) } ?? cross)
    }
}
