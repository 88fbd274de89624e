/// The rows of a ``RowSpool`` as they were when this value was made.
struct SpooledRows: StoredRows {
    let columnNames: [String]
    let rows: Int
    private let blocks: [RowSpool.StoredBlock]
    /// The first row of each block.
    private let starts: [Int]

    init(blocks: [RowSpool.StoredBlock], columnNames: [String]) {
        self.blocks = blocks
        self.columnNames = columnNames
        var next = 0
        starts = blocks.map { block in
            defer { next += block.rows }
            return next
        }
        rows = next
    }

    func read(
        first: Int, count: Int, columns: [Int], into block: inout MutableSpan<Double>
    ) throws(TableError) {
        checkArguments(first, count, columns, room: block.count)
        var index = place(of: first)
        var done = 0
        while done < count {
            let start = first + done - starts[index]
            let taken = min(count - done, blocks[index].rows - start)
            try copy(start..<start + taken, of: blocks[index], columns, into: &block, at: done, columnStride: count)
            done += taken
            index += 1
        }
    }

    /// The index of the block that holds a row.
    private func place(of row: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle } else { high = middle }
        }
        return low
    }

    /// Copies rows of one stored block; row 0 of chosen column k goes to `target[place + k * columnStride]`.
    private func copy(
        _ rows: Range<Int>, of block: RowSpool.StoredBlock, _ columns: [Int],
        into target: inout MutableSpan<Double>, at place: Int, columnStride: Int
    ) throws(TableError) {
        switch block.storage {
        case .memory(let values):
            for (k, column) in columns.enumerated() {
                let (source, destination) = (column * block.rows + rows.lowerBound, place + k * columnStride)
                for i in 0..<rows.count { target[destination + i] = values[source + i] }
            }
        case .file(let file, let offset):
            // Whole columns that follow each other, here and there, are one read.
            let isWhole = rows.count == block.rows && columnStride == block.rows
            var k = 0
            while k < columns.count {
                var run = 1
                while isWhole, k + run < columns.count, columns[k + run] == columns[k] + run { run += 1 }
                let start = offset + (columns[k] * block.rows + rows.lowerBound) * MemoryLayout<Double>.stride
                let destination = place + k * columnStride
                try file.read(into: &target, range: destination..<destination + run * rows.count, at: start)
                k += run
            }
        }
    }
}
