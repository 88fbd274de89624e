import Factorizations
import Matrices
import TestSupport
import Testing

/// The dense factorizations against 60-digit arithmetic.
@Suite struct ReferenceTests {
    /// Powers 0..<columns of i / 19 for i in 0..<20.
    static let vandermonde: DenseMatrix = {
        var a = DenseMatrix(rows: 20, columns: 8)
        for i in 0..<20 {
            var power = 1.0
            for j in 0..<8 {
                a[i, j] = power
                power *= Double(i) / 19
            }
        }
        return a
    }()

    @Test func vandermondeLeastSquares() throws {
        let expected = try References.load().dense
        let b = (0..<20).map { 1 / Double(1 + $0) }
        let solutions = [
            try QRFactorization(Self.vandermonde).leastSquares(b), try PivotedQR(Self.vandermonde).leastSquares(b),
            try PivotedQR(Self.vandermonde).minimumNormSolution(b), try SVD(Self.vandermonde).minimumNormSolution(b),
        ]
        for x in solutions {
            for (value, reference) in zip(x, expected.vandermonde20x8Solution) {
                #expect(digitsOfAgreement(value, Double(reference)!) > 9)
            }
        }
        // The residual moves by up to ‖x‖·ε·‖A‖ ≈ 1e3·1e-15 of its 0.04.
        var augmented = TallSkinnyQR(columns: 9)
        try augmented.append(
            rows: DenseMatrix(rows: 20, columns: 9, elements: Self.vandermonde.elements + b))
        let residual = try abs(augmented.r[8, 8])
        #expect(digitsOfAgreement(residual, Double(expected.vandermonde20x8ResidualNorm)!) > 11)
    }

    /// Errors of singular values are below a small multiple of ε·σ₁, relative to the largest and not to each.
    @Test func singularValues() throws {
        let expected = try References.load().dense
        for (matrix, reference) in [
            (Self.vandermonde, expected.vandermonde20x8SingularValues),
            (DenseMatrix.hilbert(12), expected.hilbert12SingularValues),
        ] {
            let values = try SVD.singularValues(of: matrix)
            #expect(values.count == reference.count)
            for (value, exact) in zip(values, reference) {
                #expect(abs(value - Double(exact)!) < 20 * Double.ulpOfOne * values[0])
            }
        }
        let eigen = try SymmetricEigen(.hilbert(12)).values.reversed()
        for (value, exact) in zip(eigen, expected.hilbert12SingularValues) {
            #expect(abs(value - Double(exact)!) < 20 * Double.ulpOfOne * 1.8)
        }
    }
}
