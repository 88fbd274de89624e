import Matrices
import QuantizedKernels
import Quantizers

/// What a column is quantized with.
public struct ColumnDesign: Sendable {
    /// The column's name.
    public let name: String
    /// Levels, thresholds and integer grid.
    public let gridded: GriddedCodebook
    /// Bits per code.
    public let bits: Int
    /// Codebooks of further codes, each for what the codes before it leave, for more than 8 bits in all.
    public let refinements: [GriddedCodebook]
    /// Mean of the values to come (or of a sample), about which they are standardized.
    public let mean: Double
    /// Standard deviation, likewise.
    public let standardDeviation: Double

    /// A design from its parts.
    public init(
        name: String, gridded: GriddedCodebook, bits: Int, refinements: [GriddedCodebook] = [], mean: Double,
        standardDeviation: Double
    ) {
        precondition(
            gridded.codebook.count <= 1 << bits, "\(gridded.codebook.count) levels need more than \(bits) bits.")
        self.name = name
        self.gridded = gridded
        self.bits = bits
        self.refinements = refinements
        self.mean = mean
        self.standardDeviation = standardDeviation
    }
}

/// Turns blocks of rows into a quantized matrix: rounds, packs, and keeps the exact statistics of each column.
///
/// Memory: the packed codes, and for balanced rounding (p + 1)² single-precision numbers.
/// Cost per row: p comparisons by table or binary search; balanced rounding about 3p² multiply–adds.
public struct MatrixEncoder: Sendable {
    private let designs: [ColumnDesign]
    private let responses: Int
    private let transform: ColumnTransform
    private let rounding: Rounding
    private let seed: UInt64
    private let kernels: Kernels
    private var columns: [QuantizedColumn]
    private var refinements: [Refinement]
    private var pending: [[UInt8]]
    private var balance: BalancedRounding?
    /// The number of rows taken so far.
    public private(set) var rows = 0

    /// An encoder for the given columns, in this order; the last `responses` of them are responses. `seed`
    /// is that of stochastic rounding.
    public init(
        _ designs: [ColumnDesign], responses: Int, transform: ColumnTransform, rounding: Rounding,
        seed: UInt64 = 0, kernels: Kernels = .best
    ) {
        self.designs = designs
        self.responses = responses
        self.transform = transform
        self.rounding = rounding
        self.seed = seed
        self.kernels = kernels
        columns = designs.map {
            QuantizedColumn(name: $0.name, gridded: $0.gridded, bits: $0.bits, rounding: rounding, shift: $0.mean)
        }
        refinements = designs.indices.flatMap { j in
            designs[j].refinements.map { gridded in
                Refinement(
                    base: j,
                    column: QuantizedColumn(
                        name: designs[j].name, gridded: gridded, bits: max(1, gridded.codebook.bits),
                        rounding: rounding, shift: 0))
            }
        }
        pending = [[UInt8]](repeating: [], count: columns.count + refinements.count)
        if rounding == .balanced { balance = BalancedRounding(designs.map(\.balanced)) }
    }

    /// Adds `count` rows given column by column: entry (i, j) is `values[i + j·count]`, after the transform.
    public mutating func append(_ values: [Double], rows count: Int) {
        precondition(values.count == count * designs.count, "A block has one value per row and column.")
        guard count > 0 else { return }
        // What the codes of all stages but the last stand for, for the columns with refinements.
        var bases: [Double] = []
        var stages: [[UInt8]] = []
        for j in designs.indices where !designs[j].refinements.isEmpty {
            let coded = designs[j].stagesBeforeLast(values[(j * count)..<((j + 1) * count)], kernels: kernels)
            bases += coded.decoded
            stages += coded.codes
        }
        let last = lastStage(values, bases: bases, rows: count)
        record(values, last: last, stages: stages, bases: bases, rows: count)
        rows += count
    }

    /// The codes of the last stage of every column.
    private mutating func lastStage(_ values: [Double], bases: [Double], rows count: Int) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: values.count)
        var target = codes.mutableSpan
        if rounding == .balanced {
            balance!.round(values.span, bases: bases, rows: count, into: &target, kernels: kernels)
            return codes
        }
        var refined = 0
        for j in designs.indices {
            var part = target._mutatingExtracting((j * count)..<((j + 1) * count))
            var rest = Array(values[(j * count)..<((j + 1) * count)])
            if !designs[j].refinements.isEmpty {
                for i in rest.indices { rest[i] -= bases[refined * count + i] }
                refined += 1
            }
            if rounding == .stochastic {
                StochasticRounding(designs[j].lastCodebook, seed: seed, stream: UInt64(j))
                    .encode(rest.span, from: rows, into: &part)
            } else {
                let thresholds = designs[j].lastCodebook.thresholds
                kernels.encode(rest.span, thresholds: thresholds.span, into: &part)
            }
        }
        return codes
    }

    /// Packs the codes of all stages and adds to the statistics.
    private mutating func record(
        _ values: [Double], last: [UInt8], stages: [[UInt8]], bases: [Double], rows count: Int
    ) {
        var stage = 0, refinement = 0, refined = 0
        for j in columns.indices {
            let range = (j * count)..<((j + 1) * count)
            let further = designs[j].refinements.count
            if further == 0 {
                columns[j].record(values[range], codes: last[range], decoded: nil)
                pack(last[range], column: j)
                continue
            }
            let levels = designs[j].lastCodebook.levels
            let decoded = (0..<count).map { bases[refined * count + $0] + levels[Int(last[j * count + $0])] }
            columns[j].record(values[range], codes: stages[stage][...], decoded: decoded)
            pack(stages[stage][...], column: j)
            for s in 1...further {
                pack(s == further ? last[range] : stages[stage + s][...], column: columns.count + refinement)
                refinement += 1
            }
            stage += further
            refined += 1
        }
    }

    private mutating func pack(_ codes: ArraySlice<UInt8>, column j: Int) {
        pending[j].append(contentsOf: codes)
        pack(column: j, whole: pending[j].count / 8 * 8)
    }

    private mutating func pack(column j: Int, whole: Int) {
        guard whole > 0 else { return }
        let bits = j < columns.count ? columns[j].bits : refinements[j - columns.count].column.bits
        var bytes = [UInt8](repeating: 0, count: (whole * bits + 7) / 8)
        var target = bytes.mutableSpan
        let codes = pending[j]
        kernels.pack(codes.span.extracting(0..<whole), bits: bits, into: &target)
        if j < columns.count {
            columns[j].packed.append(contentsOf: bytes)
        } else {
            refinements[j - columns.count].column.packed.append(contentsOf: bytes)
        }
        pending[j].removeFirst(whole)
    }

    /// The matrix of all rows added.
    public consuming func finish() -> QuantizedMatrix {
        for j in pending.indices { pack(column: j, whole: pending[j].count) }
        if let balance {
            let shares = DiscrepancyShare.fit(
                balance, exact: columns.map(\.isExact), predictors: designs.count - responses)
            for j in columns.indices { columns[j].discrepancy = shares[j] }
        }
        return QuantizedMatrix(rows: rows, columns: columns, refinements: refinements, transform: transform)
    }
}

extension ColumnDesign {
    /// The codebook of the last stage.
    var lastCodebook: Codebook { (refinements.last ?? gridded).codebook }

    /// The column as balanced rounding sees it: its last stage is what is chosen.
    var balanced: BalancedRounding.Column {
        BalancedRounding.Column(
            center: mean, scale: standardDeviation > 0 ? standardDeviation : 1, levels: lastCodebook.levels,
            isRefinement: !refinements.isEmpty)
    }

    /// Codes of all stages but the last, each nearest to what the stages before it leave, and the sum of their levels.
    func stagesBeforeLast(_ values: ArraySlice<Double>, kernels: Kernels) -> (codes: [[UInt8]], decoded: [Double]) {
        var rest = Array(values), decoded = [Double](repeating: 0, count: values.count)
        var codes: [[UInt8]] = []
        for codebook in ([gridded] + refinements).dropLast().map(\.codebook) {
            var stage = [UInt8](repeating: 0, count: rest.count)
            var target = stage.mutableSpan
            kernels.encode(rest.span, thresholds: codebook.thresholds.span, into: &target)
            for i in rest.indices { decoded[i] += codebook.levels[Int(stage[i])] }
            for (place, value) in zip(rest.indices, values) { rest[place] = value - decoded[place] }
            codes.append(stage)
        }
        return (codes, decoded)
    }
}

extension QuantizedColumn {
    /// Adds values and their codes to the exact statistics.
    ///
    /// `decoded` holds what the codes of all stages stand for; without it the codebook's levels do.
    mutating func record(_ values: ArraySlice<Double>, codes: ArraySlice<UInt8>, decoded: [Double]?) {
        moments.add(values)
        let levels = codebook.levels, shift = moments.shift
        var product = 0.0, sum = 0.0
        let offset = codes.startIndex - values.startIndex
        for i in values.indices {
            let code = Int(codes[i + offset]), x = values[i]
            let e = (decoded.map { $0[i - values.startIndex] } ?? levels[code]) - x
            counts[code] += 1
            squaredErrors[code] += e * e
            product += e * (x - shift)
            sum += e
        }
        errorProduct += product
        errorSum += sum
    }
}
