import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// First-order propagation of the quantization errors of codes into the solution of the system they were solved in.
///
/// Residuals are r̂ = Â·v with v = (−z, ε_b) over all columns, predictors then responses. With Ĝ the Gram matrix that was
/// solved with and ΔG its error, the normal equations are off by the rows of ΔG·v that belong to predictors. The mean of
/// that is the bias g, its covariance S, and the error ratio of the solution z = M⁻¹c is
/// q² = (tr(M⁻¹S) + gᵀM⁻¹g + ρ²)/(s²p) with ρ the rounding error.
struct ErrorPropagation: Sendable {
    let data: QuantizedRegression
    let equations: NormalEquations
    let correction: BiasCorrection
    let kernels: Kernels
    /// Threads over rows. Nothing depends on it.
    let threads: Int
    /// δ_j, the mean squared error of each column relative to its variance.
    let relativeDistortions: [Double]
    /// What is computed once for all that is propagated.
    let known: ResponseCovariances

    /// Propagation for solutions with a correction; `known` are the covariances of other solutions of the same equations.
    /// Cost: a pass over the codebooks.
    init(
        data: QuantizedRegression, equations: NormalEquations, correction: BiasCorrection, threads: Int,
        kernels: Kernels,
        known: ResponseCovariances = ResponseCovariances()
    ) {
        self.threads = threads
        self.known = known
        self.data = data
        self.equations = equations
        self.correction = correction
        self.kernels = kernels
        relativeDistortions = equations.relativeDistortions(of: data.matrix.columns)
    }

    /// The error of the normal equations, over the kept columns.
    struct Score: Sendable {
        var covariance: DenseMatrix
        /// What is known of its mean.
        var bias: [Double]
    }

    /// The error of one response's solution.
    struct Result: Sendable {
        /// As it is expected to be.
        var score: Score
        /// The same for intervals, which are to hold for each coefficient, where that is another; nil where it is not.
        var forIntervals: Score?
        /// What the unknown error of the means, of rows that were chosen, adds to the expected ‖A(x̂ − x)‖².
        var constantSquare = 0.0
        /// What the errors do to the sum of squared residuals.
        var residualNoise = ResidualNoise()
        /// The relative standard deviation by which the model itself may miss the expected square.
        var modelSpread = 0.0
        /// Var e²/(E e²)² of the error e along one direction: 2 where it is a sum over many rows, normal; 4/5 where balancing
        /// left it, uniform within a step.
        var squareVariance = 2.0
        /// Degrees of freedom of the variances in intervals: those of a variance known to the model's own uncertainty.
        var intervalFreedom = Double.infinity

        init(scoreCovariance: DenseMatrix, scoreBias: [Double], squareVariance: Double = 2) {
            score = Score(covariance: scoreCovariance, bias: scoreBias)
            self.squareVariance = squareVariance
        }

        var scoreCovariance: DenseMatrix { score.covariance }
        var scoreBias: [Double] { score.bias }

        /// The error of Pᵀ times the equations, for P over the kept columns.
        func mapped(by part: DenseMatrix) -> Result {
            func map(_ score: Score) -> Score {
                Score(
                    covariance: BLAS.multiply(BLAS.multiply(part, transposed: true, score.covariance), part),
                    bias: BLAS.multiply(part, transposed: true, score.bias))
            }
            var result = self
            result.score = map(score)
            result.forIntervals = forIntervals.map(map)
            return result
        }

        /// No error of quantization.
        static func none(columns: Int) -> Result {
            Result(
                scoreCovariance: DenseMatrix(rows: columns, columns: columns),
                scoreBias: [Double](repeating: 0, count: columns))
        }

        /// The expected square of ‖A(x̂ − x)‖, once the system is known (`expecting`).
        var expectedSquare = 0.0
        /// The same as small as it may be: for the guard of a correction.
        private(set) var sparingSquare = 0.0

        /// With the expected squares for the system: tr(M⁻¹S) + gᵀM⁻¹g. Where a better G than M is known, M⁻¹GM⁻¹ takes
        /// the place of M⁻¹. Then the bias at the true z counts, of which there are two estimates: at ẑ, which M has drawn
        /// towards 0, and at the corrected solution, which is without bias and noisier; what their noise adds on the
        /// average is taken away, and the larger one counts, or in the sparing square the smaller. Cost: k², or k³.
        func expecting(_ system: SolvedSystem) -> Result {
            var result = self
            guard let better = system.better else {
                result.expectedSquare =
                    system.inverse.elements.dot(scoreCovariance.elements)
                    + scoreBias.dot(BLAS.multiply(system.inverse, scoreBias)) + constantSquare
                result.sparingSquare = result.expectedSquare
                return result
            }
            let map = BLAS.multiply(BLAS.multiply(better.change, better.metric), better.change)
            func square(_ bias: [Double], noiseThrough inverse: DenseMatrix) -> Double {
                let covariance = BLAS.multiply(BLAS.multiply(inverse, scoreCovariance), inverse)
                return bias.dot(BLAS.multiply(better.metric, bias)) - map.elements.dot(covariance.elements)
            }
            var corrected = scoreBias
            corrected.subtract(BLAS.multiply(better.change, BLAS.multiply(better.inverse, scoreBias)), times: -1)
            let first = square(scoreBias, noiseThrough: system.inverse)
            let second = square(corrected, noiseThrough: better.inverse)
            let noise = better.metric.elements.dot(scoreCovariance.elements) + constantSquare
            result.expectedSquare = noise + max(0, first, second)
            result.sparingSquare = noise + max(0, min(first, second))
            return result
        }
    }

    /// For response b (0-based among the responses) of a solved system, over its kept columns.
    func propagate(_ system: SolvedSystem, response b: Int) -> Result {
        propagate(system.residualCombination(response: b), over: system.kept).expecting(system)
    }

    /// Of the rows of ΔG·v listed, v over all columns.
    func propagate(_ v: [Double], over rows: [Int]) -> Result {
        var result = scoreErrors(v, over: rows)
        result.residualNoise = residualNoise(v, over: rows, result.scoreCovariance)
        result.modelSpread = modelSpread
        // Balanced codes are as often within theirs as said without.
        if isNearest { result.intervalFreedom = 2 / (modelSpread * modelSpread) }
        return result
    }

    /// By how much the model may miss, as the calibration found it: most for nearest codes, whose errors depend on the numbers.
    private var modelSpread: Double {
        if isNearest { return 0.5 }
        return data.matrix.columns.contains { !$0.isExact && $0.rounding == .balanced } ? 0.2 : 0
    }

    private var isNearest: Bool { data.matrix.columns.contains { !$0.isExact && $0.rounding == .nearest } }

    private func scoreErrors(_ v: [Double], over rows: [Int]) -> Result {
        if data.matrix.share < 1 { return chosenResult(v, over: rows) }
        if data.matrix.columns.allSatisfy({ $0.rounding == .balanced }) {
            return Result(
                scoreCovariance: balancedCovariance(v, over: rows), scoreBias: scoreBias(v, over: rows),
                squareVariance: 0.8)
        }
        let covariance = independentCovariance(v, over: rows, knownDiagonal: correction == .exactDiagonal).covariance
        if let pilot = data.matrix.pilot { return pilotResult(pilot, covariance, v, over: rows) }
        return Result(scoreCovariance: covariance, scoreBias: scoreBias(v, over: rows))
    }

    func column(_ j: Int) -> QuantizedColumn { data.matrix.columns[j] }

    /// E[ΔG·v] as far as it is known without a pilot: nothing where the matrix was corrected.
    func scoreBias(_ v: [Double], over rows: [Int]) -> [Double] {
        correction == .none ? uncorrectedBias(v, over: rows) : [Double](repeating: 0, count: rows.count)
    }

    /// What the correction would have taken away: the diagonal's (decoded − exact) is known exactly; of the other
    /// products, nearest codes shrink each by the gains of its two columns (Bussgang, jointly Gaussian columns).
    func uncorrectedBias(_ v: [Double], over rows: [Int]) -> [Double] {
        rows.map { j in
            var bias = column(j).isExact ? 0 : (equations.gram[j, j] - equations.exactSquares[j]) * v[j]
            for k in v.indices where k != j && v[k] != 0 {
                bias -= equations.gram[j, k] * (equations.gains[j] * equations.gains[k] - 1) * v[k]
            }
            return bias
        }
    }
}
