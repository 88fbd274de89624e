import Foundation
import TestSupport
import Testing

/// `qls design` and `qls matmul`: schema, values from outside, usage errors.
@Suite struct DesignCommandTests {
    private func reference(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: Checkout.references.appendingPathComponent(name))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    /// Z, C and the peak at ρ = 0.9 from density_constants.json; errors of the companders from gaussian_pairs.json.
    @Test func designMatchesReferences() throws {
        let run = try Executable.run(["design", "--correlation", "0.9", "--levels", "4", "--format", "json"])
        #expect(run.status == 0 && run.errors.isEmpty)
        let design = try run.json()
        #expect(design["schema"] as? String == "qls.design/1")
        let constants = try reference("density_constants.json")
        let rows = try #require(constants["rows"] as? [[String: String]])
        let expected = try #require(rows.first { $0["rho"] == "0.9" })
        for (key, column) in [("normalization", "Z"), ("constant", "C"), ("peak", "peak")] {
            let value = try #require(design[key] as? Double), text = try #require(expected[column])
            #expect(digitsOfAgreement(value, try #require(Double(text))) > 12, "\(key)")
        }
        let methods = try #require(design["methods"] as? [[String: Any]])
        let names = methods.compactMap { $0["name"] as? String }
        #expect(
            names == [
                "product-optimal", "product-optimal-unbiased", "weighted-lloyd-max", "lloyd-max", "companding",
                "gaussian-companding",
            ])
        let pairs = try reference("gaussian_pairs.json")
        let row = try #require(
            (pairs["rows"] as? [[String: Any]])?.first { $0["rho"] as? Double == 0.9 && $0["levels"] as? Int == 4 })
        for (name, reference) in [("companding", "paper"), ("gaussian-companding", "gauss")] {
            let method = try #require(methods.first { $0["name"] as? String == name })
            let outside = try #require(row[reference] as? [String: Any])
            for (key, column) in [
                ("meanSquaredError", "e2"), ("meanError", "e1"), ("decodeGain", "gain"),
                ("meanSquaredErrorAfterGain", "e2_gain"),
            ] {
                let value = try #require(method[key] as? Double), wanted = try #require(outside[column] as? Double)
                #expect(digitsOfAgreement(value, wanted) > 5, "\(name) \(key): \(value) \(wanted)")
            }
            #expect((method["codebook"] as? [Double])?.count == 4 && (method["thresholds"] as? [Double])?.count == 3)
        }
    }

    @Test func wrongUsage() throws {
        for arguments in [
            ["design", "--correlation", "1.5", "--levels", "4"], ["design", "--correlation", "0.5", "--levels", "1"],
            ["design", "--levels", "4"], ["matmul", "a.npy"],
        ] { #expect(try Executable.run(arguments).status == 64, "\(arguments)") }
        #expect(try Executable.run(["matmul", "nowhere.npy", "nowhere.npy"]).status == 66)
    }

    /// A 2 × 3 by 3 × 2 product of small whole numbers, which 4 bits represent exactly.
    @Test func matmulOfExactEntries() throws {
        let folder = try TemporaryFolder()
        let a = try folder.writeNPY([[1, 2, 3], [4, 5, 6]], to: "a.npy")
        let b = try folder.writeNPY([[1, -1], [0, 2], [3, 1]], to: "b.npy")
        let run = try Executable.run(["matmul", a, b, "--bits", "4", "--format", "json", "--methods", "lloyd-max"])
        #expect(run.status == 0, "\(run.errors)")
        let product = try run.json()
        #expect(product["schema"] as? String == "qls.matmul/1")
        #expect(product["rows"] as? Int == 2 && product["inner"] as? Int == 3 && product["columns"] as? Int == 2)
        let method = try #require((product["methods"] as? [[String: Any]])?.first)
        #expect((method["relativeError"] as? Double).map { $0 < 1e-20 } == true)
        let bound = try #require(product["bound"] as? Double)
        #expect(digitsOfAgreement(bound, 2 * pow(4, -4) - pow(16, -4)) > 12)
    }
}
