import Foundation
import QuantizedKernels
import QuantizedMatrices
import Quantizers

/// SplitMix64 (Steele, Lea, Flood 2014).
struct RandomNumbers: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func gaussian() -> Double {
        let u = (Double(next() >> 11) + 0.5) * 0x1p-53, v = Double(next() >> 11) * 0x1p-53
        return (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
    }
}

/// A quantized matrix of columns with very different integer grids.
struct IntegerMatrix {
    /// How a column's levels lie.
    enum Kind: CaseIterable, Sendable {
        /// Lloyd–Max levels, on a compact grid where there are at most 16 of them, else on one of 12 to 15 bits.
        case narrow
        /// The same levels on a grid of 12 bits.
        case fine
        /// The same levels on a grid of 45 bits.
        case wide
        /// A few distinct decimal numbers of 12 digits: an exact grid of several 15-bit limbs.
        case decimal
        /// 0 and 1.
        case indicator
        /// One value.
        case constant
    }

    let matrix: QuantizedMatrix
    let kinds: [Kind]

    /// Random columns of the given kinds, every one with `bits` bits per code.
    init(rows: Int, kinds: [Kind], bits: Int, seed: UInt64, rounding: Rounding = .nearest, blocks: Int = 1000) throws {
        var random = RandomNumbers(seed: seed)
        let values = kinds.map { kind in (0..<rows).map { _ in Self.value(kind, bits: bits, &random) } }
        let designs = try zip(kinds, values).enumerated().map { j, pair in
            try Self.design("x\(j + 1)", kind: pair.0, values: pair.1, bits: bits)
        }
        try self.init(designs: designs, kinds: kinds, values: values, rounding: rounding, blocks: blocks)
    }

    private init(designs: [ColumnDesign], kinds: [Kind], values: [[Double]], rounding: Rounding, blocks: Int) throws {
        let rows = values.first?.count ?? 0
        var encoder = MatrixEncoder(
            designs, responses: 0, transform: .identity(columns: kinds.count), rounding: rounding)
        for first in stride(from: 0, to: rows, by: blocks) {
            let count = min(blocks, rows - first)
            try encoder.append(values.flatMap { $0[first..<(first + count)] }, rows: count)
        }
        matrix = try encoder.finish()
        self.kinds = kinds
    }

    private static func value(_ kind: Kind, bits: Int, _ random: inout RandomNumbers) -> Double {
        switch kind {
        case .narrow, .fine, .wide: 5 + 2 * random.gaussian()
        case .decimal: decimal(Int64(random.next() % UInt64(1 << bits)))
        case .indicator: Double(random.next() % 2)
        case .constant: 3.25
        }
    }

    /// The k-th of many numbers with 4 decimals and no common divisor.
    private static func decimal(_ k: Int64) -> Double {
        let step: Int64 = 736_419_273 + k * 1_000_003
        let whole: Int64 = (1 << 38) + k * step + k % 3
        return Double(whole) / 1e4
    }

    private static func design(_ name: String, kind: Kind, values: [Double], bits: Int) throws -> ColumnDesign {
        let sample = values.isEmpty ? [0.0, 1] : values
        let histogram = try ColumnHistogram(values: sample, cells: 256)
        let gridded: GriddedCodebook
        switch kind {
        case .narrow: gridded = try Codebook.lloydMax(histogram, count: 1 << bits).gridded(offset: 5)
        case .fine: gridded = try Codebook.lloydMax(histogram, count: 1 << bits).gridded(bits: 12, offset: 5)
        case .wide: gridded = try Codebook.lloydMax(histogram, count: 1 << bits).gridded(bits: 45, offset: 4)
        case .decimal, .indicator, .constant: gridded = try Codebook.exact(values: sample).gridded()
        }
        let mean = sample.reduce(0, +) / Double(sample.count)
        let variance = sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sample.count)
        return ColumnDesign(
            name: name, gridded: gridded, bits: bits, mean: mean, standardDeviation: variance.squareRoot())
    }

    /// The integer level of every entry of a column.
    func integers(_ j: Int) -> [Int64] {
        let column = matrix.columns[j]
        return matrix.codes(column: j, first: 0, count: matrix.rows, kernels: .scalar).map {
            column.grid.integers[Int($0)]
        }
    }
}
