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
    /// Mean of the values to come (or of a sample), about which they are standardized.
    public let mean: Double
    /// Standard deviation, likewise.
    public let standardDeviation: Double

    /// A design from its parts. Throws nothing: the codebook was checked when it was made.
    public init(name: String, gridded: GriddedCodebook, bits: Int, mean: Double, standardDeviation: Double) {
        precondition(gridded.codebook.count <= 1 << bits, "\(gridded.codebook.count) levels need more than \(bits) bits.")
        self.name = name
        self.gridded = gridded
        self.bits = bits
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
    private let kernels: Kernels
    private var columns: [QuantizedColumn]
    private var pending: [[UInt8]]
    private var balance: BalancedRounding?
    /// The number of rows taken so far.
    public private(set) var rows = 0

    /// An encoder for the given columns, in this order; the last `responses` of them are responses.
    public init(
        _ designs: [ColumnDesign], responses: Int, transform: ColumnTransform, rounding: Rounding, kernels: Kernels = .best
    ) {
        self.designs = designs
        self.responses = responses
        self.transform = transform
        self.rounding = rounding
        self.kernels = kernels
        columns = designs.map { design in
            let count = design.gridded.codebook.count
            return QuantizedColumn(
                name: design.name, codebook: design.gridded.codebook, grid: design.gridded.grid, bits: design.bits,
                rounding: rounding, packed: [], moments: ColumnMoments(shift: design.mean),
                counts: [Int](repeating: 0, count: count), squaredErrors: [Double](repeating: 0, count: count),
                errorProduct: 0, errorSum: 0, discrepancy: nil)
        }
        pending = designs.map { _ in [] }
        if rounding == .balanced {
            balance = BalancedRounding(
                designs.map {
                    BalancedRounding.Column(
                        center: $0.mean, scale: $0.standardDeviation > 0 ? $0.standardDeviation : 1,
                        levels: $0.gridded.codebook.levels)
                })
        }
    }

    /// Adds `count` rows given column by column: entry (i, j) is `values[i + j·count]`, after the transform.
    public mutating func append(_ values: [Double], rows count: Int) {
        precondition(values.count == count * designs.count, "A block has one value per row and column.")
        guard count > 0 else { return }
        var codes = [UInt8](repeating: 0, count: values.count)
        round(values, rows: count, into: &codes)
        for j in columns.indices {
            let range = (j * count)..<((j + 1) * count)
            columns[j].record(values[range], codes: codes[range])
            pack(codes[range], column: j)
        }
        rows += count
    }

    private mutating func round(_ values: [Double], rows count: Int, into codes: inout [UInt8]) {
        var target = codes.mutableSpan
        switch rounding {
        case .balanced:
            balance!.round(values.span, rows: count, into: &target, kernels: kernels)
        case .nearest:
            for j in designs.indices {
                let thresholds = designs[j].gridded.codebook.thresholds
                var part = target._mutatingExtracting((j * count)..<((j + 1) * count))
                kernels.encode(
                    values.span.extracting((j * count)..<((j + 1) * count)),
                    thresholds: thresholds.span, into: &part)
            }
        }
    }

    private mutating func pack(_ codes: ArraySlice<UInt8>, column j: Int) {
        pending[j].append(contentsOf: codes)
        pack(column: j, whole: pending[j].count / 8 * 8)
    }

    private mutating func pack(column j: Int, whole: Int) {
        guard whole > 0 else { return }
        let bits = designs[j].bits
        var bytes = [UInt8](repeating: 0, count: (whole * bits + 7) / 8)
        var target = bytes.mutableSpan
        let codes = pending[j]
        kernels.pack(codes.span.extracting(0..<whole), bits: bits, into: &target)
        columns[j].packed.append(contentsOf: bytes)
        pending[j].removeFirst(whole)
    }

    /// The matrix of all rows added.
    public consuming func finish() -> QuantizedMatrix {
        for j in columns.indices { pack(column: j, whole: pending[j].count) }
        if let balance {
            let shares = DiscrepancyShare.fit(
                balance, exact: columns.map(\.isExact), predictors: designs.count - responses)
            for j in columns.indices { columns[j].discrepancy = shares[j] }
        }
        return QuantizedMatrix(rows: rows, columns: columns, transform: transform)
    }
}

extension QuantizedColumn {
    /// Adds values and their codes to the exact statistics.
    mutating func record(_ values: ArraySlice<Double>, codes: ArraySlice<UInt8>) {
        moments.add(values)
        let levels = codebook.levels, shift = moments.shift
        var product = 0.0, sum = 0.0
        let offset = codes.startIndex - values.startIndex
        for i in values.indices {
            let code = Int(codes[i + offset]), x = values[i]
            let e = levels[code] - x
            counts[code] += 1
            squaredErrors[code] += e * e
            product += e * (x - shift)
            sum += e
        }
        errorProduct += product
        errorSum += sum
    }
}
