import Matrices
import QuantizedMatrices

/// The regression on codes: accumulate, solve, account for the error.
struct QuantizedSolve {
    let problem: LeastSquaresProblem
    let data: QuantizedRegression

    /// Quantizes a table and solves. Where bits do not suffice to tell a column from a combination of others, a
    /// coefficient of 0 in the basis of a transform is none of the table's: then the column is left out and the rest
    /// quantized again.
    static func quantizing(
        _ table: RegressionTable, _ options: QuantizationOptions, problem: LeastSquaresProblem,
        progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> Solution {
        var watch = Stopwatch(), seconds = 0.0
        let total = Double(2 * max(1, table.rows))
        var quantizer = TableQuantizer(
            table: table, options: options, intercept: problem.intercept, kernels: problem.kernels,
            threads: problem.threads)
        while true {
            let data = try quantizer.quantize { progress(.quantize, Double($0) / total) }
            seconds += watch.lap()
            let solve = QuantizedSolve(problem: problem, data: data)
            var (solution, lost) = try solve.solve(progress: progress)
            _ = watch.lap()
            if !lost.isEmpty, !data.matrix.transform.isIdentity {
                quantizer.excluded.formUnion(lost.map { data.description.places[$0] })
                continue
            }
            solution.seconds.quantize = seconds
            solution.seconds.total += seconds
            return solution
        }
    }

    /// The solution, and the predictors of the matrix that were left out for lack of bits.
    func solve(
        progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> (solution: Solution, lost: [Int]) {
        var watch = Stopwatch(), times = StageTimes()
        progress(.accumulate, 0)
        let equations = NormalEquations(data, threads: problem.threads, kernels: problem.kernels)
        times.accumulate = watch.lap()
        let candidate = try QuantizedSystem(data: data, equations: equations, problem: problem).best()
        let lost = Set(0..<data.predictors).subtracting(candidate.system.kept).sorted()
        let isFull = lost.isEmpty && data.description.isComplete
        let responses = fits(candidate, equations: equations, isFull: isFull)
        times.factorize = watch.lap()
        times.total = times.accumulate + times.factorize
        return (describe(candidate.system, responses: responses, lost: lost, isFull: isFull, times: times), lost)
    }

    private func fits(
        _ candidate: QuantizedSystem.Candidate, equations: NormalEquations, isFull: Bool
    ) -> [ResponseSolution] {
        let system = candidate.system, n = data.predictors, matrix = data.matrix
        let w = matrix.transform.isIdentity ? nil : matrix.transform.matrix()
        let assembly = SolutionAssembly(
            predictorNames: data.description.predictorNames, places: data.description.places,
            means: (0..<n).map { data.intercept ? data.moments[$0].mean : 0 }, intercept: data.intercept,
            norms: (0..<n).map { data.moments[$0].totalSquares(intercept: data.intercept).squareRoot() },
            rows: matrix.rows, confidence: problem.confidence, system: system,
            basis: w?.submatrix(rows: 0..<n, columns: 0..<n))
        // Without a column that only the noise of the codes hid, another model was fitted: nothing is predicted of the
        // distance to the full one.
        let bound = WorstCaseBound(data: data, equations: equations, system: system)
        return data.responses.indices.map { b in
            let moments = data.moments[n + b]
            return assembly.assemble(
                SolutionAssembly.Response(
                    name: data.responses[b], index: b, mean: data.intercept ? moments.mean : 0,
                    totalSquares: moments.totalSquares(intercept: data.intercept),
                    offset: (0..<n).map { j in w.map { -$0[j, n + b] } ?? 0 },
                    propagation: isFull ? candidate.propagation[b] : nil,
                    worstCaseNorm: isFull ? bound.errorNorm(response: b) : nil))
        }
    }

    private func describe(
        _ system: SolvedSystem, responses: [ResponseSolution], lost: [Int], isFull: Bool, times: StageTimes
    ) -> Solution {
        let matrix = data.matrix
        var dropped = data.description.dependent.map { DroppedColumn(name: $0.name, reason: $0.reason) }
        for j in lost {
            dropped.append(
                DroppedColumn(
                    name: matrix.columns[j].name,
                    reason: "at \(data.bits) bits it cannot be told from a combination of the columns before it"))
        }
        var warnings = SolutionWarnings()
        warnings.dropped(dropped)
        warnings.missing(data.description.droppedRows)
        if !isFull {
            warnings.add(
                "With columns left out for lack of bits the fit is another one: no error is predicted against the full "
                    + "one.")
        }
        warnings.noFreedom(responses)
        warnings.largeError(responses)
        warnings.unbounded(responses)
        warnings.degenerate(responses)
        warnings.roundingDigits(system: system)
        return Solution(
            observations: matrix.rows, predictors: data.description.predictorNames.count,
            rank: system.kept.count + (data.intercept ? 1 : 0), intercept: data.intercept, droppedColumns: dropped,
            method: system.method, quantizer: Quantizer(rawValue: data.description.quantizer),
            transform: matrix.transform.isIdentity ? TransformChoice.none : .decorrelate,
            biasCorrection: system.correction, bits: data.bits, responseBits: data.responseBits,
            bytes: matrix.codeBytes + matrix.sideBytes,
            fullPrecisionBytes: 8 * matrix.rows * (data.description.predictorNames.count + responses.count),
            responses: responses, conditionNumber: system.conditionNumber, warnings: warnings.list, seconds: times)
    }
}

extension Quantizer {
    /// What `auto` stands for.
    var resolved: Quantizer { self == .automatic ? .balanced : self }
}
