import Dispatch
import QuantizedKernels
import Synchronization

extension QuantizedMatrix {
    /// The exact integer Gram matrix of the levels of all columns and refinements, over all rows: unpacked, decoded to 16-bit digits and multiplied
    /// block by block.
    ///
    /// The result is the same to the last bit for every block size, thread count and instruction set.
    /// Cost: about m·P²/2 integer multiply–adds for P planes (P = p unless a column needs more than 15 bits).
    public func integerGram(rowsPerBlock: Int = 2048, threads: Int = 1, kernels: Kernels = .best) -> IntegerGram {
        precondition(rowsPerBlock > 0 && rowsPerBlock % 8 == 0, "A block has a multiple of 8 rows.")
        let coded = coded
        let planes = LimbPlanes(coded)
        let pieces = codes.layout.pieces(first: 0, count: rows, size: rowsPerBlock)
        let parts = max(1, min(threads, pieces.count))
        let total = Mutex(IntegerGram(planes: planes))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            var gram = IntegerGram(planes: planes)
            let stride = rowsPerBlock + 32  // columns 4096 bytes apart would share cache sets
            var digits = [Int16](repeating: 0, count: planes.planes.count * stride)
            let own = pieces[(pieces.count * part / parts)..<(pieces.count * (part + 1) / parts)]
            for block in own.chunked() {
                codes.withBlock(block[block.startIndex].block) { bytes in
                    for piece in block {
                        accumulate(
                            piece, of: bytes, coded, planes: planes, stride: stride, digits: &digits,
                            kernels: kernels, into: &gram)
                    }
                }
            }
            total.withLock { $0.merge(gram) }
        }
        return total.withLock { $0 }
    }

    private func accumulate(
        _ piece: CodeLayout.Piece, of bytes: Span<UInt8>, _ coded: [QuantizedColumn], planes: LimbPlanes, stride: Int,
        digits: inout [Int16], kernels: Kernels, into gram: inout IntegerGram
    ) {
        let count = piece.count
        for (p, plane) in planes.planes.enumerated() {
            let packed = codes.layout.bytes(
                ofPart: plane.column, inBlock: piece.block, first: piece.first, count: count)
            var target = digits.mutableSpan
            var part = target._mutatingExtracting((p * stride)..<(p * stride + count))
            kernels.unpackAndDecode(
                bytes.extracting(packed), bits: coded[plane.column].bits, integerLevels: plane.levels.span, into: &part)
        }
        let n = planes.planes.count
        var products = gram.products.mutableSpan
        kernels.gram(
            digits.span, rows: count, columnStride: stride, count: n, largestMagnitude: planes.largestMagnitude,
            into: &products)
        var sums = gram.sums.mutableSpan
        kernels.sums(digits.span, rows: count, columnStride: stride, count: n, into: &sums)
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
