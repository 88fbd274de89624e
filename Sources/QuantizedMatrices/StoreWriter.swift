import Matrices
import Quantizers

extension StoreFile {
    /// Writes a store: to a temporary name in the same folder, flushed to the disk, then renamed over the old file. A
    /// failure leaves the old file, or none, and no temporary one. The old file may be the one that the matrix was read
    /// from. With `compressing`, blocks that Zstandard makes shorter are written so.
    ///
    /// Memory: the description, and for each of the `threads`, if blocks are compressed, a block. Throws: `unwritable`,
    /// `writeFailed`.
    public static func write(
        _ matrix: QuantizedMatrix, _ description: StoreDescription, to path: String, compressing: Bool = false,
        threads: Int = 1
    ) throws(StoreError) {
        let file = try ReplacementFile(replacing: path)
        let layout = matrix.codes.layout
        var entries: [DirectoryEntry] = [], offset = headerLength
        while entries.count < layout.blockCount {
            let blocks = entries.count..<min(entries.count + max(1, threads), layout.blockCount)
            let written =
                try compressing
                ? writeCompressed(blocks, matrix.codes, to: file.file, from: offset)
                : writePlain(blocks, matrix.codes, to: file.file, from: offset)
            entries += written
            for entry in written { offset = CodeLayout.aligned(offset + entry.length) }
        }
        let directory = encode(entries), body = encodeDescription(matrix, description)
        let header = header(
            rowsPerBlock: layout.rowsPerBlock, directoryOffset: offset, directory: directory, description: body)
        try file.write(directory.span, at: offset)
        try file.write(body.span, at: offset + directory.count)
        try file.write(header.span, at: 0)
        try file.commit()
    }

    /// Writes blocks as they are from an offset on.
    private static func writePlain(
        _ blocks: Range<Int>, _ codes: PackedCodes, to file: SystemFile, from offset: Int
    ) throws(StoreError) -> [DirectoryEntry] {
        let lengths = blocks.map { codes.layout.byteCount(ofBlock: $0) }
        let offsets = lengths.reduce(into: [offset]) { $0.append(CodeLayout.aligned($0[$0.count - 1] + $1)) }
        return try parallelMap(blocks.count, threads: blocks.count) { (i) throws(StoreError) in
            try codes.withBlock(blocks.lowerBound + i) { (bytes) throws(StoreError) in
                try file.write(bytes, at: offsets[i])
                return DirectoryEntry(length: bytes.count, checksum: checksum(bytes), encoding: .plain)
            }
        }
    }

    /// Writes blocks, those compressed that become shorter.
    private static func writeCompressed(
        _ blocks: Range<Int>, _ codes: PackedCodes, to file: SystemFile, from offset: Int
    ) throws(StoreError) -> [DirectoryEntry] {
        let frames = try parallelMap(blocks.count, threads: blocks.count) { (i) throws(StoreError) -> [UInt8]? in
            codes.withBlock(blocks.lowerBound + i) { BlockCompression.compress($0) }
        }
        var entries: [DirectoryEntry] = [], offset = offset
        for (k, frame) in zip(blocks, frames) {
            if let frame {
                try file.write(frame.span, at: offset)
                entries.append(
                    DirectoryEntry(length: frame.count, checksum: checksum(frame.span), encoding: .zstandard))
            } else {
                entries += try writePlain(k..<(k + 1), codes, to: file, from: offset)
            }
            offset = CodeLayout.aligned(offset + entries[entries.count - 1].length)
        }
        return entries
    }

    static func encode(_ entries: [DirectoryEntry]) -> [UInt8] {
        var out = ByteWriter()
        for entry in entries {
            out.write(UInt64(entry.length))
            out.write(entry.checksum)
            out.write(entry.encoding.rawValue)
        }
        return out.bytes
    }

    static func header(
        rowsPerBlock: Int, directoryOffset: Int, directory: [UInt8], description: [UInt8]
    ) -> [UInt8] {
        var out = ByteWriter()
        for byte in magic { out.write(byte) }
        out.write(version)
        out.write(UInt32(rowsPerBlock))
        out.write(UInt64(directoryOffset + directory.count + description.count))
        out.write(UInt64(directoryOffset))
        out.write(UInt64(directory.count / directoryEntryLength))
        out.write(UInt64(description.count))
        out.write(checksum(directory.span))
        out.write(checksum(description.span))
        out.write(UInt32(0))
        out.write(checksum(out.bytes.span))
        return out.bytes
    }

    /// The description: rows (8 bytes), intercept (1), bits (1), response bits (1, 0 for full),
    /// quantizer, completeness (1), dropped rows (8), predictor names and places, dependent columns, numbers of
    /// columns and refinements, then per column name, moments before the transform and its code description, per
    /// refinement its base and its code description, the transform, the pilot: its rows (8; 0 for none), its sums and contrasts,
    /// and the order of the rows.
    static func encodeDescription(_ matrix: QuantizedMatrix, _ description: StoreDescription) -> [UInt8] {
        var out = ByteWriter()
        out.write(UInt64(matrix.rows))
        out.write(UInt8(description.intercept ? 1 : 0))
        out.write(UInt8(description.bits))
        out.write(UInt8(description.responseBits ?? 0))
        out.write(description.quantizer)
        out.write(UInt8(description.isComplete ? 1 : 0))
        out.write(UInt64(description.droppedRows))
        out.write(UInt32(description.predictorNames.count))
        for name in description.predictorNames { out.write(name) }
        out.write(UInt32(description.places.count))
        for place in description.places { out.write(UInt32(place)) }
        out.write(UInt32(description.dependent.count))
        for column in description.dependent {
            out.write(column.name)
            out.write(column.reason)
        }
        out.write(UInt32(matrix.columns.count))
        out.write(UInt32(matrix.refinements.count))
        for (j, column) in matrix.columns.enumerated() {
            out.write(column.name)
            encode(description.moments[j], into: &out)
            encode(column, into: &out)
        }
        for refinement in matrix.refinements {
            out.write(UInt32(refinement.base))
            encode(refinement.column, into: &out)
        }
        encode(matrix.transform, into: &out)
        out.write(UInt64(matrix.pilot?.rows ?? 0))
        if let pilot = matrix.pilot { for sum in pilot.products + pilot.contrasts { out.write(sum) } }
        encode(matrix.order, into: &out)
        if let weighting = description.weighting { encode(weighting, into: &out) }
        return out.bytes
    }

    /// The number of segments (4), and per segment its rows (8), its stride (8), how many rows come first and last (4 each),
    /// and these in as many bytes each as the number of rows takes.
    private static func encode(_ order: RowOrder, into out: inout ByteWriter) {
        out.write(UInt32(order.segments.count))
        for segment in order.segments {
            out.write(UInt64(segment.rows))
            out.write(UInt64(segment.stride))
            out.write(UInt32(segment.first.count))
            out.write(UInt32(segment.last.count))
            for row in segment.first + segment.last {
                for byte in 0..<segment.width { out.write(UInt8(truncatingIfNeeded: row >> (8 * byte))) }
            }
        }
    }

    private static func encode(_ moments: ColumnMoments, into out: inout ByteWriter) {
        out.write(UInt64(moments.count))
        for value in [
            moments.shift, moments.minimum, moments.maximum, moments.shiftedSum, moments.shiftedSumOfSquares,
        ] { out.write(value) }
    }

    /// Bits, rounding, codebook, exact moments, errors, discrepancy shares.
    private static func encode(_ column: QuantizedColumn, into out: inout ByteWriter) {
        out.write(UInt8(column.bits))
        out.write(UInt8(Rounding.allCases.firstIndex(of: column.rounding) ?? 0))
        encode(column.codebook, column.grid, into: &out)
        encode(column.moments, into: &out)
        // Relative to the column's mean: single precision holds no square of every number of a table.
        let total = column.totalSquaredError, mean = total / Double(max(1, column.counts.reduce(0, +)))
        for variance in column.errorVariances { out.write(Float(total > 0 ? variance / mean : 0)) }
        out.write(column.totalSquaredError)
        out.write(column.errorProduct)
        out.write(column.errorSum)
        out.write(UInt8(column.discrepancy == nil ? 0 : 1))
        let share = column.discrepancy
        for value in [share?.towardExact, share?.towardInexact, share?.fromInexact] { out.write(Float(value ?? 0)) }
    }

    /// Number of levels, whether they are exact, bytes per integer, offset, scale, the integers; for exact codebooks
    /// the levels themselves too. Thresholds lie half-way between levels.
    private static func encode(_ codebook: Codebook, _ grid: IntegerGrid, into out: inout ByteWriter) {
        out.write(UInt16(codebook.levels.count))
        out.write(UInt8(codebook.isExact ? 1 : 0))
        let width = grid.integers.allSatisfy { Int16(exactly: $0) != nil } ? 2 : 8
        out.write(UInt8(width))
        out.write(grid.offset)
        out.write(grid.scale)
        for value in grid.integers {
            if width == 2 { out.write(Int16(value)) } else { out.write(value) }
        }
        if codebook.isExact {
            for level in codebook.levels { out.write(level) }
        }
    }

    /// Per column its center, its scale, its place in the order, whether it is kept; then the coefficients of each position.
    private static func encode(_ transform: ColumnTransform, into out: inout ByteWriter) {
        out.write(UInt8(transform.isIdentity ? 0 : 1))
        guard !transform.isIdentity else { return }
        for j in 0..<transform.columns {
            out.write(transform.centers[j])
            out.write(transform.scales[j])
            out.write(UInt32(transform.order[j]))
            out.write(UInt8(transform.kept[j] ? 1 : 0))
        }
        for column in transform.coefficients {
            out.write(UInt32(column.count))
            for value in column { out.write(value) }
        }
    }
}
