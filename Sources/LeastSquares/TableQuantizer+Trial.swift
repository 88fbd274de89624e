import QuantizedMatrices

extension TableQuantizer {
    /// The first of the transforms, or the second where a trial of both on the sample predicts less than a fifth of its
    /// error: what balancing makes of columns the costs of single columns foretell only roughly, and one trial too.
    ///
    /// Only where the first leaves the predictors as they are and the second does not: decorrelated predictors hold no
    /// such surprise. Cost: two regressions on some of the sampled rows, about a tenth of a second; none with more than some
    /// hundred columns, whose balancing would take longer.
    func choose(among ranked: [ColumnTransform], columns: [Int]) throws(RegressionError) -> ColumnTransform {
        let rows = min(table.sample.rows, 100_000_000 / (columns.count * columns.count))
        let predictors = columns.count { $0 < table.predictors }
        func keepsPredictors(_ transform: ColumnTransform) -> Bool { transform.kept[..<predictors].allSatisfy(\.self) }
        guard ranked.count > 1, keepsPredictors(ranked[0]), !keepsPredictors(ranked[1]),
            options.quantizer.rounding == .balanced, rows >= 8 * columns.count
        else { return ranked[0] }
        let sample = try table.sampleTable(columns: columns, rows: rows, seed: options.seed)
        let first = trialError(ranked[0], on: sample), second = trialError(ranked[1], on: sample)
        return first > 5 * second ? ranked[1] : ranked[0]
    }

    /// The predicted error ratio of the sample with a transform, the largest over the responses; infinite where nothing is
    /// predicted.
    private func trialError(_ transform: ColumnTransform, on sample: RegressionTable) -> Double {
        var trial = TableQuantizer(
            table: sample, options: options, intercept: intercept, kernels: kernels, threads: threads)
        trial.fixedTransform = transform
        // Columns that are dependent in the sample only are not those of the transform.
        trial.keepsDependent = true
        guard let data = try? trial.quantize(progress: { _ in }) else { return .infinity }
        var problem = LeastSquaresProblem()
        problem.intercept = intercept
        problem.threads = threads
        problem.kernels = kernels
        guard let (solution, _) = try? QuantizedSolve(problem: problem, data: data).solve(progress: { _, _ in }) else {
            return .infinity
        }
        return solution.largestErrorRatio
    }
}
