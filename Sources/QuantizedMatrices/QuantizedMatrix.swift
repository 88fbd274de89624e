import Matrices
import QuantizedKernels
import Quantizers

/// An m × p matrix kept as packed codes, one codebook per column: Â_ij = level_j[code_ij].
///
/// The columns stand for the numbers after `transform` (the identity where there is none); the last columns may be
/// responses. Bytes: m·Σ b_j / 8 for the codes, `sideBytes` for everything else.
public struct QuantizedMatrix: Sendable {
    /// The number of rows, m.
    public let rows: Int
    /// The columns, in the order of the table.
    public let columns: [QuantizedColumn]
    /// How the table's columns became the quantized ones.
    public let transform: ColumnTransform

    init(rows: Int, columns: [QuantizedColumn], transform: ColumnTransform) {
        self.rows = rows
        self.columns = columns
        self.transform = transform
    }

    /// Bytes of the packed codes.
    public var codeBytes: Int { columns.reduce(0) { $0 + $1.codeBytes } }

    /// Bytes of codebooks, statistics and transform.
    public var sideBytes: Int { columns.reduce(transform.bytes) { $0 + $1.sideBytes } }

    /// Decoded rows `first ..< first + count` of all columns (count × p). `first` must be a multiple of 8.
    /// Cost: count·p.
    public func decoded(first: Int, count: Int, kernels: Kernels = .best) -> DenseMatrix {
        var block = DenseMatrix(rows: count, columns: columns.count)
        for (j, column) in columns.enumerated() {
            var target = block.elements.mutableSpan
            var part = target._mutatingExtracting((j * count)..<((j + 1) * count))
            kernels.unpackAndDecode(
                column.packed.span.extracting(column.bytes(first: first, count: count)), bits: column.bits,
                levels: column.codebook.levels.span, into: &part)
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
    /// The bytes that hold the codes of the given rows.
    func bytes(first: Int, count: Int) -> Range<Int> {
        precondition(first % 8 == 0, "Blocks of rows start at multiples of 8.")
        return (first * bits / 8)..<((first + count) * bits + 7) / 8
    }
}
