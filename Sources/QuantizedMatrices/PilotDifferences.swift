import Matrices

/// How far the cross products of nearest codes are off on a pilot: some rows, chosen at random, of which numbers and codes
/// are known.
///
/// Nearest codes err in a way that depends on the other columns, so their cross products have a bias, which grows like
/// the number of rows where the standard deviation grows like its root. The mean over the pilot of
/// g_jg_k·x̂_jx̂_k − x_jx_k (about the pilot's means, with the decode gains g) estimates it without assumptions. Kept in
/// single precision and in the units of the columns; bytes: 2·p·(p + 1) + 8.
public struct PilotDifferences: Sendable, Equatable {
    /// Rows of the pilot.
    public let rows: Int
    /// Sums over the pilot of g_jg_k·x̂_jx̂_k − x_jx_k for k ≤ j, divided by σ_jσ_k: entry j(j+1)/2 + k.
    let products: [Float]

    /// The part of the rows that a pilot may be: a pilot of all of them would keep the products themselves.
    public static let largestShare = 0.5

    init(rows: Int, products: [Float]) {
        self.rows = rows
        self.products = products
    }

    /// From the numbers of a pilot (k × p, after the transform) and the codebooks of their columns, rounded to the
    /// nearest level. Cost: k·p².
    ///
    /// - Parameter intercept: whether products are about the means.
    public init(_ numbers: DenseMatrix, columns: [QuantizedColumn], intercept: Bool) {
        rows = numbers.rows
        let exact = columns.indices.map { Self.centered(numbers.column($0), about: columns[$0].moments, intercept) }
        let decoded = columns.indices.map { j in
            let codebook = columns[j].codebook, gain = columns[j].decodeGain
            return Self.centered(numbers.column(j).map { codebook.quantize($0) }, about: columns[j].moments, intercept)
                .map { gain * $0 }
        }
        let decodedGroups = Self.groups(decoded), exactGroups = Self.groups(exact)
        var products: [Float] = []
        for j in columns.indices {
            for g in 0...(j / 8) {
                let sums =
                    Self.products(decoded[j], decodedGroups[g]) - Self.products(exact[j], exactGroups[g])
                for lane in 0..<min(8, j + 1 - 8 * g) { products.append(Float(sums[lane])) }
            }
        }
        self.products = products
    }

    /// Eight columns side by side.
    private static func groups(_ columns: [[Double]]) -> [[SIMD8<Double>]] {
        stride(from: 0, to: columns.count, by: 8).map { first in
            var rows = [SIMD8<Double>](repeating: .zero, count: columns[first].count)
            for lane in 0..<min(8, columns.count - first) {
                for i in rows.indices { rows[i][lane] = columns[first + lane][i] }
            }
            return rows
        }
    }

    /// The sums of the products of a column with eight others.
    private static func products(_ column: [Double], _ others: [SIMD8<Double>]) -> SIMD8<Double> {
        var sums = SIMD8<Double>.zero
        for i in column.indices { sums += column[i] * others[i] }
        return sums
    }

    /// In units of the column's root mean square (about its mean with an intercept), less their own mean.
    private static func centered(_ values: [Double], about moments: ColumnMoments, _ intercept: Bool) -> [Double] {
        let scale = moments.meanSquare(centered: intercept).squareRoot()
        let mean = intercept ? values.reduce(0, +) / Double(max(1, values.count)) : 0
        return values.map { scale > 0 ? ($0 - mean) / scale : 0 }
    }

    /// The sum over the pilot for columns j and k, in units of σ_jσ_k.
    public func product(_ j: Int, _ k: Int) -> Double {
        Double(products[max(j, k) * (max(j, k) + 1) / 2 + min(j, k)])
    }

    /// Bytes in a store.
    public var bytes: Int { 8 + 4 * products.count }

    /// Those of some of the columns.
    func selecting(columns: [Int]) -> PilotDifferences {
        PilotDifferences(
            rows: rows,
            products: columns.indices.flatMap { j in (0...j).map { Float(product(columns[j], columns[$0])) } })
    }

    /// The pilots of two matrices with the same codebooks together; `units[j]` are the ratios of σ_j of each to that of
    /// the whole.
    func merged(_ other: PilotDifferences, units: (own: [Double], other: [Double])) -> PilotDifferences {
        var sums: [Float] = []
        for j in units.own.indices {
            for k in 0...j {
                sums.append(
                    Float(
                        product(j, k) * units.own[j] * units.own[k]
                            + other.product(j, k) * units.other[j] * units.other[k]))
            }
        }
        return PilotDifferences(rows: rows + other.rows, products: sums)
    }
}
