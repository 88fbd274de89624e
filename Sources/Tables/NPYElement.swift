/// The element type of a NumPy array.
struct NPYElement: Equatable {
    enum Kind: Character, CaseIterable {
        case boolean = "b"
        case signed = "i"
        case unsigned = "u"
        case float = "f"
    }

    let kind: Kind
    /// Bytes of an element.
    let size: Int
    let isBigEndian: Bool

    /// Reads a type string such as `<f8`, `>i4` or `|b1`.
    init?(descriptor: String) {
        let letters = Array(descriptor)
        guard letters.count == 3, "<>|=".contains(letters[0]), let kind = Kind(rawValue: letters[1]),
            let size = letters[2].wholeNumberValue
        else { return nil }
        let sizes: [Int] =
            switch kind {
            case .boolean: [1]
            case .signed, .unsigned: [1, 2, 4, 8]
            case .float: [4, 8]
            }
        guard sizes.contains(size), letters[0] != "|" || size == 1 else { return nil }
        self.kind = kind
        self.size = size
        isBigEndian = letters[0] == ">"
    }

    /// Whether the elements are doubles as this machine holds them.
    var isNativeDouble: Bool { kind == .float && size == 8 && isBigEndian == (1.bigEndian == 1) }

    /// Decodes elements of `bytes`: element i, at `start + i * stride`, goes to `output[first + i]`. 8-byte integers are
    /// rounded to the nearest double.
    func decode(
        _ bytes: [UInt8], start: Int, stride: Int, count: Int, into output: inout [Double], first: Int
    ) {
        precondition(count == 0 || start + (count - 1) * stride + size <= bytes.count)
        switch (kind, size) {
        case (.boolean, _): copy(bytes, start, stride, count, &output, first) { $0 == 0 ? 0 : 1 }
        case (.signed, 1): copy(bytes, start, stride, count, &output, first) { Double(Int8(truncatingIfNeeded: $0)) }
        case (.signed, 2): copy(bytes, start, stride, count, &output, first) { Double(Int16(truncatingIfNeeded: $0)) }
        case (.signed, 4): copy(bytes, start, stride, count, &output, first) { Double(Int32(truncatingIfNeeded: $0)) }
        case (.signed, _): copy(bytes, start, stride, count, &output, first) { Double(Int64(bitPattern: $0)) }
        case (.unsigned, _): copy(bytes, start, stride, count, &output, first) { Double($0) }
        case (.float, 4):
            copy(bytes, start, stride, count, &output, first) {
                Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0)))
            }
        case (.float, _): copy(bytes, start, stride, count, &output, first) { Double(bitPattern: $0) }
        }
    }

    @inline(__always)
    private func copy(
        _ bytes: [UInt8], _ start: Int, _ stride: Int, _ count: Int, _ output: inout [Double], _ first: Int,
        _ convert: (UInt64) -> Double
    ) {
        let source = bytes.span
        let size = size
        var position = start
        for index in first..<first + count {
            var bits: UInt64 = 0
            for byte in 0..<size {
                let place = isBigEndian ? size - 1 - byte : byte
                bits |= UInt64(source[position + byte]) << UInt64(8 * place)
            }
            output[index] = convert(bits)
            position += stride
        }
    }
}
