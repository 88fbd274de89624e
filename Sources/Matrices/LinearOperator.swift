/// A real m × n matrix known by its products with vectors: all that an iterative least squares solver needs.
public protocol LinearOperator {
    /// The number of rows, m.
    var rows: Int { get }
    /// The number of columns, n.
    var columns: Int { get }
    /// A·x, m numbers, for x of n numbers (a precondition).
    func multiply(_ x: [Double]) -> [Double]
    /// Aᵀ·y, n numbers, for y of m numbers (a precondition).
    func multiplyTransposed(_ y: [Double]) -> [Double]
}

extension DenseMatrix: LinearOperator {
    /// A·x, column after column. Cost: 2·m·n flops.
    public func multiply(_ x: [Double]) -> [Double] {
        precondition(x.count == columns, "A has \(columns) columns, x \(x.count) entries.")
        var y = [Double](repeating: 0, count: rows)
        for j in 0..<columns {
            let (factor, start) = (x[j], j * rows)
            for i in 0..<rows { y[i] += factor * elements[start &+ i] }
        }
        return y
    }

    /// Aᵀ·y, a dot product for each column, each summed in four interleaved parts. Cost: 2·m·n flops.
    public func multiplyTransposed(_ y: [Double]) -> [Double] {
        precondition(y.count == rows, "A has \(rows) rows, y \(y.count) entries.")
        var x = [Double](repeating: 0, count: columns)
        for j in 0..<columns {
            let start = j * rows
            var parts = SIMD4<Double>.zero
            var i = 0
            while i &+ 4 <= rows {
                let p = start &+ i
                let a = SIMD4(elements[p], elements[p &+ 1], elements[p &+ 2], elements[p &+ 3])
                parts += a * SIMD4(y[i], y[i &+ 1], y[i &+ 2], y[i &+ 3])
                i &+= 4
            }
            var sum = parts.sum()
            while i < rows {
                sum += elements[start &+ i] * y[i]
                i &+= 1
            }
            x[j] = sum
        }
        return x
    }
}
