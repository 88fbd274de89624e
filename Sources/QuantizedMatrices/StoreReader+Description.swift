import Matrices
import QuantizedKernels
import Quantizers

/// What the description of a store says, before its codes are read.
struct DecodedDescription {
    let rows: Int
    var columns: [CodedColumn]
    var refinements: [(base: Int, coded: CodedColumn)]
    let transform: ColumnTransform
    let pilot: PilotDifferences?
    let order: RowOrder
    let description: StoreDescription

    /// A column with the stored errors, which mean something only with the counts of its codes.
    struct CodedColumn {
        var column: QuantizedColumn
        let relativeErrors: [Double]
        let totalSquaredError: Double

        /// The mean squared errors of the levels are single precision; the total is exact.
        func finish(counts: [Int]) throws(StoreError) -> QuantizedColumn {
            var result = column
            result.counts = counts
            let squares = zip(relativeErrors, counts).map { $0 * Double($1) }
            let sum = squares.reduce(0, +)
            guard sum > 0 || totalSquaredError == 0 else {
                throw .damaged("the errors of column \(column.name) are nowhere")
            }
            result.squaredErrors = squares.map { sum > 0 ? totalSquaredError * ($0 / sum) : 0 }
            return result
        }
    }

    /// The columns, then those of the refinements.
    var coded: [CodedColumn] { columns + refinements.map(\.coded) }

    /// The matrix, from its codes and the counts of each code.
    func finish(
        codes: PackedCodes, counts: [[Int]]
    ) throws(StoreError) -> (matrix: QuantizedMatrix, description: StoreDescription) {
        let finished = try zip(coded, counts).map { (column, counts) throws(StoreError) in
            try column.finish(counts: counts)
        }
        guard finished.allSatisfy({ $0.totalSquaredError.isFinite }) else { throw .damaged("an error is not finite") }
        let further = zip(refinements, finished[columns.count...]).map { Refinement(base: $0.base, column: $1) }
        var matrix = QuantizedMatrix(
            codes: codes, columns: Array(finished[..<columns.count]), refinements: further, transform: transform)
        matrix.pilot = pilot
        matrix.order = order
        return (matrix, description)
    }
}

/// Reads the description of a store. Every count in it is checked against the bytes that are left.
struct DescriptionDecoder {
    var reader: ByteReader

    init(_ bytes: [UInt8]) { reader = ByteReader(bytes[...]) }

    mutating func decode() throws(StoreError) -> DecodedDescription {
        guard let rows = Int(exactly: try reader.read(UInt64.self)), rows < 1 << 48 else {
            throw .damaged("the number of rows is impossible")
        }
        let intercept = try readFlag(), bits = Int(try reader.read(UInt8.self))
        let responseBits = Int(try reader.read(UInt8.self))
        guard (1...8).contains(bits), responseBits <= 16 else { throw .damaged("the bits per entry are impossible") }
        let quantizer = try reader.readString(), isComplete = try readFlag()
        guard let droppedRows = Int(exactly: try reader.read(UInt64.self)) else {
            throw .damaged("the number of dropped rows is impossible")
        }
        var names: [String] = [], places: [Int] = [], dependent: [StoreDescription.Dependent] = []
        for _ in 0..<(try reader.readCount(of: 4)) { names.append(try reader.readString()) }
        for _ in 0..<(try reader.readCount(of: 4)) { places.append(Int(try reader.read(UInt32.self))) }
        for _ in 0..<(try reader.readCount(of: 8)) {
            dependent.append(.init(name: try reader.readString(), reason: try reader.readString()))
        }
        let columnCount = try reader.readCount(of: 64), refinementCount = try reader.readCount(of: 64)
        guard places.count <= columnCount, places.allSatisfy({ $0 < names.count }),
            Set(places).count == places.count
        else { throw .damaged("the predictors do not fit the columns") }
        var columns: [DecodedDescription.CodedColumn] = [], moments: [ColumnMoments] = []
        for j in 0..<columnCount {
            let name = try reader.readString()
            guard j >= places.count || name == names[places[j]] else {
                throw .damaged("column \(name) is not the predictor \(names[places[j]])")
            }
            moments.append(try decodeMoments(rows: rows))
            columns.append(try decodeColumn(name: name, rows: rows))
        }
        var refinements: [(base: Int, coded: DecodedDescription.CodedColumn)] = []
        for _ in 0..<refinementCount {
            let base = Int(try reader.read(UInt32.self))
            guard base < columnCount, base >= refinements.last?.base ?? 0 else {
                throw .damaged("a refinement refines no column")
            }
            refinements.append((base, try decodeColumn(name: columns[base].column.name, rows: 0)))
        }
        let transform = try decodeTransform(columns: columnCount)
        let pilot = try decodePilot(columns: columnCount, rows: rows)
        let order = try decodeOrder(rows: rows)
        let weighting = try decodeWeighting(names: names, places: places, columns: columnCount)
        guard reader.remaining == 0 else { throw .damaged("the description is longer than it should be") }
        return DecodedDescription(
            rows: rows, columns: columns, refinements: refinements, transform: transform, pilot: pilot,
            order: order,
            description: StoreDescription(
                predictorNames: names, places: places, intercept: intercept, moments: moments, dependent: dependent,
                bits: bits, responseBits: responseBits == 0 ? nil : responseBits, quantizer: quantizer,
                isComplete: isComplete, droppedRows: droppedRows, weighting: weighting))
    }

    private mutating func decodePilot(columns p: Int, rows: Int) throws(StoreError) -> PilotDifferences? {
        guard let count = Int(exactly: try reader.read(UInt64.self)), count <= rows else {
            throw .damaged("the pilot has more rows than the table")
        }
        guard count > 0 else { return nil }
        let pairs = p * (p + 1) / 2
        var sums: [Float] = []
        for _ in 0..<(2 * pairs) { sums.append(try reader.readFloat()) }
        guard sums.allSatisfy(\.isFinite) else { throw .damaged("the pilot is not finite") }
        return PilotDifferences(rows: count, products: Array(sums[..<pairs]), contrasts: Array(sums[pairs...]))
    }

    /// Every row once.
    private mutating func decodeOrder(rows: Int) throws(StoreError) -> RowOrder {
        var segments: [RowOrder.Segment] = [], left = rows
        for _ in 0..<(try reader.readCount(of: 24)) {
            guard let count = Int(exactly: try reader.read(UInt64.self)), count <= left,
                let stride = Int(exactly: try reader.read(UInt64.self)), stride <= count
            else { throw .damaged("the order of the rows is of other rows") }
            let width = RowOrder.Segment(rows: count, first: [], last: [], stride: stride).width
            let first = try reader.readCount(of: width), last = Int(try reader.read(UInt32.self))
            var listed: [Int] = []
            for _ in 0..<(first + last) {
                var row = 0
                for byte in 0..<width { row |= Int(try reader.read(UInt8.self)) << (8 * byte) }
                listed.append(row)
            }
            guard listed.allSatisfy({ (0..<count).contains($0) }), Set(listed).count == listed.count else {
                throw .damaged("the order of the rows names a row twice, or one that is not there")
            }
            segments.append(
                RowOrder.Segment(
                    rows: count, first: Array(listed[..<first]), last: Array(listed[first...]), stride: stride))
            left -= count
        }
        guard left == 0, !segments.isEmpty else { throw .damaged("the order of the rows is of other rows") }
        return RowOrder(segments: segments)
    }

    /// The weighting, where the description has one.
    private mutating func decodeWeighting(
        names: [String], places: [Int], columns: Int
    ) throws(StoreError) -> Weighting? {
        guard reader.remaining > 0 else { return nil }
        let weighting = try StoreFile.decodeWeighting(&reader)
        let first = weighting.hasConstant ? 1 : 0
        guard weighting.centers.count == names.count - first + columns - places.count,
            !weighting.hasConstant || places.first == 0
        else { throw .damaged("the weighted sums do not fit the columns") }
        return weighting
    }

    mutating func readFlag() throws(StoreError) -> Bool {
        let value = try reader.read(UInt8.self)
        guard value <= 1 else { throw .damaged("\(value) is neither yes nor no") }
        return value == 1
    }
}
