import Foundation
import QuantizedLeastSquares
import TestSupport
import Testing

/// What `qls solve` prints.
@Suite struct SolveCommandTests {
    @Test func helpNamesEveryOption() throws {
        for arguments in [["solve", "--help"], ["help", "solve"]] {
            let run = try Executable.run(arguments)
            #expect(run.status == 0)
            #expect(run.errors.isEmpty)
            for option in [
                "--response", "--bits", "--response-bits", "--predictors", "--exclude", "--no-intercept", "--method",
                "--quantizer", "--transform", "--reference", "--missing", "--confidence", "--format", "--threads",
                "--seed",
                "--help",
            ] { #expect(run.output.contains(option), "\(option)") }
        }
        let root = try Executable.run(["--help"])
        #expect(root.status == 0)
        #expect(root.output.contains("solve") && root.output.contains("Exit codes: 0 done, 64 wrong usage"))
    }

    private func golden(_ name: String) throws -> String {
        try String(contentsOf: Checkout.references.appendingPathComponent("reports/\(name)"), encoding: .utf8)
    }

    /// Reports to the letter. They have no timings.
    @Test(arguments: [
        ("solve.txt", ["--reference"]), ("solve.md", ["--reference", "--format", "markdown"]),
        ("solve-full.txt", ["--bits", "full"]), ("solve-dropped.txt", ["--predictors", "a,group,c", "--bits", "2"]),
    ])
    func reports(name: String, options: [String]) throws {
        let folder = try TemporaryFolder()
        let rows = SmallTable.rows.map { $0 + [2 * $0[0] + 1] }
        let table = (["a,b,group,y,c"] + rows.map { $0.map { "\($0)" }.joined(separator: ",") }).joined(separator: "\n")
        let path = try folder.write(table + "\n", to: "small.csv")
        let exclude = options.contains("--predictors") ? [] : ["--exclude", "c"]
        let run = try Executable.run(["solve", path, "--response", "y"] + exclude + options)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        if ProcessInfo.processInfo.environment["QLS_RECORD_REPORTS"] != nil {
            try run.output.write(
                to: Checkout.references.appendingPathComponent("reports/\(name)"), atomically: true, encoding: .utf8)
        }
        #expect(run.output == (try golden(name)))
    }

    @Test func sameOutputForAllKernelsAndThreads() throws {
        let arguments = ["solve", "-", "--response", "y", "--reference"]
        let expected = try Executable.run(arguments + ["--threads", "1"], input: SmallTable.csv)
        #expect(expected.status == 0)
        for kernels in Kernels.available {
            for threads in ["1", "2", "8"] {
                let run = try Executable.run(
                    arguments + ["--threads", threads], input: SmallTable.csv,
                    environment: ["QLS_KERNELS": kernels.name])
                #expect(run.output == expected.output, "\(kernels), \(threads) threads")
            }
        }
    }

    @Test func standardInput() throws {
        let run = try Executable.run(["solve", "-", "--response", "y"], input: SmallTable.csv)
        #expect(run.status == 0)
        #expect(
            run.output.hasPrefix(
                "Least squares on 4-bit codes: standard input\n40 observations, 3 predictors and an intercept"))
    }

    @Test(arguments: [",", ";", "\t"])
    func delimiters(delimiter: String) throws {
        let text = SmallTable.csv.replacingOccurrences(of: ",", with: delimiter)
        let plain = try Executable.run(["solve", "-", "--response", "y"], input: SmallTable.csv)
        let run = try Executable.run(["solve", "-", "--response", "y"], input: text)
        #expect(run.output == plain.output)
        let windows = "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(try Executable.run(["solve", "-", "--response", "y"], input: windows).output == plain.output)
    }

    /// NumPy columns are x1 … xn, and the response may be a number.
    @Test func numpyInput() throws {
        let folder = try TemporaryFolder()
        let path = try folder.writeNPY(SmallTable.rows, to: "small.npy")
        let byNumber = try Executable.run(["solve", path, "--response", "4", "--format", "json"])
        #expect(byNumber.status == 0)
        let json = try byNumber.json()
        let response = try #require((json["responses"] as? [[String: Any]])?.first)
        #expect(response["name"] as? String == "x4")
        let coefficients = try #require(response["coefficients"] as? [[String: Any]])
        #expect(coefficients.map { $0["name"] as? String } == ["(Intercept)", "x1", "x2", "x3"])
        let text = try Executable.run(["solve", "-", "--response", "y", "--format", "json"], input: SmallTable.csv)
            .json()
        let same = try #require((text["responses"] as? [[String: Any]])?.first?["coefficients"] as? [[String: Any]])
        #expect(same.map { $0["estimate"] as? Double } == coefficients.map { $0["estimate"] as? Double })
        #expect(try Executable.run(["solve", path, "--response", "x4"]).status == 0)
    }

    @Test func missingValuesAreDropped() throws {
        let run = try Executable.run(
            ["solve", "-", "--response", "y", "--missing", "drop", "--format", "json"],
            input: SmallTable.csv + "1,NA,2,3\n,2,0,1\n")
        #expect(run.status == 0)
        let json = try run.json()
        #expect(json["observations"] as? Int == 40)
        #expect((json["warnings"] as? [String])?.contains { $0.contains("2 rows with missing values") } == true)
    }

    @Test func columnsByNumberAndExclusion() throws {
        let byName = try Executable.run(["solve", "-", "--response", "y", "--exclude", "b"], input: SmallTable.csv)
        let byNumber = try Executable.run(["solve", "-", "--response", "4", "--exclude", "2"], input: SmallTable.csv)
        let listed = try Executable.run(
            ["solve", "-", "--response", "y", "--predictors", "a,group"], input: SmallTable.csv)
        #expect(byName.status == 0)
        #expect(byName.output == byNumber.output && byName.output == listed.output)
    }

    /// Correlated errors of AR(1) with ρ = 0.6; the answer is that of whitened columns by hand, without an intercept.
    @Test func covarianceFactor() throws {
        let folder = try TemporaryFolder()
        var factor = [[Double]](repeating: [Double](repeating: 0, count: 40), count: 40)
        for i in 0..<40 {
            for j in 0...i { factor[i][j] = pow(0.6, Double(i - j)) * (j == 0 ? 1 : 0.8) }
        }
        let path = try folder.writeNPY(factor, to: "factor.npy")
        // L⁻¹ of such a factor: the first row as it is, then (x_i − ρ·x_{i−1})/√(1 − ρ²).
        let rows = SmallTable.rows.map { [1] + $0 }
        let white = rows.indices.map { i in
            i == 0 ? rows[0] : zip(rows[i], rows[i - 1]).map { ($0 - 0.6 * $1) / 0.8 }
        }
        let lines = ["one,a,b,group,y"] + white.map { $0.map { "\($0)" }.joined(separator: ",") }
        let table = try folder.write(lines.joined(separator: "\n") + "\n", to: "white.csv")
        let options = ["--response", "y", "--bits", "full", "--format", "json"]
        let run = try Executable.run(["solve", "-", "--covariance-factor", path] + options, input: SmallTable.csv)
        let plain = try Executable.run(["solve", table, "--no-intercept"] + options)
        #expect(run.status == 0 && plain.status == 0, "\(run.errors)")
        let (found, expected) = (try estimates(run), try estimates(plain))
        #expect(found.count == 4 && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-10 * max(1, abs($1)) })
        let text = try Executable.run(
            ["solve", "-", "--response", "y", "--covariance-factor", path, "--explain"], input: SmallTable.csv)
        #expect(text.output.contains("40 rows with correlated errors, covariance factor \(path)"))
        #expect(text.output.contains("rule: weights, penalties, constraints, bounds"))
        let short = try folder.writeNPY([[1, 0], [0, 1]], to: "short.npy")
        let refused = try Executable.run(
            ["solve", "-", "--response", "y", "--covariance-factor", short], input: SmallTable.csv)
        #expect(refused.status == 65 && refused.errors.contains("covariance of 2 rows; the table has 40"))
    }

    private func estimates(_ run: Executable.Run) throws -> [Double] {
        let response = (try run.json()["responses"] as? [[String: Any]])?.first
        return (response?["coefficients"] as? [[String: Any]] ?? []).compactMap { $0["estimate"] as? Double }
    }
}
