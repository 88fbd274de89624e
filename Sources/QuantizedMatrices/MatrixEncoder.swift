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
    /// The root mean square of what nearest rounding to the last codebook leaves, in standard deviations.
    public let errorDeviation: Double

    /// A design from its parts.
    public init(
        name: String, gridded: GriddedCodebook, bits: Int, refinements: [GriddedCodebook] = [], mean: Double,
        standardDeviation: Double, errorDeviation: Double = 0
    ) {
        precondition(
            gridded.codebook.count <= 1 << bits, "\(gridded.codebook.count) levels need more than \(bits) bits.")
        self.name = name
        self.gridded = gridded
        self.bits = bits
        self.refinements = refinements
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.errorDeviation = errorDeviation
    }
}

/// Collects encoded rows into a quantized matrix: packs the codes and keeps the exact statistics of each column.
///
/// Memory: the packed codes up to a limit (see `CodeSpool`), and for balanced rounding (p + 1)² single-precision numbers.
public struct MatrixEncoder {
    /// What turns rows into codes.
    public let rowEncoder: RowEncoder
    private let responses: Int
    private let transform: ColumnTransform
    private var columns: [QuantizedColumn]
    private var refinements: [Refinement]
    private let codes: CodeSpool
    private var balance: BalancedRounding?
    /// The number of rows taken so far.
    public private(set) var rows = 0

    /// An encoder for the given columns, in this order; the last `responses` of them are responses. `seed`
    /// is that of stochastic rounding; `rowsPerBlock` how the codes are kept (see `CodeSpool`).
    public init(
        _ designs: [ColumnDesign], responses: Int, transform: ColumnTransform, rounding: Rounding,
        seed: UInt64 = 0, kernels: Kernels = .best, rowsPerBlock: Int? = nil
    ) {
        rowEncoder = RowEncoder(designs, rounding: rounding, seed: seed, kernels: kernels)
        self.responses = responses
        self.transform = transform
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
        codes = CodeSpool(
            bits: (columns + refinements.map(\.column)).map(\.bits), rowsPerBlock: rowsPerBlock, kernels: kernels)
        if rounding == .balanced { balance = BalancedRounding(designs.map(\.balanced)) }
    }

    /// Adds `count` rows given column by column: entry (i, j) is `values[i + j·count]`, after the transform.
    /// Cost per row: p comparisons by table or binary search; balanced rounding about 3p² multiply–adds.
    ///
    /// - Throws: where the temporary file of the codes cannot be written.
    public mutating func append(_ values: [Double], rows count: Int) throws(StoreError) {
        precondition(values.count == count * columns.count, "A block has one value per row and column.")
        guard count > 0 else { return }
        if let balance {
            try append(rowEncoder.encode(values, rows: count, balancing: balance))
        } else {
            try append(rowEncoder.encode(values, rows: count, first: rows))
        }
    }

    /// Adds rows that `rowEncoder` has encoded; balanced ones must have started from the present state.
    public mutating func append(_ encoded: EncodedRows) throws(StoreError) {
        switch encoded.discrepancy {
        case .none: break
        case .state(let state): balance = state
        case .products(let products):
            balance?.add(products: products, errorSums: encoded.coding.errorSums)
        }
        try record(encoded)
    }

    /// The discrepancy D_jk of columns j and k, each standardized, over the rows taken so far; k = −1 stands for the
    /// constant. 0 without balanced rounding.
    public func discrepancy(_ j: Int, _ k: Int) -> Double {
        balance.map { Double($0.discrepancy(j, partner: k + 1)) } ?? 0
    }

    private mutating func record(_ encoded: EncodedRows) throws(StoreError) {
        for j in columns.indices {
            columns[j].moments.add(encoded.moments[j])
            columns[j].add(encoded.coding, column: j)
        }
        try codes.append(encoded.codes.span, rows: encoded.rows)
        rows += encoded.rows
    }

    /// The matrix of all rows added.
    ///
    /// - Throws: where the temporary file cannot be written, as `append`.
    public consuming func finish() throws(StoreError) -> QuantizedMatrix {
        if let balance {
            let shares = DiscrepancyShare.fit(
                balance, exact: columns.map(\.isExact), predictors: columns.count - responses)
            for j in columns.indices { columns[j].discrepancy = shares[j] }
        }
        return QuantizedMatrix(
            codes: try codes.finish(), columns: columns, refinements: refinements, transform: transform)
    }
}

extension ColumnDesign {
    /// The codebook of the last stage.
    var lastCodebook: Codebook { (refinements.last ?? gridded).codebook }

    /// What standardized numbers are divided by.
    public var scale: Double { standardDeviation > 0 ? standardDeviation : 1 }

    /// The column as balanced rounding sees it: its last stage is what is chosen.
    var balanced: BalancedRounding.Column {
        BalancedRounding.Column(
            center: mean, scale: scale, levels: lastCodebook.levels,
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
    /// Adds what coding a block has summed for a column.
    mutating func add(_ sums: CodingSums, column j: Int) {
        let places = sums.codes(of: j)
        for (code, place) in places.enumerated() {
            counts[code] += sums.counts[place]
            squaredErrors[code] += sums.squaredErrors[place]
        }
        errorProduct += sums.errorProducts[j]
        errorSum += sums.errorSums[j]
    }
}

extension ColumnMoments {
    /// Adds a block that a kernel has summed about the same shift.
    public mutating func add(_ block: BlockMoments) {
        add(
            count: block.count, minimum: block.minimum, maximum: block.maximum, shiftedSum: block.sum,
            shiftedSumOfSquares: block.sumOfSquares)
    }
}
