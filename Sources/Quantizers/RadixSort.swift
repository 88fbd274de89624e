/// Sorting of finite numbers by their bit patterns, least significant digit first, 11 bits at a time.
enum RadixSort {
    private static let digitBits: UInt64 = 11
    private static let buckets = 1 << 11
    private static let passes = 6

    /// The values in ascending order. No value may be NaN. Cost: 3 passes over the data where the leading half of the bits
    /// tells nearly all numbers apart, otherwise 6; fewer where digits agree.
    static func sorted(_ values: [Double]) -> [Double] {
        guard values.count > 2048 else { return values.sorted() }
        let unsorted = values.map { key($0) }
        var keys = sorted(unsorted, by: (passes / 2)..<passes)
        if !insertionSort(&keys) { keys = sorted(unsorted, by: 0..<passes) }
        return keys.map { value($0) }
    }

    /// Sorts by some digits, the last of them first.
    private static func sorted(_ unsorted: [UInt64], by places: Range<Int>) -> [UInt64] {
        let counts = digitCounts(unsorted, from: places.lowerBound)
        var keys = unsorted, other = [UInt64](repeating: 0, count: keys.count)
        for pass in places { sort(&keys, with: &other, by: pass, counts) }
        return keys
    }

    /// Sorts by one digit; equal ones keep their order.
    private static func sort(_ keys: inout [UInt64], with other: inout [UInt64], by pass: Int, _ counts: [UInt32]) {
        guard var places = offsets(counts, pass, keys) else { return }
        let shift = UInt64(pass) &* digitBits
        var target = other.mutableSpan, next = places.mutableSpan
        for key in keys {
            let digit = Int(truncatingIfNeeded: (key &>> shift) & 2047)
            let place = next[digit]
            target[place] = key
            next[digit] = place &+ 1
        }
        swap(&keys, &other)
    }

    /// Finishes keys that are sorted but for a few close ones; false where more than four moves per key do not do.
    private static func insertionSort(_ keys: inout [UInt64]) -> Bool {
        var movesLeft = 4 * keys.count
        for i in keys.indices.dropFirst() where keys[i] < keys[i - 1] {
            let key = keys[i]
            var place = i
            while place > 0, key < keys[place - 1] {
                movesLeft -= 1
                if movesLeft < 0 { return false }
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
        let counts = digitCounts(keys, from: 0)
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

    /// How often each digit occurs at each of the six places; those before `first` are not looked at.
    private static func digitCounts(_ keys: [UInt64], from first: Int) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: passes * buckets)
        var target = counts.mutableSpan
        for key in keys {
            var rest = key &>> (UInt64(first) &* digitBits)
            var base = first &* buckets
            for _ in first..<passes {
                target[base &+ Int(truncatingIfNeeded: rest & 2047)] &+= 1
                rest &>>= digitBits
                base &+= buckets
            }
        }
        return counts
    }

    /// Where each digit's block starts, or nil if all keys have the same digit.
    private static func offsets(_ counts: [UInt32], _ pass: Int, _ keys: [UInt64]) -> [Int]? {
        var places = [Int](repeating: 0, count: buckets)
        var sum = 0
        for digit in 0..<buckets {
            let count = Int(counts[pass * buckets + digit])
            if count == keys.count { return nil }
            places[digit] = sum
            sum += count
        }
        return places
    }
}
