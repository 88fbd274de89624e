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

    @Test func rowsOfAStore() throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        #expect(try Executable.run(["quantize", table, "--response", "target", "-o", store]).status == 0)
        let info = try Executable.run(["info", store, "--format", "json"]).json()
        #expect(info["rowOrderBytes"] as? Int == 2 * 442)
        let list = try folder.write("1-100\n 200, 300-442\n", to: "rows.txt")
        let choices = [
            (["--rows", "1-100,200,300-442"], 244), (["--rows", "@\(list)"], 244), (["--rows", "3/10"], 44),
            (["--exclude-rows", "3/10"], 398), (["--exclude-rows", "442"], 441),
        ]
        for (choice, count) in choices {
            let solution = try Executable.run(["solve", store, "--format", "json"] + choice).json()
            #expect(solution["observations"] as? Int == count)
            #expect((solution["warnings"] as? [String])?.contains { $0.contains("of 442 rows") } ?? false)
        }
        let refused = [
            ("0", "names no rows"), ("443", "there is no row 443; the store has 442"), ("9-3", "beyond the last"),
            (",", "names no row"), ("1-", "names no rows"), ("x/2", "names no rows"),
        ]
        for (text, why) in refused {
            let run = try Executable.run(["solve", store, "--rows", text])
            #expect(run.status == 64 && run.errors.contains(why), "\(text): \(run.errors)")
        }
        let gaps = try folder.write("a,b,y\n,,\n1,,2\n", to: "gaps.csv")
        for command in [["quantize", gaps, "-o", folder.path("gaps.qls")], ["compare", gaps]] {
            let run = try Executable.run(command + ["--response", "y", "--missing", "drop"])
            #expect(run.status == 65 && run.errors.contains("0 complete rows"), "\(run.errors)")
        }
        for option in ["--predictors", "--response", "--exclude"] {
            let run = try Executable.run(["solve", store, option, ","])
            #expect(run.status == 64 && run.errors.contains("\(option) names no column"), "\(run.errors)")
        }
        #expect(try Executable.run(["solve", store, "--exclude-rows", "1-442"]).status == 65)
        #expect(try Executable.run(["solve", store, "--rows", "@\(folder.path("none"))"]).status == 66)
        #expect(try Executable.run(["solve", store, "--rows", "1", "--exclude-rows", "2"]).status == 64)
        let onTable = try Executable.run(["solve", table, "--response", "target", "--rows", "1-9"])
        #expect(onTable.status == 64 && onTable.errors.contains("make one with qls quantize"))
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

    /// Rows 10¹⁰ deviations out leave sums whose squares single precision does not hold; the store can be read all the same.
    @Test func rowsFarOut() throws {
        let folder = try TemporaryFolder(), store = folder.path("a.qls")
        let table = try folder.write(SmallTable.csv, to: "rows.csv")
        #expect(try Executable.run(["quantize", table, "--response", "y", "--bits", "1", "-o", store]).status == 0)
        let lines = SmallTable.csv.split(separator: "\n")
        let far = lines.dropFirst().map { line in
            line.split(separator: ",").map { "\(1e10 * (Double($0) ?? 0))" }.joined(separator: ",")
        }
        let more = try folder.write(([String(lines[0])] + far).joined(separator: "\n") + "\n", to: "far.csv")
        #expect(try Executable.run(["append", store, more]).status == 0)
        #expect(try Executable.run(["verify", store]).status == 0)
        let run = try Executable.run(["solve", store, "--format", "json"])
        #expect(run.status == 0 && !run.output.lowercased().contains("nan"))
    }
}

/// `qls append`, `merge`, `quantize --like` and `--compress`.
@Suite struct JoinCommandTests {
    private func split(_ folder: TemporaryFolder) throws -> (first: String, second: String) {
        let lines = try String(
            contentsOf: Checkout.datasets.appendingPathComponent("regression/diabetes.csv"), encoding: .utf8
        ).split(separator: "\n")
        let first = try folder.write(lines[0...300].joined(separator: "\n") + "\n", to: "first.csv")
        let second = try folder.write(([lines[0]] + lines[301...]).joined(separator: "\n") + "\n", to: "second.csv")
        return (first, second)
    }

    @Test func appendingAndMergingGiveTheSameStore() throws {
        let folder = try TemporaryFolder(), (first, second) = try split(folder), store = folder.path("a.qls")
        #expect(try Executable.run(["quantize", first, "--response", "target", "-o", store]).status == 0)
        let like = try Executable.run(["quantize", second, "--like", store, "-o", folder.path("b.qls")])
        #expect(like.status == 0)
        let merged = try Executable.run(["merge", store, folder.path("b.qls"), "-o", folder.path("c.qls")])
        #expect(merged.status == 0 && merged.output.isEmpty)
        let report = try Executable.run(["append", store, second, "--format", "json"]).json()
        #expect(report["schema"] as? String == "qls.drift/1" && report["rows"] as? Int == 442)
        #expect(report["newRows"] as? Int == 142 && (report["columns"] as? [Any])?.count == 11)
        let info = try ["a", "c"].map { try Executable.run(["info", folder.path("\($0).qls")]).output }
        #expect(info[0].replacing("a.qls", with: "c.qls") == info[1])
        // In place, compressed, and again: still whole.
        #expect(try Executable.run(["append", store, second, "--compress", "--format", "markdown"]).status == 0)
        #expect(try Executable.run(["verify", store]).output == "\(store): 584 rows, 11 columns, whole\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
                == ["a.qls", "b.qls", "c.qls", "first.csv", "second.csv"])
    }

    @Test func whatDoesNotFitIsSaid() throws {
        let folder = try TemporaryFolder(), (first, second) = try split(folder), store = folder.path("store")
        #expect(try Executable.run(["quantize", first, "--response", "target", "-o", store]).status == 0)
        let own = try Executable.run(["quantize", second, "--response", "target", "-o", folder.path("b.qls")])
        #expect(own.status == 0)
        let merged = try Executable.run(["merge", store, folder.path("b.qls"), "-o", folder.path("c.qls")])
        #expect(merged.status == 65 && merged.errors.contains("cannot be merged: their"))
        let table = try folder.write("a,target\n1,2\n", to: "other.csv")
        let appended = try Executable.run(["append", store, table])
        #expect(appended.status == 65 && appended.errors.contains("no column \"age\""))
        let bits = try Executable.run(["quantize", second, "--like", store, "--bits", "4", "-o", folder.path("c.qls")])
        #expect(bits.status == 64 && bits.errors.contains("--bits is that of the store"))
        // A store is known by its first bytes, whatever its name.
        #expect(try Executable.run(["solve", store]).status == 0)
        for option in [["--bits", "4"], ["--response-bits=8"], ["--quantizer", "auto"], ["--seed", "1"]] {
            let run = try Executable.run(["solve", store] + option)
            #expect(run.status == 64 && run.errors.contains("cannot be chosen for a store"))
        }
        #expect(try Executable.run(["merge", store, "-o", folder.path("c.qls")]).status == 64)
    }

    /// Columns with rare values shrink; the store says so and gives the same solution.
    @Test func compression() throws {
        let folder = try TemporaryFolder()
        let rows = (0..<3000).map { i in
            "\(i % 97 == 0 ? 1 : 0),\(i % 89 == 0 ? 2 : 0),\(Double((i * 7919) % 1009) / 10 + Double(i % 97))"
        }
        let table = try folder.write("a,b,y\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
        var solutions: [String] = [], sizes: [Int] = []
        for (name, flags) in [("plain.qls", [String]()), ("small.qls", ["--compress"])] {
            let store = folder.path(name)
            #expect(try Executable.run(["quantize", table, "--response", "y", "-o", store] + flags).status == 0)
            let info = try Executable.run(["info", store, "--format", "json"]).json()
            #expect(info["compressedBlocks"] as? Int == flags.count && info["codeBytes"] as? Int == 3750)
            sizes.append(try #require(info["blockBytes"] as? Int))
            solutions.append(try Executable.run(["solve", store]).output.replacing(name, with: ""))
        }
        #expect(solutions[0] == solutions[1] && sizes[1] < sizes[0])
    }
}
