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
    var isNativeDouble: Bool { kind == .float && size == 8 && !swapsBytes }

    /// Decodes elements of `bytes`: element i, at `start + i * stride`, goes to `output[first + i]`. 8-byte integers are
    /// rounded to the nearest double.
    func decode(
        _ bytes: [UInt8], start: Int, stride: Int, count: Int, into output: inout [Double], first: Int
    ) {
        let source = StridedBytes(bytes: bytes, start: start, stride: stride, swaps: swapsBytes)
        let range = first..<first + count
        switch (kind, size) {
        case (.boolean, _): source.copy(UInt8.self, &output, range) { $0 == 0 ? 0 : 1 }
        case (.signed, 1): source.copy(Int8.self, &output, range) { Double($0) }
        case (.signed, 2): source.copy(Int16.self, &output, range) { Double($0) }
        case (.signed, 4): source.copy(Int32.self, &output, range) { Double($0) }
        case (.signed, _): source.copy(Int64.self, &output, range) { Double($0) }
        case (.unsigned, 1): source.copy(UInt8.self, &output, range) { Double($0) }
        case (.unsigned, 2): source.copy(UInt16.self, &output, range) { Double($0) }
        case (.unsigned, 4): source.copy(UInt32.self, &output, range) { Double($0) }
        case (.unsigned, _): source.copy(UInt64.self, &output, range) { Double($0) }
        case (.float, 4): source.copy(UInt32.self, &output, range) { Double(Float(bitPattern: $0)) }
        case (.float, _): source.copy(UInt64.self, &output, range) { Double(bitPattern: $0) }
        }
    }

    private var swapsBytes: Bool { isBigEndian != (1.bigEndian == 1) }
}

/// Integers at equal distances in a byte buffer.
private struct StridedBytes {
    let bytes: [UInt8]
    let start: Int
    let stride: Int
    let swaps: Bool

    /// Converts the integers to doubles for the elements `range` of `output`.
    @inline(__always)
    func copy<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ output: inout [Double], _ range: Range<Int>, _ convert: (Element) -> Double
    ) {
        // Bytes have no padding, loads are checked against the bounds, and every bit pattern is an integer.
        let source = unsafe bytes.span.bytes
        var offset = start
        for index in range {
            let element = unsafe source.unsafeLoadUnaligned(fromByteOffset: offset, as: Element.self)
            output[index] = convert(swaps ? element.byteSwapped : element)
            offset += stride
        }
    }
}
