import Foundation
import LeastSquares
import Matrices
import QuantizedMatrices

/// Solves one regression in full precision and on codes of every kind, and measures what each kind costs and loses.
///
/// Codes are made once per number of bits, quantizer and transform, and solved by every method. Each time is of a single
/// run.
public struct RegressionComparison: Sendable {
    /// Bits per predictor entry.
    public var bits = [2, 3, 4, 6, 8]
    /// The quantizers to compare.
    public var quantizers = Quantizer.allCases.filter { $0 != .automatic }
    /// The transforms to compare.
    public var transforms: [TransformChoice] = [.none, .decorrelate]
    /// The methods to solve the codes by. QR, SVD, LSQR and LSMR solve the same problem, that of the decoded numbers;
    /// normal equations take the bias out of it.
    public var methods: [SolverMethod] = [.normal, .qr]
    /// Intercept, confidence, threads and kernels.
    public var problem = LeastSquaresProblem()
    /// Bits of the response, and the seed.
    public var options = QuantizationOptions()

    /// Everything there is, at 2, 3, 4, 6 and 8 bits.
    public init() {}

    /// Compares on a table with one response.
    ///
    /// - Parameter progress: called with the fraction done.
    /// - Throws: `RegressionError` where full precision fails; what fails on codes is told in its row.
    public func run(
        _ table: RegressionTable, progress: (Double) -> Void = { _ in }
    ) throws(RegressionError) -> RegressionComparisonResult {
        guard table.responses == 1 else {
            throw .invalidProblem("A comparison takes one response; there are \(table.responses).")
        }
        let reference = try ReferenceRegression(problem, table)
        var rows: [ComparisonRow] = [], details: [ComparisonDetail] = []
        let numbers = Set(bits).sorted()
        let total = Double(max(1, numbers.count * (1 + quantizers.count * transforms.count)))
        var done = 0.0
        func count() {
            done += 1
            progress(done / total)
        }
        for bits in numbers {
            let (row, detail) = standard(bits, table, reference)
            rows.append(row)
            if let detail { details.append(detail) }
            count()
            for quantizer in quantizers {
                for transform in transforms {
                    rows += self.rows(bits, quantizer, transform, table, reference)
                    count()
                }
            }
        }
        return RegressionComparisonResult(
            reference: reference.solution, fullPrecision: try fullPrecision(table, reference), rows: rows,
            details: details, confidence: problem.confidence)
    }

    private func fullPrecision(
        _ table: RegressionTable, _ reference: ReferenceRegression
    ) throws(RegressionError) -> [FullPrecisionTime] {
        try [SolverMethod.qr, .normal].map { (method) throws(RegressionError) in
            var problem = problem
            problem.precision = .full
            problem.method = method
            let (solution, seconds) = try timed { () throws(RegressionError) in try problem.solve(table) }
            return FullPrecisionTime(
                method: method, seconds: seconds, errorRatio: reference.compare(solution)[0].errorRatio)
        }
    }

    // MARK: One kind of codes

    private func quantization(_ bits: Int, _ quantizer: Quantizer, _ transform: TransformChoice) -> QuantizationOptions
    {
        var options = options
        options.bits = bits
        options.quantizer = quantizer
        options.transform = transform
        return options
    }

    /// The default: its row, and its columns.
    private func standard(
        _ bits: Int, _ table: RegressionTable, _ reference: ReferenceRegression
    ) -> (ComparisonRow, ComparisonDetail?) {
        var detail: ComparisonDetail?
        let rows = self.rows(bits, .automatic, .automatic, table, reference, methods: [.automatic]) { codes, solution in
            detail = ComparisonDetail(solution: solution, columns: Self.columns(codes, table.sample))
        }
        return (rows[0], detail)
    }

    private func rows(
        _ bits: Int, _ quantizer: Quantizer, _ transform: TransformChoice, _ table: RegressionTable,
        _ reference: ReferenceRegression, methods: [SolverMethod]? = nil,
        each: (QuantizedRegression, Solution) -> Void = { _, _ in }
    ) -> [ComparisonRow] {
        let options = quantization(bits, quantizer, transform), methods = methods ?? self.methods
        do throws(RegressionError) {
            let (codes, build) = try timed { () throws(RegressionError) in
                try QuantizedRegression(
                    quantizing: table, options: options, intercept: problem.intercept, threads: problem.threads,
                    kernels: problem.kernels)
            }
            return methods.map { method in
                do throws(RegressionError) {
                    var (solution, seconds) = try solve(codes, table, options, method)
                    solution.responses[0].reference = reference.compare(solution)[0]
                    each(codes, solution)
                    return row(options, solution, build: build + seconds.again, solve: seconds.solve)
                } catch {
                    return failed(options, method, error)
                }
            }
        } catch {
            return methods.map { failed(options, $0, error) }
        }
    }

    /// Solves codes. Where a transform's columns cannot all be told apart at these bits, the table is quantized again
    /// without them, as `LeastSquaresProblem.solve` does; that counts as building.
    private func solve(
        _ codes: QuantizedRegression, _ table: RegressionTable, _ options: QuantizationOptions, _ method: SolverMethod
    ) throws(RegressionError) -> (Solution, (again: Double, solve: Double)) {
        var problem = problem
        problem.method = method
        let solution = try problem.solve(codes)
        let isComplete = solution.droppedColumns.count == codes.description.dependent.count
        if isComplete || codes.matrix.transform.isIdentity {
            return (solution, (0, solution.seconds.accumulate + solution.seconds.factorize))
        }
        problem.precision = .quantized(options)
        let anew = try problem.solve(table)
        return (anew, (anew.seconds.quantize, anew.seconds.accumulate + anew.seconds.factorize))
    }

    private func row(
        _ options: QuantizationOptions, _ solution: Solution, build: Double, solve: Double
    ) -> ComparisonRow {
        let fit = solution.responses[0]
        var row = ComparisonRow(
            bits: options.bits, quantizer: solution.quantizer ?? options.quantizer,
            transform: solution.transform ?? options.transform, method: solution.method,
            isDefault: options.quantizer == .automatic)
        row.measured = fit.reference?.errorRatio
        row.predicted = fit.predictedErrorRatio
        row.predictedInterval = fit.budget?.errorRatioInterval
        row.coefficientError = fit.reference?.coefficientErrorInStandardErrors
        let pairs = zip(fit.coefficients, fit.reference?.coefficients ?? [])
        row.largestCoefficientError = pairs.compactMap { found, exact in
            exact.standardError.flatMap { $0 > 0 ? abs(found.estimate - exact.estimate) / $0 : nil }
        }.max()
        let held = fit.heldIntervals
        row.covered = held.isEmpty ? nil : Double(held.count { $0 }) / Double(held.count)
        row.bytes = solution.bytes
        (row.buildSeconds, row.solveSeconds) = (build, solve)
        return row
    }

    private func failed(
        _ options: QuantizationOptions, _ method: SolverMethod, _ error: RegressionError
    ) -> ComparisonRow {
        var row = ComparisonRow(
            bits: options.bits, quantizer: options.quantizer, transform: options.transform, method: method,
            isDefault: options.quantizer == .automatic)
        row.failure = error.description
        return row
    }

    private func timed<T>(_ work: () throws(RegressionError) -> T) throws(RegressionError) -> (T, Double) {
        let start = DispatchTime.now().uptimeNanoseconds
        let result = try work()
        return (result, Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9)
    }

    private static func columns(_ codes: QuantizedRegression, _ sample: DenseMatrix) -> [ComparisonColumn] {
        let values = codes.transformed(sample)
        return codes.matrix.columns.enumerated().map { j, column in
            let square = column.moments.sumOfSquaredDeviations
            return ComparisonColumn(
                name: column.name, bits: column.bits, levels: column.codebook.levels, isExact: column.isExact,
                relativeDistortion: square > 0 ? column.totalSquaredError / square : 0, sample: values.column(j))
        }
    }
}
