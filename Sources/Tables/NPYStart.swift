/// Reads the start of a NumPy file from a stream, and what follows it where the stream can't be read again.
struct NPYStart {
    private let input: ByteInput
    /// Bytes read.
    private(set) var length = 0

    init(_ input: ByteInput) { self.input = input }

    /// The header. The stream then stands at the first element.
    mutating func header(dimensions: ClosedRange<Int>) throws(TableError) -> NPYHeader {
        do throws(NPYProblem) {
            var prefix = try bytes(10)
            if prefix.count == 10, prefix[6] > 1 { prefix += try bytes(2) }
            let range = try NPYHeader.dictionaryRange(prefix)
            guard range.count <= NPYHeader.maximumLength else {
                throw NPYProblem("a header of \(range.count) bytes, expected at most \(NPYHeader.maximumLength)")
            }
            let dictionary = try bytes(range.count)
            guard dictionary.count == range.count else { throw NPYProblem("truncated header") }
            let header = try NPYHeader(dictionary: dictionary, dimensions: dimensions)
            if header.rows == 0 || header.columns == 0 {
                throw NPYProblem("the array has no \(header.rows == 0 ? "rows" : "columns")")
            }
            if header.shape.contains(0) { throw NPYProblem("the array has no elements") }
            return header
        } catch {
            throw error.cause ?? TableError(file: input.name, reason: .badArray(error.message))
        }
    }

    /// Throws where the file does not hold exactly the elements its header states.
    func check(_ header: NPYHeader, foundBytes: Int, isMore: Bool = false) throws(TableError) {
        if header.byteCount == foundBytes && !isMore { return }
        let shape = (header.shape.count == 1 ? header.shape + [1] : header.shape)
            .map { "\($0)" }.joined(separator: " × ")
        let stated = header.byteCount.map { "\($0)" } ?? "more than 2^63"
        let found = isMore ? "more" : "\(foundBytes) bytes"
        throw TableError(
            file: input.name,
            reason: .badArray(
                "the header states \(shape) elements of \(header.element.size) bytes "
                    + "(\(stated) bytes), the file holds \(found) after it"))
    }

    /// The elements in a temporary file, no more of them than the header states.
    func spooledElements(_ header: NPYHeader) throws(TableError) -> OpenFile {
        let file = try OpenFile(temporaryIn: OpenFile.temporaryFolder)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var done = 0
        while true {
            let got = try input.read(into: &buffer, from: 0, count: buffer.count)
            if got == 0 { break }
            if done + got > header.byteCount ?? .max {
                try check(header, foundBytes: done + got, isMore: true)
            }
            try file.write(buffer, count: got, at: done)
            done += got
        }
        try check(header, foundBytes: done)
        return file
    }

    /// The next `count` bytes, fewer at the end of the stream.
    private mutating func bytes(_ count: Int) throws(NPYProblem) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            do throws(TableError) {
                let got = try input.read(into: &result, from: done, count: count - done)
                if got == 0 { break }
                done += got
            } catch {
                throw NPYProblem(error)
            }
        }
        length += done
        return Array(result[..<done])
    }
}
