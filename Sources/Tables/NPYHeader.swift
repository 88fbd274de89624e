/// The header of a NumPy file (format versions 1.0, 2.0 and 3.0): element type, storage order, shape.
///
/// Source: the `numpy.lib.format` specification. The header is a Python dictionary literal with exactly the keys
/// descr, fortran_order and shape, after the magic string, two version bytes, and a length of two bytes (version 1)
/// or four.
struct NPYHeader: Equatable {
    let element: NPYElement
    let isFortranOrder: Bool
    /// One to three dimensions.
    let shape: [Int]

    /// The first dimension.
    var rows: Int { shape[0] }
    /// The second dimension, 1 where there is none.
    var columns: Int { shape.count > 1 ? shape[1] : 1 }

    /// The longest dictionary accepted, in bytes. That of a plain array has about 100.
    static let maximumLength = 1 << 16

    /// The offset and length of the dictionary, from the first 12 bytes of the file.
    static func dictionaryRange(_ prefix: [UInt8]) throws(NPYProblem) -> Range<Int> {
        guard prefix.count >= 10, prefix.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) else {
            throw NPYProblem("no NumPy array: it does not start with \\x93NUMPY")
        }
        guard (1...3).contains(prefix[6]), prefix[7] == 0 else {
            throw NPYProblem("NumPy format version \(prefix[6]).\(prefix[7]), expected 1.0, 2.0 or 3.0")
        }
        let short = Int(prefix[8]) | Int(prefix[9]) << 8
        if prefix[6] == 1 { return 10..<10 + short }
        guard prefix.count >= 12 else { throw NPYProblem("truncated header") }
        return 12..<12 + (short | Int(prefix[10]) << 16 | Int(prefix[11]) << 24)
    }

    /// Reads the dictionary of an array with one of the numbers of dimensions given.
    init(dictionary: [UInt8], dimensions: ClosedRange<Int> = 1...2) throws(NPYProblem) {
        var parser = PythonLiteralParser(dictionary)
        var descriptor: String?
        var order: Bool?
        var shape: [Int]?
        try parser.expect("{")
        while !parser.accept("}") {
            let key = try parser.string()
            try parser.expect(":")
            switch key {
            case "descr" where descriptor == nil: descriptor = try parser.string()
            case "fortran_order" where order == nil: order = try parser.boolean()
            case "shape" where shape == nil: shape = try parser.tuple()
            default: throw NPYProblem("unexpected key \"\(shortened(key))\" in the header")
            }
            if !parser.accept(",") {
                try parser.expect("}")
                break
            }
        }
        try parser.expectEnd()
        guard let descriptor, let order, let shape else {
            throw NPYProblem("the header lacks descr, fortran_order or shape")
        }
        guard let element = NPYElement(descriptor: descriptor) else {
            throw NPYProblem(
                "elements of type '\(shortened(descriptor))', expected booleans, integers, or floats of 4 or 8 bytes")
        }
        guard dimensions.contains(shape.count) else {
            let expected = dimensions.map { "\($0)" }.joined(separator: " or ")
            throw NPYProblem("an array of \(shape.count) dimensions, expected \(expected)")
        }
        self.element = element
        isFortranOrder = order
        self.shape = shape
    }

    /// The bytes of the array, nil where that is more than an `Int` holds.
    var byteCount: Int? {
        var bytes = element.size
        for dimension in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
            if overflow { return nil }
            bytes = product
        }
        return bytes
    }
}

/// What is wrong with a NumPy file.
struct NPYProblem: Error {
    let message: String
    /// The error of reading, where that failed.
    let cause: TableError?

    init(_ message: String) {
        self.message = message
        cause = nil
    }

    init(_ cause: TableError) {
        message = cause.description
        self.cause = cause
    }
}

/// Reads the Python literals that occur in a NumPy header.
private struct PythonLiteralParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var malformed: NPYProblem { NPYProblem("malformed header at byte \(position) of its dictionary") }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    mutating func accept(_ token: StaticString) -> Bool {
        skipBlanks()
        let wanted = Array("\(token)".utf8)
        guard bytes.count - position >= wanted.count, bytes[position..<position + wanted.count].elementsEqual(wanted)
        else { return false }
        position += wanted.count
        return true
    }

    mutating func expect(_ token: StaticString) throws(NPYProblem) {
        if !accept(token) { throw malformed }
    }

    mutating func expectEnd() throws(NPYProblem) {
        skipBlanks()
        if position < bytes.count { throw malformed }
    }

    /// A string in single or double quotes without escapes.
    mutating func string() throws(NPYProblem) -> String {
        skipBlanks()
        if accept("[") { throw NPYProblem("a structured array, expected one element type") }
        guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27,
            let end = bytes[(position + 1)...].firstIndex(of: bytes[position])
        else { throw malformed }
        let content = bytes[position + 1..<end]
        guard content.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x5C }) else { throw malformed }
        position = end + 1
        return String(decoding: content, as: UTF8.self)
    }

    mutating func boolean() throws(NPYProblem) -> Bool {
        if accept("True") { return true }
        if accept("False") { return false }
        throw malformed
    }

    /// A tuple of non-negative integers.
    mutating func tuple() throws(NPYProblem) -> [Int] {
        try expect("(")
        var result: [Int] = []
        while !accept(")") {
            result.append(try integer())
            if !accept(",") {
                try expect(")")
                break
            }
        }
        return result
    }

    private mutating func integer() throws(NPYProblem) -> Int {
        skipBlanks()
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw malformed }
        return value
    }
}
