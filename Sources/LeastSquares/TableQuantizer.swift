import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices
import Quantizers

/// Quantizes a table in two more passes over its rows: the first surveys the transformed columns, the second encodes.
struct TableQuantizer {
    let table: RegressionTable
    var options: QuantizationOptions
    let intercept: Bool
    let kernels: Kernels
    /// Threads over blocks of rows. The codes do not depend on it.
    let threads: Int
    /// Rows that are balanced last; nil for the number that fits the columns.
    var keptRows: Int? = nil
    /// Whether columns that depend on others are quantized too, for solutions of least norm.
    var keepsDependent = false
    /// The transform, where it is decided.
    var fixedTransform: ColumnTransform?
    /// Predictors (by place) that were found at an earlier try to be indistinguishable from combinations of others.
    var excluded: Set<Int> = []

    /// Quantizes; `progress` is called with the number of rows done, out of twice the rows of the table.
    func quantize(progress: (Int) -> Void) throws(RegressionError) -> QuantizedRegression {
        let whole = keepsDependent ? pilotModel() : try pilotModel().factorized()
        var dependencies = keepsDependent ? [] : try verifiedDependencies(whole)
        for j in excluded.sorted() where !dependencies.contains(where: { $0.column == j }) {
            dependencies.append((j, "at \(options.bits) bits it cannot be told from a combination of other columns"))
        }
        let left = Set(dependencies.map(\.column))
        let columns = table.names.indices.filter { !left.contains($0) }
        let predictors = table.predictors - left.count
        let pilot = whole.selecting(columns, predictors: predictors)
        let exact = columns.map { j in
            let distinct = table.distinct[j]
            let bits = j < table.predictors ? options.bits(of: table.names[j]) : min(8, options.responseBits ?? 8)
            return !distinct.overflowed && distinct.values.count <= 1 << bits
        }
        let transform = try chosenTransform(pilot, columns: columns, exact: exact)
        let prepared = PreparedTransform(transform, kernels: kernels)
        let (designs, schedule) = try design(columns, predictors: predictors, prepared: prepared, progress)
        let matrix = try encode(columns, designs: designs, schedule: schedule, prepared: prepared, progress)
        let description = StoreDescription(
            predictorNames: Array(table.names[..<table.predictors]), places: columns.filter { $0 < table.predictors },
            intercept: intercept, moments: columns.map { table.moments[$0] },
            dependent: dependencies.map { .init(name: table.names[$0.column], reason: $0.text) },
            bits: options.bits, responseBits: options.responseBits, quantizer: options.quantizer.resolved.rawValue,
            isComplete: excluded.isEmpty, droppedRows: table.droppedRows)
        return QuantizedRegression(matrix: matrix, description: description)
    }

    private func chosenTransform(
        _ pilot: PilotModel, columns: [Int], exact: [Bool]
    ) throws(RegressionError) -> ColumnTransform {
        if let fixedTransform { return fixedTransform }
        let selection = TransformSelection(
            pilot: pilot, names: columns.map { table.names[$0] }, options: options, exact: exact, rows: table.rows,
            threads: threads, kernels: kernels)
        return try choose(among: try selection.ranked(), columns: columns)
    }

    /// The sample's model of all columns.
    private func pilotModel() -> PilotModel {
        PilotModel(
            sample: table.sample, centers: table.moments.map { intercept ? $0.mean : 0 },
            scales: table.moments.map { $0.scale(intercept: intercept) }, predictors: table.predictors,
            intercept: intercept)
    }

    // MARK: Dependent columns

    /// Candidates of the sample that hold in every row: |x_j − μ_j − Σ c_k(x_k − μ_k)| ≤ 1e−9·(largest centred term) +
    /// 1e−13·(largest term), the second for the rounding of the centers.
    func verifiedDependencies() throws(RegressionError) -> [(column: Int, text: String)] {
        try verifiedDependencies(pilotModel())
    }

    private func verifiedDependencies(_ pilot: PilotModel) throws(RegressionError) -> [(column: Int, text: String)] {
        var candidates = try pilot.dependencies()
        guard !candidates.isEmpty else { return [] }
        try table.forEachBlock { (block) throws(RegressionError) in
            candidates.removeAll { !Self.holds($0, in: block, centers: pilot.centers) }
        }
        return candidates.map { ($0.column, describe($0)) }
    }

    private static func holds(_ dependency: PilotModel.Dependency, in block: DenseMatrix, centers: [Double]) -> Bool {
        for i in 0..<block.rows {
            let own = block[i, dependency.column], center = centers[dependency.column]
            var residual = own - center
            var deviation = abs(residual), size = max(abs(own), abs(center))
            for term in dependency.terms {
                let value = block[i, term.column], mean = centers[term.column]
                let part = term.coefficient * (value - mean)
                residual -= part
                deviation = max(deviation, abs(part))
                size = max(size, abs(term.coefficient) * max(abs(value), abs(mean)))
            }
            if abs(residual) > 1e-9 * deviation + 1e-13 * size { return false }
        }
        return true
    }

    private func describe(_ dependency: PilotModel.Dependency) -> String {
        DroppedColumn.combination(dependency.terms.map { ($0.coefficient, table.names[$0.column]) })
    }

    // MARK: Passes

    private func keptRows(of columns: [Int]) -> Int { keptRows ?? EncodingPass.keptRows(columns: columns.count) }

    private func design(
        _ columns: [Int], predictors: Int, prepared: PreparedTransform, _ progress: (Int) -> Void
    ) throws(RegressionError) -> (designs: [ColumnDesign], schedule: RowSchedule) {
        let (surveys, schedule) = try survey(columns, prepared: prepared, progress)
        let sample = prepared.apply(table.sample.selectingColumns(columns))
        let names = columns.map { table.names[$0] }
        let designer = ColumnDesigner(options: options, intercept: intercept)
        let designs = try parallelMap(columns.count, threads: threads) { j throws(RegressionError) in
            try RegressionError.quantizing { () throws(QuantizerError) in
                try designer.design(
                    name: names[j], survey: surveys[j], sample: sample.column(j), isResponse: j >= predictors)
            }
        }
        return (designs, schedule)
    }

    /// Histograms and moments of the transformed columns, and the rows that are taken out of turn.
    private func survey(
        _ columns: [Int], prepared: PreparedTransform, _ progress: (Int) -> Void
    ) throws(RegressionError) -> (surveys: [ColumnSurvey], schedule: RowSchedule) {
        let sample = prepared.apply(table.sample.selectingColumns(columns))
        let isBalanced = options.quantizer.rounding == .balanced
        var schedule = RowSchedule(sample: sample, intercept: intercept)
        var surveys = try parallelMap(columns.count, threads: threads) { j throws(RegressionError) in
            try RegressionError.quantizing { () throws(QuantizerError) in try ColumnSurvey(sample: sample.column(j)) }
        }
        // Whole batches enter the histograms, the first one always: it sets the range that others are measured by. The
        // others need not be read where they can neither show other extremes than the table's nor rows out of turn, or
        // where codes balanced in the end make up for what extremes that nobody saw cost.
        let step = ColumnSurvey.step(rows: table.rows)
        let isSampled =
            isBalanced
            ? !EncodingPass.isSequential(rows: table.rows, keptRows: keptRows(of: columns))
            : prepared.transform.isIdentity
        var done = 0, batch = 0
        try table.forEachBatch(of: columns, every: isSampled ? step : 1, threads: threads) {
            SurveyContext(
                windows: surveys.map(\.window), rows: isBalanced ? schedule.window : nil,
                whole: isSampled || batch % step == 0)
        } body: { [kernels] context, block in
            let u = prepared.apply(block.rows)
            return SurveyedBlock(
                rows: u.rows,
                columns: context.windows.indices.map { j in
                    context.windows[j].look(
                        at: u.elements.span.extracting((j * u.rows)..<((j + 1) * u.rows)), whole: context.whole,
                        kernels: kernels)
                }, candidates: context.rows?.candidates(in: u, first: block.first, kernels: kernels) ?? [])
        } combine: { context, blocks in
            if context.whole {
                surveys = parallelMap(surveys.count, threads: threads) { [surveys] j in
                    var survey = surveys[j]
                    survey.add(blocks.map { $0.columns[j] })
                    return survey
                }
            } else {
                for j in surveys.indices { surveys[j].add(blocks.map { $0.columns[j] }) }
            }
            for block in blocks {
                schedule.add(block.candidates)
                done += block.rows
            }
            batch += 1
            progress(done)
        }
        if isSampled, step > 1 {
            let large = table.largest(of: columns, notInBatches: step)
            let rows = prepared.apply(large.values)
            schedule.add(rows, numbers: large.numbers, kernels: kernels)
            for j in columns.indices { surveys[j].add(extremes: rows.column(j)) }
        }
        for (j, column) in columns.enumerated() where prepared.transform.isIdentity || prepared.transform.kept[j] {
            if isSampled { surveys[j].complete(moments: table.moments[column]) }
            surveys[j].complete(distinct: table.distinct[column])
        }
        progress(table.rows)
        return (surveys, schedule)
    }

    /// What the blocks of a batch of the survey start from.
    private struct SurveyContext: Sendable {
        let windows: [ColumnSurvey.Window]
        let rows: RowSchedule.Window?
        let whole: Bool
    }

    private struct SurveyedBlock: Sendable {
        let rows: Int
        let columns: [ColumnSurvey.Block]
        let candidates: [RowSchedule.Entry]
    }

    private func encode(
        _ columns: [Int], designs: [ColumnDesign], schedule: RowSchedule, prepared: PreparedTransform,
        _ progress: (Int) -> Void
    ) throws(RegressionError) -> QuantizedMatrix {
        let encoder = MatrixEncoder(
            designs, responses: table.responses, transform: prepared.transform, rounding: options.quantizer.rounding,
            seed: options.seed, kernels: kernels)
        let pass = EncodingPass(
            table: table, columns: columns, prepared: prepared, threads: threads,
            keptRows: keptRows(of: columns))
        return options.quantizer.rounding == .balanced
            ? try pass.balanced(encoder, schedule: schedule, neighbourSeed: options.neighbourSeed) {
                progress(table.rows + $0)
            }
            : try pass.independent(encoder, intercept: intercept) { progress(table.rows + $0) }
    }
}
