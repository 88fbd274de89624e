/// Finds the cell of a value among thousands in a few steps: a table over the leading bits of x − centre, on a
/// logarithmic scale to both sides, gives a cell at or just before the right one.
struct CellLocator: Sendable, Equatable {
    private let centre: Double
    private let lowestKey: Int
    private let binsPerSide: Int
    /// For each bin the cell of its least value: negative side first.
    private let firstCell: [Int32]

    private static let mantissaBits = 8
    private static let binades = 20

    /// A table for ascending edges.
    init(_ edges: [Double]) {
        let centre = edges[edges.count / 2]
        let reach = max(edges[edges.count - 1] - centre, centre - edges[0])
        let bins = CellLocator.binades << CellLocator.mantissaBits
        let highest = CellLocator.key(min(reach, .greatestFiniteMagnitude))
        let lowest = max(0, highest - bins + 1)
        var cells: [Int32] = []
        for side in [-1.0, 1.0] {
            var cell = edges.count / 2
            for bin in 0..<bins {
                // The least |x − centre| of a bin, and of the next one.
                let near = bin == 0 ? 0 : CellLocator.value(lowest + bin)
                let far = bin == bins - 1 ? Double.infinity : CellLocator.value(lowest + bin + 1)
                let least = side < 0 ? centre - far : centre + near
                // One step back, so that rounding in x − centre cannot skip the cell.
                cell = CellLocator.cell(of: least.nextDown.nextDown, edges, from: min(cell, edges.count - 2))
                cells.append(Int32(cell))
            }
        }
        self.centre = centre
        lowestKey = lowest
        binsPerSide = bins
        firstCell = cells
    }

    /// The cell c with edges[c] ≤ x < edges[c+1]; the nearest for x outside.
    @inline(__always)
    func cell(of x: Double, _ edges: [Double]) -> Int {
        let distance = x - centre
        let bin = max(0, min(binsPerSide &- 1, CellLocator.key(abs(distance)) &- lowestKey))
        return CellLocator.cell(of: x, edges, from: Int(firstCell[distance < 0 ? bin : binsPerSide &+ bin]))
    }

    /// The cell, looked for from another one on.
    @inline(__always)
    private static func cell(of x: Double, _ edges: [Double], from start: Int) -> Int {
        var cell = start
        let last = edges.count &- 2
        while cell < last, edges[cell &+ 1] <= x { cell &+= 1 }
        while cell > 0, edges[cell] > x { cell &-= 1 }
        return cell
    }

    @inline(__always)
    private static func key(_ magnitude: Double) -> Int {
        Int(truncatingIfNeeded: magnitude.bitPattern &>> UInt64(52 - mantissaBits))
    }

    private static func value(_ key: Int) -> Double { Double(bitPattern: UInt64(key) << UInt64(52 - mantissaBits)) }
}
