import Dispatch
import QuantizedKernels
import Synchronization

extension QuantizedMatrix {
    /// The exact integer Gram matrix of the levels of all columns and refinements, over all rows or those from a multiple of 8
    /// on: Gram matrices of parts of the rows `merge` to that of all. The codes are unpacked, decoded to
    /// digits of 8 or 16 bits and multiplied block by block.
    ///
    /// The result is the same to the last bit for every block size, thread count and instruction set. `rowsPerBlock` is
    /// a multiple of 8; by default as many rows as keep the digits of a block in the cache.
    /// Cost: about m·P²/2 integer multiply–adds for P digits (P = p where every level fits one digit).
    public func integerGram(
        of range: Range<Int>? = nil, rowsPerBlock: Int? = nil, threads: Int = 1, kernels: Kernels = .best
    ) -> IntegerGram {
        let range = range ?? 0..<rows
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "The rows are 0..<\(rows).")
        let coded = coded
        let planes = DigitPlanes(coded)
        let size = rowsPerBlock ?? planes.rowsPerBlock
        precondition(size > 0 && size % 8 == 0, "A block has a multiple of 8 rows.")
        let pieces = codes.layout.pieces(first: range.lowerBound, count: range.count, size: size)
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
        return gram(of: Int8.self) { p, packed, bits, digits in
            let table = levels[p]
            kernels.unpackAndDecode(packed, bits: bits, integerLevels: table.span, into: &digits)
        } multiply: { digits, rows, products, sums, scratch in
            kernels.gram(
                digits, rows: rows, columnStride: stride, count: planes.planes.count, into: &products, sums: &sums,
                scratch: &scratch)
        }
    }

    func wide() -> IntegerGram {
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
        var products = gram.products, sums = gram.sums
        let count = planes.planes.count
        var digits = [Digit](repeating: 0, count: count * stride + 64)
        var scratch = [UInt8](repeating: 0, count: Kernels.gramScratchByteCount(columns: count) + 64)
        let start = kernels.alignedStart(digits.span), scratchStart = kernels.alignedStart(scratch.span)
        for run in pieces.chunked() {
            codes.withBlock(run[run.startIndex].block) { bytes in
                for piece in run {
                    for (p, plane) in planes.planes.enumerated() {
                        let packed = codes.layout.bytes(
                            ofPart: plane.column, inBlock: piece.block, first: piece.first, count: piece.count)
                        let place = start + p * stride
                        var all = digits.mutableSpan
                        var part = all._mutatingExtracting(place..<place + piece.count)
                        decode(p, bytes.extracting(packed), bits[plane.column], &part)
                    }
                    var productSpan = products.mutableSpan, sumSpan = sums.mutableSpan
                    var whole = scratch.mutableSpan
                    var aligned = whole._mutatingExtracting(scratchStart..<whole.count)
                    multiply(
                        digits.span.extracting(start..<digits.count), piece.count, &productSpan, &sumSpan, &aligned)
                    gram.rows += piece.count
                }
            }
        }
        (gram.products, gram.sums) = (products, sums)
        return gram
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
