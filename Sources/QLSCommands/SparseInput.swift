import ArgumentParser
import QuantizedLeastSquares

/// What `qls solve` reads: a table, or a sparse matrix with right-hand sides.
enum SystemInput {
    case table(TableInput)
    case sparse(SparseInput)
}

/// The chosen columns of a sparse matrix, and right-hand sides in full precision.
struct SparseInput {
    let matrix: SparseMatrix
    let columnNames: [String]
    let rightHandSides: [[Double]]
    let responses: [String]

    /// The chosen columns of `matrix`, which is the first table of `joined`. Columns beside it that are not chosen as
    /// responses are left out. Throws `TableError`, and `ValidationError` for such a column chosen as a predictor.
    init(_ matrix: SparseMatrix, in joined: JoinedTable, _ choice: ColumnChoice) throws {
        let beside = Set(joined.rightHandSides)
        if !choice.isDefault, let name = choice.predictors.first(where: beside.contains) {
            throw ValidationError("\(name) is a dense column beside a sparse matrix; it can be a response only.")
        }
        responses = choice.responses
        let places = Dictionary(uniqueKeysWithValues: joined.columnNames.enumerated().map { ($1, $0) })
        columnNames = choice.predictors.filter { !beside.contains($0) }
        self.matrix =
            columnNames.count == matrix.columns ? matrix : matrix.selectingColumns(columnNames.map { places[$0]! })
        // The table is read even where all responses are columns of the matrix: for its errors, and its number of rows.
        let read = responses.filter(beside.contains)
        try joined.select(columns: read.isEmpty ? Array(joined.rightHandSides.prefix(1)) : read)
        let values = try joined.readMatrix()
        rightHandSides = responses.map { name in
            read.firstIndex(of: name).map(values.column) ?? matrix.column(places[name]!)
        }
    }
}
