import Factorizations
import Matrices

/// A reproducible source of uniform numbers in (−1, 1): a 64-bit linear congruential generator (Knuth's MMIX constants).
struct TestNumbers {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-52 - 1
    }

    mutating func matrix(_ rows: Int, _ columns: Int) -> DenseMatrix {
        DenseMatrix(rows: rows, columns: columns, elements: (0..<(rows * columns)).map { _ in next() })
    }
}

extension DenseMatrix {
    /// A matrix from its rows.
    init(_ rows: [[Double]]) {
        self.init(rows: rows.count, columns: rows.first?.count ?? 0)
        for (i, row) in rows.enumerated() {
            for (j, value) in row.enumerated() { self[i, j] = value }
        }
    }

    /// The rows `range` as a block.
    func block(_ range: Range<Int>) -> DenseMatrix {
        var result = DenseMatrix(rows: range.count, columns: columns)
        for j in 0..<columns {
            for i in range { result[i - range.lowerBound, j] = self[i, j] }
        }
        return result
    }

    /// The first `count` columns.
    func firstColumns(_ count: Int) -> DenseMatrix {
        DenseMatrix(rows: rows, columns: count, elements: Array(elements.prefix(rows * count)))
    }

    static func - (a: DenseMatrix, b: DenseMatrix) -> DenseMatrix {
        precondition(a.rows == b.rows && a.columns == b.columns)
        return DenseMatrix(rows: a.rows, columns: a.columns, elements: zip(a.elements, b.elements).map(-))
    }

    /// The triple loop: the definition of the product.
    func times(_ b: DenseMatrix) -> DenseMatrix {
        precondition(columns == b.rows)
        var c = DenseMatrix(rows: rows, columns: b.columns)
        for j in 0..<b.columns {
            for k in 0..<columns {
                for i in 0..<rows { c[i, j] += self[i, k] * b[k, j] }
            }
        }
        return c
    }

    /// ‖this − other‖_F / ‖other‖_F.
    func relativeError(to other: DenseMatrix) -> Double {
        let scale = other.frobeniusNorm
        return (self - other).frobeniusNorm / (scale == 0 ? 1 : scale)
    }

    /// How far the columns are from orthonormal: ‖VᵀV − I‖_F.
    var orthonormalityDefect: Double {
        (transposed().times(self) - .identity(columns)).frobeniusNorm
    }

    /// The matrix with the absolute value of every entry.
    var absolute: DenseMatrix { DenseMatrix(rows: rows, columns: columns, elements: elements.map(abs)) }

    /// The n × n Hilbert matrix, 1 / (i + j + 1).
    static func hilbert(_ n: Int) -> DenseMatrix {
        DenseMatrix((0..<n).map { i in (0..<n).map { j in 1 / Double(i + j + 1) } })
    }

    /// U·diag(σ)·Vᵀ with orthonormal U (m × k) and V (n × k), products of Householder reflections made here.
    static func withSingularValues(_ sigma: [Double], rows m: Int, columns n: Int, seed: UInt64) -> DenseMatrix {
        var numbers = TestNumbers(seed: seed)
        var a = DenseMatrix(rows: m, columns: n)
        for (i, value) in sigma.enumerated() { a[i, i] = value }
        for _ in 0..<3 {
            a = a.reflected(numbers.matrix(m, 1).elements)
            a = a.transposed().reflected(numbers.matrix(n, 1).elements).transposed()
        }
        return a
    }

    /// (I − 2·v·vᵀ/vᵀv)·this.
    private func reflected(_ v: [Double]) -> DenseMatrix {
        let scale = 2 / v.reduce(0) { $0 + $1 * $1 }
        var result = self
        for j in 0..<columns {
            var dot = 0.0
            for i in 0..<rows { dot += v[i] * self[i, j] }
            for i in 0..<rows { result[i, j] -= scale * dot * v[i] }
        }
        return result
    }
}

/// Numbers falling from 1 to 1/κ in equal ratios.
func geometricSingularValues(_ count: Int, condition: Double) -> [Double] {
    (0..<count).map { count == 1 ? 1 : 1 / power(condition, Double($0) / Double(count - 1)) }
}

private func power(_ base: Double, _ exponent: Double) -> Double {
    // exponents are multiples of 1/(count − 1): a product of square roots is enough precision for test data
    var result = 1.0
    var root = base
    var fraction = exponent
    if fraction >= 1 { return base }
    for _ in 0..<52 {
        root = root.squareRoot()
        fraction *= 2
        if fraction >= 1 { result *= root; fraction -= 1 }
    }
    return result
}

/// The shapes that every dense factorization is tried on.
let shapes = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (4, 4), (7, 3), (3, 7), (60, 40), (40, 60), (130, 97)]
