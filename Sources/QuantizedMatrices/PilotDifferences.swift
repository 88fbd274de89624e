import Matrices

/// How far the cross products of nearest codes are off on a pilot: some rows, chosen at random, of which numbers and codes
/// are known.
///
/// Nearest codes err in a way that depends on the other columns, so their cross products have a bias, which grows like
/// the number of rows where the standard deviation grows like its root. The mean over the pilot of
/// g_jg_k·x̂_jx̂_k − x_jx_k (about the pilot's means, with the decode gains g) estimates it without assumptions. How much of
/// that is chance, the difference of the two halves of the pilot tells, likewise without assumptions. Kept in single precision
/// and in the units of the columns; bytes: 4·p·(p + 1) + 8.
public struct PilotDifferences: Sendable, Equatable {
    /// Rows of the pilot.
    public let rows: Int
    /// Sums over the pilot of g_jg_k·x̂_jx̂_k − x_jx_k for k ≤ j, divided by σ_jσ_k: entry j(j+1)/2 + k.
    let products: [Float]
    /// The same sums over every other row of the pilot less those over the rest: their expectation is 0 and their covariance
    /// that of `products`.
    let contrasts: [Float]

    /// The part of the rows that a pilot may be: a pilot of all of them would keep the products themselves.
    public static let largestShare = 0.5

    init(rows: Int, products: [Float], contrasts: [Float]) {
        self.rows = rows
        self.products = products
        self.contrasts = contrasts
    }

    /// From the numbers of a pilot (k × p, after the transform) and the codebooks of their columns, rounded to the
    /// nearest level. Cost: k·p², by several threads, on which the result does not depend.
    ///
    /// - Parameter intercept: whether products are about the means.
    package init(_ numbers: DenseMatrix, columns: [QuantizedColumn], intercept: Bool, threads: Int) {
        rows = numbers.rows
        let units = parallelMap(columns.count, threads: threads) { j in
            let moments = columns[j].moments, codebook = columns[j].codebook, gain = columns[j].decodeGain
            let values = numbers.column(j)
            return (
                exact: Self.centered(values, about: moments, intercept),
                decoded: Self.centered(values.map { codebook.quantize($0) }, about: moments, intercept).map {
                    gain * $0
                }
            )
        }
        let exact = units.map(\.exact), decoded = units.map(\.decoded)
        let decodedGroups = Self.groups(decoded), exactGroups = Self.groups(exact)
        let sums = parallelMap(columns.count, threads: threads) { j in
            (0...(j / 8)).flatMap { g in
                let halves = (0..<2).map { half in
                    Self.products(decoded[j], decodedGroups[g], from: half)
                        - Self.products(exact[j], exactGroups[g], from: half)
                }
                return (0..<min(8, j + 1 - 8 * g)).map { lane in
                    (sum: halves[0][lane] + halves[1][lane], contrast: halves[0][lane] - halves[1][lane])
                }
            }
        }
        products = sums.joined().map { Float($0.sum) }
        contrasts = sums.joined().map { Float($0.contrast) }
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

    /// The sums of the products of a column with eight others, over every other row from `first`.
    private static func products(_ column: [Double], _ others: [SIMD8<Double>], from first: Int) -> SIMD8<Double> {
        var sums = SIMD8<Double>.zero
        for i in stride(from: first, to: column.count, by: 2) { sums += column[i] * others[i] }
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
        Double(products[Self.place(j, k)])
    }

    /// What two halves of the pilot differ by, likewise.
    public func contrast(_ j: Int, _ k: Int) -> Double {
        Double(contrasts[Self.place(j, k)])
    }

    private static func place(_ j: Int, _ k: Int) -> Int { max(j, k) * (max(j, k) + 1) / 2 + min(j, k) }

    /// Bytes in a store.
    public var bytes: Int { 8 + 4 * (products.count + contrasts.count) }

    /// Those of some of the columns.
    func selecting(columns: [Int]) -> PilotDifferences {
        let pairs = columns.indices.flatMap { j in (0...j).map { Self.place(columns[j], columns[$0]) } }
        return PilotDifferences(
            rows: rows, products: pairs.map { products[$0] }, contrasts: pairs.map { contrasts[$0] })
    }

    /// The pilots of two matrices with the same codebooks together; `units[j]` are the ratios of σ_j of each to that of
    /// the whole.
    func merged(_ other: PilotDifferences, units: (own: [Double], other: [Double])) -> PilotDifferences {
        func sums(_ entries: KeyPath<PilotDifferences, [Float]>) -> [Float] {
            units.own.indices.flatMap { j in
                (0...j).map { k in
                    let place = Self.place(j, k)
                    return Float(
                        Double(self[keyPath: entries][place]) * units.own[j] * units.own[k]
                            + Double(other[keyPath: entries][place]) * units.other[j] * units.other[k])
                }
            }
        }
        return PilotDifferences(rows: rows + other.rows, products: sums(\.products), contrasts: sums(\.contrasts))
    }
}
