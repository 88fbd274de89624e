import Experiments
import Foundation
import Matrices
import Testing

@Suite struct ProductTransformTests {
    @Test(arguments: [1, 2, 3, 6, 12, 15, 64, 96]) func hadamardIsARotationThatMixes(n: Int) {
        let transform = ProductTransform.hadamard(n, seed: 7)
        #expect(transform.left == transform.right)
        #expect(distance(product(transform.left, transform.left.transposed()), .identity(n)) < 1e-13)
        let largest = transform.left.elements.map(abs).max() ?? 0
        #expect(largest <= 2.0.squareRoot() / Double(n).squareRoot() + 1e-14)
    }

    @Test func hadamardDependsOnTheSeedOnly() {
        #expect(ProductTransform.hadamard(64, seed: 1) == .hadamard(64, seed: 1))
        #expect(ProductTransform.hadamard(64, seed: 1) != .hadamard(64, seed: 2))
    }

    /// SᵀC_A S = S^{−1}C_B S^{−T} = diag(λ) with λ_i² the eigenvalues of C_A·C_B, here known in closed form.
    @Test func balancingMakesMomentsEqualAndDiagonal() throws {
        let a = DenseMatrix(rows: 2, columns: 2, elements: [4, 0, 0, 9])
        let b = DenseMatrix(rows: 2, columns: 2, elements: [25, 0, 0, 1])
        let transform = try ProductTransform.balancing(leftMoment: a, rightMoment: b, shrinkage: 0)
        let left = product(transform.left.transposed(), product(a, transform.left))
        let right = product(transform.right.transposed(), product(b, transform.right))
        let expected = DenseMatrix(rows: 2, columns: 2, elements: [3, 0, 0, 10])
        #expect(distance(left, expected) < 1e-13)
        #expect(distance(right, expected) < 1e-13)
    }

    @Test func balancingOfCorrelatedMoments() throws {
        var generator = NormalGenerator(seed: 3)
        let x = generator.matrix(40, 6), y = generator.matrix(40, 6)
        let (a, b) = (product(x.transposed(), x), product(y.transposed(), y))
        let transform = try ProductTransform.balancing(leftMoment: a, rightMoment: b, shrinkage: 0)
        let left = product(transform.left.transposed(), product(a, transform.left))
        let right = product(transform.right.transposed(), product(b, transform.right))
        #expect(distance(left, right) < 1e-11)
        for j in 0..<6 {
            for i in 0..<6 where i != j { #expect(abs(left[i, j]) < 1e-11) }
        }
    }

    @Test func productsStayAndTheInverseUndoes() throws {
        var generator = NormalGenerator(seed: 4)
        let x = generator.matrix(30, 12), y = generator.matrix(20, 12)
        let balancing = try ProductTransform.balancing(
            leftMoment: product(x.transposed(), x), rightMoment: product(y.transposed(), y))
        let transform = balancing.followed(by: .hadamard(12, seed: 5))
        let (left, right) = (transform.applyLeft(x), transform.applyRight(y))
        #expect(distance(product(left, right.transposed()), product(x, y.transposed())) < 1e-12)
        #expect(distance(left, x) > 0.1)
        #expect(distance(transform.inverse.applyLeft(left), x) < 1e-13)
        #expect(distance(transform.inverse.applyRight(right), y) < 1e-13)
    }

    @Test func codable() throws {
        var generator = NormalGenerator(seed: 6)
        let x = generator.matrix(30, 5)
        let transform = try ProductTransform.balancing(
            leftMoment: product(x.transposed(), x), rightMoment: .identity(5)
        ).followed(by: .hadamard(5, seed: 1))
        let data = try JSONEncoder().encode(transform)
        #expect(try JSONDecoder().decode(ProductTransform.self, from: data) == transform)
        let wrong = Data(#"{"size": 2, "left": [1, 0, 0], "right": [1, 0, 0, 1]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ProductTransform.self, from: wrong) }
    }

    @Test(arguments: [0, 0.5]) func geometricMeanDecomposition(share: Double) throws {
        var generator = NormalGenerator(seed: 8)
        for n in [1, 2, 5, 16] {
            var h = generator.matrix(n, n)
            for i in 0..<n { h[i, 0] *= 100 }
            let decomposition = try GeometricMeanDecomposition(h, raisingSquaresBy: share)
            let (q, r, p) = (decomposition.q, decomposition.r, decomposition.p)
            #expect(distance(product(q.transposed(), q), .identity(n)) < 1e-13)
            #expect(distance(product(p.transposed(), p), .identity(n)) < 1e-13)
            for j in 0..<n {
                #expect(abs(r[j, j] / r[0, 0] - 1) < 1e-10)
                for i in (j + 1)..<max(n, j + 1) { #expect(abs(r[i, j]) < 1e-12 * r[0, 0]) }
            }
            let difference = distance(product(q, product(r, p.transposed())), h)
            #expect(share == 0 ? difference < 1e-11 : difference > 1e-3)
        }
    }
}
