import Matrices

/// Consecutive rows of a table: `rows` × `columnCount` numbers.
public struct TableBlock: Sendable, Equatable {
    /// The index of the block's first row among the rows delivered, from 0 (dropped rows are not counted).
    public var firstRow: Int
    /// The number of rows m.
    public var rows: Int
    /// The number of columns n.
    public let columnCount: Int
    /// The m·n numbers, column after column: row i of column j is `values[j * rows + i]`. All are finite, except that a
    /// missing value kept by ``MissingValues/keep`` is NaN.
    public var values: [Double]
    /// Whether a value is missing, that is NaN.
    public var hasMissing: Bool

    /// A block of `rows` × `columnCount` numbers; `values` must hold exactly that many.
    public init(firstRow: Int, rows: Int, columnCount: Int, values: [Double], hasMissing: Bool = false) {
        precondition(values.count == rows * columnCount, "a block holds rows × columnCount values")
        self.firstRow = firstRow
        self.rows = rows
        self.columnCount = columnCount
        self.values = values
        self.hasMissing = hasMissing
    }

    /// The number in row i (of this block) and column j.
    public subscript(row: Int, column: Int) -> Double { values[column * rows + row] }
}

/// What to do with a row that has a missing value in a selected column.
public enum MissingValues: Sendable, CaseIterable {
    /// Throw a ``TableError``.
    case error
    /// Leave the row out and count it in ``TableSource/droppedRows``.
    case drop
    /// Keep the row; the missing value is NaN and its block has ``TableBlock/hasMissing`` set.
    case keep
}

/// A table read once from the first row to the last, in blocks of rows, with bounded memory.
///
/// A source is a reader with a position; it is a class so that two copies cannot disagree about it. One task at a time
/// may use it.
public protocol TableSource: AnyObject {
    /// The names of the selected columns, in the order of the block's columns.
    var columnNames: [String] { get }
    /// The number of rows, where it is known before reading (an upper bound while rows may be dropped).
    var rowCountHint: Int? { get }
    /// Rows left out so far because of a missing value; final once ``nextBlock(maximumRows:)`` has returned nil.
    var droppedRows: Int { get }
    /// The part of the input read so far, from 0 to 1, where its size is known.
    var fractionRead: Double? { get }
    /// The selected columns as they are stored, where their rows can be read again in any order and none is left out;
    /// nil otherwise.
    var storedRows: (any StoredRows)? { get }
    /// Reads only these columns, in this order. To be called before the first block.
    ///
    /// - Throws: ``TableError`` for an unknown column, a repeated one, or none at all.
    func select(columns: [String]) throws(TableError)
    /// The next `maximumRows` rows, fewer at the end, or nil after the last row. Blocks do not depend on the number of
    /// threads or on how the file is cut for reading. An error is thrown by the call whose rows it falls in, and by
    /// every later call.
    ///
    /// - Precondition: `maximumRows` > 0.
    func nextBlock(maximumRows: Int) throws(TableError) -> TableBlock?
    /// The next rows, as many as the source has at hand, or nil after the last row: the fastest way through a table for
    /// whom it does not matter how it is cut. Errors as ``nextBlock(maximumRows:)``.
    func nextRows() throws(TableError) -> TableBlock?
}

extension TableSource {
    /// Nil: the rows are read once.
    public var storedRows: (any StoredRows)? { nil }

    /// Blocks of 4096 rows.
    public func nextRows() throws(TableError) -> TableBlock? { try nextBlock(maximumRows: 4096) }

    /// All rows not read yet, as one m × n matrix. Memory: up to twice the matrix while it is put together.
    ///
    /// - Throws: ``TableError``, also where a row later in the table is bad.
    public func readMatrix() throws(TableError) -> DenseMatrix {
        guard let block = try nextBlock(maximumRows: .max) else {
            return DenseMatrix(rows: 0, columns: columnNames.count)
        }
        return DenseMatrix(rows: block.rows, columns: block.columnCount, elements: block.values)
    }
}
