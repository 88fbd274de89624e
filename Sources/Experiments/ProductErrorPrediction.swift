import Factorizations
import Matrices

/// The error of C = XYᵀ when both factors are kept as codes, predicted entry by entry from the codes and the moments
/// kept with them: neither the factors nor their product are needed.
///
/// Entry (i, j) is an inner product x·y, decoded as g·x̂·ŷ. Given the codes, x = x̄ + f·L and y = ȳ + h·N, with x̄ = x̂ +
/// E[f]·L the expected vector, L the error synthesis of the code, and f of mean zero with variances v, independent from
/// coordinate to coordinate and of h (variances w). Then x·y − g·x̂·ŷ has the mean and the variance
///
///     bias = x̄·ȳ − g·x̂·ŷ,
///     variance = Σ_c v_c·(L·ȳ)_c² + Σ_d w_d·(N·x̄)_d² + Σ_cd v_c·(L·Nᵀ)_cd²·w_d,
///
/// and the expected squared Frobenius norm is the sum of bias² + variance over all entries.
public struct ProductErrorPrediction: Sendable {
    /// m and n, the numbers of rows and columns of the product.
    public let rows, columns: Int
    /// g, the factor of the decoded product.
    public let gain: Double

    /// x̄ − g·x̂ and g·x̂, m × k; ȳ and ȳ − ŷ, n × k.
    private let leftDifference, leftDecoded: DenseMatrix
    private let rightExpected, rightDifference: DenseMatrix
    /// v, m × c, with (L·ȳ)² + w·((L·Nᵀ)²)ᵀ, n × c; (N·x̄)², m × d, with w, n × d.
    private let leftVariances, leftWeights: DenseMatrix
    private let rightWeights, rightVariances: DenseMatrix

    /// Prepares the prediction for the product of every left with every right vector.
    ///
    /// - Parameters:
    ///   - left: m coded vectors, the rows of X.
    ///   - right: n coded vectors of the same length, the rows of Y.
    ///   - gain: g.
    /// - Throws: `shape` for vectors of different lengths.
    /// - Complexity: 4·(m + n)·k² with transforms, a few operations per entry of the factors without.
    public init(_ left: CodedVectors, _ right: CodedVectors, gain: Double = 1) throws(ExperimentError) {
        guard left.code.offset.count == right.code.offset.count else {
            throw .shape(
                "Vectors of \(left.code.offset.count) and of \(right.code.offset.count) numbers have no inner product.")
        }
        (rows, columns) = (left.count, right.count)
        self.gain = gain
        let (l, n) = (left.code.errorSynthesis, right.code.errorSynthesis)
        let (x, y) = (left.decoded, right.decoded)
        rightDifference = Self.times(right.expectedErrors, n)
        let expectedLeft = Self.combined(x, 1, Self.times(left.expectedErrors, l), 1)
        let expectedRight = Self.combined(y, 1, rightDifference, 1)
        leftDecoded = x.scaled(by: gain)
        leftDifference = Self.combined(expectedLeft, 1, x, -gain)
        rightExpected = expectedRight
        leftVariances = left.errorVariances
        rightVariances = right.errorVariances
        rightWeights = Self.timesTransposed(expectedLeft, n).squared
        // (L·Nᵀ)², c × d.
        let cross = Self.timesTransposed(l ?? .identity(x.columns), n).squared
        leftWeights = Self.combined(
            Self.timesTransposed(expectedRight, l).squared, 1,
            BLAS.multiply(rightVariances, transposed: false, cross, transposed: true), 1)
    }

    /// The predicted errors of a block of entries.
    ///
    /// - Complexity: 8·(rows)·(columns)·k.
    public func block(rows: Range<Int>, columns: Range<Int>) -> Block {
        func product(_ a: DenseMatrix, _ b: DenseMatrix) -> DenseMatrix {
            BLAS.multiply(
                a.submatrix(rows: rows, columns: 0..<a.columns), transposed: false,
                b.submatrix(rows: columns, columns: 0..<b.columns), transposed: true)
        }
        return Block(
            bias: Self.combined(product(leftDifference, rightExpected), 1, product(leftDecoded, rightDifference), 1),
            variance: Self.combined(product(leftVariances, leftWeights), 1, product(rightWeights, rightVariances), 1))
    }

    /// The predicted error of entry (i, j). Cost: 4·k.
    public func entry(_ i: Int, _ j: Int) -> (bias: Double, standardDeviation: Double) {
        let one = block(rows: i..<(i + 1), columns: j..<(j + 1))
        return (one.bias.elements[0], max(0, one.variance.elements[0]).squareRoot())
    }

    /// E‖XYᵀ − g·X̂Ŷᵀ‖²_F. Cost: 8·m·n·k.
    public var expectedSquaredNorm: Double {
        let step = 512
        return stride(from: 0, to: columns, by: step).reduce(0) {
            $0 + block(rows: 0..<rows, columns: $1..<min(columns, $1 + step)).expectedSquaredNorm
        }
    }

    /// Predicted errors of neighbouring entries.
    public struct Block: Sendable {
        /// The expected errors.
        public let bias: DenseMatrix
        /// The variances of the errors.
        public let variance: DenseMatrix

        /// The expected sum of the squared errors.
        public var expectedSquaredNorm: Double {
            zip(bias.elements, variance.elements).reduce(0) { $0 + $1.0 * $1.0 + max(0, $1.1) }
        }
    }

    private static func times(_ a: DenseMatrix, _ b: DenseMatrix?) -> DenseMatrix {
        b.map { BLAS.multiply(a, $0) } ?? a
    }

    private static func timesTransposed(_ a: DenseMatrix, _ b: DenseMatrix?) -> DenseMatrix {
        b.map { BLAS.multiply(a, transposed: false, $0, transposed: true) } ?? a
    }

    private static func combined(_ a: DenseMatrix, _ p: Double, _ b: DenseMatrix, _ q: Double) -> DenseMatrix {
        DenseMatrix(
            rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map { p * $0 + q * $1 })
    }
}

extension DenseMatrix {
    /// Every entry squared.
    fileprivate var squared: DenseMatrix {
        DenseMatrix(rows: rows, columns: columns, elements: elements.map { $0 * $0 })
    }

    /// Every entry times a factor.
    fileprivate func scaled(by factor: Double) -> DenseMatrix {
        DenseMatrix(rows: rows, columns: columns, elements: elements.map { factor * $0 })
    }
}
