import Factorizations
import Matrices
import QuantizedMatrices
import Tables

/// A table with observation weights, made ready for a regression: rows multiplied by √w, the intercept a column √w.
public struct WeightedTable {
    /// The weighted rows.
    public let table: RegressionTable
    /// What the weights are, with the weighted sums of the columns.
    public let weighting: Weighting

    /// Reads a source to its end.
    ///
    /// - Parameters:
    ///   - source: delivers the predictor columns first, then the responses, then the weights.
    ///   - predictors: how many of the columns are predictors.
    ///   - kind: what the weights mean.
    ///   - intercept: whether the model will have an intercept.
    ///   - seed: of the random sample of rows.
    ///   - label: stands for the file name in error messages.
    ///   - progress: called with the fraction read, where the source knows it.
    /// - Throws: `table` for a weight that is negative or not finite, or for a count that is no whole number,
    ///   with its row; `tooFewRows` where all weights are 0.
    public init(
        reading source: any TableSource, predictors: Int, kind: WeightKind = .analytic, intercept: Bool = true,
        seed: UInt64 = 1, label: String = "table", progress: (Double) -> Void = { _ in }
    ) throws(RegressionError) {
        let weighted = WeightedSource(source, kind: kind, hasConstant: intercept, label: label)
        let count = predictors + (intercept ? 1 : 0)
        do throws(TableError) {
            table = try RegressionTable(
                reading: weighted, predictors: count, sampleRows: max(4096, 8 * count), seed: seed, progress: progress)
        } catch {
            throw .table(error)
        }
        weighting = weighted.weighting()
        guard table.rows > 0 else {
            if weighting.zeroRows > 0 { throw .invalidProblem("All rows have the weight 0 in \(weighting.column).") }
            throw .tooFewRows(rows: 0, needed: 1)
        }
        guard kind != .frequency || weighting.total <= 0x1p53 else {
            throw .invalidProblem(
                "\(label): the frequency weights in \(weighting.column) count \(weighting.total) rows; at most 2⁵³ can be."
            )
        }
    }
}

extension LeastSquaresProblem {
    /// Solves the problem with observation weights: min Σ w_i(b_i − a_iᵀx)².
    ///
    /// On codes the weighted rows are what is quantized: a column √w stands for the intercept, and errors are predicted for
    /// it like for any other.
    /// - Throws: `RegressionError`, also for a method other than the one that weighted rows are solved by.
    public func solve(
        _ weighted: WeightedTable, progress: (Stage, Double) -> Void = { _, _ in }
    ) throws(RegressionError) -> Solution {
        try checkSupport(.table, reduced: true)
        return try BLAS.withThreads(1) { () throws(RegressionError) in
            try weighted.table.checkMagnitudes()
            guard weighted.weighting.hasConstant == intercept else {
                throw .invalidProblem(
                    "The weighted table was made for a model \(intercept ? "without" : "with") intercept.")
            }
            return try CompressedSolve.solve(self, weighted.table, weighting: weighted.weighting, progress)
        }
    }
}
