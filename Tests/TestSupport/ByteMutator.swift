import Foundation

/// Random damage to a file: flipped bits, tokens that mean something to a reader put in, pieces removed, repeated, moved
/// or cut off, long runs of one byte. The same seed gives the same damage on every machine.
public struct ByteMutator {
    private var state: UInt64

    /// A mutator that starts from a seed.
    public init(seed: UInt64) { state = seed }

    /// Bytes that mean something to a reader of tables.
    private static let tokens: [[UInt8]] = [
        "\"", "\"\"", "\n", "\r\n", "\r", ",", ";", "\t", " ", "NA", "nan", "inf", "-", "+", ".", "e", "0", "\0",
        "\u{FEFF}", "'", "(", ")", "{", "}", ":", "True", "\n\n\n", "%", "%\n", "1e999", "1e-999", "-1", "<f8", ">i4",
        "4294967296", "9223372036854775807", "18446744073709551616", "1000000000000", "0.1234567890123456789e-12",
        "coordinate", "array", "real", "integer", "pattern", "complex", "general", "symmetric", "skew-symmetric",
    ].map { Array($0.utf8) }

    /// A number below `bound`, which is positive (SplitMix64; Steele, Lea and Flood 2014).
    public mutating func number(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    /// A file with one to six pieces of damage; `others` are files from which pieces may be taken.
    public mutating func mutated(_ bytes: [UInt8], others: [[UInt8]]) -> [UInt8] {
        var result = bytes
        for _ in 0...number(below: 6) where !result.isEmpty { damage(&result, others) }
        return result
    }

    private mutating func damage(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
        // Headers are short: half of the damage goes to the first bytes.
        let reach = number(below: 2) == 0 ? min(bytes.count, 160) : bytes.count
        let place = number(below: reach)
        let end = min(bytes.count, place + number(below: number(below: 4) == 0 ? 4000 : 14))
        switch number(below: 10) {
        case 0: bytes[place] ^= 1 << UInt8(number(below: 8))
        case 1: bytes[place] = UInt8(number(below: 256))
        case 2: bytes.insert(contentsOf: Self.tokens[number(below: Self.tokens.count)], at: place)
        case 3: bytes.replaceSubrange(place..<end, with: Self.tokens[number(below: Self.tokens.count)])
        case 4: bytes.removeSubrange(place..<end)
        case 5: bytes.insert(contentsOf: bytes[place..<end], at: number(below: bytes.count + 1))
        case 6: bytes.removeSubrange(place...)
        case 7: replaceNumber(&bytes, from: place)
        case 8:
            let length = 1 << number(below: number(below: 20) == 0 ? 21 : 9)
            bytes.insert(contentsOf: repeatElement(bytes[place], count: length), at: place)
        default:
            guard let other = others.isEmpty ? nil : others[number(below: others.count)], !other.isEmpty else { return }
            let start = number(below: other.count)
            let piece = other[start..<min(other.count, start + number(below: 400))]
            bytes.replaceSubrange(place..<end, with: piece)
        }
    }

    /// Puts another number in the place of the first digits at or after a place.
    private mutating func replaceNumber(_ bytes: inout [UInt8], from place: Int) {
        let isDigit: (UInt8) -> Bool = { $0 >= 0x30 && $0 <= 0x39 }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
        let digits: String
        switch number(below: 4) {
        case 0: digits = "\(number(below: 12))"
        case 1: digits = "\(1 << number(below: 63))"
        case 2: digits = String(repeating: "9", count: 1 + number(below: 400))
        default: digits = "\((Int(String(decoding: bytes[start..<end].prefix(17), as: UTF8.self)) ?? 0) + 1)"
        }
        bytes.replaceSubrange(start..<end, with: digits.utf8)
    }
}

/// Containers that hold bytes as they are, made without a compression library.
public enum StoredContainer: CaseIterable, Sendable {
    /// A gzip member of stored blocks (RFC 1952, RFC 1951 section 3.2.4).
    case gzip
    /// A Zstandard frame of raw blocks without a checksum (RFC 8878, section 3.1.1).
    case zstd

    /// The suffix of the file name.
    public var suffix: String { self == .gzip ? ".gz" : ".zst" }

    /// The container around some bytes.
    public func holding(_ bytes: [UInt8]) -> [UInt8] {
        self == .gzip ? gzip(bytes) : zstd(bytes)
    }

    private func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        for start in stride(from: 0, to: max(1, bytes.count), by: 65535) {
            let end = min(bytes.count, start + 65535)
            let length = UInt16(end - start)
            result.append(end == bytes.count ? 1 : 0)
            result += littleEndian(length) + littleEndian(~length) + bytes[start..<end]
        }
        return result + littleEndian(checksum(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    private func zstd(_ bytes: [UInt8]) -> [UInt8] {
        // A window of 128 KiB and no content size: descriptor 0, window descriptor 7 << 3.
        var result: [UInt8] = littleEndian(UInt32(0xFD2F_B528)) + [0, 7 << 3]
        for start in stride(from: 0, to: max(1, bytes.count), by: 1 << 17) {
            let end = min(bytes.count, start + 1 << 17)
            let header = UInt32(end - start) << 3 | (end == bytes.count ? 1 : 0)
            result += littleEndian(header).prefix(3) + bytes[start..<end]
        }
        return result
    }

    private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    /// CRC-32 with the reflected polynomial 0xEDB88320 (RFC 1952, section 8), bit by bit.
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
        }
        return ~crc
    }
}
