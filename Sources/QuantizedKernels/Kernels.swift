internal import CQuantizedKernels

/// One set of kernels: the loops that run over all codes, written for one instruction set.
///
/// A value of this type is passed down to whatever needs the loops; nothing is global. All sets give the same bits:
/// ``scalar`` is the definition, the others are faster.
///
/// Kernels never allocate, and sizes are checked by preconditions. Where an entry of an output span is not mentioned
/// (a span may be longer than needed), it stays as it was.
@safe
public struct Kernels: @unchecked Sendable {
    /// Constant for the life of the program, hence `Sendable`.
    let table: UnsafePointer<qk_kernels>

    private init(table: UnsafePointer<qk_kernels>) {
        unsafe self.table = table
    }

    /// The set of this name, or `nil` where the name is unknown or the processor cannot run it.
    public init?(named name: String) {
        guard let kernels = Kernels.available.first(where: { $0.name == name }) else { return nil }
        self = kernels
    }

    /// "scalar", "avx2", …
    public var name: String { unsafe String(cString: table.pointee.name) }

    /// The sets this processor can run, ``scalar`` first and ``best`` last.
    public static var available: [Kernels] {
        var sets: [Kernels] = []
        while let table = unsafe qk_available(sets.count) { sets.append(unsafe Kernels(table: table)) }
        return sets
    }

    /// Portable C, the definition of what every kernel computes.
    public static var scalar: Kernels { available[0] }

    /// The fastest set that this processor can run.
    public static var best: Kernels { available[available.count - 1] }
}

extension Kernels: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}

extension Kernels {
    /// a·b + c, or a trap: sizes that a span can have never overflow, sizes made up by a caller may.
    static func extent(_ a: Int, _ b: Int, plus c: Int = 0) -> Int {
        precondition(a >= 0 && b >= 0 && c >= 0, "sizes are not negative")
        return a * b + c
    }

    /// Entries from the start of the first column to the end of the last.
    static func extent(rows: Int, columnStride: Int, count: Int) -> Int {
        precondition(rows >= 0 && count >= 0, "sizes are not negative")
        precondition(count <= 1 || columnStride >= rows, "columns do not overlap")
        return count == 0 ? 0 : extent(count - 1, count == 1 ? 0 : columnStride, plus: rows)
    }
}

extension Kernels {
    /// The first index of an entry that lies on a cache line's start, 64 bytes: columns that start there are read faster.
    ///
    /// At most 63 bytes in; the number of entries if there is none. An array keeps its place while it is not copied.
    public func alignedStart<Entry: BitwiseCopyable>(_ entries: Span<Entry>) -> Int {
        unsafe entries.withUnsafeBufferPointer { entries in
            guard let base = entries.baseAddress else { return 0 }
            let past = Int(bitPattern: base) % 64
            return min(entries.count, past == 0 ? 0 : (64 - past) / MemoryLayout<Entry>.stride)
        }
    }
}
