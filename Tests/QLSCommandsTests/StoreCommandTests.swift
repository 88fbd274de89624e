import Foundation
import TestSupport
import Testing

/// `qls quantize`, `info`, `verify`, and solving from a store.
@Suite struct StoreCommandTests {
    private let table = Checkout.datasets.appendingPathComponent("regression/diabetes.csv").path

    @Test func aStoreGivesTheSolutionOfItsTable() throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        let made = try Executable.run(["quantize", table, "--response", "target", "--bits", "3", "-o", store])
        #expect(made.status == 0 && made.output.isEmpty && made.errors.isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["a.qls"])
        let verified = try Executable.run(["verify", store])
        #expect(verified.status == 0 && verified.output == "\(store): 442 rows, 11 columns, whole\n")
        let info = try Executable.run(["info", store, "--format", "json"]).json()
        #expect(info["schema"] as? String == "qls.store/1" && info["rows"] as? Int == 442 && info["bits"] as? Int == 3)
        #expect(info["responses"] as? [String] == ["target"] && (info["columns"] as? [[String: Any]])?.count == 11)
        let stored = try estimates(Executable.run(["solve", store, "--format", "json"]).json())
        let direct = try estimates(
            Executable.run(["solve", table, "--response", "target", "--bits", "3", "--format", "json"]).json())
        #expect(stored.count == 11)
        for (a, b) in zip(stored, direct) { #expect(abs(a - b) <= 1e-12 * abs(b)) }
    }

    private func estimates(_ solution: [String: Any]) throws -> [Double] {
        let response = try #require((solution["responses"] as? [[String: Any]])?.first)
        let coefficients = try #require(response["coefficients"] as? [[String: Any]])
        return coefficients.compactMap { $0["estimate"] as? Double }
    }

    @Test func damageAndAbsenceAreToldApart() throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        #expect(try Executable.run(["quantize", table, "--response", "target", "-o", store]).status == 0)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: store)))
        bytes[bytes.count - 1] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: store))
        for command in ["verify", "info", "solve"] {
            let run = try Executable.run([command, store])
            #expect(run.status == 65 && run.output.isEmpty)
            #expect(run.errors == "qls: \(store): damaged: the checksum of the description differs\n")
        }
        #expect(try Executable.run(["verify", folder.path("none.qls")]).status == 66)
        let text = try folder.write("a,b\n1,2\n", to: "text.qls")
        #expect(
            try Executable.run(["info", text]).errors == "qls: \(text): not a store: it does not start with QLSSTORE\n")
    }

    @Test func whatCannotBeWrittenIsSaid() throws {
        let folder = try TemporaryFolder()
        let run = try Executable.run(
            ["quantize", table, "--response", "target", "-o", folder.path("none/a.qls")])
        #expect(run.status == 73)
        #expect(run.errors.contains("cannot be created: there is no folder"))
        #expect(try Executable.run(["quantize", table, "-o", folder.path("a.qls")]).status == 64)
        #expect(try Executable.run(["solve", folder.path("a.qls"), "--reference"]).status == 64)
    }
}
