import Foundation
import Matrices
import QuantizedKernels
import Quantizers

extension StoreFile {
    /// Reads a store and checks everything in it: lengths, checksums, codebooks, code ranges.
    ///
    /// Memory: the file. Throws: `StoreError`.
    public static func read(
        _ path: String, kernels: Kernels = .best
    ) throws(StoreError) -> (matrix: QuantizedMatrix, description: StoreDescription) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile || error.code == .fileNoSuchFile {
            throw .notFound
        } catch {
            throw .unreadable((error as NSError).localizedDescription)
        }
        return try decode([UInt8](data), kernels: kernels)
    }

    /// A store from its bytes.
    static func decode(
        _ bytes: [UInt8], kernels: Kernels
    ) throws(StoreError) -> (matrix: QuantizedMatrix, description: StoreDescription) {
        guard bytes.count >= fixedLength, Array(bytes[0..<8]) == magic else { throw .notAStore }
        var fixed = ByteReader(bytes[8..<fixedLength])
        let found = try fixed.read(UInt32.self)
        guard found == version else { throw .version(found) }
        let length = Int(try fixed.read(UInt32.self)), total = try fixed.read(UInt64.self)
        let bodySum = try fixed.read(UInt32.self), fixedSum = try fixed.read(UInt32.self)
        guard checksum(bytes[0..<28]) == fixedSum else { throw .damaged("the checksum of the first bytes differs") }
        guard total == UInt64(bytes.count) else {
            throw .damaged("the file has \(bytes.count) bytes, it was written with \(total)")
        }
        guard length <= bytes.count - fixedLength else { throw .damaged("the description ends early") }
        let body = bytes[fixedLength..<(fixedLength + length)]
        guard checksum(body) == bodySum else { throw .damaged("the checksum of the description differs") }
        var decoder = StoreDecoder(bytes: bytes, reader: ByteReader(body), kernels: kernels)
        return try decoder.decode()
    }
}

/// Reads the description of a store and the codes it points to.
private struct StoreDecoder {
    let bytes: [UInt8]
    var reader: ByteReader
    let kernels: Kernels

    mutating func decode() throws(StoreError) -> (matrix: QuantizedMatrix, description: StoreDescription) {
        guard let rows = Int(exactly: try reader.read(UInt64.self)), rows < 1 << 48 else {
            throw .damaged("the number of rows is impossible")
        }
        let intercept = try reader.read(UInt8.self) == 1
        let bits = Int(try reader.read(UInt8.self)), responseBits = Int(try reader.read(UInt8.self))
        let quantizer = try reader.readString(), isComplete = try reader.read(UInt8.self) == 1
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
        else {
            throw .damaged("the predictors do not fit the columns")
        }
        var columns: [QuantizedColumn] = [], moments: [ColumnMoments] = [], refinements: [Refinement] = []
        for _ in 0..<columnCount {
            let name = try reader.readString()
            moments.append(try decodeMoments())
            columns.append(try decodeColumn(name: name, rows: rows))
        }
        for _ in 0..<refinementCount {
            let base = Int(try reader.read(UInt32.self))
            guard base < columnCount else { throw .damaged("a refinement refines no column") }
            refinements.append(Refinement(base: base, column: try decodeColumn(name: columns[base].name, rows: rows)))
        }
        let transform = try decodeTransform(columns: columnCount)
        guard reader.remaining == 0 else { throw .damaged("the description is longer than it should be") }
        return (
            QuantizedMatrix(rows: rows, columns: columns, refinements: refinements, transform: transform),
            StoreDescription(
                predictorNames: names, places: places, intercept: intercept, moments: moments, dependent: dependent,
                bits: bits, responseBits: responseBits == 0 ? nil : responseBits, quantizer: quantizer,
                isComplete: isComplete, droppedRows: droppedRows)
        )
    }

    private mutating func decodeMoments() throws(StoreError) -> ColumnMoments {
        guard let count = Int(exactly: try reader.read(UInt64.self)) else { throw .damaged("a count is impossible") }
        let shift = try reader.readFinite()
        let minimum = try reader.readDouble(), maximum = try reader.readDouble()
        let sum = try reader.readFinite(), squares = try reader.readFinite()
        return ColumnMoments(
            shift: shift, count: count, minimum: minimum, maximum: maximum, shiftedSum: sum,
            shiftedSumOfSquares: squares)
    }

    private mutating func decodeColumn(name: String, rows: Int) throws(StoreError) -> QuantizedColumn {
        let bits = Int(try reader.read(UInt8.self)), rounding = Int(try reader.read(UInt8.self))
        guard (1...8).contains(bits), Rounding.allCases.indices.contains(rounding) else {
            throw .damaged("column \(name) has impossible bits or rounding")
        }
        let packed = try decodeCodes(name: name, rows: rows, bits: bits)
        let gridded = try decodeCodebook(name: name, bits: bits)
        let moments = try decodeMoments()
        var column = QuantizedColumn(
            name: name, gridded: gridded, bits: bits, rounding: Rounding.allCases[rounding], shift: moments.shift)
        column.packed = packed
        column.moments = moments
        column.counts = try countCodes(packed, bits: bits, rows: rows, levels: gridded.codebook.count, name: name)
        var squares = 0.0
        for code in column.counts.indices {
            column.squaredErrors[code] = Double(try reader.readFloat()) * Double(column.counts[code])
            squares += column.squaredErrors[code]
        }
        // The variances are single precision; their total is exact.
        let total = try reader.readFinite()
        if squares > 0 { for code in column.counts.indices { column.squaredErrors[code] *= total / squares } }
        column.errorProduct = try reader.readFinite()
        column.errorSum = try reader.readFinite()
        let hasShares = try reader.read(UInt8.self) == 1
        let share = DiscrepancyShare(
            towardExact: Double(try reader.readFloat()), towardInexact: Double(try reader.readFloat()),
            fromInexact: Double(try reader.readFloat()))
        column.discrepancy = hasShares ? share : nil
        return column
    }

    private mutating func decodeCodes(name: String, rows: Int, bits: Int) throws(StoreError) -> [UInt8] {
        let offset = try reader.read(UInt64.self), count = try reader.read(UInt64.self)
        let sum = try reader.read(UInt32.self)
        guard let start = Int(exactly: offset), let length = Int(exactly: count), length <= bytes.count,
            start <= bytes.count - length, length == Kernels.packedByteCount(count: rows, bits: bits)
        else { throw .damaged("the codes of column \(name) are not where they should be") }
        let codes = bytes[start..<(start + length)]
        guard StoreFile.checksum(codes) == sum else {
            throw .damaged("the checksum of the codes of column \(name) differs")
        }
        return Array(codes)
    }

    private mutating func decodeCodebook(name: String, bits: Int) throws(StoreError) -> GriddedCodebook {
        let count = Int(try reader.read(UInt16.self)), isExact = try reader.read(UInt8.self) == 1
        let width = Int(try reader.read(UInt8.self))
        guard (1...(1 << bits)).contains(count), width == 2 || width == 8 else {
            throw .damaged("the codebook of column \(name) has \(count) levels for \(bits) bits")
        }
        let offset = try reader.readFinite(), scale = try reader.readFinite()
        var integers: [Int64] = []
        for _ in 0..<count {
            integers.append(width == 2 ? Int64(try reader.read(Int16.self)) : try reader.read(Int64.self))
        }
        guard scale > 0, integers.allSatisfy({ $0.magnitude < 1 << 44 }),
            zip(integers, integers.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .damaged("the integer grid of column \(name) is impossible") }
        let grid = IntegerGrid(offset: offset, scale: scale, integers: integers)
        var levels = (0..<count).map { grid.value($0) }
        if isExact {
            for c in 0..<count { levels[c] = try reader.readFinite() }
        }
        do {
            return GriddedCodebook(codebook: try Codebook(levels: levels, isExact: isExact), grid: grid)
        } catch {
            throw .damaged("the codebook of column \(name): \(error)")
        }
    }

    private func countCodes(
        _ packed: [UInt8], bits: Int, rows: Int, levels: Int, name: String
    ) throws(StoreError) -> [Int] {
        var counts = [Int](repeating: 0, count: 256)
        let size = 65536
        for first in stride(from: 0, to: rows, by: size) {
            let count = min(size, rows - first)
            var codes = [UInt8](repeating: 0, count: count)
            var target = codes.mutableSpan
            let bytes = (first * bits / 8)..<((first + count) * bits + 7) / 8
            kernels.unpack(packed.span.extracting(bytes), bits: bits, into: &target)
            for code in codes { counts[Int(code)] += 1 }
        }
        guard counts[levels...].allSatisfy({ $0 == 0 }) else {
            throw .damaged("column \(name) has codes without a level")
        }
        return Array(counts[0..<levels])
    }

    private mutating func decodeTransform(columns p: Int) throws(StoreError) -> ColumnTransform {
        guard try reader.read(UInt8.self) == 1 else { return .identity(columns: p) }
        var centers: [Double] = [], scales: [Double] = [], order: [Int] = [], kept: [Bool] = [],
            coefficients: [[Float]] = []
        for _ in 0..<p {
            centers.append(try reader.readFinite())
            scales.append(try reader.readFinite())
            order.append(Int(try reader.read(UInt32.self)))
            kept.append(try reader.read(UInt8.self) == 1)
        }
        for q in 0..<p {
            let count = try reader.readCount(of: 4)
            guard count == 0 || count == q else { throw .damaged("the transform has a column of a wrong length") }
            var column: [Float] = []
            for _ in 0..<count { column.append(try reader.readFloat()) }
            guard column.allSatisfy(\.isFinite) else { throw .damaged("the transform is not finite") }
            coefficients.append(column)
        }
        guard scales.allSatisfy({ $0 > 0 }) else { throw .damaged("the transform has an impossible scale") }
        guard order.sorted() == Array(0..<p) else { throw .damaged("the transform's order is no permutation") }
        return ColumnTransform(centers: centers, scales: scales, order: order, kept: kept, coefficients: coefficients)
    }
}
