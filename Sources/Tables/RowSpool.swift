/// Rows kept to be read again any number of times, with bounded memory: the first blocks, up to a limit in bytes, stay
/// in memory, the others go to a temporary file that has no name and vanishes with the spool.
///
/// ```swift
/// let spool = try RowSpool(columnNames: source.columnNames)
/// while let block = try source.nextRows() { try spool.append(block) }
/// let again = try spool.storedRows.block(first: 0, count: 10)
/// ```
///
/// Cost: one copy-on-write reference for a block in memory; one write and one read for each pass for a block on file.
public final class RowSpool {
    /// The most bytes of numbers kept in memory where nothing else is asked for, 64 MiB.
    public static let standardMemoryLimit = 64 << 20

    /// Where the numbers of an appended block are.
    enum Storage {
        case memory([Double])
        case file(OpenFile, offset: Int)
    }

    struct StoredBlock {
        let rows: Int
        let hasMissing: Bool
        var storage: Storage
    }

    private(set) var blocks: [StoredBlock] = []
    let selection: ColumnSelection
    private let folder: String
    /// Bytes written at once. A file grows three times as fast by large pages, which take writes of more than 2 MiB that
    /// start where such a page does.
    private let groupBytes: Int
    private static let largePage = 2 << 20
    /// Bytes of blocks that may stay in memory for good.
    private var keptBytesLeft: Int
    /// The first block that waits to be written, and the bytes of those that do.
    private var firstWaiting = 0, waitingBytes = 0
    private var group: [Double] = []
    private var file: OpenFile?
    private var fileEnd = 0
    /// The bytes in the temporary file.
    public private(set) var fileBytes = 0
    /// The number of rows appended.
    public private(set) var rows = 0

    /// An empty spool.
    ///
    /// - Parameters:
    ///   - columnNames: the names of the n columns; distinct.
    ///   - memoryLimit: the most bytes of numbers kept in memory.
    ///   - folder: where the temporary file goes, if it is needed; nil takes the environment's TMPDIR, or else /tmp.
    /// - Throws: ``TableError`` for a name that occurs twice.
    public init(columnNames: [String], memoryLimit: Int = standardMemoryLimit, folder: String? = nil) throws(TableError)
    {
        selection = try ColumnSelection(file: "spool", available: columnNames)
        groupBytes = min(memoryLimit, 2 * Self.largePage)
        keptBytesLeft = memoryLimit - groupBytes
        self.folder = folder ?? OpenFile.temporaryFolder
    }

    /// Adds rows at the end. Readers made before don't see them.
    ///
    /// - Precondition: the block has as many columns as the spool.
    /// - Throws: ``TableError`` of category `inputOutput` where the temporary file can't be written.
    public func append(_ block: TableBlock) throws(TableError) {
        precondition(block.columnCount == selection.available.count, "a spool's blocks have its columns")
        if block.rows == 0 { return }
        let bytes = block.values.count * MemoryLayout<Double>.stride
        blocks.append(StoredBlock(rows: block.rows, hasMissing: block.hasMissing, storage: .memory(block.values)))
        rows += block.rows
        if bytes <= keptBytesLeft {
            keptBytesLeft -= bytes
            firstWaiting += 1
        } else {
            keptBytesLeft = 0
            waitingBytes += bytes
            if waitingBytes >= groupBytes { try writeWaiting() }
        }
    }

    private func writeWaiting() throws(TableError) {
        group.removeAll(keepingCapacity: true)
        for block in blocks[firstWaiting...] {
            if case .memory(let values) = block.storage { group += values }
        }
        let target = try temporaryFile()
        try target.write(group, at: fileEnd)
        for index in firstWaiting..<blocks.count {
            blocks[index].storage = .file(target, offset: fileEnd)
            fileEnd += blocks[index].rows * selection.available.count * MemoryLayout<Double>.stride
        }
        fileEnd = (fileEnd + Self.largePage - 1) / Self.largePage * Self.largePage
        fileBytes += waitingBytes
        (firstWaiting, waitingBytes) = (blocks.count, 0)
    }

    private func temporaryFile() throws(TableError) -> OpenFile {
        if let file { return file }
        let created = try OpenFile(temporaryIn: folder)
        file = created
        return created
    }

    /// The rows appended so far, to be read in any order.
    public var storedRows: any StoredRows { SpooledRows(blocks: blocks, columnNames: selection.available) }
}
