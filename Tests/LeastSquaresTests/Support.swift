import Foundation
import QuantizedLeastSquares
import TestSupport

/// A table from columns, the last `responses` of them responses.
func regressionTable(
    _ names: [String], _ columns: [[Double]], responses: Int = 1, sampleRows: Int = 4096, seed: UInt64 = 1
) throws -> RegressionTable {
    try RegressionTable(
        reading: ArrayTableSource(names: names, columns: columns), predictors: names.count - responses,
        sampleRows: sampleRows, seed: seed)
}

/// A regression set of `Datasets/regression` with its response last.
func dataset(_ file: String, response: String, seed: UInt64 = 1) throws -> RegressionTable {
    let path = Checkout.datasets.appendingPathComponent("regression/\(file).csv").path
    let source = try openTable(path: path)
    let predictors = source.columnNames.filter { $0 != response }
    try source.select(columns: predictors + [response])
    return try RegressionTable(
        reading: source, predictors: predictors.count, sampleRows: max(4096, 8 * predictors.count), seed: seed)
}

extension LeastSquaresProblem {
    /// Full precision by the given method.
    static func full(_ method: SolverMethod, intercept: Bool = true) -> LeastSquaresProblem {
        var problem = LeastSquaresProblem()
        problem.precision = .full
        problem.method = method
        problem.intercept = intercept
        return problem
    }

    /// On codes, with the reference.
    static func quantized(
        bits: Int, responseBits: Int? = 8, quantizer: Quantizer = .automatic, transform: TransformChoice = .automatic,
        intercept: Bool = true, method: SolverMethod = .automatic
    ) -> LeastSquaresProblem {
        var options = QuantizationOptions()
        options.bits = bits
        options.responseBits = responseBits
        options.quantizer = quantizer
        options.transform = transform
        var problem = LeastSquaresProblem()
        problem.precision = .quantized(options)
        problem.reference = true
        problem.intercept = intercept
        problem.method = method
        return problem
    }
}

/// Random numbers that are the same everywhere: SplitMix64 (Steele, Lea, Flood 2014).
struct RandomNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// In (0, 1).
    mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

    /// N(0, 1) by Box and Muller.
    mutating func gaussian() -> Double {
        (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
    }

    /// Student's t with 4 degrees of freedom, by Bailey's polar method.
    mutating func heavyTailed() -> Double {
        let u = uniform(), nu = 4.0
        return (nu * (pow(u, -2 / nu) - 1)).squareRoot() * cos(2 * .pi * uniform())
    }

    mutating func gaussians(_ count: Int) -> [Double] { (0..<count).map { _ in gaussian() } }
}
