import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A regression's data as codes, with what was learned of the columns on the way: what a store holds, and all that
/// solving needs.
public struct QuantizedRegression: Sendable {
    /// Codes of the predictors that are not dependent, then of the responses.
    public let matrix: QuantizedMatrix
    /// What is known beside the codes.
    public let description: StoreDescription

    init(matrix: QuantizedMatrix, description: StoreDescription) {
        self.matrix = matrix
        self.description = description
    }

    /// Quantizes a table in two more passes over its rows.
    ///
    /// - Parameters:
    ///   - table: the rows.
    ///   - options: bits, quantizer, transform.
    ///   - intercept: whether the model will have an intercept.
    ///   - weighting: how the rows of the table are weighted already; see `WeightedTable`.
    ///   - threads: over blocks of rows; the codes do not depend on it.
    ///   - progress: called with the fraction done.
    /// - Throws: `tooFewRows` without a row, `magnitude`, `cancelled`, and what reading the rows or keeping the codes throws.
    public init(
        quantizing table: RegressionTable, options: QuantizationOptions = QuantizationOptions(), intercept: Bool = true,
        weighting: Weighting? = nil, threads: Int = 1, kernels: Kernels = .best,
        progress: (Double) -> Void = { _ in }
    ) throws(RegressionError) {
        try self.init(
            quantizing: table, options: options, intercept: intercept, weighting: weighting, keepsDependent: false,
            threads: threads, kernels: kernels, progress: progress)
    }

    /// `keepsDependent` is whether columns that depend on others are quantized too: without a transform, which needs
    /// independent ones.
    init(
        quantizing table: RegressionTable, options: QuantizationOptions, intercept: Bool, weighting: Weighting?,
        keepsDependent: Bool, threads: Int, kernels: Kernels, progress: (Double) -> Void
    ) throws(RegressionError) {
        guard table.rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        try table.checkMagnitudes()
        let total = Double(2 * table.rows)
        var quantizer = TableQuantizer(
            table: table, options: options, intercept: intercept && weighting == nil, kernels: kernels,
            threads: threads)
        let codes = try BLAS.withThreads(1) { () throws(RegressionError) in
            if keepsDependent, try !quantizer.verifiedDependencies().isEmpty {
                quantizer.keepsDependent = true
                quantizer.options.transform = .none
            }
            return try quantizer.quantize { progress(Double($0) / total) }
        }
        var description = codes.description
        description.weighting = weighting
        description.droppedRows -= weighting?.zeroRows ?? 0
        self.init(matrix: codes.matrix, description: description)
    }

    /// Reads a store (`.qls`) and checks all of it.
    public init(store path: String, kernels: Kernels = .best) throws(StoreError) {
        let (matrix, description) = try StoreFile.read(path, kernels: kernels)
        let responses = matrix.columns.count - description.places.count
        guard responses > 0 else { throw .damaged("it holds no response") }
        self.init(matrix: matrix, description: description)
    }

    /// Writes a store; see `StoreFile.write`. Rows that were chosen are not written: their sums are estimates.
    public func write(store path: String, compressing: Bool = false, threads: Int = 1) throws(StoreError) {
        guard matrix.share == 1 else {
            throw .unwritable("its rows were chosen from a store; a store has exact sums of all its rows")
        }
        try StoreFile.write(matrix, description, to: path, compressing: compressing, threads: threads)
    }

    /// The number of predictors in the matrix.
    public var predictors: Int { description.places.count }
    /// The names of the responses.
    public var responses: [String] { matrix.columns[predictors...].map(\.name) }
    /// Whether the model has an intercept.
    public var intercept: Bool { description.intercept }
    /// Exact moments of the matrix's columns before the transform.
    public var moments: [ColumnMoments] { description.moments }
    /// Bits allowed per predictor entry.
    public var bits: Int { description.bits }
    /// Bits allowed per response entry; nil for full precision.
    public var responseBits: Int? { description.responseBits }
}
