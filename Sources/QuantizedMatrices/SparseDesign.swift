import Foundation
import Matrices
import QuantizedKernels
import Quantizers

/// Which codebook each column of a sparse matrix gets, and the scales of the columns that share one.
struct SparseDesign {
    /// The codebook of each column; nil for the shared one.
    private let own: [Codebook?]
    /// The codebook that all other columns share.
    private let shared: Codebook
    /// See ``QuantizedSparseMatrix/scales``.
    let scales: [Int16]

    /// Designs codebooks of at most 2^bits levels.
    init(_ matrix: SparseMatrix, bits: Int, rounding: Rounding) throws(QuantizerError) {
        let designer = CodebookChoice(count: 1 << bits, rounding: rounding)
        let none = [Codebook?](repeating: nil, count: matrix.columns)
        if let exact = try designer.exact(matrix.values[...]) {
            (own, shared, scales) = (none, exact, [])
            return
        }
        var own = none
        var rest: [Double] = [], restColumns: [Int] = []
        for j in 0..<matrix.columns {
            let values = matrix.values[matrix.columnPointers[j]..<matrix.columnPointers[j + 1]]
            own[j] = try designer.affordable(values, bits: bits)
            if own[j] == nil, !values.isEmpty {
                rest += values
                restColumns.append(j)
            }
        }
        self.own = own
        (shared, scales) = try Self.sharing(rest, restColumns, of: matrix, designer)
    }

    /// The codebook of columns that share one, with or without scales.
    private static func sharing(
        _ values: [Double], _ columns: [Int], of matrix: SparseMatrix, _ designer: CodebookChoice
    ) throws(QuantizerError) -> (Codebook, [Int16]) {
        guard !values.isEmpty else { return (try Codebook(levels: [0], isExact: true), []) }
        if let exact = try designer.exact(values[...]) { return (exact, []) }
        var scales = [Int16](repeating: 0, count: matrix.columns)
        for j in columns {
            scales[j] = eighths(Array(matrix.values[matrix.columnPointers[j]..<matrix.columnPointers[j + 1]]))
        }
        var scaled: [Double] = [], weights: [Double] = []
        scaled.reserveCapacity(values.count)
        weights.reserveCapacity(values.count)
        var place = 0
        for j in columns {
            let scale = columnScale(scales[j])
            for _ in matrix.columnPointers[j]..<matrix.columnPointers[j + 1] {
                scaled.append(values[place] / scale)
                weights.append(1 / scale)
                place += 1
            }
        }
        let plain = try designer.codebook(values), relative = try designer.codebook(scaled)
        // The squared error that counts is relative to the column's size.
        let plainError = zip(values, weights).reduce(0.0) { sum, pair in
            let error = designer.squaredError(of: pair.0, plain).squareRoot() * pair.1
            return sum + error * error
        }
        let relativeError = scaled.reduce(0.0) { $0 + designer.squaredError(of: $1, relative) }
        let bitsOfScales = 16 * Double(matrix.columns) / Double(values.count)
        return relativeError < plainError * exp2(-2 * bitsOfScales) ? (relative, scales) : (plain, [])
    }

    /// The root mean square of values, not all zero, in eighths of an octave; 0 where all are zero.
    private static func eighths(_ values: [Double]) -> Int16 {
        let size = euclideanNorm(values) / Double(values.count).squareRoot()
        guard size > 0, size.isFinite else { return 0 }
        var k = 8 * Int(size.exponent)
        let significand = size.significand
        while Int(k) & 7 < 7, columnScale(Int16((k + 1) & 7)) <= significand { k += 1 }
        return Int16(k)
    }

    /// The codes of a matrix, and Σ(x̂ − x)² of every column, empty where all are 0.
    func coded(
        _ matrix: SparseMatrix, rounding: Rounding, seed: UInt64, kernels: Kernels
    ) -> (runs: [CodedRun], errors: [Double]) {
        var runs: [CodedRun] = []
        var errors = [Double](repeating: 0, count: matrix.columns)
        var first = 0
        while first < matrix.columns {
            var end = first + 1
            if own[first] == nil { while end < matrix.columns, own[end] == nil { end += 1 } }
            runs.append(
                coded(matrix, columns: first..<end, rounding: rounding, seed: seed, kernels: kernels, &errors))
            first = end
        }
        return (runs, errors.allSatisfy { $0 == 0 } ? [] : errors)
    }

    /// Sixteenths of an octave of the number of a column's entries that err alike, see
    /// `QuantizedSparseMatrix.errorRepeats`.
    func repeats(_ values: ArraySlice<Double>, column j: Int) -> UInt8 {
        let codebook = own[j] ?? shared
        let scale = own[j] == nil && !scales.isEmpty ? columnScale(scales[j]) : 1
        var together = 0.0, total = 0.0, sum = 0.0, level = Double.nan
        for value in values.sorted() {
            let next = codebook.quantize(value / scale)
            if next != level { (together, sum, level) = (together + sum * sum, 0, next) }
            let error = scale * next - value
            sum += error
            total += error * error
        }
        together += sum * sum
        return total > 0 && together > 0 ? UInt8(min(255, max(0, (16 * log2(together / total)).rounded()))) : 0
    }

    private func coded(
        _ matrix: SparseMatrix, columns: Range<Int>, rounding: Rounding, seed: UInt64, kernels: Kernels,
        _ errors: inout [Double]
    ) -> CodedRun {
        let isShared = own[columns.lowerBound] == nil
        let codebook = own[columns.lowerBound] ?? shared
        let pointers = matrix.columnPointers
        let entries = pointers[columns.lowerBound]..<pointers[columns.upperBound]
        var values = Array(matrix.values[entries])
        if isShared, !scales.isEmpty {
            for j in columns {
                let scale = columnScale(scales[j])
                for p in pointers[j]..<pointers[j + 1] { values[p - entries.lowerBound] /= scale }
            }
        }
        var codes = [UInt8](repeating: 0, count: values.count)
        var target = codes.mutableSpan
        if rounding == .stochastic, !codebook.isExact {
            StochasticRounding(codebook, seed: seed, stream: 0)
                .encode(values.span, from: entries.lowerBound, into: &target)
        } else {
            kernels.encode(values.span, thresholds: codebook.thresholds.span, into: &target)
        }
        for j in columns {
            let scale = isShared && !scales.isEmpty ? columnScale(scales[j]) : 1
            for p in pointers[j]..<pointers[j + 1] {
                let error = scale * codebook.levels[Int(codes[p - entries.lowerBound])] - matrix.values[p]
                errors[j] += error * error
            }
        }
        let bits = codebook.count == 1 ? 0 : codebook.bits
        var packed = [UInt8](repeating: 0, count: (values.count * bits + 7) / 8)
        var bytes = packed.mutableSpan
        if bits > 0 { kernels.pack(codes.span, bits: bits, into: &bytes) }
        return CodedRun(
            columns: columns, isShared: isShared, levels: codebook.levels, bits: bits, count: values.count,
            packed: packed)
    }
}

/// Codebooks of at most `count` levels for a way of rounding.
private struct CodebookChoice {
    let count: Int
    let rounding: Rounding

    /// The values themselves as levels, where there are at most `count` distinct ones.
    func exact(_ values: ArraySlice<Double>) throws(QuantizerError) -> Codebook? {
        guard !values.isEmpty else { return nil }
        var distinct = DistinctValues(limit: count)
        for value in values {
            distinct.insert(value, count: 1)
            if distinct.overflowed { return nil }
        }
        // With the levels themselves for thresholds no two neighbours are too close to be told apart.
        return try Codebook(levels: distinct.values, thresholds: Array(distinct.values.dropLast()), isExact: true)
    }

    /// A codebook for one column whose levels, 8 bytes each, add at most a tenth to the bytes that its codes take with the
    /// shared codebook; nil where none does.
    func affordable(_ values: ArraySlice<Double>, bits: Int) throws(QuantizerError) -> Codebook? {
        let budget = 1.1 * Double(values.count * bits) / 8
        if budget < 8 { return nil }
        if let exact = try exact(values) {
            let width = exact.count == 1 ? 0 : exact.bits
            return Double(8 * exact.count) + Double(values.count * width) / 8 <= budget ? exact : nil
        }
        return Double(8 * count) + Double(values.count * bits) / 8 <= budget ? try codebook(Array(values)) : nil
    }

    /// The optimal codebook; from a histogram above a million values.
    func codebook(_ values: [Double]) throws(QuantizerError) -> Codebook {
        if values.count > 1 << 20 {
            let histogram = try ColumnHistogram(values: values)
            return rounding == .stochastic
                ? try .varianceOptimal(histogram, count: count) : try .optimal(histogram, count: count)
        }
        return rounding == .stochastic
            ? try .varianceOptimal(values: values, count: count) : try .optimal(values: values, count: count)
    }

    /// The (mean) squared error of a value.
    func squaredError(of x: Double, _ codebook: Codebook) -> Double {
        if rounding == .stochastic { return codebook.roundingVariance(at: x) }
        let error = codebook.quantize(x) - x
        return error * error
    }
}
