import Foundation

/// Cuts delimited text into chunks of complete rows.
struct RowChunker {
    /// How a chunk ends.
    enum End {
        /// Behind a row; more may follow.
        case row
        /// At the end of the file.
        case file
        /// Before a row with a quote at this offset of the buffer that is never closed.
        case openQuote(offset: Int)
        /// Before a row longer than the limit.
        case longRow
    }

    let input: ByteInput
    let chunkBytes: Int
    let headerBytes: Int
    let maximumRowBytes: Int
    /// Bytes read so far.
    private(set) var bytesRead = 0
    /// The bytes before the first row.
    private(set) var headerLength = 0
    private var atEnd = false
    /// Bytes read that belong to the next chunk.
    private var carry: [UInt8] = []

    init(input: ByteInput, options: ReadingOptions) {
        self.input = input
        chunkBytes = options.chunkBytes
        headerBytes = options.headerBytes
        maximumRowBytes = options.maximumRowBytes
    }

    /// Reads the start of the file for `parse`, which gets more and more of it until it answers how many bytes it has
    /// used up.
    mutating func readHeader<Header>(
        _ parse: (DelimitedText, _ atEnd: Bool) throws(TableError) -> (header: Header, length: Int)?
    ) throws(TableError) -> Header {
        var text = DelimitedText()
        var target = atMostRemaining(headerBytes)
        while true {
            try fill(&text, to: target)
            if let (header, length) = try parse(text, atEnd) {
                carry = Array(text.bytes[length..<text.count])
                headerLength = length
                return header
            }
            if text.count >= maximumRowBytes {
                throw TableError(file: input.name, reason: .rowTooLong(line: 1, limit: maximumRowBytes))
            }
            target *= 2
        }
    }

    /// Puts the next complete rows into `text`, about `chunkBytes` of them.
    mutating func next(_ text: inout DelimitedText, separator: UInt8) throws(TableError) -> End {
        var target = carry.count + atMostRemaining(max(0, chunkBytes - carry.count))
        text.count = 0
        grow(&text, to: target)
        text.bytes.replaceSubrange(0..<carry.count, with: carry)
        text.count = carry.count
        carry.removeAll(keepingCapacity: true)
        while true {
            try fill(&text, to: target)
            let (end, openQuote) = text.lastRowEnd(separator: separator)
            if atEnd {
                text.count = end
                return openQuote.map { .openQuote(offset: $0) } ?? .file
            }
            if end > 0 {
                carry += text.bytes[end..<text.count]
                text.count = end
                return .row
            }
            if text.count >= maximumRowBytes {
                text.count = 0
                return .longRow
            }
            target = max(target * 2, 64)
        }
    }

    /// The mean length of a field of the first rows with its separator, of those bytes that the header was looked for in; at
    /// least 1.
    func meanFieldBytes(separator: UInt8) -> Double {
        let fields = carry.count { $0 == separator || $0 == UInt8(ascii: "\n") }
        return max(1, Double(carry.count) / Double(max(1, fields)))
    }

    /// `wanted`, but no more than what is left of a regular file and one byte to notice its end.
    private func atMostRemaining(_ wanted: Int) -> Int {
        input.size.map { min(wanted, max(0, $0 - bytesRead) + 1) } ?? wanted
    }

    /// Reads until the text has `target` bytes or the file ends; then the last row gets its line end.
    private mutating func fill(_ text: inout DelimitedText, to target: Int) throws(TableError) {
        grow(&text, to: target)
        while !atEnd && text.count < target {
            let got = try input.read(into: &text.bytes, from: text.count, count: target - text.count)
            text.count += got
            bytesRead += got
            if got == 0 { atEnd = true }
        }
        if atEnd, text.count > 0, text.bytes[text.count - 1] != UInt8(ascii: "\n") {
            text.bytes[text.count] = UInt8(ascii: "\n")
            text.count += 1
        }
    }

    /// Makes room for `target` bytes and a line end.
    private func grow(_ text: inout DelimitedText, to target: Int) {
        let room = max(target, text.count) + 1
        if text.bytes.count < room {
            text.bytes += [UInt8](repeating: 0, count: room - text.bytes.count)
        }
    }
}

/// How a file is cut for reading. Results do not depend on it (but for the limit).
package struct ReadingOptions {
    /// The bytes of a chunk.
    package var chunkBytes = 1 << 20
    /// The bytes looked at for the header; more if it does not end there.
    package var headerBytes = 1 << 16
    /// The longest row accepted, in bytes.
    package var maximumRowBytes = 1 << 24
    /// Chunks parsed at the same time.
    package var threads = 1
    /// The bytes of numbers up to which a table is not read in place but left to be kept in memory.
    package var memoryBytes = RowSpool.standardMemoryLimit

    /// One thread for each processor, at most eight.
    package static var standard: ReadingOptions {
        ReadingOptions(threads: min(8, ProcessInfo.processInfo.activeProcessorCount))
    }
}
