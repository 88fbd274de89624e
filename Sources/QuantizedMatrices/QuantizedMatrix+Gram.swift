import Dispatch
import QuantizedKernels
import Synchronization

extension QuantizedMatrix {
    /// The exact integer Gram matrix of the levels of all columns and refinements, over all rows: unpacked, decoded to
    /// digits of 8 or 16 bits and multiplied block by block.
    ///
    /// The result is the same to the last bit for every block size, thread count and instruction set. `rowsPerBlock` is
    /// a multiple of 8; by default as many rows as keep the digits of a block in the cache.
    /// Cost: about m·P²/2 integer multiply–adds for P digits (P = p where every level fits one digit).
    public func integerGram(rowsPerBlock: Int? = nil, threads: Int = 1, kernels: Kernels = .best) -> IntegerGram {
        let coded = coded
        let planes = DigitPlanes(coded)
        let size = rowsPerBlock ?? planes.rowsPerBlock
        precondition(size > 0 && size % 8 == 0, "A block has a multiple of 8 rows.")
        let pieces = codes.layout.pieces(first: 0, count: rows, size: size)
        let parts = max(1, min(threads, pieces.count))
        let total = Mutex(IntegerGram(planes: planes))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let task = GramTask(
                codes: codes, bits: coded.map(\.bits), planes: planes,
                pieces: pieces[(pieces.count * part / parts)..<(pieces.count * (part + 1) / parts)],
                stride: (size + 63) / 64 * 64 + 64, kernels: kernels)
            let gram = planes.isNarrow ? task.narrow() : task.wide()
            total.withLock { $0.merge(gram) }
        }
        return total.withLock { $0 }
    }
}

extension DigitPlanes {
    /// Rows whose digits take about 4 MiB, at least 512 and at most 4096, what the kernels multiply at a time.
    var rowsPerBlock: Int {
        let perRow = max(1, planes.count) * (isNarrow ? 1 : 2)
        return min(4096, max(512, (1 << 22) / perRow / 64 * 64))
    }
}

/// The Gram matrix of some pieces of the rows, on one thread.
private struct GramTask {
    let codes: PackedCodes
    /// Bits per code of each column.
    let bits: [Int]
    let planes: DigitPlanes
    let pieces: ArraySlice<CodeLayout.Piece>
    /// Entries from one column of digits to the next: columns a multiple of 4096 bytes apart would share cache sets.
    let stride: Int
    let kernels: Kernels

    func narrow() -> IntegerGram {
        let levels = planes.planes.map { $0.digits.map { Int8($0) } }
        var gram = IntegerGram(planes: planes)
        var digits = [Int8](repeating: 0, count: planes.planes.count * stride + 64)
        let start = kernels.alignedStart(digits.span)
        for run in pieces.chunked() {
            codes.withBlock(run[run.startIndex].block) { bytes in
                for piece in run {
                    for (p, plane) in planes.planes.enumerated() {
                        let packed = codes.layout.bytes(
                            ofPart: plane.column, inBlock: piece.block, first: piece.first, count: piece.count)
                        let table = levels[p], place = start + p * stride
                        var all = digits.mutableSpan
                        var part = all._mutatingExtracting(place..<place + piece.count)
                        kernels.unpackAndDecode(
                            bytes.extracting(packed), bits: bits[plane.column], integerLevels: table.span, into: &part)
                    }
                    add(digits.span.extracting(start..<digits.count), rows: piece.count, to: &gram)
                }
            }
        }
        return gram
    }

    func wide() -> IntegerGram {
        var gram = IntegerGram(planes: planes)
        var digits = [Int16](repeating: 0, count: planes.planes.count * stride + 32)
        let start = kernels.alignedStart(digits.span)
        for run in pieces.chunked() {
            codes.withBlock(run[run.startIndex].block) { bytes in
                for piece in run {
                    for (p, plane) in planes.planes.enumerated() {
                        let packed = codes.layout.bytes(
                            ofPart: plane.column, inBlock: piece.block, first: piece.first, count: piece.count)
                        let place = start + p * stride
                        var all = digits.mutableSpan
                        var part = all._mutatingExtracting(place..<place + piece.count)
                        kernels.unpackAndDecode(
                            bytes.extracting(packed), bits: bits[plane.column], integerLevels: plane.digits.span,
                            into: &part)
                    }
                    add(digits.span.extracting(start..<digits.count), rows: piece.count, to: &gram)
                }
            }
        }
        return gram
    }

    private func add(_ digits: Span<Int8>, rows count: Int, to gram: inout IntegerGram) {
        let n = planes.planes.count
        var products = gram.products.mutableSpan
        kernels.gram(
            digits, rows: count, columnStride: stride, count: n, largestMagnitude: planes.largestMagnitude,
            into: &products)
        var sums = gram.sums.mutableSpan
        kernels.sums(digits, rows: count, columnStride: stride, count: n, into: &sums)
        gram.rows += count
    }

    private func add(_ digits: Span<Int16>, rows count: Int, to gram: inout IntegerGram) {
        let n = planes.planes.count
        var products = gram.products.mutableSpan
        kernels.gram(
            digits, rows: count, columnStride: stride, count: n, largestMagnitude: planes.largestMagnitude,
            into: &products)
        var sums = gram.sums.mutableSpan
        kernels.sums(digits, rows: count, columnStride: stride, count: n, into: &sums)
        gram.rows += count
    }
}

extension ArraySlice<CodeLayout.Piece> {
    /// Runs of pieces of the same block.
    fileprivate func chunked() -> [Self] {
        var runs: [Self] = [], start = startIndex
        for i in indices where self[i].block != self[start].block {
            runs.append(self[start..<i])
            start = i
        }
        return isEmpty ? [] : runs + [self[start...]]
    }
}
