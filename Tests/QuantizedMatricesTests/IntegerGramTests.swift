import QuantizedKernels
import Quantizers
import Testing

@testable import QuantizedMatrices

/// The Gram matrix of the codes equals the product of the decoded integer matrices, to the last bit.
@Suite struct IntegerGramTests {
    /// Σ L_j·L_k and Σ L_j by a plain triple loop in 128 bits.
    private func expectPlainSums(_ gram: IntegerGram, _ source: IntegerMatrix, _ what: String) {
        let columns = source.kinds.indices.map { source.integers($0) }
        #expect(gram.rows == source.matrix.rows && gram.columns == columns.count)
        for j in columns.indices {
            #expect(gram.sum(j) == columns[j].reduce(Int128(0)) { $0 + Int128($1) }, "\(what): sum \(j)")
            for k in columns.indices {
                var expected: Int128 = 0
                for i in columns[j].indices { expected += Int128(columns[j][i]) * Int128(columns[k][i]) }
                #expect(gram.product(j, k) == expected, "\(what): product \(j), \(k)")
            }
        }
    }

    @Test(arguments: 1...8)
    func equalsPlainProduct(bits: Int) throws {
        let kinds = IntegerMatrix.Kind.allCases + [.narrow, .wide, .decimal]
        for rows in [0, 1, 2, 7, 8, 9, 333] {
            let source = try IntegerMatrix(rows: rows, kinds: kinds, bits: bits, seed: 31 + UInt64(rows))
            for kernels in Kernels.available {
                let gram = source.matrix.integerGram(rowsPerBlock: 64, kernels: kernels)
                expectPlainSums(gram, source, "\(bits) bits, \(rows) rows, \(kernels)")
            }
        }
    }

    /// Gram matrices of parts of the rows add up to that of all.
    @Test(arguments: 1...8)
    func partsMerge(bits: Int) throws {
        let source = try IntegerMatrix(rows: 333, kinds: [.narrow, .wide, .indicator], bits: bits, seed: 5)
        var gram = source.matrix.integerGram(of: 128..<333, rowsPerBlock: 64)
        gram.merge(source.matrix.integerGram(of: 0..<8))
        gram.merge(source.matrix.integerGram(of: 8..<128, threads: 2))
        expectPlainSums(gram, source, "\(bits) bits")
    }

    /// All kinds of digits, and several of them, really occur in these tests.
    @Test func gridsNeedSeveralDigits() throws {
        let kinds: [IntegerMatrix.Kind] = [.narrow, .wide, .decimal, .indicator]
        let mixed = DigitPlanes(try IntegerMatrix(rows: 100, kinds: kinds, bits: 4, seed: 2).matrix.columns)
        #expect(mixed.kind == .wide)
        let digits = zip(mixed.firstPlane, mixed.firstPlane.dropFirst()).map { $1 - $0 }
        #expect(digits[0] == 1 && digits[3] == 1)
        #expect(digits[1] == 3, "45-bit grids have three digits of 15 bits")
        #expect(digits[2] >= 2)
        let few = try IntegerMatrix(rows: 100, kinds: [.narrow, .indicator, .constant, .narrow], bits: 4, seed: 2)
        let narrow = DigitPlanes(few.matrix.columns)
        #expect(narrow.kind == .narrow && narrow.planes.count == 4 && narrow.largestMagnitude <= 63)
        let flags = try IntegerMatrix(rows: 100, kinds: [.indicator, .constant, .indicator], bits: 4, seed: 2)
        let binary = DigitPlanes(flags.matrix.columns)
        #expect(binary.kind == .binary && binary.planes.map(\.column) == [0, 2])
    }

    /// Every kind of digits gives the same sums of products.
    @Test(arguments: 1...8)
    func kindsAgree(bits: Int) throws {
        let kinds = IntegerMatrix.Kind.allCases + [.narrow, .wide, .indicator]
        for rows in [0, 1, 8, 333] {
            let source = try IntegerMatrix(rows: rows, kinds: kinds, bits: bits, seed: 71 + UInt64(rows))
            for kind in [DigitPlanes.Kind.binary, .narrow, .wide] {
                for kernels in Kernels.available {
                    let gram = source.matrix.integerGram(
                        DigitPlanes(source.matrix.columns, kind: kind), of: 0..<rows, rowsPerBlock: 64,
                        kernels: kernels)
                    expectPlainSums(gram, source, "\(kind), \(bits) bits, \(rows) rows, \(kernels)")
                }
            }
        }
    }

    /// Columns of 1 bit are planes of bits as they are, also where the rows end within a byte that has more.
    @Test func columnsOfOneBit() throws {
        let kinds = [IntegerMatrix.Kind](repeating: .narrow, count: 24)
        let flags = try IntegerMatrix(rows: 40_000, kinds: kinds, bits: 1, seed: 12, blocks: 40_000)
        #expect(DigitPlanes(flags.matrix.columns).kind == .binary)
        let narrow = DigitPlanes(flags.matrix.columns, kind: .narrow)
        for rows in [0..<40_000, 0..<16_384, 16_384..<30_003] {
            let binary = flags.matrix.integerGram(of: rows, threads: 2)
            let narrow = flags.matrix.integerGram(narrow, of: rows)
            for j in kinds.indices {
                #expect(binary.sum(j) == narrow.sum(j))
                for k in kinds.indices { #expect(binary.product(j, k) == narrow.product(j, k)) }
            }
        }
    }

    /// Digits of all kinds give their integers back, within their bounds.
    @Test func digits() {
        let integers: [Int64] = [
            -(1 << 44), -70_000, -16_385, -16_384, -64, -63, 0, 1, 63, 64, 127, 8064, 8065, 1 << 43,
        ]
        for (kind, bounds) in [(DigitPlanes.Kind.binary, 0...1), (.narrow, -63...63), (.wide, -16_384...16_384)] {
            let grid = IntegerGrid(offset: 0, scale: 1, integers: integers)
            let (base, planes) = grid.digits(kind)
            #expect(planes.count == grid.digitCount(kind))
            for (k, integer) in integers.enumerated() {
                #expect(planes.allSatisfy { bounds.contains(Int($0.digits[k])) })
                #expect(planes.reduce(base) { $0 + $1.weight * Int128($1.digits[k]) } == Int128(integer))
            }
        }
        let response = IntegerGrid(offset: 0, scale: 1, integers: [-8064, 0, 8064])
        #expect(response.digitCount(.narrow) == 2 && response.digitCount(.wide) == 1)
        #expect(response.digitCount(.binary) == 2, "0, 1 and 2 steps of 8064")
        let constant = IntegerGrid(offset: 0, scale: 1, integers: [7])
        #expect(constant.digits(.binary).base == 7 && constant.digitCount(.binary) == 0)
    }

    /// One column of 12-bit integers among many of 6-bit ones: narrow digits, two for the one.
    @Test func aResponseAmongNarrowColumns() throws {
        var kinds = [IntegerMatrix.Kind](repeating: .narrow, count: 12)
        kinds.append(.fine)
        let source = try IntegerMatrix(rows: 5000, kinds: kinds, bits: 4, seed: 9)
        let planes = DigitPlanes(source.matrix.columns)
        #expect(planes.kind == .narrow && planes.planes.count == 14)
        for kernels in Kernels.available {
            expectPlainSums(source.matrix.integerGram(kernels: kernels), source, "\(kernels)")
        }
    }

    @Test func blocksThreadsAndKernelsDoNotMatter() throws {
        let source = try IntegerMatrix(
            rows: 1003, kinds: [.narrow, .wide, .decimal, .indicator, .narrow], bits: 3, seed: 40)
        let expected = source.matrix.integerGram(rowsPerBlock: 1008, threads: 1, kernels: .scalar)
        expectPlainSums(expected, source, "reference")
        for rowsPerBlock in [8, 16, 40, 512, 2048] {
            for threads in [1, 2, 3, 8, 200] {
                for kernels in Kernels.available {
                    let gram = source.matrix.integerGram(rowsPerBlock: rowsPerBlock, threads: threads, kernels: kernels)
                    #expect(gram == expected, "blocks of \(rowsPerBlock), \(threads) threads, \(kernels)")
                }
            }
        }
    }

    /// Two Gram matrices of the same codebooks add up to the Gram matrix of all rows, in any order.
    @Test func merging() throws {
        let source = try IntegerMatrix(rows: 200, kinds: [.narrow, .wide, .decimal], bits: 4, seed: 50)
        let gram = source.matrix.integerGram()
        var twice = gram
        twice.merge(gram)
        #expect(twice.rows == 400)
        for j in 0..<3 {
            #expect(twice.sum(j) == 2 * gram.sum(j))
            for k in 0..<3 { #expect(twice.product(j, k) == 2 * gram.product(j, k)) }
        }
        var fourTimes = twice
        fourTimes.merge(twice)
        var other = gram
        other.merge(twice)
        other.merge(gram)
        #expect(other == fourTimes)
    }

    /// The centred product is the exact one, m·Σ L_jL_k − ΣL_j·ΣL_k, divided by m and rounded once.
    @Test(arguments: [1, 3, 250])
    func centeredProducts(rows: Int) throws {
        let source = try IntegerMatrix(
            rows: rows, kinds: [.narrow, .wide, .decimal, .indicator, .constant], bits: 5, seed: 60)
        let gram = source.matrix.integerGram()
        let columns = source.kinds.indices.map { source.integers($0) }
        for j in columns.indices {
            for k in columns.indices {
                let m = Int128(rows)
                var product: Int128 = 0, a: Int128 = 0, b: Int128 = 0
                for i in 0..<rows {
                    product += Int128(columns[j][i]) * Int128(columns[k][i])
                    a += Int128(columns[j][i])
                    b += Int128(columns[k][i])
                }
                let exact = m * product - a * b  // fits: 2·44 + 8 + 8 bits
                let expected = Double(exact) / Double(rows)
                let found = gram.centeredProduct(j, k)
                #expect(abs(found - expected) <= expected.ulp, "\(j), \(k): \(found), not \(expected)")
                #expect(found == gram.centeredProduct(k, j))
            }
        }
    }

    /// Beyond 128 bits: many rows (made by merging) of wide integers, checked by centring with 256-bit arithmetic.
    @Test func centeredProductsBeyond128Bits() throws {
        let source = try IntegerMatrix(rows: 240, kinds: [.wide, .wide, .decimal], bits: 5, seed: 61)
        let single = source.matrix.integerGram()
        var gram = single
        let doublings = 20
        for _ in 0..<doublings { gram.merge(gram) }
        #expect(gram.rows == 240 << doublings)
        for j in 0..<3 {
            for k in 0..<3 {
                // Every row 2²⁰ times: the centred product is 2²⁰ times that of the rows once.
                let expected = single.centeredProduct(j, k) * Double(1 << doublings)
                let scale =
                    (single.centeredProduct(j, j) * single.centeredProduct(k, k)).squareRoot() * Double(1 << doublings)
                #expect(abs(gram.centeredProduct(j, k) - expected) <= 1e-14 * scale, "\(j), \(k)")
            }
        }
    }
}
