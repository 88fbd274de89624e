internal import CNumberParsing
import Dispatch
import Synchronization

/// A chunk of text and what its parsing gave.
struct ParsedChunk: Sendable {
    var text = DelimitedText()
    var end = RowChunker.End.row
    /// Why the chunk could not be read; then nothing else is set.
    var failure: TableError?
    /// The part of the file read so far.
    var fractionRead: Double?
    var scan = csv_scan()
    var piece = RowQueue.Piece(values: [], stride: 0, rows: 0, hasMissing: false)
    var lines = 0

    /// Whether no chunk can follow this one.
    var isLast: Bool {
        if failure == nil, case .row = end { return false }
        return true
    }
}

/// How the text of a table is to be parsed.
struct ParsingRules: Sendable {
    let separator: UInt8
    let missing: MissingValues
    /// For each field its column, or −1.
    let destinations: [Int64]
    let columnCount: Int
}

/// The chunks of a text in order, for one thread at a time.
final class ChunkSource: Sendable {
    private struct State {
        var chunker: RowChunker
        var next = 0
        var isOver = false
    }

    private let state: Mutex<State>

    init(_ chunker: RowChunker) { state = Mutex(State(chunker: chunker)) }

    /// Reads the next chunk, into the room of the last one's text, and returns its number, from 0; nil after the last.
    func read(_ chunk: inout ParsedChunk, separator: UInt8) -> Int? {
        state.withLock { state in
            if state.isOver { return nil }
            do throws(TableError) {
                chunk.end = try state.chunker.next(&chunk.text, separator: separator)
            } catch {
                chunk.failure = error
            }
            chunk.fractionRead = state.chunker.input.fractionRead
            state.isOver = chunk.isLast
            defer { state.next += 1 }
            return state.next
        }
    }
}

/// Reads chunks and parses them on several threads, ahead of the one that takes them in order.
final class ChunkPipeline: Sendable {
    private struct State {
        /// Chunks that are parsed, by number.
        var finished: [Int: ParsedChunk] = [:]
        /// Texts whose room is free for another.
        var spare: [DelimitedText] = []
        /// Chunks that were asked for, and that were taken.
        var claimed = 0, taken = 0
        var workers = 0
        var isOver = false
    }

    private let source: ChunkSource
    private let rules: ParsingRules
    private let threads: Int
    private let state = Mutex(State())
    /// Signalled for every chunk that is finished.
    private let progress = DispatchSemaphore(value: 0)

    init(_ source: ChunkSource, rules: ParsingRules, threads: Int) {
        self.source = source
        self.rules = rules
        self.threads = threads
    }

    /// Whether another chunk may be read: two for each thread are read and not taken at most.
    private func mayRead(_ state: State) -> Bool { !state.isOver && state.claimed - state.taken < 2 * threads }

    /// Waits for the next chunk. Not to be called after the last.
    func next() -> ParsedChunk {
        while true {
            let found = state.withLock { state in
                let found = state.finished.removeValue(forKey: state.taken)
                if found != nil { state.taken += 1 }
                while state.workers < threads && mayRead(state) {
                    state.workers += 1
                    state.claimed += 1
                    DispatchQueue.global().async { self.work() }
                }
                return found
            }
            if let found { return found }
            progress.wait()
        }
    }

    /// Gives back the room of a chunk's text.
    func recycle(_ text: DelimitedText) {
        state.withLock { $0.spare.append(text) }
    }

    /// Lets the threads end after the chunks they are at.
    func stop() {
        state.withLock { $0.isOver = true }
    }

    /// Reads and parses chunks, the first of which is claimed, as long as there is room for more.
    private func work() {
        var goesOn = true
        while goesOn {
            var chunk = ParsedChunk()
            if let text = state.withLock({ $0.spare.popLast() }) { chunk.text = text }
            guard let number = source.read(&chunk, separator: rules.separator) else { return stop() }
            if chunk.failure == nil { (chunk.scan, chunk.piece, chunk.lines) = chunk.text.scanRows(rules) }
            goesOn = state.withLock { [chunk] state in
                state.finished[number] = chunk
                state.isOver = state.isOver || chunk.isLast
                let goesOn = mayRead(state)
                state.claimed += goesOn ? 1 : 0
                state.workers -= goesOn ? 0 : 1
                return goesOn
            }
            progress.signal()
        }
    }
}
