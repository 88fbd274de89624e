extension StoreFile {
    private static func code(of kind: WeightKind) -> UInt8 {
        switch kind {
        case .analytic: 0
        case .frequency: 1
        case .covariance: 2
        }
    }

    /// The weighting, the last part of a description that has one.
    static func encode(_ weighting: Weighting, into out: inout ByteWriter) {
        out.write(code(of: weighting.kind))
        out.write(UInt8(weighting.hasConstant ? 1 : 0))
        out.write(weighting.column)
        out.write(UInt64(weighting.rows))
        out.write(UInt64(weighting.zeroRows))
        out.write(weighting.total)
        out.write(UInt32(weighting.centers.count))
        for values in [weighting.centers, weighting.means, weighting.totalSquares] {
            for value in values { out.write(value) }
        }
    }

    /// The weighting of a description that has one.
    static func decodeWeighting(_ reader: inout ByteReader) throws(StoreError) -> Weighting {
        let code = try reader.read(UInt8.self)
        guard let kind = WeightKind.allCases.first(where: { Self.code(of: $0) == code }) else {
            throw .damaged("the kind of weights is unknown")
        }
        let hasConstant = try reader.read(UInt8.self) == 1
        let column = try reader.readString()
        guard let rows = Int(exactly: try reader.read(UInt64.self)),
            let zeroRows = Int(exactly: try reader.read(UInt64.self))
        else { throw .damaged("the number of weighted rows is impossible") }
        let total = try reader.readFinite()
        guard total > 0, total < 1e18 else { throw .damaged("the sum of the weights is impossible") }
        let count = try reader.readCount(of: 24)
        var lists: [[Double]] = []
        for _ in 0..<3 {
            var values: [Double] = []
            for _ in 0..<count { values.append(try reader.readFinite()) }
            lists.append(values)
        }
        return Weighting(
            kind: kind, column: column, hasConstant: hasConstant, rows: rows, zeroRows: zeroRows, total: total,
            centers: lists[0], means: lists[1], totalSquares: lists[2])
    }
}
