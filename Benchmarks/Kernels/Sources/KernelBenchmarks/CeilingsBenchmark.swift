import CCeilings

/// What one thread of this machine can do, operations a cycle (the fastest of many short runs) and bytes a second.
struct CeilingsBenchmark {
    func run() {
        let loops: [(String, (Int) -> Double)] = [
            ("fp64 multiply–add", ceiling_fma_f64), ("fp32 multiply–add", ceiling_fma_f32),
            ("16-bit products, added in 32 bits", ceiling_i16), ("8-bit products, added in 32 bits", ceiling_i8),
            ("8-bit products, two steps added in 16 bits", ceiling_i8_twice),
        ]
        let rounds = 20_000
        var operations = [Double](repeating: 0, count: loops.count)
        var work: [() -> Void] = [{ _ = ceiling_cycles(rounds) }]
        for (i, loop) in loops.enumerated() { work.append { operations[i] = loop.1(rounds) } }
        let seconds = fastest(rounds: 500, work)
        let cycles = 8 * Double(rounds) / seconds[0]
        print("Ceilings at \(cell(cycles * 1e-9)) GHz, operations a cycle (a multiply–add counts as two)")
        for (i, loop) in loops.enumerated() { print(cell(operations[i] / seconds[i + 1] / cycles), loop.0) }
        let values = [Double](repeating: 1, count: 1 << 27)
        var sum = 0.0
        let read = times(rounds: 9, [{ sum = ceiling_read(values, values.count) }])[0]
        check(sum == Double(values.count), "read")
        print(cell(8e-9 * Double(values.count) / median(read)), "GB/s read from memory (median)")
    }
}
