import Foundation
import Matrices
import Quantizers

extension StoreFile {
    /// Writes a store: to a temporary name in the same folder, flushed to the disk, then renamed over the old file. A
    /// failure leaves the old file, or none, and no temporary one.
    ///
    /// - Throws: `unwritable`.
    public static func write(
        _ matrix: QuantizedMatrix, _ description: StoreDescription, to path: String
    ) throws(StoreError) {
        let target = URL(fileURLWithPath: path)
        let name = ".\(target.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).part"
        let temporary = target.deletingLastPathComponent().appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: target.deletingLastPathComponent().path) else {
            throw .unwritable("there is no folder \(target.deletingLastPathComponent().relativePath)")
        }
        do {
            guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
                throw CocoaError(.fileWriteNoPermission)
            }
            let file = try FileHandle(forWritingTo: temporary)
            let head = head(matrix, description)
            try file.write(contentsOf: Data(head))
            var offset = head.count
            for column in matrix.coded {
                let start = aligned(offset)
                try file.write(contentsOf: Data(count: start - offset))
                try file.write(contentsOf: Data(column.packed))
                offset = start + column.packed.count
            }
            try file.synchronize()
            try file.close()
            try rename(temporary, to: target)
        } catch {
            try? FileManager.default.removeItem(at: temporary)
            throw .unwritable((error as NSError).localizedDescription)
        }
    }

    /// rename(2): atomic within a folder.
    private static func rename(_ source: URL, to target: URL) throws {
        guard unsafe Foundation.rename(source.path, target.path) == 0 else {
            throw NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
        }
    }

    /// The fixed part and the description.
    static func head(_ matrix: QuantizedMatrix, _ description: StoreDescription) -> [UInt8] {
        // The description's length does not depend on the offsets in it: measure it with zeros first.
        let zeros = matrix.coded.map { _ in 0 }
        let length = encodeDescription(matrix, description, offsets: zeros).count
        var offsets: [Int] = [], end = fixedLength + length
        for column in matrix.coded {
            offsets.append(aligned(end))
            end = aligned(end) + column.packed.count
        }
        let body = encodeDescription(matrix, description, offsets: offsets)
        var head = ByteWriter()
        for byte in magic { head.write(byte) }
        head.write(version)
        head.write(UInt32(body.count))
        head.write(UInt64(end))
        head.write(checksum(body[...]))
        head.write(checksum(head.bytes[...]))
        return head.bytes + body
    }

    /// The description: rows (8 bytes), intercept (1), bits (1), response bits (1, 0 for full),
    /// quantizer, completeness (1), dropped rows (8), predictor names and places, dependent columns, numbers of
    /// columns and refinements, then per column name, moments before the transform and its code description, per
    /// refinement its base and its code description, and the transform.
    static func encodeDescription(
        _ matrix: QuantizedMatrix, _ description: StoreDescription, offsets: [Int]
    ) -> [UInt8] {
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
            encode(column, offset: offsets[j], into: &out)
        }
        for (r, refinement) in matrix.refinements.enumerated() {
            out.write(UInt32(refinement.base))
            encode(refinement.column, offset: offsets[matrix.columns.count + r], into: &out)
        }
        encode(matrix.transform, into: &out)
        return out.bytes
    }

    private static func encode(_ moments: ColumnMoments, into out: inout ByteWriter) {
        out.write(UInt64(moments.count))
        for value in [
            moments.shift, moments.minimum, moments.maximum, moments.shiftedSum, moments.shiftedSumOfSquares,
        ] { out.write(value) }
    }

    /// Bits, rounding, place and checksum of the codes, codebook, exact moments, errors, discrepancy shares.
    private static func encode(_ column: QuantizedColumn, offset: Int, into out: inout ByteWriter) {
        out.write(UInt8(column.bits))
        out.write(UInt8(Rounding.allCases.firstIndex(of: column.rounding) ?? 0))
        out.write(UInt64(offset))
        out.write(UInt64(column.packed.count))
        out.write(checksum(column.packed[...]))
        encode(column.codebook, column.grid, into: &out)
        encode(column.moments, into: &out)
        for variance in column.errorVariances { out.write(Float(variance)) }
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
