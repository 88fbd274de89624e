import Matrices

/// Where the rows of delimited text in a file are, found by counting its lines: no field may be quoted, so that every line
/// is a row.
///
/// Memory: one number for each 4 KiB of text, for files beyond 2 GiB for each so many that there are 2¹⁹ at most.
struct RowIndex: Sendable {
    let file: OpenFile
    /// The number of rows; blank lines at the end are none.
    let rows: Int
    /// The bytes of the rows in the file.
    let bytes: Range<Int>
    /// Whether the last row is the end of the file, without a line end.
    let lacksLineEnd: Bool
    /// The bytes that are read at once.
    let bufferBytes: Int
    /// The bytes between counts.
    private let step: Int
    /// The lines that end before each step, and all of them.
    private let linesBefore: [Int]

    /// Counts the lines from byte `start` of a file on. Nil where rows have to be found in another way, or are none: for what
    /// is no regular file opened by its path, for quotes, very long rows, many blank lines at the end, and for a file that
    /// was written to since it was opened.
    ///
    /// Cost: one pass by all threads, at the speed of memory.
    /// - Throws: ``TableError`` where reading fails.
    init?(_ file: OpenFile, start: Int, separator: UInt8, options: ReadingOptions) throws(TableError) {
        guard let size = file.state?.size, start < size else { return nil }
        self.file = file
        bufferBytes = max(1, options.chunkBytes >> 4)
        var step = max(1, options.chunkBytes >> 8)
        while (size - start) / step >= Self.mostSteps { step *= 2 }
        self.step = step
        guard let end = try Self.end(of: file, start: start, separator: separator, tailBytes: max(bufferBytes, 1 << 12))
        else {
            return nil
        }
        bytes = start..<end.end
        lacksLineEnd = end.lacksLineEnd
        let counter = LineCounter(file: file, range: bytes, step: step, bufferBytes: max(step, options.chunkBytes >> 2))
        let counts = try counter.count(threads: options.threads)
        guard let counts, Self.longestRow(counts, step: step) <= options.maximumRowBytes / 2 else { return nil }
        var before = [0]
        for count in counts { before.append(before[before.count - 1] + count) }
        linesBefore = before
        rows = before[before.count - 1] + (lacksLineEnd ? 1 : 0)
        try file.checkUnchanged()
    }

    private static let mostSteps = 1 << 19

    /// Where the line ends that precedes `row`: rows of the table from there on are `lines` lines further.
    func start(of row: Int) -> (offset: Int, lines: Int) {
        if row == 0 { return (bytes.lowerBound, 0) }
        let place = place(ofLine: row)
        return (bytes.lowerBound + place * step, row - linesBefore[place])
    }

    /// An offset behind the first `count` rows, less than a step.
    func end(ofFirst count: Int) -> Int {
        if count == rows { return bytes.upperBound }
        return min(bytes.upperBound, bytes.lowerBound + (place(ofLine: count) + 1) * step)
    }

    /// The step in which line number `line`, from 1, ends.
    private func place(ofLine line: Int) -> Int {
        var (low, high) = (0, linesBefore.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if linesBefore[middle] < line { low = middle } else { high = middle }
        }
        return low
    }

    /// At least the length of the longest row.
    private static func longestRow(_ counts: [Int], step: Int) -> Int {
        var longest = 0, run = 0
        for count in counts {
            run = count == 0 ? run + 1 : 0
            longest = max(longest, run)
        }
        return (longest + 2) * step
    }

    /// The end of the last line that is not blank, and whether it lacks its line end. Nil where no line is found in the last
    /// bytes of the file.
    private static func end(
        of file: OpenFile, start: Int, separator: UInt8, tailBytes: Int
    ) throws(TableError) -> (end: Int, lacksLineEnd: Bool)? {
        let size = file.state?.size ?? 0, first = max(start, size - tailBytes)
        let tail = try [UInt8](unsetCount: size - first) { (tail) throws(TableError) in
            try file.read(into: &tail, range: 0..<size - first, at: first)
        }
        let (newline, blank, tab) = (UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"))
        var end = tail.count
        while end > 0 {
            var start = end
            if tail[start - 1] == newline { start -= 1 }
            if start > 0, tail[start - 1] == UInt8(ascii: "\r") { start -= 1 }
            while start > 0, tail[start - 1] == blank || (tail[start - 1] == tab && separator != tab) { start -= 1 }
            if start > 0, tail[start - 1] != newline { break }
            end = start
        }
        return end == 0 ? nil : (first + end, tail[end - 1] != newline)
    }
}

/// Counts the lines that end in each step of a file's bytes.
private struct LineCounter {
    let file: OpenFile
    let range: Range<Int>
    let step: Int
    /// The bytes that one thread reads at once: whole steps.
    let bufferBytes: Int

    /// Why counting ends early.
    private enum Stop: Error {
        case quote
        case failure(TableError)
    }

    /// The lines of each step, nil where there is a quote.
    func count(threads: Int) throws(TableError) -> [Int]? {
        let bytesAtOnce = max(1, bufferBytes / step) * step
        var counts: [Int] = []
        do throws(Stop) {
            try parallelForEach((range.count + bytesAtOnce - 1) / bytesAtOnce, threads: threads) {
                (piece: Int) throws(Stop) -> [Int] in
                let start = piece * bytesAtOnce
                return try lines(start..<min(start + bytesAtOnce, range.count))
            } use: { (found: [Int]) throws(Stop) in
                counts += found
            }
            return counts
        } catch {
            if case .failure(let error) = error { throw error }
            return nil
        }
    }

    /// The lines of the steps in a part of the range, which starts where a step does.
    private func lines(_ part: Range<Int>) throws(Stop) -> [Int] {
        var text = DelimitedText(bytes: [UInt8](unsetCount: part.count) { _ in })
        text.count = part.count
        do throws(TableError) {
            try file.read(into: &text.bytes, range: 0..<part.count, at: range.lowerBound + part.lowerBound)
        } catch {
            throw .failure(error)
        }
        if text.hasQuote { throw .quote }
        return stride(from: 0, to: part.count, by: step).map { text.newlines(in: $0..<min($0 + step, part.count)) }
    }
}
