import Matrices
import QuantizedKernels
import Quantizers

/// An m × p matrix kept as packed codes, one codebook per column: Â_ij = level_j[code_ij].
///
/// The columns stand for the numbers after `transform` (the identity where there is none); the last columns may be
/// responses. Rows come in the order in which they were encoded; of a regression's balanced codes that is the largest rows
/// of the table first and the smallest last, the others in the order of the table. Bytes: m·Σ b_j / 8 for the codes, `sideBytes` for everything else.
public struct QuantizedMatrix: Sendable {
    /// The number of rows, m.
    public let rows: Int
    /// The columns, in the order of the table.
    public let columns: [QuantizedColumn]
    /// Further codes of columns with more than 8 bits, in the order of the columns.
    public let refinements: [Refinement]
    /// How the table's columns became the quantized ones.
    public let transform: ColumnTransform

    init(rows: Int, columns: [QuantizedColumn], refinements: [Refinement], transform: ColumnTransform) {
        self.rows = rows
        self.columns = columns
        self.refinements = refinements
        self.transform = transform
    }

    /// All columns with codes: `columns`, then those of `refinements`.
    var coded: [QuantizedColumn] { columns + refinements.map(\.column) }

    /// The places in `coded` of a column and its refinements.
    public func parts(of j: Int) -> [Int] {
        [j] + refinements.indices.filter { refinements[$0].base == j }.map { columns.count + $0 }
    }

    /// Bits per entry of a column with its refinements.
    public func bits(of j: Int) -> Int { parts(of: j).reduce(0) { $0 + coded[$1].bits } }

    /// The integer grid of a part (see `parts(of:)`).
    public func grid(part: Int) -> IntegerGrid {
        part < columns.count ? columns[part].grid : refinements[part - columns.count].column.grid
    }

    /// Bytes of the packed codes.
    public var codeBytes: Int { coded.reduce(0) { $0 + $1.codeBytes } }

    /// Bytes of codebooks, statistics and transform.
    public var sideBytes: Int { coded.reduce(transform.bytes) { $0 + $1.sideBytes } }

    /// Decoded rows `first ..< first + count` of all columns (count × p). `first` must be a multiple of 8.
    /// Cost: count·p.
    public func decoded(first: Int, count: Int, kernels: Kernels = .best) -> DenseMatrix {
        var block = DenseMatrix(rows: count, columns: columns.count)
        for (j, column) in columns.enumerated() {
            var target = block.elements.mutableSpan
            var part = target._mutatingExtracting((j * count)..<((j + 1) * count))
            column.decode(first: first, count: count, into: &part, kernels: kernels)
        }
        for refinement in refinements {
            var further = [Double](repeating: 0, count: count)
            var target = further.mutableSpan
            refinement.column.decode(first: first, count: count, into: &target, kernels: kernels)
            for i in 0..<count { block.elements[refinement.base * count + i] += further[i] }
        }
        return block
    }

    /// The codes of rows `first ..< first + count` of one column. `first` must be a multiple of 8.
    public func codes(column j: Int, first: Int, count: Int, kernels: Kernels = .best) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: count)
        var target = codes.mutableSpan
        let column = columns[j], packed = column.packed
        kernels.unpack(
            packed.span.extracting(column.bytes(first: first, count: count)), bits: column.bits, into: &target)
        return codes
    }
}

extension QuantizedColumn {
    /// The levels of the codes of the given rows.
    func decode(first: Int, count: Int, into target: inout MutableSpan<Double>, kernels: Kernels) {
        kernels.unpackAndDecode(
            packed.span.extracting(bytes(first: first, count: count)), bits: bits, levels: codebook.levels.span,
            into: &target)
    }

    /// The bytes that hold the codes of the given rows.
    func bytes(first: Int, count: Int) -> Range<Int> {
        precondition(first % 8 == 0, "Blocks of rows start at multiples of 8.")
        return (first * bits / 8)..<((first + count) * bits + 7) / 8
    }
}
