import Foundation
import QuantizedLeastSquares

/// Encodes a float32 matrix to packed 4-bit codes on request, so that another program can take turns with it.
///
/// Every column has its own Lloyd–Max codebook of 16 levels. Requests are lines on standard input, answered by the
/// thread's processor seconds for the whole matrix:
/// - `columns`: from contiguous columns to packed columns, the layout of the library;
/// - `rows`: from contiguous rows to packed columns, the transposition included;
/// - `flat`: all numbers in the order of the file with the codebook of the first column.
struct EncodingServer {
    static let bits = 4
    /// Values encoded before they are packed: codes stay in the first-level cache.
    static let block = 8192
    /// Rows that are transposed together.
    static let rowBlock = 2048

    let columns: Int
    let rows: Int
    private let byRows: [Float]
    private let byColumns: [Float]
    private let thresholds: [[Float]]
    private let kernels = Kernels.best

    init(path: String, columns: Int) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let rows = values.count / columns
        self.columns = columns
        self.rows = rows
        byRows = values
        byColumns = (0..<columns).flatMap { j in (0..<rows).map { i in values[i * columns + j] } }
        thresholds = try (0..<columns).map { j in
            let column = (0..<rows).map { i in Double(values[i * columns + j]) }
            let book = try Codebook.lloydMax(ColumnHistogram(values: column), count: 1 << Self.bits)
            // Rounded down, so that single-precision values get the same codes as in double precision.
            return book.thresholds.map { t in
                let nearest = Float(t)
                return Double(nearest) > t ? nearest.nextDown : nearest
            }
        }
    }

    /// Bytes of one packed column.
    private var columnBytes: Int { Kernels.packedByteCount(count: rows, bits: Self.bits) }

    /// Writes the packed codes of the three ways one after the other to `output`, prints the thresholds, then answers.
    func run(output: String) throws {
        var packed = [UInt8](repeating: 0, count: columns * columnBytes)
        var written = Data()
        for way in ["columns", "rows", "flat"] {
            encode(way, into: &packed)
            written.append(contentsOf: packed)
        }
        try written.write(to: URL(fileURLWithPath: output))
        print(thresholds.map { $0.map { "\($0)" }.joined(separator: " ") }.joined(separator: ";"))
        fflush(nil)
        while let way = readLine() {
            print(seconds { encode(way, into: &packed) })
            fflush(nil)
        }
    }

    private func encode(_ way: String, into packed: inout [UInt8]) {
        var codes = [UInt8](repeating: 0, count: Self.block)
        switch way {
        case "columns":
            for j in 0..<columns {
                encode(byColumns, j * rows, rows, thresholds[j], &codes, into: &packed, at: j * columnBytes)
            }
        case "flat": encode(byRows, 0, rows * columns, thresholds[0], &codes, into: &packed, at: 0)
        case "rows": encodeRows(&codes, into: &packed)
        default: fatalError("unknown request: \(way)")
        }
    }

    /// Values `first ..< first + count`, packed from byte `byte` on; `codes` is scratch.
    private func encode(
        _ values: [Float], _ first: Int, _ count: Int, _ thresholds: [Float], _ codes: inout [UInt8],
        into packed: inout [UInt8], at byte: Int
    ) {
        for start in stride(from: 0, to: count, by: Self.block) {
            let length = min(Self.block, count - start)
            var target = codes.mutableSpan
            kernels.encode(
                values.span.extracting((first + start)..<(first + start + length)), thresholds: thresholds.span,
                into: &target)
            let size = Kernels.packedByteCount(count: length, bits: Self.bits), place = byte + start * Self.bits / 8
            let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                var slot = buffer.mutableSpan
                kernels.pack(codes.span.extracting(0..<length), bits: Self.bits, into: &slot)
                count = size
            }
            packed.replaceSubrange(place..<(place + size), with: bytes)
        }
    }

    /// Blocks of rows, sixteen columns at a time, are transposed and encoded.
    private func encodeRows(_ codes: inout [UInt8], into packed: inout [UInt8]) {
        // Columns a power of two apart would compete for the same cache lines.
        let pitch = Self.rowBlock + 16
        var buffer = [Float](repeating: 0, count: 16 * pitch)
        for start in stride(from: 0, to: rows, by: Self.rowBlock) {
            let length = min(Self.rowBlock, rows - start)
            for first in stride(from: 0, to: columns, by: 16) {
                let width = min(16, columns - first)
                transpose(start * columns + first, length, width, into: &buffer, pitch)
                for j in 0..<width {
                    let byte = (first + j) * columnBytes + start * Self.bits / 8
                    encode(buffer, j * pitch, length, thresholds[first + j], &codes, into: &packed, at: byte)
                }
            }
        }
    }

    /// Copies a tile of the rows to columns, 32 rows at a time so that their cache lines are read once.
    private func transpose(_ first: Int, _ length: Int, _ width: Int, into buffer: inout [Float], _ pitch: Int) {
        byRows.withUnsafeBufferPointer { source in
            buffer.withUnsafeMutableBufferPointer { target in
                for i in stride(from: 0, to: length, by: 32) {
                    for j in 0..<width {
                        var (from, to) = (first &+ i &* columns &+ j, j &* pitch &+ i)
                        for _ in 0..<min(32, length - i) {
                            target[to] = source[from]
                            from &+= columns
                            to &+= 1
                        }
                    }
                }
            }
        }
    }
}
