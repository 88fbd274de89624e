import Matrices

/// What is kept of the rounding errors of coded vectors: enough to state for every coordinate of every vector, from its
/// code, the mean and the variance of its error.
///
/// Errors f are measured from the middle of their cell in units of its width. Mean and variance of these are kept for
/// each cell over all coordinates whose tables have equally many levels (a group of neighbouring cells in tables of more
/// than 64), together with two fictitious errors that are uniform over the cell. For each coordinate, with ẑ the levels
/// and d the errors expected from the cells, three coefficients and a factor correct them,
///
///     E[f | code] = α + β·ẑ + γ·d,   Var[f | code] = κ·(the variance of the cell),
///
/// fitted by least squares: so the exact sums Σf, Σf·ẑ, Σf·d and Σf² over the vectors are reproduced. The first two carry
/// what correlation with the other factor does to the errors at one place of the inner index.
public struct ErrorMoments: Sendable, Equatable {
    /// Moments of (f − middle)/width of groups of cells.
    struct Cells: Sendable, Equatable {
        var means: [Double]
        var variances: [Double]
    }

    /// The correction of one coordinate.
    struct Coordinate: Sendable, Equatable {
        var intercept = 0.0
        var slope = 0.0
        var cellFactor = 0.0
        var varianceFactor = 0.0
    }

    /// By the number K of levels.
    private(set) var cells: [Int: Cells] = [:]
    private(set) var coordinates: [Coordinate] = []

    /// Groups of cells of one table, at most.
    static let maximumGroups = 64
    /// Fictitious errors in each group, uniform over the cell.
    static let priorCount = 2.0

    /// The numbers kept, as 4-byte floats: two per group of cells and four per coordinate.
    public var bytes: Int { 4 * (cells.values.reduce(0) { $0 + 2 * $1.means.count } + 4 * coordinates.count) }

    /// The moments of targets, m × c, rounded to levels with the codes given. Cost: a few operations an entry.
    init(targets: DenseMatrix, codes: [UInt16], levels: DenseMatrix, tables: [LevelTable]) {
        let m = targets.rows
        let shapes = tables.map(CellShape.init)
        var sums: [Int: [Sums]] = [:]
        for t in tables.indices {
            let count = tables[t].count
            var list = sums[count] ?? [Sums](repeating: Sums(), count: min(count, Self.maximumGroups))
            for place in (t * m)..<((t + 1) * m) {
                let code = Int(codes[place])
                let error = targets.elements[place] - levels.elements[place] - shapes[t].middles[code]
                list[Self.group(code, of: count)].add(error / shapes[t].widths[code])
            }
            sums[count] = list
        }
        cells = sums.mapValues { list in Cells(means: list.map(\.mean), variances: list.map(\.variance)) }
        for t in tables.indices {
            let column = (t * m)..<((t + 1) * m)
            let (means, variances) = cellMoments(tables[t], shapes[t])
            coordinates.append(
                Coordinate(
                    errors: column.map { targets.elements[$0] - levels.elements[$0] },
                    levels: column.map { levels.elements[$0] }, cellMeans: column.map { means[Int(codes[$0])] },
                    cellVariances: column.map { variances[Int(codes[$0])] }))
        }
    }

    /// E[f | code] for every code of coordinate t.
    func expectedErrors(of table: LevelTable, at t: Int) -> [Double] {
        let (means, _) = cellMoments(table, CellShape(table))
        let own = coordinates[t]
        return zip(table.levels, means).map { own.intercept + own.slope * $0 + own.cellFactor * $1 }
    }

    /// Var[f | code] for every code of coordinate t.
    func variances(of table: LevelTable, at t: Int) -> [Double] {
        let (_, variances) = cellMoments(table, CellShape(table))
        return variances.map { coordinates[t].varianceFactor * $0 }
    }

    /// Mean and variance of f in every cell, over all coordinates.
    private func cellMoments(_ table: LevelTable, _ shape: CellShape) -> (means: [Double], variances: [Double]) {
        let groups = cells[table.count] ?? Cells(means: [0], variances: [0])
        var (means, variances) = (shape.middles, shape.widths)
        for code in 0..<table.count {
            let group = Self.group(code, of: table.count)
            means[code] += shape.widths[code] * groups.means[group]
            variances[code] *= shape.widths[code] * groups.variances[group]
        }
        return (means, variances)
    }

    /// The group of a cell: the end cells have one each.
    private static func group(_ code: Int, of count: Int) -> Int {
        guard count > maximumGroups else { return code }
        if code == 0 { return 0 }
        if code == count - 1 { return maximumGroups - 1 }
        return 1 + (code - 1) * (maximumGroups - 2) / (count - 2)
    }

    private struct Sums {
        var count = ErrorMoments.priorCount
        var first = 0.0
        var second = ErrorMoments.priorCount / 12

        mutating func add(_ x: Double) {
            count += 1
            first += x
            second += x * x
        }

        var mean: Double { first / count }
        var variance: Double { max(0, second / count - mean * mean) }
    }
}

/// The middles of a table's cells, less their levels, and their widths. An end cell counts as wide as its neighbour, with
/// the level in the middle.
private struct CellShape {
    var middles: [Double]
    var widths: [Double]

    init(_ table: LevelTable) {
        let (levels, thresholds) = (table.levels, table.thresholds)
        let last = levels.count - 1
        middles = [Double](repeating: 0, count: levels.count)
        widths = [Double](repeating: last > 0 ? levels[last] - levels[0] : 1, count: levels.count)
        guard last > 1 else { return }
        for code in 1..<last {
            let width = thresholds[code] - thresholds[code - 1]
            guard width > 0, width.isFinite else { continue }
            widths[code] = width
            middles[code] = thresholds[code - 1] + 0.5 * width - levels[code]
        }
        widths[0] = widths[1]
        widths[last] = widths[last - 1]
    }
}

extension ErrorMoments.Coordinate {
    /// Least squares of errors on 1, levels and cell means, as far as these differ; the factor of the variances.
    init(errors: [Double], levels: [Double], cellMeans: [Double], cellVariances: [Double]) {
        let count = Double(errors.count)
        func mean(_ x: [Double]) -> Double { x.reduce(0, +) / count }
        func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
        func less(_ x: [Double], _ y: [Double], times factor: Double) -> [Double] {
            zip(x, y).map { $0 - factor * $1 }
        }
        let (meanLevel, meanCell) = (mean(levels), mean(cellMeans))
        let z = levels.map { $0 - meanLevel }
        let centred = cellMeans.map { $0 - meanCell }
        let spread = dot(z, z)
        // Equal numbers less their mean are rounding errors, no spread.
        let hasSlope = spread > 1e-20 * dot(levels, levels)
        let share = hasSlope ? dot(centred, z) / spread : 0
        let d = less(centred, z, times: share)
        let rest = dot(d, d)
        if rest > 1e-8 * dot(centred, centred), rest > 1e-20 * dot(cellMeans, cellMeans) {
            cellFactor = dot(errors, d) / rest
        }
        if hasSlope { slope = dot(errors, z) / spread - cellFactor * share }
        intercept = mean(errors) - slope * meanLevel - cellFactor * meanCell
        var residual = 0.0
        for i in errors.indices {
            let r = errors[i] - intercept - slope * levels[i] - cellFactor * cellMeans[i]
            residual += r * r
        }
        let total = cellVariances.reduce(0, +)
        varianceFactor = total > 0 ? residual / total : 0
    }
}
