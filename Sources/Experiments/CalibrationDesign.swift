import LeastSquares
import Matrices
import Quantizers
import Tables

/// A regression that calibration draws tables from: rows of a data set, or of a distribution.
public struct CalibrationDesign: Sendable {
    /// Its name.
    public let name: String
    /// Columns, predictors first, then responses.
    public let columnNames: [String]
    /// The number of predictors.
    public let predictors: Int
    /// Rows of a drawn table at most.
    public var largestDraw = 2048
    private let rows: Rows

    private enum Rows: Sendable {
        case table([[Double]])
        case synthetic(SyntheticDesign)
    }

    /// Subsets of the rows of a table (its columns, predictors first).
    public init(name: String, columnNames: [String], predictors: Int, columns: [[Double]]) {
        precondition(columns.count == columnNames.count && predictors < columns.count, "one name per column")
        self.name = name
        self.columnNames = columnNames
        self.predictors = predictors
        rows = .table(columns)
    }

    /// Tables of a synthetic distribution.
    public init(_ design: SyntheticDesign) {
        name = design.rawValue
        predictors = SyntheticDesign.predictors
        columnNames = (1...predictors).map { "x\($0)" } + ["y"]
        rows = .synthetic(design)
    }

    /// A data set's rows read from a file; all columns that are not responses are predictors.
    ///
    /// - Throws: `TableError`.
    public init(name: String, path: String, responses: [String]) throws(TableError) {
        let source = try openTable(path: path)
        let names = source.columnNames.filter { !responses.contains($0) } + responses
        try source.select(columns: names)
        var columns = [[Double]](repeating: [], count: names.count)
        while let block = try source.nextBlock(maximumRows: 4096) {
            for j in columns.indices { columns[j] += block.values[(j * block.rows)..<((j + 1) * block.rows)] }
        }
        self.init(name: name, columnNames: names, predictors: names.count - responses.count, columns: columns)
    }

    /// Table number `draw`: of a data set, half to all of its rows, chosen at random without replacement, `largestDraw`
    /// at most; of a distribution as many, a quarter to all of `largestDraw`, drawn anew.
    public func table(draw: Int) throws(TableError) -> RegressionTable {
        try table(of: columns(draw: draw), seed: UInt64(draw))
    }

    /// A table of this design's columns.
    func table(of columns: [[Double]], seed: UInt64) throws(TableError) -> RegressionTable {
        try RegressionTable(
            reading: ArrayTableSource(names: columnNames, columns: columns, label: name), predictors: predictors,
            seed: seed)
    }

    /// The columns of table number `draw`.
    func columns(draw: Int) -> [[Double]] {
        let random = CounterGenerator(seed: 0x0CA1, stream: UInt64(draw))
        let part = random.uniform(at: 0)
        switch rows {
        case .table(let all):
            let m = all[0].count, least = min(m / 2, largestDraw / 2)
            let count = least + Int(part * Double(min(m, largestDraw) - least))
            let chosen = Self.subset(of: m, count: count, random)
            return all.map { column in chosen.map { column[$0] } }
        case .synthetic(let design):
            let least = largestDraw / 4
            return design.columns(rows: least + Int(part * Double(largestDraw - least)), seed: UInt64(draw))
        }
    }

    /// `count` of m rows in ascending order: those with the smallest random numbers.
    static func subset(of m: Int, count: Int, _ random: CounterGenerator) -> [Int] {
        let order = (0..<m).sorted { random.bits(at: $0 + 1) < random.bits(at: $1 + 1) }
        return order.prefix(count).sorted()
    }
}

/// Distributions of design matrices that quantizers meet, four predictors each.
public enum SyntheticDesign: String, CaseIterable, Sendable {
    /// Independent normal columns.
    case gaussian
    /// Cubes of normal variables: kurtosis 231/5.
    case heavyTailed = "heavy-tailed"
    /// A common normal column plus a twentieth of normal columns: condition number about 80.
    case collinear
    /// Two columns of three values, one of forty, one normal.
    case discrete

    static let predictors = 4

    /// The predictors and y = x₁ − x₂ + x₃/2 + 2 + 1.5·ε.
    func columns(rows: Int, seed: UInt64) -> [[Double]] {
        var normal = NormalSource(seed: seed)
        var columns = (0..<Self.predictors).map { j in (0..<rows).map { _ in entry(column: j, &normal) } }
        if self == .collinear {
            for j in 1..<Self.predictors { columns[j] = zip(columns[0], columns[j]).map { $0 + 0.05 * $1 } }
        }
        let response = (0..<rows).map { i in
            let signal = columns[0][i] - columns[1][i] + columns[2][i] / 2
            return signal + 2 + 1.5 * normal.next()
        }
        return columns + [response]
    }

    private func entry(column j: Int, _ normal: inout NormalSource) -> Double {
        let z = normal.next()
        switch self {
        case .gaussian, .collinear: return z
        case .heavyTailed: return z * z * z
        case .discrete: return j < 2 ? (z < -0.43 ? 0 : z < 0.43 ? 1 : 2) : j == 2 ? (8 * z).rounded() : z
        }
    }
}
