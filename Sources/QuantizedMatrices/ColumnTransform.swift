import Matrices

/// An invertible linear map of the columns, estimated on a pilot sample: U = (X − 1μᵀ)·T⁻¹ with T unit upper
/// triangular in the elimination order.
///
/// Column j of U is the part of column j that the columns before it in `order` do not explain (Gram–Schmidt without
/// normalization). Columns marked `kept` pass unchanged, not even centred (they may still explain others). Collinear columns become
/// nearly uncorrelated ones, so that quantization errors are not amplified by the condition number.
public struct ColumnTransform: Sendable, Equatable {
    /// What is subtracted from each column first, μ.
    public let centers: [Double]
    /// A magnitude of each column, σ > 0, for instance its standard deviation.
    public let scales: [Double]
    /// The elimination order: positions to columns.
    public let order: [Int]
    /// Columns that pass unchanged.
    public let kept: [Bool]
    /// T above its diagonal, position by position: the coefficients of the columns before it, dimensionless: T_rq is
    /// the coefficient times σ_q/σ_r.
    public let coefficients: [[Float]]

    /// The map that changes nothing.
    public static func identity(columns: Int) -> ColumnTransform {
        ColumnTransform(
            centers: [Double](repeating: 0, count: columns), scales: [Double](repeating: 1, count: columns),
            order: Array(0..<columns),
            kept: [Bool](repeating: true, count: columns),
            coefficients: [[Float]](repeating: [], count: columns))
    }

    /// A transform from its parts. `coefficients[q]` has q numbers (T_0q … T_{q−1,q}) or none, for position q.
    public init(centers: [Double], scales: [Double], order: [Int], kept: [Bool], coefficients: [[Float]]) {
        precondition(scales.count == centers.count && scales.allSatisfy { $0 > 0 && $0.isFinite })
        precondition(order.sorted() == Array(0..<centers.count) && kept.count == centers.count)
        precondition(coefficients.count == order.count)
        for (q, column) in coefficients.enumerated() {
            precondition(column.isEmpty || column.count == q, "Position \(q) takes \(q) coefficients.")
        }
        self.centers = centers
        self.scales = scales
        self.order = order
        self.kept = kept
        self.coefficients = coefficients
    }

    /// The number of columns, p.
    public var columns: Int { order.count }

    /// Whether no column is changed.
    public var isIdentity: Bool { coefficients.allSatisfy(\.isEmpty) }

    /// W = T⁻¹ (p × p, in the table's column order): U = (X − 1μᵀ)·W, and coefficients z for U are W·z for X.
    ///
    /// T is stored in single precision and inverted in double, so W is the exact definition of U to double rounding.
    /// Cost: p³/6.
    public func matrix() -> DenseMatrix {
        let p = columns
        var w = DenseMatrix.identity(p)
        for q in 0..<p {
            let j = order[q]
            for (r, coefficient) in coefficients[q].enumerated() where coefficient != 0 {
                let t = Double(coefficient) * (scales[j] / scales[order[r]])
                // Column j of W loses t times the column of position r.
                for s in 0...r { w[order[s], j] -= t * w[order[s], order[r]] }
            }
        }
        return w
    }

    /// T (p × p, in the table's column order): X − 1μᵀ = U·T. Cost: p².
    public func inverseMatrix() -> DenseMatrix {
        var t = DenseMatrix.identity(columns)
        for (q, j) in order.enumerated() {
            for (r, coefficient) in coefficients[q].enumerated() {
                t[order[r], j] = Double(coefficient) * (scales[j] / scales[order[r]])
            }
        }
        return t
    }

    /// Bytes of a stored transform: 4 per coefficient, and per column its center, scale, place and mark; 0 for the identity.
    public var bytes: Int {
        isIdentity ? 0 : coefficients.reduce(0) { $0 + 4 + 4 * $1.count } + 21 * columns
    }
}
