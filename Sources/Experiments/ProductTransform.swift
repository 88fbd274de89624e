import Factorizations
import Matrices

/// An invertible change of basis for the two operands of a product that leaves the product as it is: with vectors as
/// rows, A·S and B·S^{−T} have (A·S)(B·S^{−T})ᵀ = A·Bᵀ.
///
/// Both matrices are stored, so that going back needs no inversion: A = (A·S)(S^{−T})ᵀ. Transforms compose, and are
/// Codable. Source of balancing: theory of products after Misra, Goyal and Varshney; see `balancing`.
public struct ProductTransform: Sendable, Equatable {
    /// S, n × n: transforms the rows of the left operand.
    public let left: DenseMatrix
    /// S^{−T}, n × n: transforms the rows of the right operand.
    public let right: DenseMatrix

    /// n, the length of the vectors.
    public var size: Int { left.rows }

    /// A transform from S and S^{−T}; the caller vouches that they belong together.
    init(left: DenseMatrix, right: DenseMatrix) {
        self.left = left
        self.right = right
    }

    /// The identity on vectors of n numbers.
    public static func identity(_ n: Int) -> ProductTransform {
        ProductTransform(left: .identity(n), right: .identity(n))
    }

    /// The balancing transform of two second-moment matrices: SᵀC_A S = S^{−1}C_B S^{−T} = Λ, diagonal and ascending.
    ///
    /// Entries of both operands become uncorrelated, and entry i has in both the second moment λ_i, where λ_i² are the
    /// eigenvalues of C_A C_B. With L·Lᵀ = C_B and LᵀC_A L = V·diag(λ²)·Vᵀ: S = L·V·diag(λ^{−1/2}).
    ///
    /// - Parameters:
    ///   - leftMoment: C_A = AᵀA/m, n × n, of calibration data.
    ///   - rightMoment: C_B = BᵀB/m.
    ///   - shrinkage: share of the average diagonal that is added to each, for moments from few vectors.
    /// - Throws: `FactorizationError` where a moment is not finite.
    /// - Complexity: about 20·n³.
    public static func balancing(
        leftMoment: DenseMatrix, rightMoment: DenseMatrix, shrinkage: Double = 1e-6
    ) throws(FactorizationError) -> ProductTransform {
        let (root, inverse) = try rightMoment.regularized(shrinkage).squareRoots()
        let a = leftMoment.regularized(shrinkage)
        let eigen = try SymmetricEigen(BLAS.multiply(root, BLAS.multiply(a, root)))
        let least = max(1e-15 * (eigen.values.last ?? 0), .leastNormalMagnitude)
        let quarter = eigen.values.map { max($0, least).squareRoot().squareRoot() }
        return ProductTransform(
            left: BLAS.multiply(root, eigen.vectors).scalingColumns(quarter.map { 1 / $0 }),
            right: BLAS.multiply(inverse, eigen.vectors).scalingColumns(quarter))
    }

    /// This transform followed by another: S = S₁·S₂.
    public func followed(by next: ProductTransform) -> ProductTransform {
        precondition(next.size == size, "Transforms of vectors of \(size) and \(next.size) numbers do not compose.")
        return ProductTransform(
            left: BLAS.multiply(left, next.left), right: BLAS.multiply(right, next.right))
    }

    /// The transform that undoes this one: S^{−1}.
    public var inverse: ProductTransform {
        ProductTransform(left: right.transposed(), right: left.transposed())
    }

    /// The left operand in the new basis, A·S; vectors are rows. Cost: 2·m·n².
    public func applyLeft(_ a: DenseMatrix) -> DenseMatrix { BLAS.multiply(a, left) }

    /// The right operand in the new basis, B·S^{−T}.
    public func applyRight(_ b: DenseMatrix) -> DenseMatrix { BLAS.multiply(b, right) }
}

extension ProductTransform: Codable {
    private enum Key: String, CodingKey { case size, left, right }

    /// Reads a transform: its size and both matrices in column-major order.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let size = try container.decode(Int.self, forKey: .size)
        let left = try container.decode([Double].self, forKey: .left)
        let right = try container.decode([Double].self, forKey: .right)
        guard size >= 0, left.count == size * size, right.count == size * size else {
            throw DecodingError.dataCorruptedError(
                forKey: .left, in: container,
                debugDescription: "A transform of size \(size) has two matrices of \(size)² numbers.")
        }
        self.init(
            left: DenseMatrix(rows: size, columns: size, elements: left),
            right: DenseMatrix(rows: size, columns: size, elements: right))
    }

    /// Writes the size and both matrices in column-major order.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(size, forKey: .size)
        try container.encode(left.elements, forKey: .left)
        try container.encode(right.elements, forKey: .right)
    }
}
