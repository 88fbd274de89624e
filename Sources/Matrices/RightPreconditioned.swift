/// A·R⁻¹ for an upper triangular R of n × n without zeros on its diagonal: the operator of the problem
/// min ‖A·R⁻¹·y − b‖, of which x = R⁻¹·y solves min ‖A·x − b‖. With RᵀR near AᵀA it is well conditioned and iterations
/// are few.
public struct RightPreconditioned<Base: LinearOperator>: LinearOperator {
    private let base: Base
    private let r: DenseMatrix

    /// A·R⁻¹. Preconditions: R is n × n and has no zero on its diagonal; what is below it is not read.
    public init(_ base: Base, by r: DenseMatrix) {
        precondition(
            r.rows == base.columns && r.columns == base.columns,
            "A matrix of \(base.columns) columns takes a triangle of that order, not \(r.rows) × \(r.columns).")
        precondition(
            (0..<r.rows).allSatisfy { r[$0, $0] != 0 }, "A triangle with a zero diagonal entry has no inverse.")
        self.base = base
        self.r = r
    }

    /// m.
    public var rows: Int { base.rows }
    /// n.
    public var columns: Int { base.columns }

    /// A·(R⁻¹·y). Cost: n² flops and a product with A.
    public func multiply(_ y: [Double]) -> [Double] { base.multiply(original(y)) }

    /// R⁻ᵀ·(Aᵀ·z). Cost: n² flops and a product with Aᵀ.
    public func multiplyTransposed(_ z: [Double]) -> [Double] {
        var x = base.multiplyTransposed(z)
        for j in x.indices {
            var sum = x[j]
            for i in 0..<j { sum -= r[i, j] * x[i] }
            x[j] = sum / r[j, j]
        }
        return x
    }

    /// x = R⁻¹·y, by back substitution. Cost: n² flops.
    public func original(_ y: [Double]) -> [Double] {
        var x = y
        for j in x.indices.reversed() {
            x[j] /= r[j, j]
            for i in 0..<j { x[i] -= r[i, j] * x[j] }
        }
        return x
    }
}
