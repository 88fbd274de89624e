import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

extension QuantizedRegression {
    /// Quantizes a table under the codebooks and the transform of a store, in two passes over its rows, so that both can be
    /// merged; the table's columns are found by their names.
    ///
    /// - Parameters:
    ///   - table: has all predictors of the store among its predictors, all responses among its responses.
    ///   - template: the store.
    ///   - seed: of random rounding; tables of other rows are rounded otherwise anyway.
    ///   - threads: over blocks of rows; the codes do not depend on it.
    ///   - progress: called with the fraction done.
    /// - Returns: the new store, and how its rows differ from those of the template.
    /// - Throws: `RegressionError.incompatible` where a column is missing, or where one that the template left out as
    ///   dependent does not depend on others.
    public static func quantizing(
        _ table: RegressionTable, like template: QuantizedRegression, seed: UInt64 = 1, threads: Int = 1,
        kernels: Kernels = .best, progress: (Double) -> Void = { _ in }
    ) throws(RegressionError) -> (regression: QuantizedRegression, drift: [ColumnDrift]) {
        let total = Double(2 * max(1, table.rows))
        let quantizer = TemplateQuantizer(
            table: table, template: template, seed: seed, kernels: kernels, threads: threads)
        return try BLAS.withThreads(1) { () throws(RegressionError) in
            try quantizer.quantize { progress(Double($0) / total) }
        }
    }

    /// This store with the rows of a table added under its codebooks; see `quantizing(_:like:)` and `merging(_:)`.
    public func appending(
        _ table: RegressionTable, seed: UInt64 = 1, threads: Int = 1, kernels: Kernels = .best,
        progress: (Double) -> Void = { _ in }
    ) throws(RegressionError) -> (regression: QuantizedRegression, drift: [ColumnDrift]) {
        let new = try Self.quantizing(
            table, like: self, seed: seed, threads: threads, kernels: kernels, progress: progress)
        return (try merging([new.regression], kernels: kernels), new.drift)
    }

    /// The rows of this store and of others, one below the other.
    ///
    /// Moments and integer Gram matrices of stores add exactly. Codes were balanced in each store by itself, so the
    /// variances of the discrepancies add (see `QuantizedMatrix.joining`).
    ///
    /// - Throws: `RegressionError.incompatible` unless all have the same columns, codebooks and transform.
    public func merging(
        _ others: [QuantizedRegression], kernels: Kernels = .best
    ) throws(RegressionError) -> QuantizedRegression {
        for other in others {
            if let difference = difference(from: other) { throw .incompatible(difference) }
        }
        let all = [self] + others
        let matrix = try RegressionError.storing { () throws(StoreError) in
            try QuantizedMatrix.joining(
                all.map(\.matrix), predictors: predictors, centered: intercept, kernels: kernels)
        }
        return QuantizedRegression(matrix: matrix, description: description.joining(others.map(\.description)))
    }

    /// How the rows of another store with the same codebooks differ from those of this one.
    public func drift(of other: QuantizedRegression) -> [ColumnDrift] { drift(of: other, outside: nil) }

    /// What keeps another store from being merged with this one; nil if nothing does.
    public func difference(from other: QuantizedRegression) -> String? {
        guard matrix.share == 1, other.matrix.share == 1 else { return "their rows were chosen from others" }
        let own = description, theirs = other.description
        guard own.weighting == nil, theirs.weighting == nil else { return "their rows are weighted" }
        guard own.places == theirs.places, own.predictorNames == theirs.predictorNames else {
            return "they have other predictors"
        }
        guard own.intercept == theirs.intercept else { return "only one of them has an intercept" }
        guard own.dependent == theirs.dependent else { return "other predictors were left out of them" }
        guard own.quantizer == theirs.quantizer, own.bits == theirs.bits, own.responseBits == theirs.responseBits,
            own.isComplete == theirs.isComplete
        else { return "they were quantized in other ways" }
        return matrix.difference(from: other.matrix)
    }
}

extension StoreDescription {
    /// That of the rows of several stores together.
    func joining(_ others: [StoreDescription]) -> StoreDescription {
        var joined = self
        for other in others {
            for j in joined.moments.indices { joined.moments[j].merge(other.moments[j]) }
            joined.droppedRows += other.droppedRows
        }
        return joined
    }
}
