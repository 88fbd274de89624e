import Matrices
import QuantizedMatrices

extension CompressedSolve {
    private func isComplete(_ fit: CompressedFit, model: Model) -> Bool {
        if case .bounded = fit.account { return compressed.origin.isComplete }
        if case .constrained = fit.account, let rank = fit.rank, rank < model.columns.count { return false }
        if fit.account == nil, compressed.rows < model.columns.count + (compressed.intercept ? 1 : 0) { return false }
        return compressed.origin.isComplete && fit.system.kept.count == model.columns.count
    }

    func assemble(_ candidate: Candidate, response b: Int, model: Model) -> ResponseSolution {
        let system = candidate.fit.system
        let account = candidate.fit.account
        var assembly = SolutionAssembly(
            predictorNames: model.names, places: model.places, means: model.columns.map { compressed.means[$0] },
            intercept: compressed.intercept, norms: model.columns.map { compressed.totalSquares[$0].squareRoot() },
            rows: compressed.rows, confidence: problem.confidence, system: system, basis: nil)
        assembly.isIndefinite = isIndefinite(system)
        assembly.totalWeight = compressed.totalWeight
        assembly.hasF = account == nil
        assembly.hasErrors = candidate.propagation.map { $0.scoreCovariance.elements.contains { $0 != 0 } } ?? false
        let isComplete = isComplete(candidate.fit, model: model) && !isIndefinite(system)
        var solution = assembly.assemble(
            SolutionAssembly.Response(
                name: compressed.names[b], index: 0, mean: compressed.means[b],
                totalSquares: compressed.totalSquares[b], offset: [Double](repeating: 0, count: model.columns.count),
                propagation: isComplete ? candidate.propagation : nil,
                worstCaseNorm: isComplete ? candidate.worstCaseNorm : nil))
        solution.account = account
        solution.residualDegreesOfFreedom = max(0, Double(compressed.rows) - assembly.parameters)
        return solution
    }

    func describe(
        _ responses: [ResponseSolution], _ fits: [CompressedFit], model: Model, times: StageTimes
    ) -> Solution {
        let origin = compressed.origin, system = fits[0].system
        var dropped = origin.left.filter { model.names.contains($0.name) }
        if case .bounded = fits[0].account {
        } else {
            for (p, j) in model.columns.enumerated() where !system.kept.contains(p) {
                let reason = origin.bits.map {
                    "at \($0) bits it cannot be told from a combination of the columns before it"
                }
                dropped.append(
                    DroppedColumn(
                        name: compressed.names[j], reason: reason ?? DroppedColumn.combinationOfEarlierColumns))
            }
        }
        var warnings = SolutionWarnings()
        warnings.dropped(dropped)
        if problem.kind != .ordinary, !dropped.isEmpty {
            warnings.add(
                "Penalties, bounds and constraints are on the coefficients of the other columns only: those left out count "
                    + "as 0.")
        }
        warnings.missing(origin.droppedRows)
        warnings.weights(compressed.weighting)
        if !fits.allSatisfy({ isComplete($0, model: model) }), origin.bits != nil {
            warnings.add(
                fits[0].rank == nil
                    ? "With columns left out for lack of bits the fit is another one: no error is predicted against the full "
                        + "one."
                    : "No error is predicted of coefficients that are not determined.")
        }
        if fits.contains(where: { isIndefinite($0.system) }) { warnings.indefinite() }
        if let note = origin.note { warnings.add(note) }
        warnings.noFreedom(responses, freedom: responses.compactMap(\.residualDegreesOfFreedom).max() ?? 0)
        warnings.largeError(responses)
        if origin.note == nil { warnings.unbounded(responses) }
        if !fits.contains(where: { isIndefinite($0.system) }) { warnings.degenerate(responses) }
        let rank = fits[0].rank ?? system.kept.count
        if fits[0].rank != nil, rank < model.columns.count {
            warnings.add(
                "Columns depend on others: their coefficients are not determined; of all that fit as well within the "
                    + "bounds or constraints these are nearly the smallest.")
        }
        return Solution(
            observations: compressed.rows, predictors: model.names.count,
            rank: rank + (compressed.intercept ? 1 : 0), intercept: compressed.intercept,
            droppedColumns: dropped, method: system.method, quantizer: origin.quantizer, transform: origin.transform,
            biasCorrection: origin.bits == nil ? nil : system.correction, bits: origin.bits,
            responseBits: origin.responseBits, bytes: origin.bytes, fullPrecisionBytes: origin.fullPrecisionBytes,
            responses: responses, conditionNumber: system.conditionNumber, warnings: warnings.list,
            weighting: compressed.weighting, seconds: times)
    }

    /// How far another fit of one response is from the one in full precision.
    func compare(_ fit: ResponseSolution, with exact: Solution) -> ReferenceComparison? {
        guard let model = try? model(), let response = exact.responses.first else { return nil }
        let offset = compressed.intercept ? 1 : 0
        let delta = zip(fit.coefficients, response.coefficients).map { $0.estimate - $1.estimate }
        let slopes = model.places.map { delta[$0 + offset] }
        var square = compressed.designNorm(slopes, of: model.columns)
        square *= square
        if offset == 1 {
            let atMean = delta[0] + model.columns.map { compressed.means[$0] }.dot(slopes)
            square += compressed.totalWeight * atMean * atMean
        }
        let used = Double(exact.observations) - (response.residualDegreesOfFreedom ?? 0)
        let s = response.residualStandardDeviation ?? 0
        let shares = zip(delta, response.coefficients).compactMap { d, c in
            c.standardError.flatMap { $0 > 0 ? d / $0 : nil }
        }
        return ReferenceComparison(
            coefficients: response.coefficients, errorRatio: s > 0 ? (square / max(1, used)).squareRoot() / s : nil,
            coefficientErrorInStandardErrors: shares.isEmpty
                ? nil : (shares.dot(shares) / Double(shares.count)).squareRoot())
    }
}
