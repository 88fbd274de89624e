import Factorizations
import Matrices
import QuantizedKernels
import QuantizedMatrices

/// The moments that normal equations are made of: sums of products of all columns, predictors first, then responses.
///
/// With an intercept all sums are about the means, so that the intercept drops out of the system.
public struct NormalEquations: Sendable {
    /// The number of rows, m.
    public let rows: Int
    /// The number of predictors, n.
    public let predictors: Int
    /// Whether sums are about the means.
    public let intercept: Bool
    /// Σ x_j·x_k as far as codes (or the numbers themselves) tell it, p × p.
    public let gram: DenseMatrix
    /// Exact Σ x_j², kept with the codes; equal to the diagonal of `gram` in full precision.
    public let exactSquares: [Double]
    /// Variances of the columns, Σ(x − x̄)²/m (about 0 without intercept).
    let variances: [Double]
    /// The decode gain of each column; 1 in full precision and for balanced codes.
    public let gains: [Double]

    /// The number of columns, p = n + r.
    public var columns: Int { gram.columns }

    /// δ_j, the total squared errors of columns relative to the exact sums of their squares; 0 for columns of zeros.
    func relativeDistortions(of columns: [QuantizedColumn]) -> [Double] {
        zip(columns, exactSquares).map { $1 > 0 ? $0.totalSquaredError / $1 : 0 }
    }

    /// Rows between two looks at whether the task was cancelled.
    private static let batchRows = 1 << 22

    /// From codes: the exact integer Gram matrix, rounded once. See `QuantizedMatrix.integerGram`.
    ///
    /// - Throws: `cancelled` in a task that was cancelled, between batches of rows.
    public init(_ data: QuantizedRegression, threads: Int, kernels: Kernels) throws(RegressionError) {
        let matrix = data.matrix
        var integers = matrix.integerGram(of: 0..<min(Self.batchRows, matrix.rows), threads: threads, kernels: kernels)
        for first in stride(from: Self.batchRows, to: matrix.rows, by: Self.batchRows) {
            try RegressionError.checkCancellation()
            let range = first..<min(first + Self.batchRows, matrix.rows)
            integers.merge(matrix.integerGram(of: range, threads: threads, kernels: kernels))
        }
        self.init(data, integers: integers)
    }

    /// From the integer Gram matrix of the codes.
    init(_ data: QuantizedRegression, integers: IntegerGram) {
        let matrix = data.matrix, p = matrix.columns.count
        var gram = DenseMatrix(rows: p, columns: p)
        for j in 0..<p {
            for k in 0...j {
                let value = integers.product(j, k, of: matrix, centered: data.intercept)
                gram[j, k] = value
                gram[k, j] = value
            }
        }
        rows = matrix.rows
        predictors = data.predictors
        intercept = data.intercept
        self.gram = gram
        exactSquares = matrix.columns.map {
            data.intercept
                ? $0.moments.sumOfSquaredDeviations
                : $0.moments.sumOfSquaredDeviations + Double($0.moments.count) * $0.moments.mean * $0.moments.mean
        }
        variances = Self.variances(exactSquares, rows: rows)
        gains = matrix.columns.map { $0.rounding == .balanced ? 1 : $0.decodeGain }
    }

    /// In full precision: `dsyrk` over blocks of rows, centred with the means of the first pass. Memory: p² and a block.
    init(fullPrecision table: RegressionTable, columns: [Int], predictors: Int, intercept: Bool) throws(RegressionError)
    {
        var gram = DenseMatrix(rows: columns.count, columns: columns.count)
        let centers = columns.map { intercept ? table.moments[$0].mean : 0 }
        try table.forEachBlock { (block) throws(RegressionError) in
            BLAS.symmetricRankUpdate(block.centered(columns, at: centers), beta: 1, into: &gram)
        }
        rows = table.rows
        self.predictors = predictors
        self.intercept = intercept
        exactSquares = columns.indices.map { gram[$0, $0] }
        variances = Self.variances(exactSquares, rows: rows)
        gains = [Double](repeating: 1, count: columns.count)
        self.gram = gram
    }

    private static func variances(_ squares: [Double], rows: Int) -> [Double] {
        squares.map { $0 / Double(max(1, rows)) }
    }

    /// The matrix and right-hand sides to solve: as decoded, or corrected by decode gains off the diagonal and exact
    /// sums of squares on it.
    func corrected(_ correction: BiasCorrection) -> DenseMatrix {
        guard correction == .exactDiagonal else { return gram }
        var result = gram
        for j in 0..<columns {
            for k in 0..<columns { result[j, k] *= gains[j] * gains[k] }
            result[j, j] = exactSquares[j]
        }
        return result
    }
}

/// What is done about the bias that quantization puts into the normal equations.
public enum BiasCorrection: String, Sendable, CaseIterable {
    /// Nothing: the decoded values are taken as the numbers themselves.
    case none
    /// The diagonal is replaced by the exact sums of squares kept with the codes, and other products are multiplied by
    /// the decode gains of their columns.
    case exactDiagonal = "exact-diagonal"

    /// The error of one run differs from its root mean square, and a corrected answer must not be worse than the
    /// uncorrected one: its predicted q has to be at most half as large. A factor on squares.
    var guardFactor: Double { self == .none ? 1 : 4 }

    /// Those that are considered for the codes of a matrix: none but the first where a column is overloaded.
    static func candidates(for matrix: QuantizedMatrix) -> [BiasCorrection] {
        matrix.columns.contains(where: \.isOverloaded) ? [.none] : allCases
    }
}

extension QuantizedColumn {
    /// Whether the end levels of nearest codes have more than eight times their share of the squared error. Numbers beyond
    /// them err in one direction and together with other columns: no exact diagonal makes up for that, and errors that
    /// are independent for given codes do not foretell it.
    fileprivate var isOverloaded: Bool {
        guard rounding == .nearest, let first = squaredErrors.first, let last = squaredErrors.last else { return false }
        return Double(squaredErrors.count) * (first + last) > 16 * totalSquaredError
    }
}

extension IntegerGram {
    /// Σ_i x̂_ij·x̂_ik over decoded columns with all their refinements, about their means or about zero.
    func product(_ j: Int, _ k: Int, of matrix: QuantizedMatrix, centered: Bool) -> Double {
        let first = matrix.parts(of: j), second = matrix.parts(of: k)
        var sum = CompensatedSum()
        for a in first {
            for b in second { sum.add(matrix.grid(part: a).scale * matrix.grid(part: b).scale * centeredProduct(a, b)) }
        }
        if !centered, rows > 0 { sum.add(Double(rows) * mean(first, matrix) * mean(second, matrix)) }
        return sum.value
    }

    /// The mean of a decoded column: the sum over its parts of offset + scale·L̄.
    private func mean(_ parts: [Int], _ matrix: QuantizedMatrix) -> Double {
        parts.reduce(0) { total, part in
            let grid = matrix.grid(part: part)
            return total + grid.offset + grid.scale * (Double(sum(part)) / Double(rows))
        }
    }
}

extension DenseMatrix {
    /// The columns listed, less their centers.
    func centered(_ list: [Int], at centers: [Double]) -> DenseMatrix {
        var result = DenseMatrix(rows: rows, columns: list.count)
        for (q, j) in list.enumerated() {
            let center = centers[q]
            var target = result.elements.mutableSpan
            for i in 0..<rows { target[i + q * rows] = elements[i + j * rows] - center }
        }
        return result
    }
}
