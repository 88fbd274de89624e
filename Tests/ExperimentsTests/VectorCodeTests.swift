import Foundation
import Matrices
import Testing

@testable import Experiments

@Suite struct VectorCodeTests {
    /// Gaussian vectors with covariance of eigenvalues v and a metric of eigenvalues w in the same basis: the weighted
    /// variances of the principal coordinates are v·w.
    static func target(_ spread: Double, n: Int = 8, seed: UInt64 = 1) -> (CodeTarget, [Double], DenseMatrix) {
        var generator = NormalGenerator(seed: seed)
        let rotation = ProductTransform.hadamard(n, seed: 3).left
        let roots = (0..<n).map { pow(spread, Double($0) / Double(n - 1)) }
        var vectors = generator.matrix(2000, n)
        for j in 0..<n {
            for i in 0..<vectors.rows { vectors[i, j] *= roots[j] }
        }
        var mixed = product(vectors, rotation)
        for j in 0..<n {
            for i in 0..<mixed.rows { mixed[i, j] += 3 }
        }
        var weights = DenseMatrix(rows: n, columns: n)
        for i in 0..<n { weights[i, i] = roots[i] * roots[i] }
        let metric = product(rotation.transposed(), product(weights, rotation))
        var rootOfMetric = DenseMatrix(rows: n, columns: n)
        for i in 0..<n { rootOfMetric[i, i] = roots[i] }
        let root = product(rotation.transposed(), product(rootOfMetric, rotation))
        return (CodeTarget(vectors: mixed, metric: metric), roots.map { pow($0, 4) }, root)
    }

    @Test(arguments: [2, 4, 8]) func principalReachesReverseWaterFilling(bits: Int) throws {
        let (target, variances, root) = Self.target(5)
        let code = try VectorCode.principal(target, bitsPerEntry: bits)
        #expect(code.bitsPerVector == 8 * bits)
        let allotted = BitAllocation.bits(variances: variances, budget: 8 * bits)
        let expected = zip(variances, allotted).reduce(0) { $0 + $1.0 * BitAllocation.gaussianDistortion[$1.1] }
        let measured = code.meanWeightedError(target.vectors, metricRoot: root)
        #expect(abs(measured / expected - 1) < 0.08)
        // Equal bits after balancing would leave (Σ√μ)²/n·D.
        let balanced = pow(variances.reduce(0) { $0 + $1.squareRoot() }, 2) / 8
        #expect(measured < 0.5 * balanced * BitAllocation.gaussianDistortion[bits])
    }

    @Test(arguments: [4, 6]) func triangularReachesTheGeometricMean(bits: Int) throws {
        let (target, variances, root) = Self.target(2)
        let code = try VectorCode.triangular(target, bitsPerEntry: bits)
        #expect(code.tables.map(\.bits) == [Int](repeating: bits, count: 8))
        let expected = 8 * geometricMean(variances) * BitAllocation.gaussianDistortion[bits]
        let measured = code.meanWeightedError(target.vectors, metricRoot: root)
        #expect(measured < 1.15 * expected && measured > 0.9 * expected)
        let arithmetic = variances.reduce(0, +) * BitAllocation.gaussianDistortion[bits]
        #expect(measured < 0.8 * arithmetic)
    }

    /// With feedback, the weighted error of decoded vectors is that of rounding in the triangular basis.
    @Test func coordinatesComeBackExactly() throws {
        let (target, _, _) = Self.target(5)
        for code in [
            try VectorCode.principal(target, bitsPerEntry: 4), try VectorCode.triangular(target, bitsPerEntry: 4),
        ] {
            let z = code.coordinates(of: target.vectors)
            #expect(distance(code.decode(z), target.vectors) < 1e-9)
            #expect(distance(code.decode(code.quantizeCoordinates(z).levels), code.quantize(target.vectors)) == 0)
        }
    }

    @Test func degenerateVectors() throws {
        let zero = CodeTarget(vectors: DenseMatrix(rows: 5, columns: 3), metric: DenseMatrix(rows: 3, columns: 3))
        let constant = CodeTarget(
            vectors: DenseMatrix(rows: 5, columns: 3, repeating: 2), metric: .identity(3))
        for target in [zero, constant] {
            for code in [
                try VectorCode.principal(target, bitsPerEntry: 4), try VectorCode.triangular(target, bitsPerEntry: 4),
                try VectorCode.standardized(target, bits: 4, allocated: true),
                try VectorCode.scaledCompanding(target, bits: 4), VectorCode.integer(target, bits: 4),
            ] {
                let coded = code.quantize(target.vectors)
                #expect(distance(coded, target.vectors) < 0.5)
                #expect(coded.elements.allSatisfy { $0.isFinite })
            }
        }
    }
}
