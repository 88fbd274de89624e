import Matrices

/// The pattern of a sparse matrix as a stream of small numbers: for every column the number of its entries, then for
/// every entry the number of rows skipped since the entry before it (since the top for the first). A number takes one
/// byte for each 7 bits, the lowest first, the top bit of a byte telling that more follow (LEB128).
///
/// Bytes: about one an entry where columns are denser than one in 128, two down to one in 16,384; compressed sparse
/// columns take 4 to 8.
struct GapCodedPattern: Sendable, Equatable {
    /// The number of entries.
    let storedCount: Int
    /// The stream.
    let bytes: [UInt8]

    /// The pattern of a matrix. Cost: the number of entries plus n.
    init(_ matrix: SparseMatrix) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(matrix.columns + matrix.storedCount)
        for j in 0..<matrix.columns {
            let entries = matrix.columnPointers[j]..<matrix.columnPointers[j + 1]
            Self.append(entries.count, to: &bytes)
            var next = 0
            for p in entries {
                Self.append(matrix.rowIndices[p] - next, to: &bytes)
                next = matrix.rowIndices[p] + 1
            }
        }
        self.bytes = bytes
        storedCount = matrix.storedCount
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        var rest = UInt(number)
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The number at `place` of a stream; `place` moves behind it.
    @inline(__always)
    static func number(_ bytes: Span<UInt8>, _ place: inout Int) -> Int {
        var byte = bytes[place]
        place &+= 1
        if byte < 0x80 { return Int(byte) }
        var number = UInt(byte & 0x7F), shift: UInt = 7
        repeat {
            byte = bytes[place]
            place &+= 1
            number |= UInt(byte & 0x7F) << shift
            shift &+= 7
        } while byte >= 0x80
        return Int(bitPattern: number)
    }
}
