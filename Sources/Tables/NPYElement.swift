internal import CNumberParsing

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

    /// Converts elements of `bytes`: that of row i and chosen column k goes to `block[start + k * columnStride + i]`.
    /// 8-byte integers are rounded to the nearest double. Returns whether all numbers are finite.
    func convert(
        _ bytes: [UInt8], _ layout: ElementLayout, rows: Int, into block: inout MutableSpan<Double>, at start: Int,
        columnStride: Int
    ) -> Bool {
        if rows == 0 || layout.columns.isEmpty { return true }
        let last = layout.start + (rows - 1) * layout.rowStride + (layout.columns.max() ?? 0) * layout.columnStride
        precondition(layout.start >= 0 && layout.columns.allSatisfy { $0 >= 0 } && last + size <= bytes.count)
        precondition(start >= 0 && start + (layout.columns.count - 1) * columnStride + rows <= block.count)
        // The elements read and the numbers written are those the preconditions allow.
        return unsafe bytes.withUnsafeBytes { source in
            unsafe layout.columns.withUnsafeBufferPointer { columns in
                unsafe block.withUnsafeMutableBufferPointer { output in
                    let description = unsafe array_layout(
                        element: type, big_endian: isBigEndian, row_stride: layout.rowStride,
                        column_stride: layout.columnStride, columns: columns.baseAddress,
                        column_count: columns.count)
                    return unsafe array_columns(
                        source.baseAddress.map { unsafe $0 + layout.start }, description, rows,
                        output.baseAddress.map { unsafe $0 + start }, columnStride)
                }
            }
        }
    }

    private var type: array_element {
        switch (kind, size) {
        case (.boolean, _): .boolean
        case (.signed, 1): .int8
        case (.signed, 2): .int16
        case (.signed, 4): .int32
        case (.signed, _): .int64
        case (.unsigned, 1): .uint8
        case (.unsigned, 2): .uint16
        case (.unsigned, 4): .uint32
        case (.unsigned, _): .uint64
        case (.float, 4): .float32
        case (.float, _): .float64
        }
    }
}

/// Where elements are in a byte buffer: row i of chosen column k at start + i·rowStride + columns[k]·columnStride.
struct ElementLayout {
    var start = 0
    let rowStride: Int
    let columnStride: Int
    let columns: [Int]
}
