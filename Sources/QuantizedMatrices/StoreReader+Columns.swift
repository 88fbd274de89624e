import Matrices
import QuantizedKernels
import Quantizers

/// What is described of each column, and the transform.
extension DescriptionDecoder {
    /// Moments of as many values as there are rows.
    mutating func decodeMoments(rows: Int) throws(StoreError) -> ColumnMoments {
        guard try reader.read(UInt64.self) == UInt64(rows) else { throw .damaged("a column counts other rows") }
        let shift = try reader.readValue()
        let minimum = try reader.readDouble(), maximum = try reader.readDouble()
        guard rows == 0 ? minimum > maximum : minimum <= maximum && max(-minimum, maximum) <= 1e100 else {
            throw .damaged("the range of a column is impossible")
        }
        let sum = try reader.readFinite(), squares = try reader.readFinite()
        // As far as rounding lets tell: the mean lies in the range, and deviations from it.
        let reach = rows == 0 ? 0 : max(abs(minimum - shift), abs(maximum - shift)) * (1 + 1e-9), m = Double(rows)
        guard abs(sum) <= m * reach, squares >= 0, squares <= m * reach * reach else {
            throw .damaged("the sums of a column do not fit its range")
        }
        return ColumnMoments(
            shift: shift, count: rows, minimum: minimum, maximum: maximum, shiftedSum: sum,
            shiftedSumOfSquares: squares)
    }

    mutating func decodeColumn(name: String, rows: Int) throws(StoreError) -> DecodedDescription.CodedColumn {
        let bits = Int(try reader.read(UInt8.self)), rounding = Int(try reader.read(UInt8.self))
        guard (1...8).contains(bits), Rounding.allCases.indices.contains(rounding) else {
            throw .damaged("column \(name) has impossible bits or rounding")
        }
        let gridded = try decodeCodebook(name: name, bits: bits)
        let moments = try decodeMoments(rows: rows)
        var column = QuantizedColumn(
            name: name, gridded: gridded, bits: bits, rounding: Rounding.allCases[rounding], shift: moments.shift)
        column.moments = moments
        var relativeErrors: [Double] = []
        for _ in 0..<gridded.codebook.count { relativeErrors.append(try readShare()) }
        let total = try reader.readFinite()
        guard total >= 0, total <= 1e220 else { throw .damaged("an error is impossible") }
        column.errorProduct = try reader.readFinite()
        column.errorSum = try reader.readFinite()
        let hasShares = try readFlag()
        let share = DiscrepancyShare(
            towardExact: try readShare(), towardInexact: try readShare(), fromInexact: try readShare())
        column.discrepancy = hasShares ? share : nil
        return .init(column: column, relativeErrors: relativeErrors, totalSquaredError: total)
    }

    /// A finite number that is not negative, in single precision.
    mutating func readShare() throws(StoreError) -> Double {
        let value = Double(try reader.readFloat())
        guard value.isFinite, value >= 0 else { throw .damaged("a mean square is impossible") }
        return value
    }

    private mutating func decodeCodebook(name: String, bits: Int) throws(StoreError) -> GriddedCodebook {
        let count = Int(try reader.read(UInt16.self)), isExact = try readFlag()
        let width = Int(try reader.read(UInt8.self))
        guard (1...(1 << bits)).contains(count), width == 2 || width == 8 else {
            throw .damaged("the codebook of column \(name) has \(count) levels for \(bits) bits")
        }
        let offset = try reader.readValue(), scale = try reader.readValue()
        var integers: [Int64] = []
        for _ in 0..<count {
            integers.append(width == 2 ? Int64(try reader.read(Int16.self)) : try reader.read(Int64.self))
        }
        guard scale >= 1e-150, integers.allSatisfy({ $0.magnitude < 1 << 44 }),
            zip(integers, integers.dropFirst()).allSatisfy({ $0 < $1 })
        else { throw .damaged("the integer grid of column \(name) is impossible") }
        let grid = IntegerGrid(offset: offset, scale: scale, integers: integers)
        var levels = (0..<count).map { grid.value($0) }
        if isExact {
            for c in 0..<count { levels[c] = try reader.readValue() }
        }
        do {
            return GriddedCodebook(codebook: try Codebook(levels: levels, isExact: isExact), grid: grid)
        } catch {
            throw .damaged("the codebook of column \(name): \(error)")
        }
    }

    mutating func decodeTransform(columns p: Int) throws(StoreError) -> ColumnTransform {
        guard try readFlag() else { return .identity(columns: p) }
        var centers: [Double] = [], scales: [Double] = [], order: [Int] = [], kept: [Bool] = [],
            coefficients: [[Float]] = []
        for _ in 0..<p {
            centers.append(try reader.readValue())
            scales.append(try reader.readValue())
            order.append(Int(try reader.read(UInt32.self)))
            kept.append(try readFlag())
        }
        for q in 0..<p {
            let count = try reader.readCount(of: 4)
            guard count == 0 || count == q else { throw .damaged("the transform has a column of a wrong length") }
            var column: [Float] = []
            for _ in 0..<count { column.append(try reader.readFloat()) }
            guard column.allSatisfy(\.isFinite) else { throw .damaged("the transform is not finite") }
            coefficients.append(column)
        }
        guard scales.allSatisfy({ $0 >= 1e-100 }) else { throw .damaged("the transform has an impossible scale") }
        guard order.sorted() == Array(0..<p) else { throw .damaged("the transform's order is no permutation") }
        return ColumnTransform(centers: centers, scales: scales, order: order, kept: kept, coefficients: coefficients)
    }
}
