import Dispatch
import QuantizedKernels
import Synchronization

extension QuantizedMatrix {
    /// The exact integer Gram matrix of the levels of all columns and refinements, over all rows or those from a multiple of 8
    /// on: Gram matrices of parts of the rows `merge` to that of all. The codes are unpacked, decoded to
    /// digits of 1, 8 or 16 bits and multiplied block by block.
    ///
    /// The result is the same to the last bit for every block size, thread count and instruction set. `rowsPerBlock` is
    /// a multiple of 8; by default as many rows as keep the digits of a block in the cache.
    /// Cost: about m·P²/2 integer multiply–adds for P digits (P = p where every level fits one digit).
    public func integerGram(
        of range: Range<Int>? = nil, rowsPerBlock: Int? = nil, threads: Int = 1, kernels: Kernels = .best
    ) -> IntegerGram {
        integerGram(
            DigitPlanes(coded), of: range ?? 0..<rows, rowsPerBlock: rowsPerBlock, threads: threads, kernels: kernels)
    }

    /// The same from the digits that are given.
    func integerGram(
        _ planes: DigitPlanes, of range: Range<Int>, rowsPerBlock: Int? = nil, threads: Int = 1,
        kernels: Kernels = .best
    ) -> IntegerGram {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "The rows are 0..<\(rows).")
        let size = rowsPerBlock ?? planes.rowsPerBlock
        precondition(size > 0 && size % 8 == 0, "A block has a multiple of 8 rows.")
        let pieces = codes.layout.pieces(first: range.lowerBound, count: range.count, size: size)
        let queue = PieceQueue(pieces, runs: 4 * threads)
        let total = Mutex<IntegerGram?>(nil)
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, queue.count))) { _ in
            let task = GramTask(
                codes: codes, bits: codes.layout.bits, planes: planes, pieces: queue,
                stride: (size + 63) / 64 * 64 + 64, kernels: kernels)
            let gram = task.gram()
            total.withLock { if $0 == nil { $0 = gram } else { $0!.merge(gram) } }
        }
        return total.withLock { $0! }
    }
}

extension DigitPlanes {
    /// Rows whose digits take about 4 MiB, at least 512 and at most 4096, what the kernels multiply at a time; of binary
    /// digits 16,384.
    var rowsPerBlock: Int {
        let entryBytes: Int
        switch kind {
        case .binary: return 1 << 14
        case .narrow: entryBytes = 1
        case .wide: entryBytes = 2
        }
        return min(4096, max(512, (1 << 21) / (max(1, planes.count) * entryBytes) / 64 * 64))
    }
}

/// Runs of pieces of the same block, each taken by a thread that is free: sums of integers do not depend on who adds what.
private final class PieceQueue: Sendable {
    private let runs: [ArraySlice<CodeLayout.Piece>]
    private let next = Atomic(0)

    /// Whole blocks, or parts of them where there are fewer than so many.
    init(_ pieces: [CodeLayout.Piece], runs wanted: Int) {
        let blocks = pieces.chunked()
        let parts = blocks.isEmpty ? 1 : (wanted + blocks.count - 1) / blocks.count
        runs = blocks.flatMap { block in
            let bounds = (0...parts).map { block.startIndex + block.count * $0 / parts }
            return (0..<parts).map { block[bounds[$0]..<bounds[$0 + 1]] }.filter { !$0.isEmpty }
        }
    }

    var count: Int { runs.count }

    func take() -> ArraySlice<CodeLayout.Piece>? {
        let place = next.add(1, ordering: .relaxed).oldValue
        return place < runs.count ? runs[place] : nil
    }
}

/// The Gram matrix of the pieces of the rows that one thread takes.
private struct GramTask {
    let codes: PackedCodes
    /// Bits per code of each column.
    let bits: [Int]
    let planes: DigitPlanes
    let pieces: PieceQueue
    /// Entries from one column of digits to the next: columns a multiple of 4096 bytes apart would share cache sets.
    let stride: Int
    let kernels: Kernels

    func gram() -> IntegerGram {
        switch planes.kind {
        case .binary: binary()
        case .narrow: narrow()
        case .wide: wide()
        }
    }

    private func narrow() -> IntegerGram {
        let levels = planes.planes.map { $0.digits.map { Int8($0) } }
        return gram(of: Int8.self) { p, packed, bits, digits in
            let table = levels[p]
            kernels.unpackAndDecode(packed, bits: bits, integerLevels: table.span, into: &digits)
        } multiply: { digits, rows, products, sums, scratch in
            kernels.gram(
                digits, rows: rows, columnStride: stride, count: planes.planes.count, into: &products, sums: &sums,
                scratch: &scratch)
        }
    }

    private func wide() -> IntegerGram {
        gram(of: Int16.self) { p, packed, bits, digits in
            let table = planes.planes[p].digits
            kernels.unpackAndDecode(packed, bits: bits, integerLevels: table.span, into: &digits)
        } multiply: { digits, rows, products, sums, scratch in
            kernels.gram(
                digits, rows: rows, columnStride: stride, count: planes.planes.count,
                largestMagnitude: planes.largestMagnitude, into: &products, sums: &sums, scratch: &scratch)
        }
    }

    /// Decodes piece by piece all planes and multiplies them.
    private func gram<Digit: FixedWidthInteger & BitwiseCopyable>(
        of digit: Digit.Type,
        decode: (_ plane: Int, _ packed: Span<UInt8>, _ bits: Int, _ digits: inout MutableSpan<Digit>) -> Void,
        multiply: (
            _ digits: Span<Digit>, _ rows: Int, _ products: inout MutableSpan<Int64>,
            _ sums: inout MutableSpan<Int64>, _ scratch: inout MutableSpan<UInt8>
        ) -> Void
    ) -> IntegerGram {
        var gram = IntegerGram(planes: planes)
        // Taken out, so that the first write does not copy them.
        var products: [Int64] = [], sums: [Int64] = []
        swap(&products, &gram.products)
        swap(&sums, &gram.sums)
        let count = planes.planes.count
        var digits = [Digit](repeating: 0, count: count * stride + 64)
        var scratch = [UInt8](repeating: 0, count: Kernels.gramScratchByteCount(columns: count) + 64)
        let start = kernels.alignedStart(digits.span), scratchStart = kernels.alignedStart(scratch.span)
        forEachPiece { bytes, piece in
            for (p, plane) in planes.planes.enumerated() {
                let place = start + p * stride
                var all = digits.mutableSpan
                var part = all._mutatingExtracting(place..<place + piece.count)
                decode(p, bytes.extracting(range(of: plane.column, piece)), bits[plane.column], &part)
            }
            var productSpan = products.mutableSpan, sumSpan = sums.mutableSpan
            var whole = scratch.mutableSpan
            var aligned = whole._mutatingExtracting(scratchStart..<whole.count)
            multiply(digits.span.extracting(start..<digits.count), piece.count, &productSpan, &sumSpan, &aligned)
            gram.rows += piece.count
        }
        (gram.products, gram.sums) = (products, sums)
        return gram
    }

    /// Slices piece by piece all columns into planes of bits and counts the rows in which two of them are 1.
    private func binary() -> IntegerGram {
        var gram = IntegerGram(planes: planes)
        var products: [Int64] = []
        swap(&products, &gram.products)
        let count = planes.planes.count, planeStride = stride / 8 / 64 * 64 + 64
        let columns = bits.indices.map { BinaryColumn(planes, column: $0, bits: bits[$0]) }
        var digits = [UInt8](repeating: 0, count: count * planeStride + 64),
            values = [Int8](repeating: 0, count: stride)
        let start = kernels.alignedStart(digits.span)
        forEachPiece { bytes, piece in
            for (j, column) in columns.enumerated() {
                var all = digits.mutableSpan
                var target = all._mutatingExtracting(start + planes.firstPlane[j] * planeStride..<all.count)
                var span = values.mutableSpan
                var scratch = span._mutatingExtracting(0..<piece.count)
                column.slice(
                    bytes.extracting(range(of: j, piece)), into: &target, planeStride: planeStride, scratch: &scratch,
                    kernels: kernels)
            }
            var productSpan = products.mutableSpan
            kernels.gram(
                bits: digits.span.extracting(start..<digits.count),
                bytes: Kernels.packedByteCount(count: piece.count, bits: 1), planeStride: planeStride, count: count,
                into: &productSpan)
            gram.rows += piece.count
        }
        gram.products = products
        gram.sums = (0..<count).map { products[$0 + $0 * count] }
        return gram
    }

    private func range(of column: Int, _ piece: CodeLayout.Piece) -> Range<Int> {
        codes.layout.bytes(ofPart: column, inBlock: piece.block, first: piece.first, count: piece.count)
    }

    private func forEachPiece(_ body: (Span<UInt8>, CodeLayout.Piece) -> Void) {
        while let run = pieces.take() {
            codes.withBlock(run[run.startIndex].block) { bytes in
                for piece in run { body(bytes, piece) }
            }
        }
    }
}

/// How the codes of a column become planes of bits.
private struct BinaryColumn {
    let bits: Int
    let planeCount: Int
    /// Eight planes at a time: the byte that holds their bits for each code.
    private let bytes: [[Int8]]

    init(_ planes: DigitPlanes, column: Int, bits: Int) {
        self.bits = bits
        let digits = planes.planes[planes.firstPlane[column]..<planes.firstPlane[column + 1]].map(\.digits)
        planeCount = digits.count
        bytes = stride(from: 0, to: digits.count, by: 8).map { first in
            digits[0].indices.map { code in
                let byte = (first..<min(digits.count, first + 8)).reduce(0) { $0 | digits[$1][code] << ($1 - first) }
                return Int8(truncatingIfNeeded: byte)
            }
        }
    }

    /// Writes the planes of as many rows as `scratch` has bytes.
    func slice(
        _ packed: Span<UInt8>, into target: inout MutableSpan<UInt8>, planeStride: Int,
        scratch: inout MutableSpan<Int8>, kernels: Kernels
    ) {
        guard bits > 1 || planeCount == 0 else {  // the codes are the plane: a copy, up to the last row
            var plane = target._mutatingExtracting(0..<packed.count)
            kernels.unpack(packed, bits: 8, into: &plane)
            let past = 8 * packed.count - scratch.count
            plane[packed.count - 1] &= 0xFF >> UInt8(past)
            return
        }
        for (g, table) in bytes.enumerated() {
            kernels.unpackAndDecode(packed, bits: bits, integerLevels: table.span, into: &scratch)
            var planes = target._mutatingExtracting(8 * g * planeStride..<target.count)
            kernels.bitPlanes(
                scratch.span, count: min(8, planeCount - 8 * g), into: &planes, planeStride: planeStride)
        }
    }
}

extension [CodeLayout.Piece] {
    /// Runs of pieces of the same block.
    fileprivate func chunked() -> [ArraySlice<CodeLayout.Piece>] {
        var runs: [ArraySlice<CodeLayout.Piece>] = [], start = startIndex
        for i in indices where self[i].block != self[start].block {
            runs.append(self[start..<i])
            start = i
        }
        return isEmpty ? [] : runs + [self[start...]]
    }
}
