import Factorizations
import Matrices
import Quantizers

/// The pairs of entries that are multiplied in C = AB: a_it with b_tj for all i, t, j. Sums over all m·k·n of them
/// factor by the inner index, so moments of the pairs cost no more than reading the factors.
struct ProductPairs {
    /// A, m × k.
    let a: DenseMatrix
    /// Bᵀ, n × k.
    let bTransposed: DenseMatrix

    /// The pairs of A, m × k, and Bᵀ, n × k.
    init(_ a: DenseMatrix, bTransposed: DenseMatrix) {
        precondition(a.columns == bTransposed.columns && a.columns > 0, "The inner dimensions of a product agree.")
        self.a = a
        self.bTransposed = bTransposed
    }

    /// k.
    var inner: Int { a.columns }
    /// m·k·n.
    var count: Double { Double(a.rows) * Double(inner) * Double(bTransposed.rows) }

    /// The correlation of a_it and b_tj over all pairs; 0 where a factor is constant.
    var correlation: Double {
        let (meanA, meanB) = (average(a), average(bTransposed))
        let (squareA, squareB) = (meanSquare(a) - meanA * meanA, meanSquare(bTransposed) - meanB * meanB)
        let size = (max(0, squareA) * max(0, squareB)).squareRoot()
        guard size > 1e-14 * (meanSquare(a) * meanSquare(bTransposed)).squareRoot() else { return 0 }
        let cross = zip(columnSums(a, nil), columnSums(bTransposed, nil)).reduce(0) { $0 + $1.0 * $1.1 } / count
        return max(-1, min(1, (cross - meanA * meanB) / size))
    }

    /// The five moments of XY and X̂Ŷ over all pairs, for coded factors of the same shapes.
    func moments(codedA: DenseMatrix, codedBTransposed: DenseMatrix) -> ProductMoments {
        func mean(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / count }
        let b = bTransposed
        return ProductMoments(
            exactSecondMoment: mean(columnSums(a, a), columnSums(b, b)),
            crossMoment: mean(columnSums(a, codedA), columnSums(b, codedBTransposed)),
            codedSecondMoment: mean(
                columnSums(codedA, codedA), columnSums(codedBTransposed, codedBTransposed)),
            exactMean: mean(columnSums(a, nil), columnSums(b, nil)),
            codedMean: mean(columnSums(codedA, nil), columnSums(codedBTransposed, nil)))
    }

    /// A sample of pairs, with replacement: as many as there are, but at most 2¹⁷.
    func sample(seed: UInt64) -> (x: [Double], y: [Double]) {
        let size = Int(min(count, 0x1p17))
        var generator = SplitMix64(seed: seed)
        var (x, y) = ([Double](), [Double]())
        for _ in 0..<size {
            let t = Int.random(in: 0..<inner, using: &generator)
            x.append(a[Int.random(in: 0..<a.rows, using: &generator), t])
            y.append(bTransposed[Int.random(in: 0..<bTransposed.rows, using: &generator), t])
        }
        return (x, y)
    }

    /// Σ_i x_it·y_it for each t, or Σ_i x_it without y.
    private func columnSums(_ x: DenseMatrix, _ y: DenseMatrix?) -> [Double] {
        (0..<x.columns).map { t in
            let column = (t * x.rows)..<((t + 1) * x.rows)
            guard let y else { return column.reduce(0) { $0 + x.elements[$1] } }
            return column.reduce(0) { $0 + x.elements[$1] * y.elements[$1] }
        }
    }

    private func average(_ x: DenseMatrix) -> Double { x.elements.reduce(0, +) / Double(x.elements.count) }

    private func meanSquare(_ x: DenseMatrix) -> Double {
        x.elements.reduce(0) { $0 + $1 * $1 } / Double(x.elements.count)
    }
}
