import Factorizations
import Foundation
import Matrices
import QuantizedMatrices
import Tables

/// A regression that takes rows in blocks, gives them back, merges with others, and can be asked for the solution at any
/// time.
///
/// All its sums are exact (see `ExactMoments`): the state, and every digit of every answer, is the same whatever the order
/// of rows and blocks, however they were spread over accumulators, and whatever was added and removed in between. The
/// solution comes from these sums in double-double arithmetic, so squaring the condition number costs none of the 16 digits
/// of double precision up to κ ≈ 10⁷, and leaves some up to 10¹⁴. Memory does not depend on the number of rows.
public struct RegressionAccumulator: Sendable, Equatable {
    /// The columns, predictors first, then responses.
    public let names: [String]
    /// The number of predictors, n.
    public let predictors: Int
    /// Whether the model has an intercept.
    public let intercept: Bool
    private(set) var moments: ExactMoments

    /// The number of rows held.
    public var rows: Int { moments.rows }

    /// No rows yet.
    ///
    /// - Throws: `invalidProblem` for names that occur twice or no response, `emptyModel`.
    public init(names: [String], responses: Int = 1, intercept: Bool = true) throws(RegressionError) {
        try self.init(
            names: names, predictors: names.count - responses, intercept: intercept,
            moments: ExactMoments(columns: names.count))
    }

    init(names: [String], predictors: Int, intercept: Bool, moments: ExactMoments) throws(RegressionError) {
        guard Set(names).count == names.count else { throw .invalidProblem("A column is named twice.") }
        guard predictors >= 0, predictors < names.count else {
            throw .invalidProblem("Of \(names.count) columns at least one and not more than all are responses.")
        }
        guard predictors > 0 || intercept else { throw .emptyModel }
        self.names = names
        self.predictors = predictors
        self.intercept = intercept
        self.moments = moments
    }

    // MARK: Rows

    /// Adds a block of rows (k × p, columns in the order of `names`). Cost: up to 16·k·p² flops.
    ///
    /// - Throws: `invalidProblem` for another number of columns or a number that is not finite or beyond 2^±400, with its
    ///   row in the block and its column. A refused block leaves no trace.
    public mutating func append(_ block: DenseMatrix) throws(RegressionError) {
        try check(block)
        moments.add(block)
    }

    /// Takes away rows that were added before. Exact: what is left is as if they had never come.
    ///
    /// - Throws: as `append`, and `invalidProblem` for more rows than there are. That they are rows that came is the
    ///   caller's care.
    public mutating func remove(_ block: DenseMatrix) throws(RegressionError) {
        try check(block)
        guard block.rows <= rows else {
            throw .invalidProblem("\(block.rows) rows cannot be removed; there are \(rows).")
        }
        moments.add(block, sign: -1)
    }

    /// Adds all rows of a source with these columns.
    ///
    /// - Throws: `table`, `invalidProblem`, and `cancelled` in a task that was cancelled, between two blocks; the rows of
    ///   the blocks before stay.
    public mutating func append(_ source: any TableSource) throws(RegressionError) {
        try RegressionError.reading { () throws(TableError) in try source.select(columns: names) }
        while true {
            try RegressionError.checkCancellation()
            let next = try RegressionError.reading { () throws(TableError) in
                try source.nextBlock(maximumRows: ExactMoments.blockRows)
            }
            guard let block = next else { return }
            try append(DenseMatrix(rows: block.rows, columns: block.columnCount, elements: block.values))
        }
    }

    private func check(_ block: DenseMatrix) throws(RegressionError) {
        guard block.columns == names.count else {
            throw .invalidProblem("A block has \(block.columns) columns; expected \(names.count).")
        }
        if let i = block.elements.firstIndex(where: { !ExactMoments.holds($0) }) {
            throw .invalidProblem(
                "Row \(i % block.rows + 1) of a block, column \"\(names[i / block.rows])\": \(block.elements[i]), expected "
                    + "a finite number of bits between 2^-\(ExactMoments.limit) and 2^\(ExactMoments.limit).")
        }
    }

    /// Adds the rows of another accumulator. Exact, in any order.
    ///
    /// - Throws: `invalidProblem` for other columns or another model.
    public mutating func merge(_ other: RegressionAccumulator) throws(RegressionError) {
        try checkSame(other)
        moments.merge(other.moments)
    }

    /// Takes away the rows of another accumulator.
    ///
    /// - Throws: `invalidProblem` for other columns or another model, or more rows than there are.
    public mutating func remove(_ other: RegressionAccumulator) throws(RegressionError) {
        try checkSame(other)
        guard other.rows <= rows else {
            throw .invalidProblem("\(other.rows) rows cannot be removed; there are \(rows).")
        }
        moments.merge(other.moments, sign: -1)
    }

    private func checkSame(_ other: RegressionAccumulator) throws(RegressionError) {
        guard names == other.names, predictors == other.predictors, intercept == other.intercept else {
            throw .invalidProblem("Only accumulators of the same columns and model can be merged.")
        }
    }

    // MARK: Solutions

    /// The solution for the rows so far: of the kind and the columns that `problem` says, in full precision whatever it
    /// says of precision. Cost: p³/3 double-double operations.
    ///
    /// - Throws: `tooFewRows` without a row, and what the kind of problem throws. A ridge penalty is chosen by generalized
    ///   cross-validation; leave-one-out errors need rows and are refused.
    public func solve(_ problem: LeastSquaresProblem = LeastSquaresProblem()) throws(RegressionError) -> Solution {
        try problem.checkSupport(.sums, reduced: true)
        guard rows > 0 else { throw .tooFewRows(rows: 0, needed: 1) }
        return try BLAS.withThreads(1) { () throws(RegressionError) in
            if problem.kind == .ordinary, problem.columns == ModelColumns() { return try ordinary(problem) }
            return try CompressedSolve(problem, compressed()).solve()
        }
    }

    private func ordinary(_ problem: LeastSquaresProblem) throws(RegressionError) -> Solution {
        var watch = Stopwatch(), times = StageTimes()
        let solved = try DoubleDoubleSystem(moments, predictors: predictors, intercept: intercept).solve()
        let compressed = try compressed()
        let solve = CompressedSolve(problem, compressed)
        let model = CompressedSolve.Model(
            names: Array(names[..<predictors]), places: Array(0..<predictors), columns: Array(0..<predictors))
        let fits = solved.map { CompressedFit(system: $0.system, account: nil) }
        let responses = fits.enumerated().map { b, fit in
            var response = solve.assemble(
                CompressedSolve.Candidate(fit: fit, propagation: nil, predictedSquare: 0), response: predictors + b,
                model: model)
            if intercept { correctIntercept(&response, to: solved[b].intercept) }
            return response
        }
        times.factorize = watch.lap()
        times.total = times.factorize
        return solve.describe(responses, fits, model: model, times: times)
    }

    /// The mean less the coefficients times means cancels where those are large: the digits of the longer sums are kept.
    private func correctIntercept(_ response: inout ResponseSolution, to value: Double) {
        response.coefficients[0].estimate = value
        guard let error = response.coefficients[0].standardError, error > 0,
            let freedom = response.residualDegreesOfFreedom
        else { return }
        response.coefficients[0].tStatistic = value / error
        response.coefficients[0].pValue = Distributions.studentTwoSided(value / error, degreesOfFreedom: freedom)
    }

    /// The rows so far, compressed: every subset of the columns, penalty, constraint and bound can be solved from it.
    public func compressed() throws(RegressionError) -> CompressedRegression {
        let system = DoubleDoubleSystem(moments, predictors: names.count, intercept: intercept)
        return CompressedRegression(
            names: names, predictors: predictors, rows: rows, intercept: intercept,
            means: names.indices.map { intercept ? (moments.product(-1, $0) / DoubleDouble(Double(rows))).high : 0 },
            totalSquares: names.indices.map { moments.moment($0, $0, centered: intercept).high },
            factor: system.factor())
    }
}

extension CompressedRegression {
    /// In full precision, from its parts.
    init(
        names: [String], predictors: Int, rows: Int, intercept: Bool, means: [Double], totalSquares: [Double],
        factor: DenseMatrix
    ) {
        self.names = names
        self.predictors = predictors
        self.rows = rows
        self.intercept = intercept
        weighting = nil
        self.means = means
        self.totalSquares = totalSquares
        variants = [Variant(factor: factor, correction: .none, noise: nil)]
        let bytes = 8 * rows * names.count
        origin = Origin(
            predictorNames: Array(names[..<predictors]), left: [], isComplete: true, droppedRows: 0, quantizer: nil,
            transform: nil, bits: nil, responseBits: nil, bytes: bytes, fullPrecisionBytes: bytes)
    }

    /// Solves a problem of any kind on the columns it names, without another look at the rows: of codes where this came
    /// from codes, else in full precision.
    ///
    /// - Throws: `RegressionError`; leave-one-out errors of ridge penalties need the rows and are refused.
    public func solve(_ problem: LeastSquaresProblem) throws(RegressionError) -> Solution {
        try problem.checkSupport(origin.bits == nil ? .sums : .codes, reduced: true)
        return try BLAS.withThreads(1) { () throws(RegressionError) in try CompressedSolve(problem, self).solve() }
    }
}
