/// Appends numbers to bytes, least significant byte first whatever the machine.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger) {
        var rest = value.littleEndian
        for _ in 0..<(value.bitWidth / 8) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func write(_ value: Double) { write(value.bitPattern) }

    mutating func write(_ value: Float) { write(value.bitPattern) }

    mutating func write(_ value: String) {
        let text = Array(value.utf8)
        write(UInt32(text.count))
        bytes += text
    }
}

/// Reads what `ByteWriter` wrote; every read is checked against the end, so that damaged counts cannot run away.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Bytes not read yet.
    var remaining: Int { bytes.endIndex - position }

    mutating func read<T: FixedWidthInteger>(_: T.Type) throws(StoreError) -> T {
        let size = T.bitWidth / 8
        guard remaining >= size else { throw .damaged("a description ends early") }
        var value: T = 0
        for i in 0..<size { value |= T(truncatingIfNeeded: bytes[position + i]) << T(8 * i) }
        position += size
        return value
    }

    mutating func readDouble() throws(StoreError) -> Double { Double(bitPattern: try read(UInt64.self)) }

    /// A finite number.
    mutating func readFinite() throws(StoreError) -> Double {
        let value = try readDouble()
        guard value.isFinite else { throw .damaged("a number is not finite") }
        return value
    }

    /// A number of the magnitude of a table's: products of two such numbers and sums of these stay finite.
    mutating func readValue() throws(StoreError) -> Double {
        let value = try readDouble()
        guard abs(value) <= 1e100 else { throw .damaged("a number is out of range") }
        return value
    }

    mutating func readFloat() throws(StoreError) -> Float { Float(bitPattern: try read(UInt32.self)) }

    mutating func readString() throws(StoreError) -> String {
        let count = Int(try read(UInt32.self))
        guard count <= remaining else { throw .damaged("a name ends early") }
        defer { position += count }
        guard let text = String(validating: bytes[position..<(position + count)], as: UTF8.self) else {
            throw .damaged("a name is not UTF-8")
        }
        return text
    }

    /// A count of things that take at least `size` bytes each.
    mutating func readCount(of size: Int) throws(StoreError) -> Int {
        let count = Int(try read(UInt32.self))
        guard count <= remaining / max(1, size) else { throw .damaged("a count is larger than the file") }
        return count
    }
}
