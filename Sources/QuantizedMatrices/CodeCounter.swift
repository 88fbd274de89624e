import QuantizedKernels

/// Counts how often each code occurs in each part, and finds codes without a level.
struct CodeCounter {
    private let names: [String]
    private let bits: [Int]
    private let kernels: Kernels
    /// Per part and code.
    private(set) var counts: [[Int]]

    init(_ columns: [QuantizedColumn], kernels: Kernels) {
        names = columns.map(\.name)
        bits = columns.map(\.bits)
        counts = columns.map { [Int](repeating: 0, count: $0.codebook.count) }
        self.kernels = kernels
    }

    /// Counts the codes of block k. Cost: its codes; at 1, 2, 4 and 8 bits its bytes.
    mutating func add(_ block: Span<UInt8>, _ k: Int, of layout: CodeLayout) throws(StoreError) {
        let rows = layout.rows(ofBlock: k).count
        for j in bits.indices {
            let bytes = block.extracting(layout.bytes(ofPart: j, inBlock: k, first: 0, count: rows))
            let histogram = 8 % bits[j] == 0 ? Self.countBytes(bytes, rows, bits[j]) : count(bytes, rows, bits[j])
            let levels = counts[j].count
            guard histogram[levels...].allSatisfy({ $0 == 0 }) else {
                throw .damaged("column \(names[j]) has codes without a level")
            }
            for code in 0..<levels { counts[j][code] += histogram[code] }
        }
    }

    private func count(_ bytes: Span<UInt8>, _ rows: Int, _ bits: Int) -> [Int] {
        var codes = [UInt8](repeating: 0, count: rows), histogram = [Int](repeating: 0, count: 256)
        var target = codes.mutableSpan
        kernels.unpack(bytes, bits: bits, into: &target)
        for code in codes { histogram[Int(code)] += 1 }
        return histogram
    }

    /// Counts whole bytes in four tables in turn, so that equal bytes in a row do not wait for each other, then the
    /// codes in them.
    private static func countBytes(_ bytes: Span<UInt8>, _ rows: Int, _ bits: Int) -> [Int] {
        let perByte = 8 / bits, whole = rows / perByte, mask = 1 << bits - 1
        var tables = [UInt32](repeating: 0, count: 4 * 256)
        for i in 0..<whole { tables[(i & 3) << 8 | Int(bytes[i])] += 1 }
        var histogram = [Int](repeating: 0, count: 256)
        for byte in 0..<256 {
            let count = (0..<4).reduce(0) { $0 + Int(tables[$1 << 8 | byte]) }
            for place in 0..<perByte { histogram[byte >> (place * bits) & mask] += count }
        }
        for place in 0..<(rows - whole * perByte) { histogram[Int(bytes[whole]) >> (place * bits) & mask] += 1 }
        return histogram
    }
}
