import QuantizedKernels
import Quantizers

/// Codes of a block of rows and all that is learned of them on the way.
public struct EncodedRows: Sendable {
    /// The number of rows.
    public let rows: Int
    /// The codes of the columns, then of the refinements, one after the other (`rows` entries each).
    let codes: [UInt8]
    /// Sums over the numbers of each column.
    let moments: [BlockMoments]
    /// Sums over its codes and their errors.
    let coding: CodingSums
    let discrepancy: Discrepancy

    /// What the block adds to the discrepancies of balanced columns.
    enum Discrepancy: Sendable {
        /// Nothing that is kept.
        case none
        /// Σ e_ij·t_ik over the rows (see `Kernels.errorProducts`).
        case products([Double])
        /// The state after the block's rows were balanced.
        case state(BalancedRounding)
    }
}

/// Turns rows into codes. A value of this type has no state: blocks may be encoded at the same time.
public struct RowEncoder: Sendable {
    /// What the columns are quantized with.
    public let designs: [ColumnDesign]
    let rounding: Rounding
    let kernels: Kernels
    /// Columns whose codes are not exact: only these have discrepancies of their own.
    private let inexact: [Int]
    private let coders: [Coder]
    /// Levels of the last codebook of each column, and zeros to 256: one for every code.
    private let levels: [Double]
    /// Its thresholds, likewise.
    private let thresholds: [Double]
    /// Where the codes of each column's first codebook are counted.
    private let countStarts: [Int]

    /// What coding a column needs at every block: without references, which threads would count.
    private struct Coder: Sendable {
        let levelCount: Int
        let isExact: Bool
        let start: UInt64
        let center: Double
        let scale: Double
    }

    init(_ designs: [ColumnDesign], rounding: Rounding, seed: UInt64, kernels: Kernels) {
        self.designs = designs
        self.rounding = rounding
        self.kernels = kernels
        coders = designs.indices.map { j in
            let design = designs[j], codebook = design.lastCodebook
            return Coder(
                levelCount: codebook.count, isExact: codebook.isExact,
                start: CounterGenerator(seed: seed, stream: UInt64(j)).start, center: design.mean, scale: design.scale)
        }
        let codebooks = designs.map(\.lastCodebook)
        levels = codebooks.flatMap { $0.levels + [Double](repeating: 0, count: Codebook.maximumCount - $0.count) }
        thresholds = codebooks.flatMap {
            $0.thresholds + [Double](repeating: 0, count: Codebook.maximumCount - $0.thresholds.count)
        }
        countStarts = designs.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.gridded.codebook.count) }
        inexact = designs.indices.filter { !designs[$0].gridded.codebook.isExact }
    }

    /// Encodes rows given column by column (entry (i, j) is `values[i + j·count]`) with the encoder's rounding; of a
    /// balanced encoder each entry goes up or down at random, and what that adds to the discrepancies is computed.
    ///
    /// - Parameters:
    ///   - means: what random rounding shall give on average between the outermost levels; nil for the values themselves.
    ///     Errors are those from the values all the same.
    ///   - first: the number that the first row has for the random generator.
    /// - Complexity: a few steps per entry, and for a balanced encoder p multiply–adds.
    public func encode(_ values: [Double], means: [Double]? = nil, rows count: Int, first: Int) -> EncodedRows {
        let stages = earlierStages(values, rows: count)
        let rounded = means ?? values
        precondition(rounded.count == values.count, "one mean per value")
        var last = [UInt8](repeating: 0, count: values.count)
        var target = last.mutableSpan
        for j in designs.indices {
            var codes = target._mutatingExtracting(column(j, count))
            if let bases = stages[j]?.decoded {
                let rest = zip(rounded[column(j, count)], bases).map { $0 - $1 }
                choose(rest.span, column: j, first: first, into: &codes)
            } else {
                choose(rounded.span.extracting(column(j, count)), column: j, first: first, into: &codes)
            }
        }
        let isBalanced = rounding == .balanced
        var errors = BlockErrors(rows: isBalanced ? count : 0, columns: isBalanced ? designs.count : 0)
        let (moments, coding) = sums(values, rows: count, last: last, stages: stages, errors: &errors)
        return EncodedRows(
            rows: count, codes: allCodes(last: last, rows: count, stages: stages), moments: moments, coding: coding,
            discrepancy: isBalanced ? .products(kernels.errorProducts(errors, listed: inexact)) : .none)
    }

    /// Encodes rows one after the other so that the discrepancies in `state` become or stay small.
    public func encode(_ values: [Double], rows count: Int, balancing state: BalancedRounding) -> EncodedRows {
        let stages = earlierStages(values, rows: count)
        var last = [UInt8](repeating: 0, count: values.count)
        var target = last.mutableSpan
        var state = state
        state.round(
            values.span, bases: designs.indices.flatMap { stages[$0]?.decoded ?? [] }, rows: count, into: &target,
            kernels: kernels)
        var unkept = BlockErrors(rows: 0, columns: 0)
        let (moments, coding) = sums(values, rows: count, last: last, stages: stages, errors: &unkept)
        return EncodedRows(
            rows: count, codes: allCodes(last: last, rows: count, stages: stages), moments: moments, coding: coding,
            discrepancy: .state(state))
    }

    private func column(_ j: Int, _ count: Int) -> Range<Int> { (j * count)..<((j + 1) * count) }

    /// What the codes of all stages but the last stand for, for the columns with refinements.
    private func earlierStages(_ values: [Double], rows count: Int) -> [Int: (codes: [[UInt8]], decoded: [Double])] {
        var result: [Int: (codes: [[UInt8]], decoded: [Double])] = [:]
        for j in designs.indices where !designs[j].refinements.isEmpty {
            result[j] = designs[j].stagesBeforeLast(values[column(j, count)], kernels: kernels)
        }
        return result
    }

    /// Exact codes are never moved by a mean: their values are levels.
    private func choose(_ numbers: Span<Double>, column j: Int, first: Int, into target: inout MutableSpan<UInt8>) {
        let coder = coders[j], place = j * Codebook.maximumCount
        if rounding == .nearest || coder.isExact {
            let own = thresholds.span.extracting(place..<(place + coder.levelCount - 1))
            kernels.encode(numbers, thresholds: own, into: &target)
        } else {
            let own = levels.span.extracting(place..<(place + coder.levelCount))
            kernels.encodeStochastically(numbers, levels: own, start: coder.start, first: first, into: &target)
        }
    }

    /// Sums over the numbers of the columns, and over their codes and errors; the errors are kept.
    private func sums(
        _ values: [Double], rows count: Int, last: [UInt8], stages: [Int: (codes: [[UInt8]], decoded: [Double])],
        errors: inout BlockErrors
    ) -> (moments: [BlockMoments], coding: CodingSums) {
        var moments: [BlockMoments] = [], coding = CodingSums(starts: countStarts)
        moments.reserveCapacity(coders.count)
        for (j, coder) in coders.enumerated() {
            let stage = stages[j], place = j * Codebook.maximumCount
            let column = values.span.extracting(column(j, count)), codes = last.span.extracting(self.column(j, count))
            let bases = stage?.decoded ?? [], counted = stage?.codes[0] ?? []
            kernels.codingErrors(
                column, bases: bases.span, codes: codes, counted: counted.isEmpty ? codes : counted.span,
                levels: levels.span.extracting(place..<(place + Codebook.maximumCount)), center: coder.center,
                scale: coder.scale, kept: &errors, sums: &coding, column: j)
            moments.append(kernels.moments(column, shift: coder.center))
        }
        return (moments, coding)
    }

    /// Codes in the order of columns and refinements.
    private func allCodes(
        last: [UInt8], rows count: Int, stages: [Int: (codes: [[UInt8]], decoded: [Double])]
    ) -> [UInt8] {
        if stages.isEmpty { return last }
        let first = designs.indices.flatMap { stages[$0]?.codes[0][...] ?? last[column($0, count)] }
        let further = designs.indices.flatMap { j in
            stages[j].map { $0.codes.dropFirst().flatMap { $0 } + last[column(j, count)] } ?? []
        }
        return first + further
    }
}
