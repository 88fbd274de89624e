import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// Chooses between the ways to solve a quantized system by their predicted errors.
struct QuantizedSystem {
    let data: QuantizedRegression
    let equations: NormalEquations
    let problem: LeastSquaresProblem

    /// A solved system with the propagated error of each response.
    struct Candidate {
        let system: SolvedSystem
        let propagation: [ErrorPropagation.Result]
        /// Σ over responses of q², up to a common factor per response.
        let predictedSquare: Double
    }

    /// The candidate of least predicted error: normal equations corrected and as they are, and QR of the decoded rows,
    /// as far as the method allows.
    func best() throws(RegressionError) -> Candidate {
        var candidates: [Candidate] = []
        if problem.method != .qr {
            for correction in BiasCorrection.allCases {
                // A corrected matrix that is not positive definite is no candidate; the uncorrected one always is.
                let noise = pivotNoise(correction)
                let solver = NormalEquationsSolver(equations: equations, pivotNoise: noise)
                if correction == .none {
                    candidates.append(candidate(try solver.solve(correction)))
                } else if let system = try? solver.solve(correction) {
                    candidates.append(candidate(system))
                }
            }
        }
        let roundingMatters = candidates.allSatisfy { roundingShare($0) > 0.01 }
        if problem.method == .qr || (problem.method == .automatic && roundingMatters) {
            let solver = try QRSolver(data, kernels: problem.kernels)
            candidates.append(candidate(try solver.solve(among: candidates.first?.system.kept)))
        }
        let most = candidates.map(\.system.kept.count).max() ?? 0
        let full = candidates.filter { $0.system.kept.count == most }
        return full.min { $0.predictedSquare < $1.predictedSquare }!
    }

    /// The part of the predicted error that is rounding.
    private func roundingShare(_ candidate: Candidate) -> Double {
        var rounding = 0.0
        for (b, error) in candidate.system.roundingErrors.enumerated() {
            rounding += error * error / max(equations.exactSquares[equations.predictors + b], .leastNormalMagnitude)
        }
        return rounding / max(candidate.predictedSquare, .leastNormalMagnitude)
    }

    private func candidate(_ system: SolvedSystem) -> Candidate {
        let propagation = ErrorPropagation(
            data: data, equations: equations, correction: system.correction, kernels: problem.kernels)
        let results = system.coefficients.indices.map { propagation.propagate(system, response: $0) }
        var square = 0.0
        for (b, result) in results.enumerated() {
            let sum = result.expectedSquare(system.inverse) + system.roundingErrors[b] * system.roundingErrors[b]
            square += sum / max(equations.exactSquares[equations.predictors + b], .leastNormalMagnitude)
        }
        return Candidate(system: system, propagation: results, predictedSquare: square)
    }

    private func pivotNoise(_ correction: BiasCorrection) -> PivotNoise {
        let columns = data.matrix.columns
        let inflation = columns.indices.map { j in
            correction == .exactDiagonal || columns[j].isExact || equations.exactSquares[j] <= 0
                ? 0 : columns[j].totalSquaredError / equations.exactSquares[j]
        }
        let m = Double(max(1, equations.rows))
        if columns.allSatisfy({ $0.rounding == .balanced }) {
            let model = DiscrepancyModel(columns, predictors: data.predictors)
            return PivotNoise(productVariance: { model.variance($0, $1) / (m * m) }, inflation: inflation)
        }
        // Independent errors: Σ_i e_ij·x_ik has variance m·δ_j in units of σ_jσ_k, δ_j the relative distortion.
        let relative = columns.indices.map { j in
            equations.exactSquares[j] > 0 ? columns[j].totalSquaredError / equations.exactSquares[j] : 0
        }
        return PivotNoise(productVariance: { (relative[$0] + relative[$1]) / m }, inflation: inflation)
    }
}
