import Matrices
import QuantizedKernels
import Quantizers

/// An m × p matrix kept as packed codes, one codebook per column: Â_ij = level_j[code_ij].
///
/// The columns stand for the numbers after `transform` (the identity where there is none); the last columns may be
/// responses. Rows come in the order in which they were encoded (see `order`); of a regression's balanced codes that is the
/// largest rows of the table first and the smallest last, the others in the order of the table. Bytes: m·Σ b_j / 8 for the codes, `sideBytes` for everything else.
public struct QuantizedMatrix: Sendable {
    /// The number of rows, m.
    public let rows: Int
    /// The columns, in the order of the table.
    public let columns: [QuantizedColumn]
    /// Further codes of columns with more than 8 bits, in the order of the columns.
    public let refinements: [Refinement]
    /// How the table's columns became the quantized ones.
    public let transform: ColumnTransform
    /// The codes of the columns, then of the refinements.
    public let codes: PackedCodes
    /// How far cross products of nearest codes are off on a pilot; nil where none was taken.
    public var pilot: PilotDifferences?
    /// Which rows of the table the rows are; of rows that were chosen from a matrix, their own order.
    public var order: RowOrder
    /// The part of the rows encoded together that these are: 1 unless they were chosen (`selecting(rows:)`).
    public internal(set) var share = 1.0

    init(codes: PackedCodes, columns: [QuantizedColumn], refinements: [Refinement], transform: ColumnTransform) {
        self.codes = codes
        rows = codes.layout.rows
        order = RowOrder(rows: rows)
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

    /// Bytes of the packed codes, m·Σb/8.
    public var codeBytes: Int { codes.layout.codeBytes }

    /// Bytes of codebooks, statistics, transform, pilot, order of the rows and checksums.
    public var sideBytes: Int {
        let whole =
            transform.bytes + (pilot?.bytes ?? 8) + order.bytes + StoreFile.directoryEntryLength
            * codes.layout.blockCount
        return coded.reduce(whole) { $0 + $1.sideBytes }
    }

    /// Decoded rows `first ..< first + count` of all columns (count × p). `first` must be a multiple of 8.
    /// Cost: count·p.
    public func decoded(first: Int, count: Int, kernels: Kernels = .best) -> DenseMatrix {
        var block = DenseMatrix(rows: count, columns: columns.count)
        var done = 0
        for piece in codes.layout.pieces(first: first, count: count) {
            codes.withBlock(piece.block) { bytes in
                decode(piece, of: bytes, into: &block, at: done, kernels: kernels)
            }
            done += piece.count
        }
        return block
    }

    /// Decodes rows of one block of codes into rows of a dense block from `row` on.
    private func decode(
        _ piece: CodeLayout.Piece, of bytes: Span<UInt8>, into block: inout DenseMatrix, at row: Int, kernels: Kernels
    ) {
        func packed(_ part: Int) -> Range<Int> {
            codes.layout.bytes(ofPart: part, inBlock: piece.block, first: piece.first, count: piece.count)
        }
        for (j, column) in columns.enumerated() {
            let start = j * block.rows + row
            var target = block.elements.mutableSpan
            var part = target._mutatingExtracting(start..<(start + piece.count))
            kernels.unpackAndDecode(
                bytes.extracting(packed(j)), bits: column.bits, levels: column.codebook.levels.span, into: &part)
        }
        var further = [Double](repeating: 0, count: refinements.isEmpty ? 0 : piece.count)
        for (r, refinement) in refinements.enumerated() {
            var target = further.mutableSpan
            kernels.unpackAndDecode(
                bytes.extracting(packed(columns.count + r)), bits: refinement.column.bits,
                levels: refinement.column.codebook.levels.span, into: &target)
            let start = refinement.base * block.rows + row
            for i in 0..<piece.count { block.elements[start + i] += further[i] }
        }
    }

    /// What tables say of the codes of rows `first ..< first + count` of the columns listed (count × list.count): the entry of
    /// `tables[q]` at the code of column `list[q]`, 0 beyond its end. `first` must be a multiple of 8. Cost: count·list.count.
    package func lookedUp(
        _ tables: [[Double]], columns list: [Int], first: Int, count: Int, kernels: Kernels
    ) -> DenseMatrix {
        var result = DenseMatrix(rows: count, columns: list.count)
        var done = 0
        for piece in codes.layout.pieces(first: first, count: count) {
            codes.withBlock(piece.block) { bytes in
                var target = result.elements.mutableSpan
                for (q, j) in list.enumerated() {
                    let table = tables[q]
                    let range = codes.layout.bytes(
                        ofPart: j, inBlock: piece.block, first: piece.first, count: piece.count)
                    var part = target._mutatingExtracting((q * count + done)..<(q * count + done + piece.count))
                    kernels.unpackAndDecode(
                        bytes.extracting(range), bits: codes.layout.bits[j], levels: table.span, into: &part)
                }
            }
            done += piece.count
        }
        return result
    }

    /// The codes of rows `first ..< first + count` of one column. `first` must be a multiple of 8.
    public func codes(column j: Int, first: Int, count: Int, kernels: Kernels = .best) -> [UInt8] {
        codes(part: j, first: first, count: count, kernels: kernels)
    }

    /// The codes of rows of a part (see `parts(of:)`).
    func codes(part j: Int, first: Int, count: Int, kernels: Kernels) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var done = 0
        for piece in codes.layout.pieces(first: first, count: count) {
            let range = codes.layout.bytes(ofPart: j, inBlock: piece.block, first: piece.first, count: piece.count)
            codes.withBlock(piece.block) { bytes in
                var span = result.mutableSpan
                var target = span._mutatingExtracting(done..<(done + piece.count))
                kernels.unpack(bytes.extracting(range), bits: codes.layout.bits[j], into: &target)
            }
            done += piece.count
        }
        return result
    }
}
