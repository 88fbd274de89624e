import Foundation
import Matrices

extension RegressionAccumulator: Codable {
    private enum Key: String, CodingKey { case format, names, predictors, intercept, rows, places }

    /// Sums as text: a JSON number does not hold 128 bits.
    private struct Place: Codable {
        let place: Int
        let sums: [String]
    }

    /// Writes names, model and exact sums. Equal accumulators are written alike.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("qls.accumulator/1", forKey: .format)
        try container.encode(names, forKey: .names)
        try container.encode(predictors, forKey: .predictors)
        try container.encode(intercept, forKey: .intercept)
        try container.encode(moments.rows, forKey: .rows)
        let places = moments.places.keys.sorted().map { place in
            Place(place: place, sums: moments.places[place]!.map { String($0, radix: 16) })
        }
        try container.encode(places, forKey: .places)
    }

    /// Reads what `encode(to:)` wrote. Throws `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func damaged(_ what: String) -> DecodingError {
            DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: what))
        }
        let format = try container.decode(String.self, forKey: .format)
        guard format == "qls.accumulator/1" else { throw damaged("format \(format), expected qls.accumulator/1") }
        let names = try container.decode([String].self, forKey: .names)
        let rows = try container.decode(Int.self, forKey: .rows)
        var places: [Int: [Int128]] = [:]
        for entry in try container.decode([Place].self, forKey: .places) {
            guard abs(entry.place) < 64 else { throw damaged("place \(entry.place) is impossible") }
            places[entry.place] = try entry.sums.map { text in
                guard let value = Int128(text, radix: 16) else { throw damaged("\(text) is no sum") }
                return value
            }
        }
        guard rows >= 0, let moments = ExactMoments(columns: names.count, rows: rows, places: places) else {
            throw damaged("the sums do not fit the columns")
        }
        self = try RegressionAccumulator(
            names: names, predictors: try container.decode(Int.self, forKey: .predictors),
            intercept: try container.decode(Bool.self, forKey: .intercept), moments: moments)
    }
}
