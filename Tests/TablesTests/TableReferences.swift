import Foundation
import TestSupport

/// Files written by other programs: `Tests/References/tables.py`.
struct TableReferences: Decodable {
    struct Compressed: Decodable {
        let rows: Int
        let sums: [Double]
        let last: [Double]
        /// Base 64 by name.
        let files: [String: String]
    }

    struct Matrix: Decodable {
        let kind: String
        let text: String
        let rows: Int
        let columns: Int
        /// Column after column.
        let elements: [Double]
    }

    let compressed: Compressed
    let market: [Matrix]

    static let all: TableReferences = {
        do {
            let url = Checkout.references.appendingPathComponent("tables.json")
            return try JSONDecoder().decode(TableReferences.self, from: Data(contentsOf: url))
        } catch {
            preconditionFailure("tables.json: \(error)")
        }
    }()

    /// The bytes of a compressed file.
    static func bytes(_ name: String) -> [UInt8] {
        guard let text = all.compressed.files[name], let data = Data(base64Encoded: text) else {
            preconditionFailure("tables.json has no \(name)")
        }
        return Array(data)
    }
}
