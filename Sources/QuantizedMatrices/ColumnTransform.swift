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
        // In the order of elimination, where it is upper triangular: column q has q + 1 entries.
        var inner = (0..<p).map { [Double](repeating: 0, count: $0) + [1] }
        // Column q loses t times every column r before it: some q at a time, so that column r is fetched once for them.
        let group = 16
        for first in stride(from: 0, to: p, by: group) {
            let block = first..<min(first + group, p)
            for r in 0..<block.upperBound {
                let source = inner[r]
                for q in block where r < coefficients[q].count && coefficients[q][r] != 0 {
                    let t = Double(coefficients[q][r]) * (scales[order[q]] / scales[order[r]])
                    source.span.subtract(times: t, from: &inner[q])
                }
            }
        }
        var w = DenseMatrix(rows: p, columns: p)
        for q in 0..<p {
            for s in 0...q { w[order[s], order[q]] = inner[q][s] }
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

extension Span<Double> {
    /// Takes a multiple of these numbers from the first of others.
    fileprivate func subtract(times factor: Double, from numbers: inout [Double]) {
        var all = numbers.mutableSpan
        var target = all._mutatingExtracting(first: count)
        for i in indices { target[i] -= factor * self[i] }
    }
}
