/// A·diag(s): the operator of the problem min ‖A·diag(s)·y − b‖, of which x = s∘y solves min ‖A·x − b‖. Columns of like norms
/// keep an iteration from taking the small ones for zero.
public struct ColumnScaled<Base: LinearOperator>: LinearOperator {
    private let base: Base
    private let factors: [Double]

    /// A·diag(s). Precondition: one factor per column.
    public init(_ base: Base, by factors: [Double]) {
        precondition(
            factors.count == base.columns, "\(base.columns) columns take as many factors, not \(factors.count).")
        self.base = base
        self.factors = factors
    }

    /// m.
    public var rows: Int { base.rows }
    /// n.
    public var columns: Int { base.columns }

    /// A·(s∘y). Cost: n and a product with A.
    public func multiply(_ y: [Double]) -> [Double] { base.multiply(original(y)) }

    /// s∘(Aᵀ·z). Cost: n and a product with Aᵀ.
    public func multiplyTransposed(_ z: [Double]) -> [Double] { original(base.multiplyTransposed(z)) }

    /// x = s∘y.
    public func original(_ y: [Double]) -> [Double] { zip(y, factors).map(*) }
}
