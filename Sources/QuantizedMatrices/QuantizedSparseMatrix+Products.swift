import Matrices
import QuantizedKernels

extension QuantizedSparseMatrix: LinearOperator {
    /// Â·x, the same bits as with the decoded matrix. Cost: 2 flops and the decoding of a code and a gap for each entry.
    public func multiply(_ x: [Double]) -> [Double] {
        precondition(x.count == columns, "A has \(columns) columns, x \(x.count) entries.")
        var y = [Double](repeating: 0, count: rows)
        forEachEntry { j, i, value in
            y[i] += x[j] * value
        } afterColumn: { _ in
        }
        return y
    }

    /// Âᵀ·y, the same bits as with the decoded matrix. Cost: as `multiply`.
    public func multiplyTransposed(_ y: [Double]) -> [Double] {
        precondition(y.count == rows, "A has \(rows) rows, y \(y.count) entries.")
        var x = [Double](repeating: 0, count: columns)
        var sum = 0.0
        forEachEntry { _, i, value in
            sum += value * y[i]
        } afterColumn: { j in
            x[j] = sum
            sum = 0
        }
        return x
    }

    /// Calls `entry` with column, row and decoded value of every stored entry, column by column, and `afterColumn` after
    /// each column.
    @inline(__always)
    func forEachEntry(_ entry: (Int, Int, Double) -> Void, afterColumn: (Int) -> Void) {
        let stream = pattern.bytes.span
        var place = 0
        var values = [Double](repeating: 0, count: CodedRun.blockLength)
        for run in runs {
            var block = 0, taken = 0, filled = 0
            for j in run.columns {
                let scale = run.isShared && !scales.isEmpty ? columnScale(scales[j]) : 1
                let count = GapCodedPattern.number(stream, &place)
                var row = -1
                for _ in 0..<count {
                    if taken == filled {
                        filled = run.decode(block: block, into: &values, kernels: kernels)
                        block += 1
                        taken = 0
                    }
                    row &+= GapCodedPattern.number(stream, &place) &+ 1
                    entry(j, row, scale * values[taken])
                    taken &+= 1
                }
                afterColumn(j)
            }
        }
    }
}

extension CodedRun {
    /// Entries decoded at a time.
    static let blockLength = 2048

    /// Decodes block number `block` of the entries into the front of `values`; returns how many there are.
    func decode(block: Int, into values: inout [Double], kernels: Kernels) -> Int {
        let first = block * Self.blockLength
        let decoded = min(Self.blockLength, count - first)
        var target = values.mutableSpan
        var part = target._mutatingExtracting(0..<decoded)
        if bits == 0 {
            for i in 0..<decoded { part[i] = levels[0] }
        } else {
            let bytes = (first * bits / 8)..<((first + decoded) * bits + 7) / 8
            kernels.unpackAndDecode(packed.span.extracting(bytes), bits: bits, levels: levels.span, into: &part)
        }
        return decoded
    }
}

/// 2^(k/8), from square roots and a power of two, so that it is the same number everywhere.
@inline(__always)
func columnScale(_ eighths: Int16) -> Double {
    let k = Int(eighths)
    let fraction = k & 7
    var scale = 1.0
    if fraction & 4 != 0 { scale *= eighthsOfAnOctave.half }
    if fraction & 2 != 0 { scale *= eighthsOfAnOctave.quarter }
    if fraction & 1 != 0 { scale *= eighthsOfAnOctave.eighth }
    return Double(sign: .plus, exponent: k >> 3, significand: scale)
}

private let eighthsOfAnOctave = (
    half: 2.0.squareRoot(), quarter: 2.0.squareRoot().squareRoot(),
    eighth: 2.0.squareRoot().squareRoot().squareRoot()
)
