import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// Chooses between the ways to solve a quantized system by their predicted errors.
struct QuantizedSystem {
    let data: QuantizedRegression
    let equations: NormalEquations
    let problem: LeastSquaresProblem
    private let known = ResponseCovariances()

    init(data: QuantizedRegression, equations: NormalEquations, problem: LeastSquaresProblem) {
        self.data = data
        self.equations = equations
        self.problem = problem
    }

    /// A solved system with the propagated error of each response.
    struct Candidate {
        let system: SolvedSystem
        let propagation: [ErrorPropagation.Result]
        /// Σ over responses of q², up to a common factor per response.
        let predictedSquare: Double

        var ranked: ErrorRanking.Entry {
            ErrorRanking.Entry(
                responses: propagation.indices.map {
                    ErrorRanking.Response(system: system, index: $0, errors: propagation[$0])
                },
                predictedSquare: predictedSquare)
        }
    }

    private var ranking: ErrorRanking {
        ErrorRanking(rows: equations.rows, intercept: data.intercept, columns: data.matrix.columns)
    }

    /// The candidate of least predicted error: normal equations corrected and as they are, and QR of the decoded rows,
    /// as far as the method allows; and what was considered.
    func best() throws(RegressionError) -> (Candidate, SolverChoice) {
        let corrections = BiasCorrection.candidates(for: data.matrix)
        var candidates: [Candidate] = [], passedOver: [SolverChoice.Candidate] = []
        if !problem.method.isQR {
            for correction in corrections {
                // A matrix that is not positive definite, corrected or for rounding, is no candidate; QR always is.
                do throws(RegressionError) {
                    candidates.append(candidate(try normalSystem(correction)))
                } catch {
                    if correction == .none, problem.method != .automatic { throw error }
                    passedOver.append(
                        SolverChoice.Candidate(
                            method: normalMethod, correction: correction, predictedErrorRatio: nil, isChosen: false,
                            remark: "not positive definite"))
                }
            }
        }
        let roundingMatters = candidates.allSatisfy {
            roundingShare($0) > 0.01 || $0.system.conditionNumber > Self.largestCondition
        }
        let lacksRank =
            candidates.count < corrections.count
            || candidates.contains { $0.system.kept.count < data.predictors }
        if problem.method.isQR || (problem.method == .automatic && (roundingMatters || lacksRank)) {
            let solver = try QRSolver(data, kernels: problem.kernels)
            candidates.append(
                candidate(
                    try solver.solve(
                        among: lacksRank ? nil : candidates.first?.system.kept, pivoting: problem.method == .pivotedQR))
            )
        }
        // Least norm: a direction that one of them cannot tell from zero is left out.
        let ranks = candidates.map(\.system.rank)
        let most = (problem.method == .svd ? ranks.min() : ranks.max()) ?? 0
        let full = candidates.indices.filter { candidates[$0].system.rank == most }
        let chosen = full[ranking.best(of: full.map { candidates[$0].ranked })]
        let rule: SolverChoice.Rule =
            problem.method != .automatic ? .asked : roundingMatters || lacksRank ? .denseCodesRounding : .denseCodes
        let considered = candidates.indices.map { describe(candidates[$0], isChosen: $0 == chosen, most: most) }
        return (candidates[chosen], SolverChoice(rule: rule, candidates: considered + passedOver))
    }

    /// The square of a larger condition number drowns in the rounding of the normal equations: neither it nor the rounding
    /// error that it foretells can be trusted.
    private static let largestCondition = 1e6

    /// What solves the normal equations.
    private var normalMethod: SolverMethod { problem.method == .automatic ? .normal : problem.method }

    /// The normal equations solved by Cholesky, by singular values, or by an iteration on the codes.
    private func normalSystem(_ correction: BiasCorrection) throws(RegressionError) -> SolvedSystem {
        let solver = NormalEquationsSolver(equations: equations, pivotNoise: pivotNoise(correction))
        let n = data.predictors
        switch problem.method {
        case .svd:
            let transform = data.matrix.transform
            let w = transform.isIdentity ? nil : transform.matrix()
            return try solver.leastNormSolution(
                correction, basis: w?.submatrix(rows: 0..<n, columns: 0..<n),
                offsets: (n..<equations.columns).map { b in (0..<n).map { j in w.map { -$0[j, b] } ?? 0 } })
        case .lsqr, .lsmr:
            let krylov = KrylovSolver(
                data: data, equations: equations, method: problem.method, kernels: problem.kernels)
            return krylov.solve(try solver.solve(correction))
        default: return try solver.solve(correction)
        }
    }

    private func describe(_ candidate: Candidate, isChosen: Bool, most: Int) -> SolverChoice.Candidate {
        let system = candidate.system
        let remark =
            isChosen
            ? "smallest predicted error" : system.rank != most ? "another rank" : "larger predicted error"
        return SolverChoice.Candidate(
            method: system.method, correction: system.correction,
            predictedErrorRatio: ranking.ratio(candidate.ranked), isChosen: isChosen, remark: remark)
    }

    /// The part of the predicted error that is rounding.
    private func roundingShare(_ candidate: Candidate) -> Double {
        var rounding = 0.0
        for (b, error) in candidate.system.roundingErrors.enumerated() {
            rounding += error * error / max(equations.exactSquares[equations.predictors + b], .leastNormalMagnitude)
        }
        return rounding / max(candidate.predictedSquare, .leastNormalMagnitude)
    }

    private func candidate(_ solved: SolvedSystem) -> Candidate {
        let system = withExactSquares(solved)
        let propagation = ErrorPropagation(
            data: data, equations: equations, correction: system.correction, threads: problem.threads,
            kernels: problem.kernels, known: known)
        let results = system.coefficients.indices.map { propagation.propagate(system, response: $0) }
        var square = 0.0
        for (b, result) in results.enumerated() {
            let sum = result.expectedSquare + system.roundingErrors[b] * system.roundingErrors[b]
            square += sum / max(equations.exactSquares[equations.predictors + b], .leastNormalMagnitude)
        }
        return Candidate(system: system, propagation: results, predictedSquare: square)
    }

    /// Uncorrected systems are solved with M = ÂᵀÂ, whose diagonal is known to be wrong: the error of the fit is measured
    /// with the exact one, and so are the residuals and the standard errors, as long as that leaves the matrix positive
    /// definite.
    private func withExactSquares(_ solved: SolvedSystem) -> SolvedSystem {
        guard solved.correction == .none, solved.deficiency == 0,
            !solved.kept.allSatisfy({ data.matrix.columns[$0].isExact })
        else { return solved }
        let corrected = equations.corrected(.exactDiagonal), gram = corrected.selecting(solved.kept)
        guard let cholesky = try? Cholesky(gram) else { return solved }
        var change = equations.gram.selecting(solved.kept)
        for i in change.elements.indices { change.elements[i] -= gram.elements[i] }
        var system = solved
        let n = data.predictors
        for b in n..<equations.columns {
            let products = solved.kept.map { corrected[$0, b] }
            system.residualSquares[b - n] = max(0, equations.exactSquares[b] - products.dot(cholesky.solve(products)))
        }
        system.better = SolvedSystem.BetterGram(
            inverse: cholesky.inverse(), metric: BLAS.multiply(BLAS.multiply(solved.inverse, gram), solved.inverse),
            change: change)
        return system
    }

    private func pivotNoise(_ correction: BiasCorrection) -> PivotNoise {
        let columns = data.matrix.columns
        let m = Double(max(1, equations.rows)), open = 1 - data.matrix.share
        // Independent errors: Σ_i e_ij·x_ik has variance m·δ_j in units of σ_jσ_k, δ_j the relative distortion.
        let relative = equations.relativeDistortions(of: columns)
        let inflation = zip(columns, relative).map { correction == .exactDiagonal || $0.isExact ? 0 : $1 }
        if columns.allSatisfy({ $0.rounding == .balanced }) {
            let model = DiscrepancyModel(columns, predictors: data.predictors)
            return PivotNoise(
                productVariance: { model.variance($0, $1) / (m * m) + open * (relative[$0] + relative[$1]) / m },
                inflation: inflation)
        }
        return PivotNoise(productVariance: { (relative[$0] + relative[$1]) / m }, inflation: inflation)
    }
}
