/// Rows kept to be read again any number of times, with bounded memory: the first blocks, up to a limit in bytes, stay
/// in memory, the others go to a temporary file that has no name and vanishes with the spool.
///
/// ```swift
/// let spool = try RowSpool(columnNames: source.columnNames)
/// while let block = try source.nextBlock(maximumRows: 4096) { try spool.append(block) }
/// let again = spool.makeReader()
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

    /// A reader at the first row. Several may read at the same time.
    public func makeReader() -> RowSpoolReader { RowSpoolReader(self) }
}

/// Reads the rows of a ``RowSpool``. Memory: the block asked for and one block as it was appended.
public final class RowSpoolReader: TableSource {
    private let blocks: [RowSpool.StoredBlock]
    private var selection: ColumnSelection
    private var queue = RowQueue()
    private var position = 0
    private var rowsRead = 0
    private let rows: Int

    fileprivate init(_ spool: RowSpool) {
        blocks = spool.blocks
        selection = spool.selection
        rows = spool.rows
    }

    /// The names of the selected columns.
    public var columnNames: [String] { selection.names }
    /// The number of rows.
    public var rowCountHint: Int? { rows }
    /// Zero: a spool drops nothing.
    public var droppedRows: Int { 0 }
    /// The part of the rows read so far.
    public var fractionRead: Double? { rows == 0 ? 1 : Double(rowsRead) / Double(rows) }

    /// Reads only these columns, in this order. To be called before the first block.
    public func select(columns: [String]) throws(TableError) {
        precondition(position == 0, "columns are selected before the first block is read")
        try selection.select(columns)
    }

    /// Goes back to the first row.
    public func rewind() {
        queue = RowQueue()
        position = 0
        rowsRead = 0
    }

    /// The next rows, or nil after the last.
    public func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock? {
        precondition(maximumRows > 0)
        while queue.rows < maximumRows && position < blocks.count {
            let block = blocks[position]
            let values = try selectedValues(of: block)
            queue.append(
                RowQueue.Piece(values: values, stride: block.rows, rows: block.rows, hasMissing: block.hasMissing))
            position += 1
            rowsRead += block.rows
        }
        return queue.removeFirst(maximumRows: maximumRows, columnCount: selection.fields.count)
    }

    private func selectedValues(of block: RowSpool.StoredBlock) throws(TableError) -> [Double] {
        let rows = block.rows
        switch block.storage {
        case .memory(let values):
            if selection.isWhole { return values }
            return selection.fields.flatMap { values[$0 * rows..<($0 + 1) * rows] }
        case .file(let file, let offset):
            var values = [Double](repeating: 0, count: rows * selection.fields.count)
            for (place, field) in selection.fields.enumerated() {
                let start = offset + field * rows * MemoryLayout<Double>.stride
                try file.read(into: &values, range: place * rows..<(place + 1) * rows, at: start)
            }
            return values
        }
    }
}
