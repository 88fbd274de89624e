/// Rows kept to be read again any number of times, with bounded memory: the first blocks, up to a limit in bytes, stay
/// in memory, the others go to a temporary file that has no name and vanishes with the spool.
///
/// ```swift
/// let spool = try RowSpool(columnNames: source.columnNames)
/// while let block = try source.nextBlock(maximumRows: 4096) { try spool.append(block) }
/// let again = try spool.storedRows.block(first: 0, count: 10)
/// ```
///
/// Cost: one copy-on-write reference for a block in memory; one write and one read for each pass for a block on file.
public final class RowSpool {
    /// Where the numbers of an appended block are.
    enum Storage {
        case memory([Double])
        case file(OpenFile, offset: Int)
    }

    struct StoredBlock {
        let rows: Int
        let hasMissing: Bool
        let storage: Storage
    }

    private(set) var blocks: [StoredBlock] = []
    let selection: ColumnSelection
    private let memoryLimit: Int
    private let folder: String
    private var memoryBytes = 0
    private var file: OpenFile?
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
    public init(columnNames: [String], memoryLimit: Int = 64 << 20, folder: String? = nil) throws(TableError) {
        selection = try ColumnSelection(file: "spool", available: columnNames)
        self.memoryLimit = memoryLimit
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
        let storage: Storage
        if file == nil && memoryBytes + bytes <= memoryLimit {
            storage = .memory(block.values)
            memoryBytes += bytes
        } else {
            let target = try temporaryFile()
            try target.write(block.values, at: fileBytes)
            storage = .file(target, offset: fileBytes)
            fileBytes += bytes
        }
        blocks.append(StoredBlock(rows: block.rows, hasMissing: block.hasMissing, storage: storage))
        rows += block.rows
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
