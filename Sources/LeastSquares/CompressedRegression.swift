import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// A regression's rows reduced to as many as it has columns: for coefficients v over all its columns, about their means,
/// ‖(X − 1x̄ᵀ)·v‖ = ‖F·v‖.
///
/// From it every subset of the predictors, with any of the columns as response, every ridge penalty, constraint and bound
/// is solved without another look at the rows. In full precision F is the triangle of a QR factorization of the rows; on
/// codes it is the Cholesky factor of their exact integer Gram matrix, taken back through the transform they were made
/// after. Memory: p² numbers (twice on codes).
public struct CompressedRegression: Sendable {
    /// The columns, predictors first, then responses.
    public let names: [String]
    /// The number of predictors at hand.
    public let predictors: Int
    /// The number of rows with weight, m; for frequency weights their sum.
    public let rows: Int
    /// Whether the model has an intercept.
    public let intercept: Bool
    /// How rows are weighted; nil for equal weights.
    public let weighting: Weighting?

    /// Means of the columns, 0 without intercept.
    let means: [Double]
    /// Σ(x − x̄)² of the columns, exact.
    let totalSquares: [Double]
    /// F, and on codes one F with and one without correction.
    let variants: [Variant]
    /// Where the numbers came from.
    let origin: Origin

    /// One F.
    struct Variant: Sendable {
        /// F (q × p).
        let factor: DenseMatrix
        let correction: BiasCorrection
        /// The errors of FᵀF; nil in full precision.
        let noise: CodeNoise?
    }

    /// What a solution's account says of the data.
    struct Origin: Sendable {
        /// All predictors that the model was meant to have, in order.
        let predictorNames: [String]
        let left: [DroppedColumn]
        let isComplete: Bool
        let droppedRows: Int
        let quantizer: Quantizer?
        let transform: TransformChoice?
        let bits: Int?
        let responseBits: Int?
        let bytes: Int
        let fullPrecisionBytes: Int
        /// What the reader of a solution should know.
        var note: String?
    }

    /// The sum of the weights.
    var totalWeight: Double { weighting?.total ?? Double(rows) }

    /// The place of a column.
    func place(of name: String) throws(RegressionError) -> Int {
        guard let place = names.firstIndex(of: name) else { throw .unknownColumn(name, available: names) }
        return place
    }

    /// ‖(X − 1x̄ᵀ)·δ‖ for changes δ of the coefficients of the columns listed.
    func designNorm(_ delta: [Double], of columns: [Int]) -> Double {
        BLAS.multiply(variants[0].factor.selectingColumns(columns), delta).norm
    }
}

extension CompressedRegression {
    /// Reduces a table in full precision. One pass over its rows; cost: 2·m·p² flops.
    ///
    /// - Throws: `RegressionError`.
    public init(_ table: RegressionTable, intercept: Bool = true, weighting: Weighting? = nil) throws(RegressionError) {
        let columns = Array(table.names.indices)
        let hasConstant = weighting?.hasConstant ?? false
        let rows = try QRSolver(
            fullPrecision: table, columns: columns, predictors: table.predictors,
            intercept: intercept && weighting == nil)
        let whole = try rows.centeredFactor()
        var factor = hasConstant ? ExplicitConstant(whole).projected : whole
        let first = hasConstant ? 1 : 0
        names = Array(table.names.dropFirst(first))
        predictors = table.predictors - first
        self.rows = weighting?.observations ?? table.rows
        self.intercept = intercept
        self.weighting = weighting
        means = weighting?.means ?? table.moments.map { intercept ? $0.mean : 0 }
        totalSquares = weighting?.totalSquares ?? table.moments.map { $0.totalSquares(intercept: intercept) }
        let total = weighting?.total ?? Double(table.rows)
        for j in 0..<factor.columns where intercept {
            let size = (totalSquares[j] + total * means[j] * means[j]).squareRoot()
            if factor.column(j).norm <= 4 * .ulpOfOne * size { factor.clear(column: j) }
        }
        variants = [Variant(factor: factor, correction: .none, noise: nil)]
        let bytes = 8 * table.rows * table.names.count
        origin = Origin(
            predictorNames: Array(names[..<predictors]), left: [], isComplete: true,
            droppedRows: table.droppedRows - (weighting?.zeroRows ?? 0), quantizer: nil, transform: nil, bits: nil,
            responseBits: nil, bytes: bytes, fullPrecisionBytes: bytes)
    }

    /// Reduces codes: one pass over them, see `NormalEquations`.
    ///
    /// - Throws: `RegressionError`.
    public init(
        _ data: QuantizedRegression, threads: Int = 1, kernels: Kernels = .best
    ) throws(RegressionError) {
        try self.init(
            data, equations: try NormalEquations(data, threads: threads, kernels: kernels), threads: threads,
            kernels: kernels)
    }

    init(
        _ data: QuantizedRegression, equations: NormalEquations, threads: Int = 1, kernels: Kernels
    ) throws(RegressionError) {
        try RegressionError.checkCancellation()
        let description = data.description, weighting = description.weighting
        let hasConstant = weighting?.hasConstant ?? false
        let first = hasConstant ? 1 : 0
        let columns = data.matrix.columns
        names = Array(columns.map(\.name).dropFirst(first))
        predictors = data.predictors - first
        rows = weighting?.observations ?? data.matrix.rows
        intercept = weighting.map(\.hasConstant) ?? data.intercept
        self.weighting = weighting
        let kept = description.places.map { $0 - first }.filter { $0 >= 0 }
        let all = description.predictorNames.count - first
        let places = kept + (all..<(all + columns.count - data.predictors))
        means =
            weighting.map { w in places.map { w.means[$0] } }
            ?? data.moments.map { data.intercept ? $0.mean : 0 }
        totalSquares =
            weighting.map { w in places.map { w.totalSquares[$0] } }
            ?? data.moments.map { $0.totalSquares(intercept: data.intercept) }
        let basis = data.matrix.transform.inverseMatrix()
        var variants: [Variant] = []
        for correction in BiasCorrection.allCases {
            guard let triangle = try equations.factor(correction) else { continue }
            var factor = BLAS.multiply(triangle, basis), map = basis
            let unit = hasConstant ? basis.column(0) : nil
            if hasConstant {
                let constant = ExplicitConstant(factor)
                factor = constant.projected
                map = BLAS.multiply(basis, constant.embedding)
            }
            // The way back through the transform leaves rounding errors of columns that do not vary.
            for j in 0..<factor.columns {
                let total = weighting?.total ?? Double(data.matrix.rows), mean = means[j]
                if totalSquares[j] <= 16 * .ulpOfOne * .ulpOfOne * total * mean * mean { factor.clear(column: j) }
            }
            let propagation = ErrorPropagation(
                data: data, equations: equations, correction: correction, threads: threads, kernels: kernels)
            variants.append(
                Variant(
                    factor: factor, correction: correction,
                    noise: CodeNoise(propagation: propagation, basis: map, constant: unit)))
        }
        guard !variants.isEmpty else {
            throw .invalidProblem("At \(data.bits) bits the columns cannot be told from combinations of each other.")
        }
        self.variants = variants
        let names = Array(description.predictorNames.dropFirst(first))
        origin = Origin(
            predictorNames: names,
            left: description.dependent.map { DroppedColumn(name: $0.name, reason: $0.reason) },
            isComplete: description.isComplete, droppedRows: description.droppedRows,
            quantizer: Quantizer(rawValue: description.quantizer),
            transform: data.matrix.transform.isIdentity ? TransformChoice.none : .decorrelate, bits: data.bits,
            responseBits: data.responseBits, bytes: data.matrix.codeBytes + data.matrix.sideBytes,
            fullPrecisionBytes: 8 * data.matrix.rows * (names.count + data.responses.count),
            note: SolutionWarnings.chosenRows(data.matrix))
    }
}

/// A constant column among the others (√w of weighted rows), taken out of them: what a Gram matrix about weighted means is
/// made of.
struct ExplicitConstant {
    /// The other columns less their projections onto the first.
    let projected: DenseMatrix
    /// The map of coefficients of the other columns to those of all, the constant's being what it is at the minimum.
    let embedding: DenseMatrix

    /// From a factor whose first column is the constant.
    init(_ factor: DenseMatrix) {
        let norm = factor.column(0).norm
        let unit = factor.column(0).map { norm > 0 ? $0 / norm : 0 }
        var rest = factor.submatrix(rows: 0..<factor.rows, columns: 1..<factor.columns)
        var map = DenseMatrix(rows: factor.columns, columns: rest.columns)
        for j in 0..<rest.columns {
            var column = rest.column(j)
            map[j + 1, j] = 1
            for _ in 0..<2 {
                let share = unit.dot(column)
                column.subtract(unit, times: share)
                map[0, j] -= norm > 0 ? share / norm : 0
            }
            for i in 0..<rest.rows { rest[i, j] = column[i] }
        }
        projected = rest
        embedding = map
    }
}

extension DenseMatrix {
    /// Makes a column zero: what the mean leaves of one that does not vary is rounding.
    fileprivate mutating func clear(column j: Int) {
        for i in 0..<rows { self[i, j] = 0 }
    }
}
