import Factorizations
import Matrices
import QuantizedMatrices

extension CompressedSolve {
    /// The place of the variant of most columns and, of those that may be taken, of least predicted error.
    func best(of candidates: [[Candidate]], _ costs: [Double]) -> Int {
        guard let matrix = compressed.variants[0].noise?.propagation.data.matrix else { return 0 }
        let allowed = BiasCorrection.candidates(for: matrix)
        let places = candidates.indices.filter { allowed.contains(compressed.variants[$0].correction) }
        let ranks = candidates.map { $0.first?.fit.system.kept.count ?? 0 }
        let most = places.map { ranks[$0] }.max(), full = places.filter { ranks[$0] == most }
        guard full.count > 1 else { return full.first ?? 0 }
        let ranking = ErrorRanking(
            rows: compressed.rows, intercept: compressed.intercept, columns: matrix.columns)
        return full[
            ranking.best(
                of: full.map { v in
                    ErrorRanking.Entry(
                        responses: candidates[v].map {
                            ErrorRanking.Response(
                                system: $0.fit.system, index: 0, errors: $0.propagation ?? .none(columns: 0))
                        }, predictedSquare: costs[v])
                })]
    }

    /// Uncorrected fits of all columns seen with the corrected moments: their residuals, and what their errors amount to.
    func measureUncorrected(_ candidates: inout [[Candidate]]) {
        guard case .ordinary = problem.kind,
            let plain = compressed.variants.firstIndex(where: { $0.correction == .none && $0.noise != nil }),
            let corrected = compressed.variants.firstIndex(where: { $0.correction == .exactDiagonal })
        else { return }
        for b in candidates[plain].indices {
            let better = candidates[corrected][b].fit, known = candidates[plain][b]
            guard let errors = known.propagation, better.system.kept == known.fit.system.kept else { continue }
            candidates[plain][b] = known.measured(by: better, errors)
        }
    }

    /// Whether codes were solved as they are because what is left of their moments without their errors is not positive
    /// definite: then nothing calibrated can be said of the error.
    func isIndefinite(_ system: SolvedSystem) -> Bool {
        guard let matrix = compressed.variants[0].noise?.propagation.data.matrix else { return false }
        return system.correction == .none && system.better == nil && matrix.share == 1
            && !compressed.variants.contains { $0.correction == .exactDiagonal }
            && !matrix.columns.allSatisfy(\.isExact)
    }

    /// What `--explain` prints: the ways of reducing the rows, and what the errors of the other would be.
    func choice(_ costs: [Double], chosen best: Int, method: SolverMethod) -> SolverChoice {
        let candidates = compressed.variants.indices.map { v in
            let more = (costs[v] / max(costs[best], 1e-300)).squareRoot()
            return SolverChoice.Candidate(
                method: method, correction: compressed.origin.bits == nil ? nil : compressed.variants[v].correction,
                predictedErrorRatio: nil, isChosen: v == best,
                remark: v == best
                    ? (costs.count > 1 ? "the smaller predicted error" : "the rule")
                    : "predicted error \(SolutionWarnings.short(more)) times as large")
        }
        return SolverChoice(rule: .reduced, candidates: candidates)
    }
}

extension CompressedSolve.Candidate {
    /// The same of uncorrected moments M, with the corrected ones G in the account.
    func measured(by better: CompressedFit, _ errors: ErrorPropagation.Result) -> CompressedSolve.Candidate {
        var system = fit.system
        guard let m = (try? Cholesky(system.inverse))?.inverse(),
            let g = (try? Cholesky(better.system.inverse))?.inverse()
        else { return self }
        var change = m
        for i in change.elements.indices { change.elements[i] -= g.elements[i] }
        system.better = SolvedSystem.BetterGram(
            inverse: better.system.inverse,
            metric: BLAS.multiply(BLAS.multiply(system.inverse, g), system.inverse), change: change)
        system.residualSquares = better.system.residualSquares
        let expected = errors.expecting(system)
        return CompressedSolve.Candidate(
            fit: CompressedFit(
                system: system, account: fit.account, rank: fit.rank, freeDirections: fit.freeDirections),
            propagation: expected, predictedSquare: expected.expectedSquare)
    }
}
