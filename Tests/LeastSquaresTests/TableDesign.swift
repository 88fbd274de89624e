/// Distributions of columns.
enum TableDesign: String, CaseIterable, Sendable {
    case gaussian, heavyTailed, collinear, discrete

    /// Four predictors and a response of `rows` rows.
    func columns(rows: Int, seed: UInt64) -> [[Double]] {
        var random = RandomNumbers(seed: seed)
        var x: [[Double]] = []
        for j in 0..<4 {
            x.append(
                (0..<rows).map { _ in
                    switch self {
                    case .gaussian, .collinear: random.gaussian()
                    case .heavyTailed: random.heavyTailed()
                    case .discrete: j < 2 ? Double(random.next() % 3) : random.gaussian()
                    }
                })
        }
        if self == .collinear {
            for j in 1..<4 { x[j] = zip(x[0], x[j]).map { a, b -> Double in a + 0.05 * b } }
        }
        var y: [Double] = []
        for i in 0..<rows {
            let signal: Double = x[0][i] - x[1][i] + 0.5 * x[2][i] + 2
            y.append(signal + 1.5 * random.gaussian())
        }
        return x + [y]
    }
}
