import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The regression on codes: quantize, accumulate, solve, account for the error.
struct QuantizedSolve {
    let problem: LeastSquaresProblem
    let table: RegressionTable
    let options: QuantizationOptions

    func solve(
        progress: (LeastSquaresProblem.Stage, Double) -> Void
    ) throws(RegressionError) -> Solution {
        var watch = Stopwatch(), times = StageTimes()
        let rows = Double(2 * max(1, table.rows))
        var quantizer = TableQuantizer(
            table: table, options: options, intercept: problem.intercept, kernels: problem.kernels)
        while true {
            let data = try quantizer.quantize { progress(.quantize, Double($0) / rows) }
            times.quantize += watch.lap()
            progress(.accumulate, 0)
            let equations = NormalEquations(data, threads: problem.threads, kernels: problem.kernels)
            times.accumulate += watch.lap()
            let candidate = try QuantizedSystem(data: data, equations: equations, problem: problem).best()
            // A coefficient of 0 in the basis of a transform is none of the table's: quantize again without the column.
            let lost = Set(0..<data.predictors).subtracting(candidate.system.kept).map { data.places[$0] }
            if !lost.isEmpty, !data.matrix.transform.isIdentity {
                quantizer.excluded.formUnion(lost)
                continue
            }
            var result = describe(
                candidate, data: data, equations: equations, isFull: quantizer.excluded.isEmpty && lost.isEmpty)
            times.factorize += watch.lap()
            times.total = times.quantize + times.accumulate + times.factorize
            result.seconds = times
            return result
        }
    }

    private func describe(
        _ candidate: QuantizedSystem.Candidate, data: QuantizedRegression, equations: NormalEquations, isFull: Bool
    ) -> Solution {
        let system = candidate.system, n = data.predictors
        let matrix = data.matrix
        let transformed = !matrix.transform.isIdentity
        let w = transformed ? matrix.transform.matrix() : nil
        let basis = w?.submatrix(rows: 0..<n, columns: 0..<n)
        let assembly = SolutionAssembly(
            predictorNames: Array(table.names[0..<table.predictors]), places: data.places,
            means: (0..<n).map { problem.intercept ? data.moments[$0].mean : 0 }, intercept: problem.intercept,
            norms: (0..<n).map { data.moments[$0].totalSquares(intercept: problem.intercept).squareRoot() },
            rows: matrix.rows, confidence: problem.confidence, system: system, basis: basis)
        // Without a column that only the noise of the codes hid, another model was fitted: nothing is predicted of the
        // distance to the full one.
        let bound = WorstCaseBound(data: data, equations: equations, system: system)
        let responses = (0..<table.responses).map { b in
            let moments = data.moments[n + b]
            return assembly.assemble(
                SolutionAssembly.Response(
                    name: matrix.columns[n + b].name, index: b, mean: problem.intercept ? moments.mean : 0,
                    totalSquares: moments.totalSquares(intercept: problem.intercept),
                    offset: (0..<n).map { j in w.map { -$0[j, n + b] } ?? 0 },
                    propagation: isFull ? candidate.propagation[b] : nil,
                    worstCaseNorm: isFull ? bound.errorNorm(response: b) : nil))
        }
        return solution(system, data: data, responses: responses, transformed: transformed, isFull: isFull)
    }

    private func solution(
        _ system: SolvedSystem, data: QuantizedRegression, responses: [ResponseSolution], transformed: Bool,
        isFull: Bool
    ) -> Solution {
        let kept = Set(system.kept)
        var dropped = data.dependent.map { DroppedColumn(name: $0.name, reason: $0.dependency) }
        for j in 0..<data.predictors where !kept.contains(j) {
            dropped.append(
                DroppedColumn(
                    name: data.matrix.columns[j].name,
                    reason: "at \(options.bits) bits it cannot be told from a combination of the columns before it"))
        }
        var warnings = SolutionWarnings()
        warnings.dropped(dropped)
        warnings.missing(table.droppedRows)
        if !isFull {
            warnings.add(
                "With columns left out for lack of bits the fit is another one: no error is predicted against the full one."
            )
        }
        warnings.noFreedom(responses)
        warnings.largeError(responses)
        warnings.roundingDigits(system: system)
        return Solution(
            observations: table.rows, predictors: table.predictors,
            rank: system.kept.count + (problem.intercept ? 1 : 0), intercept: problem.intercept,
            droppedColumns: dropped, method: system.method, quantizer: options.quantizer.resolved,
            transform: transformed ? .decorrelate : TransformChoice.none, biasCorrection: system.correction,
            bits: options.bits, responseBits: options.responseBits,
            bytes: data.matrix.codeBytes + data.matrix.sideBytes,
            fullPrecisionBytes: 8 * table.rows * table.names.count, responses: responses,
            conditionNumber: system.conditionNumber, warnings: warnings.list, seconds: StageTimes())
    }
}

extension Quantizer {
    /// What `auto` stands for.
    var resolved: Quantizer { self == .automatic ? .balanced : self }
}
