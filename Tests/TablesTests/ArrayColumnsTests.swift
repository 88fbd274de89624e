import CNumberParsing
import Testing

/// Doubles transposed by tiles of any width arrive as by loops, at any address, and nothing else is written.
@Suite struct ArrayColumnsTests {
    private struct Shape {
        let rows: Int, fields: Int, columns: [Int], offset: Int
    }

    private static let shapes = [
        Shape(rows: 8, fields: 8, columns: Array(0..<8), offset: 0),
        Shape(rows: 16, fields: 65, columns: Array(0..<65), offset: 1),
        Shape(rows: 37, fields: 13, columns: Array(0..<13), offset: 3),
        Shape(rows: 24, fields: 30, columns: Array(2..<9) + Array(11..<30) + [0], offset: 8),
        Shape(rows: 9, fields: 7, columns: [6, 5, 4, 3], offset: 5),
        Shape(rows: 5, fields: 9, columns: Array(0..<9), offset: 0),
        Shape(rows: 40, fields: 12, columns: [1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11], offset: 2),
    ]

    /// `array_columns_by`: whether all are finite, and the output with a margin of sevens.
    private func columns(_ width: Int, _ values: [Double], _ shape: Shape) -> (isFinite: Bool, output: [Double]) {
        var bytes = [UInt8](repeating: 0xff, count: shape.offset + values.count * 8)
        for (i, value) in values.enumerated() {
            for b in 0..<8 { bytes[shape.offset + 8 * i + b] = UInt8(truncatingIfNeeded: value.bitPattern >> (8 * b)) }
        }
        var output = [Double](repeating: 7, count: shape.columns.count * (shape.rows + 3) + 8)
        let isFinite = unsafe bytes.withUnsafeBytes { bytes in
            unsafe shape.columns.withUnsafeBufferPointer { chosen in
                let layout = unsafe array_layout(
                    element: .float64, big_endian: false, row_stride: 8 * shape.fields, column_stride: 8,
                    columns: chosen.baseAddress, column_count: chosen.count)
                return unsafe array_columns_by(
                    width, bytes.baseAddress! + shape.offset, layout, shape.rows, &output, shape.rows + 3)
            }
        }
        return (isFinite, output)
    }

    @Test func everyWidthGivesTheSame() {
        var generator = SplitMix64(state: 5)
        for shape in Self.shapes {
            let values = (0..<(shape.rows * shape.fields)).map { _ in Double.random(in: -1...1, using: &generator) }
            var expected = [Double](repeating: 7, count: shape.columns.count * (shape.rows + 3) + 8)
            for (k, column) in shape.columns.enumerated() {
                for i in 0..<shape.rows { expected[k * (shape.rows + 3) + i] = values[i * shape.fields + column] }
            }
            for width in [2, 4, 8] where width <= array_columns_widest() {
                let found = columns(width, values, shape)
                #expect(found.isFinite && found.output == expected, "\(width) columns at once, \(shape)")
                // One number that is not finite, anywhere in the columns, is found; elsewhere it is not looked at.
                for special in [Double.nan, .infinity, -.infinity] {
                    let row = Int.random(in: 0..<shape.rows, using: &generator)
                    let column = Int.random(in: 0..<shape.fields, using: &generator)
                    var spoiled = values
                    spoiled[row * shape.fields + column] = special
                    #expect(columns(width, spoiled, shape).isFinite == !shape.columns.contains(column))
                }
            }
        }
    }
}
