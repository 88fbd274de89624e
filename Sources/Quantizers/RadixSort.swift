/// Sorting of finite numbers by their bit patterns, least significant digit first, 11 bits at a time.
enum RadixSort {
    private static let digitBits: UInt64 = 11
    private static let buckets = 1 << 11
    private static let passes = 6

    /// The values in ascending order. No value may be NaN. Cost: 6 passes over the data, fewer where digits agree.
    static func sorted(_ values: [Double]) -> [Double] {
        guard values.count > 2048 else { return values.sorted() }
        var keys = values.map { key($0) }
        var other = [UInt64](repeating: 0, count: keys.count)
        let counts = digitCounts(keys)
        for pass in 0..<passes {
            guard var places = offsets(counts, pass, keys) else { continue }
            let shift = UInt64(pass) &* digitBits
            for key in keys {
                let digit = Int(truncatingIfNeeded: (key &>> shift) & 2047)
                other[places[digit]] = key
                places[digit] &+= 1
            }
            swap(&keys, &other)
        }
        return keys.map { value($0) }
    }

    /// The permutation that sorts the values: element i of the result is the index of the i-th smallest. Stable.
    static func order(_ values: [Double]) -> [Int32] {
        let keys = values.map { key($0) }
        var order = (0..<Int32(values.count)).map { $0 }
        var other = order
        let counts = digitCounts(keys)
        for pass in 0..<passes {
            guard var places = offsets(counts, pass, keys) else { continue }
            let shift = UInt64(pass) &* digitBits
            for index in order {
                let digit = Int(truncatingIfNeeded: (keys[Int(index)] &>> shift) & 2047)
                other[places[digit]] = index
                places[digit] &+= 1
            }
            swap(&order, &other)
        }
        return order
    }

    /// Unsigned integers in the order of the numbers; −0 sorts as 0.
    @inline(__always)
    private static func key(_ value: Double) -> UInt64 {
        let pattern = (value + 0).bitPattern
        return pattern & (1 << 63) == 0 ? pattern | (1 << 63) : ~pattern
    }

    @inline(__always)
    private static func value(_ key: UInt64) -> Double {
        Double(bitPattern: key & (1 << 63) == 0 ? ~key : key & ~(1 << 63))
    }

    /// How often each digit occurs at each of the six places.
    private static func digitCounts(_ keys: [UInt64]) -> [Int] {
        var counts = [Int](repeating: 0, count: passes * buckets)
        for key in keys {
            var rest = key
            var base = 0
            for _ in 0..<passes {
                counts[base + Int(truncatingIfNeeded: rest & 2047)] &+= 1
                rest &>>= digitBits
                base &+= buckets
            }
        }
        return counts
    }

    /// Where each digit's block starts, or nil if all keys have the same digit.
    private static func offsets(_ counts: [Int], _ pass: Int, _ keys: [UInt64]) -> [Int]? {
        var places = [Int](repeating: 0, count: buckets)
        var sum = 0
        for digit in 0..<buckets {
            let count = counts[pass * buckets + digit]
            if count == keys.count { return nil }
            places[digit] = sum
            sum += count
        }
        return places
    }
}
