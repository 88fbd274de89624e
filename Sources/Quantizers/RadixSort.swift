/// Sorting of finite numbers by their bit patterns, least significant digit first, 11 bits at a time.
enum RadixSort {
    private static let digitBits: UInt64 = 11
    private static let buckets = 1 << 11
    private static let passes = 6

    /// The values in ascending order. No value may be NaN. Cost: 3 passes over the data where the leading half of the bits
    /// tells nearly all numbers apart, otherwise 6; fewer where digits agree.
    static func sorted(_ values: [Double]) -> [Double] {
        guard values.count > 2048 else { return values.sorted() }
        var keys = values.map { key($0) }
        let counts = digitCounts(keys)
        var other = [UInt64](repeating: 0, count: keys.count)
        let unsorted = keys
        for pass in (passes / 2)..<passes { sort(&keys, with: &other, by: pass, counts) }
        if !insertionSort(&keys) {
            keys = unsorted
            for pass in 0..<passes { sort(&keys, with: &other, by: pass, counts) }
        }
        return keys.map { value($0) }
    }

    /// Sorts by one digit; equal ones keep their order.
    private static func sort(_ keys: inout [UInt64], with other: inout [UInt64], by pass: Int, _ counts: [Int]) {
        guard var places = offsets(counts, pass, keys) else { return }
        let shift = UInt64(pass) &* digitBits
        for key in keys {
            let digit = Int(truncatingIfNeeded: (key &>> shift) & 2047)
            other[places[digit]] = key
            places[digit] &+= 1
        }
        swap(&keys, &other)
    }

    /// Finishes keys that are sorted but for a few neighbours; false where more than √n of them are not.
    private static func insertionSort(_ keys: inout [UInt64]) -> Bool {
        var left = Int(Double(keys.count).squareRoot())
        for i in keys.indices.dropFirst() where keys[i] < keys[i - 1] {
            left -= 1
            if left < 0 { return false }
        }
        for i in keys.indices.dropFirst() where keys[i] < keys[i - 1] {
            let key = keys[i]
            var place = i
            while place > 0, key < keys[place - 1] {
                keys[place] = keys[place - 1]
                place -= 1
            }
            keys[place] = key
        }
        return true
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
