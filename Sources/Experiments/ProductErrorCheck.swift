import Factorizations
import Matrices

/// Predicted errors of the entries of a product beside the measured ones.
public struct ProductErrorCheck: Sendable {
    /// Σ c², over the entries c of the exact product.
    public private(set) var squaredNorm = 0.0
    /// Σ (c − ĉ)².
    public private(set) var squaredError = 0.0
    /// Σ (bias² + variance), what was predicted for it.
    public private(set) var predictedSquaredError = 0.0
    private var squaredBias = 0.0
    private var inside = 0
    private var variances: [Double] = []
    private var squaredDeviations: [Double] = []

    /// How many standard deviations a normal deviate keeps within in 95% of cases.
    static let normalQuantile = 1.959963984540054

    /// A check without entries.
    public init() {}

    /// Adds a block of entries, given exactly and as decoded.
    public mutating func add(exact: DenseMatrix, decoded: DenseMatrix, predicted: ProductErrorPrediction.Block) {
        // Below this the entries themselves are rounded.
        let floor = 1e-13 * (exact.elements.map(abs).max() ?? 0)
        for place in exact.elements.indices {
            let error = exact.elements[place] - decoded.elements[place]
            let bias = predicted.bias.elements[place]
            let variance = max(0, predicted.variance.elements[place])
            let deviation = error - bias
            squaredNorm += exact.elements[place] * exact.elements[place]
            squaredError += error * error
            squaredBias += bias * bias
            predictedSquaredError += bias * bias + variance
            if abs(deviation) <= Self.normalQuantile * variance.squareRoot() + floor { inside += 1 }
            variances.append(variance)
            squaredDeviations.append(deviation * deviation)
        }
    }

    /// The number of entries.
    public var count: Int { variances.count }

    /// ‖C − Ĉ‖²/‖C‖²; NaN for a product of zeros.
    public var relativeError: Double { squaredError / squaredNorm }
    /// The same as predicted.
    public var predictedRelativeError: Double { predictedSquaredError / squaredNorm }

    /// The root mean square of the entries' errors.
    public var errorOfEntry: Double { root(squaredError) }
    /// The root mean square of the predicted standard deviations.
    public var standardDeviationOfEntry: Double { root(variances.reduce(0, +)) }
    /// The root mean square of the predicted biases.
    public var biasOfEntry: Double { root(squaredBias) }
    /// The share of entries whose error is within 1.96 predicted standard deviations of the predicted bias.
    public var coverage: Double { Double(inside) / Double(count) }

    /// Entries with similar predicted variance.
    public struct Group: Sendable {
        /// The mean of the predicted variances.
        public let predictedVariance: Double
        /// The mean of (error − bias)².
        public let measuredVariance: Double
    }

    /// Groups of equally many entries, from the least predicted variance to the largest. Cost: N log N.
    public func groups(_ number: Int) -> [Group] {
        let order = variances.indices.sorted { variances[$0] < variances[$1] }
        return (0..<number).map { g in
            let members = order[(g * count / number)..<((g + 1) * count / number)]
            let size = Double(max(1, members.count))
            return Group(
                predictedVariance: members.reduce(0) { $0 + variances[$1] } / size,
                measuredVariance: members.reduce(0) { $0 + squaredDeviations[$1] } / size)
        }
    }

    private func root(_ sum: Double) -> Double { (sum / Double(max(1, count))).squareRoot() }
}
