import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers

/// Quantizes a table under the codebooks and the transform of a store, in two passes: the first finds the rows that
/// balanced rounding takes out of turn and numbers out of range, the second encodes.
struct TemplateQuantizer {
    let table: RegressionTable
    let template: QuantizedRegression
    let seed: UInt64
    let kernels: Kernels
    let threads: Int

    func quantize(
        progress: (Int) -> Void
    ) throws(RegressionError) -> (regression: QuantizedRegression, drift: [ColumnDrift]) {
        guard table.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        guard template.description.weighting == nil else {
            throw .incompatible("The rows of the store are weighted: no others can join them.")
        }
        try table.checkMagnitudes()
        let columns = try matchingColumns()
        try checkDependencies()
        let prepared = PreparedTransform(template.matrix.transform, kernels: kernels)
        let (schedule, outside) = try survey(columns, prepared: prepared, progress: progress)
        let encoder = MatrixEncoder(
            try designs(outside: outside), responses: template.responses.count,
            transform: template.matrix.transform, rounding: template.matrix.columns[0].rounding, seed: ownSeed,
            kernels: kernels, rowsPerBlock: template.matrix.codes.layout.rowsPerBlock)
        let pass = EncodingPass(
            table: table, columns: columns, prepared: prepared, threads: threads,
            keptRows: EncodingPass.keptRows(columns: columns.count))
        let matrix =
            isBalanced
            ? try pass.balanced(encoder, schedule: schedule) { progress(table.rows + $0) }
            : try pass.independent(encoder, intercept: template.intercept) { progress(table.rows + $0) }
        var description = template.description
        description.moments = columns.map { table.moments[$0] }
        description.droppedRows = table.droppedRows
        let regression = QuantizedRegression(matrix: matrix, description: description)
        return (regression, template.drift(of: regression, outside: outside))
    }

    private var isBalanced: Bool { template.matrix.columns.allSatisfy { $0.rounding == .balanced } }

    /// A seed that differs between tables: rows rounded by the same random numbers would err alike.
    private var ownSeed: UInt64 {
        table.moments.reduce(seed &+ UInt64(table.rows)) {
            ($0 ^ $1.shiftedSum.bitPattern) &* 0x9E37_79B9_7F4A_7C15 ^ ($0 >> 29)
        }
    }

    /// The table's columns in the order of the store's.
    private func matchingColumns() throws(RegressionError) -> [Int] {
        try template.matrix.columns.enumerated().map { (j, column) throws(RegressionError) in
            let isPredictor = j < template.predictors
            let range = isPredictor ? 0..<table.predictors : table.predictors..<table.names.count
            guard let place = range.first(where: { table.names[$0] == column.name }) else {
                throw .incompatible(
                    "The table has no \(isPredictor ? "predictor" : "response") \"\(column.name)\", the store has.")
            }
            return place
        }
    }

    /// Predictors that the store left out because they depend on others have to depend on others in the new rows too, as
    /// far as the table has them and more rows than columns.
    private func checkDependencies() throws(RegressionError) {
        let left = Set(template.description.dependent.map(\.name)).intersection(table.names[..<table.predictors])
        guard template.description.isComplete, !left.isEmpty, table.rows > table.predictors + 1 else { return }
        let quantizer = TableQuantizer(
            table: table, options: QuantizationOptions(), intercept: template.intercept, kernels: kernels,
            threads: threads)
        let dependent = Set(try quantizer.verifiedDependencies().map { table.names[$0.column] })
        for column in template.description.dependent where left.contains(column.name) {
            guard dependent.contains(column.name) else {
                throw .incompatible(
                    "Column \"\(column.name)\" is not in the store because it depended on others (\(column.reason)); in "
                        + "the new rows it does not. Quantize all rows into a new store.")
            }
        }
    }

    /// Codebooks of the store. A column that it represents exactly, but not all of the new numbers, errs like others.
    private func designs(outside: [Int]) throws(RegressionError) -> [ColumnDesign] {
        let matrix = template.matrix
        return try matrix.columns.indices.map { (j) throws(RegressionError) in
            let column = matrix.columns[j], m = Double(max(1, matrix.rows))
            var codebook = column.codebook
            if codebook.isExact, outside[j] > 0 {
                codebook = try RegressionError.quantizing { () throws(QuantizerError) in
                    try Codebook(levels: codebook.levels, isExact: false)
                }
            }
            let scale = column.moments.meanSquare(centered: template.intercept).squareRoot()
            return ColumnDesign(
                name: column.name, gridded: GriddedCodebook(codebook: codebook, grid: column.grid), bits: column.bits,
                refinements: matrix.refinements.filter { $0.base == j }.map {
                    GriddedCodebook(codebook: $0.column.codebook, grid: $0.column.grid)
                },
                mean: column.moments.shift, standardDeviation: scale,
                errorDeviation: scale > 0 ? (column.totalSquaredError / m).squareRoot() / scale : 0)
        }
    }

    private struct SurveyedBlock: Sendable {
        let rows: Int
        let outside: [Int]
        let candidates: [RowSchedule.Entry]
    }

    private func survey(
        _ columns: [Int], prepared: PreparedTransform, progress: (Int) -> Void
    ) throws(RegressionError) -> (schedule: RowSchedule, outside: [Int]) {
        let sample = prepared.apply(table.sample.selectingColumns(columns))
        var schedule = RowSchedule(sample: sample, intercept: template.intercept)
        var outside = [Int](repeating: 0, count: columns.count), done = 0
        let known = template.matrix.columns, isBalanced = isBalanced
        try table.forEachBatch(of: columns, threads: threads) {
            schedule.window
        } body: { [kernels] window, block in
            let u = prepared.apply(block.rows)
            return SurveyedBlock(
                rows: u.rows, outside: known.indices.map { known[$0].countUnknown(u.column($0)) },
                candidates: isBalanced ? window.candidates(in: u, first: block.first, kernels: kernels) : [])
        } combine: { (_, blocks) throws(RegressionError) in
            for block in blocks {
                schedule.add(block.candidates)
                for j in outside.indices { outside[j] += block.outside[j] }
                done += block.rows
            }
            progress(done)
        }
        return (schedule, outside)
    }
}

extension QuantizedColumn {
    /// How many numbers lie outside the range of the column's, or are none of the levels of one that is exact.
    fileprivate func countUnknown(_ values: [Double]) -> Int {
        guard codebook.isExact else {
            return values.reduce(0) { $0 + ($1 < moments.minimum || $1 > moments.maximum ? 1 : 0) }
        }
        let levels = Set(codebook.levels)
        return values.reduce(0) { $0 + (levels.contains($1) ? 0 : 1) }
    }
}
