import Factorizations
import Matrices

extension SolutionAssembly {
    /// The error budget of a response's coefficients, with `freedom` residual degrees of freedom.
    func budget(
        _ response: Response, estimates: [Double], variance: Double?, freedom: Double, rounding: Double,
        ratio: RatioPrediction?
    ) -> ErrorBudget {
        let quantization = response.propagation.map { error($0) }
        return ErrorBudget(
            names: (intercept ? ["(Intercept)"] : []) + predictorNames, estimates: estimates,
            unscaled: overCoefficients(
                system.better?.inverse ?? system.inverse, atMeans: 1 / (totalWeight ?? Double(rows))),
            residualVariance: variance,
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
            quantizationFreedom: response.propagation?.intervalFreedom ?? .infinity,
            roundingShare: rounding * rounding / max(1, parameters), errorRatio: ratio?.median,
            errorRatioInterval: ratio?.range)
    }

    /// Covariance of the error of the system's coefficients, over its kept columns, and its mean, in the basis of the table.
    private func error(_ result: ErrorPropagation.Result) -> (covariance: DenseMatrix, bias: [Double]) {
        let sensitivity = system.sensitivity ?? system.better?.inverse ?? system.inverse
        let score = result.forIntervals ?? result.score
        let v = BLAS.multiply(BLAS.multiply(sensitivity, score.covariance), sensitivity)
        return (v, inTableBasis(BLAS.multiply(sensitivity, score.bias)))
    }

    /// W·u for u over the kept columns.
    private func inTableBasis(_ u: [Double]) -> [Double] {
        let full = embed(u)
        return basis.map { BLAS.multiply($0, full) } ?? full
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

    /// A covariance V of the kept columns' coefficients as one of all coefficients, for the intercept b̄ − Σ x_j·mean_j, b̄
    /// with variance `atMeans` and covariances `cross` with the columns. The intercept's is (Wᵀm)ᵀV(Wᵀm): that of W·V·Wᵀ would be
    /// rounding where columns nearly depend on each other.
    private func overCoefficients(_ v: DenseMatrix, atMeans: Double, cross: [Double]? = nil) -> DenseMatrix {
        let offset = intercept ? 1 : 0, count = offset + predictorNames.count, c = inTableBasis(v)
        var full = DenseMatrix(rows: count, columns: count)
        for (k, column) in places.enumerated() {
            for (j, row) in places.enumerated() { full[offset + row, offset + column] = c[j, k] }
        }
        guard intercept else { return full }
        let all = basis.map { BLAS.multiply($0, transposed: true, means) } ?? means
        let own = system.kept.map { all[$0] }, product = BLAS.multiply(v, own)
        let shifted = inTableBasis(product), crossed = cross.map { inTableBasis($0) }
        full[0, 0] = atMeans + own.dot(product) - 2 * (cross?.dot(own) ?? 0)
        for (j, place) in places.enumerated() {
            full[0, 1 + place] = (crossed?[j] ?? 0) - shifted[j]
            full[1 + place, 0] = full[0, 1 + place]
        }
        return full
    }

    /// A sandwich of the mean response and the kept columns, over the coefficients.
    private func sandwich(_ covariance: DenseMatrix) -> DenseMatrix {
        let k = system.kept.count
        let own = covariance.submatrix(rows: 1..<(k + 1), columns: 1..<(k + 1))
        return overCoefficients(own, atMeans: covariance[0, 0], cross: (0..<k).map { covariance[0, $0 + 1] })
    }
}
