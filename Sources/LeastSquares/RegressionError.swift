import Factorizations
import QuantizedMatrices
import Quantizers
import Tables

/// Why a regression could not be done.
public enum RegressionError: Error, Sendable, CustomStringConvertible {
    /// The table could not be read.
    case table(TableError)
    /// A factorization failed.
    case factorization(FactorizationError)
    /// A codebook could not be made.
    case quantizer(QuantizerError)
    /// Codes could not be kept, or a store not written.
    case store(StoreError)
    /// Fewer rows than the model needs.
    case tooFewRows(rows: Int, needed: Int)
    /// A column of which products of four numbers leave the range of double precision.
    case magnitude(column: String, largest: Double)
    /// Rows or stores that do not fit a store, and why.
    case incompatible(String)
    /// No predictor and no intercept.
    case emptyModel
    /// A column that is not at hand, and those that are.
    case unknownColumn(String, available: [String])
    /// What was asked for contradicts itself or the data; why.
    case invalidProblem(String)
    /// A combination of choices that there is no way for; which, and what to choose instead.
    case unsupported(String)
    /// The task was cancelled between two blocks of rows.
    case cancelled

    /// The cause and what to do about it.
    public var description: String {
        switch self {
        case .table(let error): error.description
        case .factorization(let error): error.description
        case .quantizer(let error): error.description
        case .store(let error): error.description
        case .tooFewRows(let rows, let needed):
            "The table has \(rows) complete rows; this model needs at least \(needed)."
        case .magnitude(let column, let largest):
            "Column \"\(column)\" reaches \(largest): products of four such numbers leave the range of double precision. "
                + "Multiply the column by a power of ten that brings it between 1e-70 and 1e70."
        case .unknownColumn(let name, let available):
            "There is no column \"\(name)\"; the columns are \(Self.list(available))."
        case .invalidProblem(let why), .unsupported(let why): why
        case .cancelled: "The work was cancelled."
        case .incompatible(let why): why
        case .emptyModel: "There is nothing to fit: no predictors and no intercept."
        }
    }

    /// The first of some names, in quotes.
    static func list(_ names: [String]) -> String {
        names.prefix(12).map { "\"\($0)\"" }.joined(separator: ", ") + (names.count > 12 ? ", …" : "")
    }

    static func reading<Result>(_ body: () throws(TableError) -> Result) throws(RegressionError) -> Result {
        do { return try body() } catch { throw .table(error) }
    }

    static func storing<Result: ~Copyable>(
        _ body: () throws(StoreError) -> Result
    ) throws(RegressionError) -> Result {
        do { return try body() } catch { throw .store(error) }
    }

    static func factorizing<Result>(_ body: () throws(FactorizationError) -> Result) throws(RegressionError) -> Result {
        do { return try body() } catch { throw .factorization(error) }
    }

    static func quantizing<Result>(_ body: () throws(QuantizerError) -> Result) throws(RegressionError) -> Result {
        do { return try body() } catch { throw .quantizer(error) }
    }
}
