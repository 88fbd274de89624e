import Synchronization

/// The bytes of a file or of standard input from the first to the last, unpacked where they are compressed.
///
/// gzip and Zstandard are told by their first bytes, whatever the file's name. Members (frames) that follow each other
/// are one stream; zero bytes after the last gzip member are padding. Memory: 64 KiB and the decoder's window (32 KiB;
/// at most 128 MiB for Zstandard), however large the contents.
final class ByteInput: Sendable {
    /// What the first bytes of the contents say.
    enum Kind {
        case numPyArray, matrixMarket, other
    }

    /// The file as it is stored.
    let file: OpenFile
    /// Whether the contents are unpacked.
    let isCompressed: Bool
    /// The kind of the contents.
    let kind: Kind
    private let contents: Mutex<Contents>

    /// The contents of `file`.
    init(_ file: OpenFile) throws(TableError) {
        let start = try Contents(file)
        self.file = file
        isCompressed = start.isCompressed
        kind = start.kind
        contents = Mutex(start)
    }

    /// The contents of the file at `path`, or of standard input where it is `-`.
    convenience init(path: String) throws(TableError) {
        try self.init(path == "-" ? OpenFile(standardInput: ()) : OpenFile(reading: path))
    }

    /// The name for messages.
    var name: String { file.name }
    /// The number of bytes of the contents, where it is known.
    var size: Int? { isCompressed ? nil : file.size }
    /// The part of the file that was read; nil for a pipe.
    var fractionRead: Double? { file.size == nil ? nil : contents.withLock { $0.fractionRead } }

    /// Reads up to `count` bytes of the contents into `buffer` from index `start`; returns how many, 0 at the end.
    func read(into buffer: inout [UInt8], from start: Int, count: Int) throws(TableError) -> Int {
        try contents.withLock { contents throws(TableError) in
            try contents.read(into: &buffer, from: start, count: count)
        }
    }
}

/// What a ``ByteInput`` reads from.
private struct Contents {
    private let file: OpenFile
    private let decoder: (any StreamDecoder)?
    /// Bytes of the file that are read but not used yet.
    private var stored: [UInt8]
    private var used = 0
    private var storedEnd = 0
    /// Bytes of the file that were read.
    private var storedBytes = 0
    private var atEnd = false
    /// The first bytes of the contents, to be delivered again.
    private var ahead: [UInt8] = []

    /// The contents of `file`.
    init(_ file: OpenFile) throws(TableError) {
        self.file = file
        stored = [UInt8](repeating: 0, count: min(Self.bufferBytes, max(1, file.size ?? Self.bufferBytes)))
        var start = try Self.firstBytes(file, &stored)
        storedBytes = start
        if stored[..<start].starts(with: [0x1F, 0x8B]) {
            decoder = GzipDecoder()
        } else if Self.isZstandard(stored[..<start]) {
            decoder = ZstandardDecoder()
        } else {
            decoder = nil
            ahead = Array(stored[..<start])
            start = 0
        }
        storedEnd = start
        if decoder != nil { ahead = try firstContents() }
    }

    private static let bufferBytes = 1 << 16

    var isCompressed: Bool { decoder != nil }
    var fractionRead: Double? {
        file.size.map { $0 == 0 ? 1 : min(1, Double(storedBytes - storedEnd + used) / Double($0)) }
    }

    var kind: ByteInput.Kind {
        if ahead.starts(with: [0x93] + Array("NUMPY".utf8)) { return .numPyArray }
        return MatrixMarketHeader.isBanner(ahead) ? .matrixMarket : .other
    }

    mutating func read(into buffer: inout [UInt8], from start: Int, count: Int) throws(TableError) -> Int {
        precondition(start >= 0 && count >= 0 && start + count <= buffer.count)
        if count == 0 { return 0 }
        if !ahead.isEmpty {
            let given = min(count, ahead.count)
            buffer.replaceSubrange(start..<start + given, with: ahead[..<given])
            ahead.removeFirst(given)
            return given
        }
        guard let decoder else {
            let got = try file.read(into: &buffer, from: start, count: count)
            storedBytes += got
            return got
        }
        return try unpack(decoder, &buffer, start, count)
    }

    // MARK: Compressed contents

    private mutating func unpack(
        _ decoder: any StreamDecoder, _ buffer: inout [UInt8], _ start: Int, _ count: Int
    ) throws(TableError) -> Int {
        while true {
            if used == storedEnd, !atEnd {
                storedEnd = try file.read(into: &stored, from: 0, count: stored.count)
                storedBytes += storedEnd
                used = 0
                atEnd = storedEnd == 0
            }
            if atEnd && decoder.isBetweenMembers { return 0 }
            let output = start..<start + count
            do throws(DecodingProblem) {
                let step = try decoder.decode(stored, used..<storedEnd, into: &buffer, output)
                used += step.read
                if step.written > 0 { return step.written }
                if atEnd && step.read == 0 {
                    throw DecodingProblem(text: "the data end before the \(decoder.unit) does")
                }
            } catch {
                throw damaged(decoder, error)
            }
        }
    }

    private func damaged(_ decoder: any StreamDecoder, _ problem: DecodingProblem) -> TableError {
        let place = storedBytes - storedEnd + used
        return TableError(
            file: file.name, reason: .badCompression("damaged \(decoder.format) data at byte \(place): \(problem.text)")
        )
    }

    /// The first bytes of the file: enough to tell its format, or all.
    private static func firstBytes(_ file: OpenFile, _ buffer: inout [UInt8]) throws(TableError) -> Int {
        var count = 0
        while count < min(lookahead, buffer.count) {
            let got = try file.read(into: &buffer, from: count, count: buffer.count - count)
            if got == 0 { break }
            count += got
        }
        return count
    }

    /// The first unpacked bytes.
    private mutating func firstContents() throws(TableError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.lookahead)
        var count = 0
        while count < bytes.count {
            let got = try read(into: &bytes, from: count, count: bytes.count - count)
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }

    private static let lookahead = 32

    /// Whether the bytes start with a Zstandard frame or a skippable one.
    private static func isZstandard(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count >= 4 else { return false }
        let tail = [bytes[1], bytes[2], bytes[3]]
        return bytes[0] == 0x28 && tail == [0xB5, 0x2F, 0xFD] || bytes[0] & 0xF0 == 0x50 && tail == [0x2A, 0x4D, 0x18]
    }
}
