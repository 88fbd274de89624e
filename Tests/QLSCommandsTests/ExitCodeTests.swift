import Foundation
import Testing

/// Exit codes and messages of `qls solve` for wrong usage and bad data.
@Suite struct ExitCodeTests {
    @Test(arguments: [
        ["solve"], ["solve", "-"], ["solve", "-", "--response", ","], ["solve", "-", "--response", "y", "--bits", "0"],
        ["solve", "-", "--response", "y", "--bits", "9"], ["solve", "-", "--response", "y", "--bits", "four"],
        ["solve", "-", "--response", "y", "--response-bits", "17"], ["solve", "-", "--response", "y", "--method", "x"],
        ["solve", "-", "--response", "y", "--quantizer", "x"], ["solve", "-", "--response", "y", "--transform", "x"],
        ["solve", "-", "--response", "y", "--format", "x"], ["solve", "-", "--response", "y", "--missing", "x"],
        ["solve", "-", "--response", "y", "--confidence", "1"], ["solve", "-", "--response", "y", "--confidence", "0"],
        ["solve", "-", "--response", "y", "--threads", "0"], ["solve", "-", "--response", "y", "--seed", "-1"],
        ["solve", "-", "--response", "y", "--unknown"], ["solve", "-", "--response", "y,y"],
        ["solve", "-", "--response", "y", "--predictors", "a,y"],
        ["solve", "-", "--response", "y", "--predictors", "a,a"],
        ["solve", "-", "--response", "y", "--exclude", "y"],
        ["solve", "-", "--response", "y", "--predictors", "a", "--exclude", "a"],
        ["solve", "x.qls", "--weights", "w"], ["solve", "x.qls", "--no-intercept"],
        ["solve", "-", "--response", "y", "--ridge", "-1"], ["solve", "-", "--response", "y", "--ridge", "x"],
        ["solve", "-", "--response", "y", "--ridge", "1,,2"], ["solve", "-", "--response", "y", "--upper", "a=1,a=2"],
        ["solve", "-", "--response", "y", "--ridge", "1", "--nonnegative"],
        ["solve", "-", "--response", "y", "--lower", "a"], ["solve", "-", "--response", "y", "--weights", "y"],
        ["solve", "-", "--response", "y", "--ridge", "1", "--method", "svd"],
        ["solve", "-", "--response", "y", "--nonnegative", "--refine"],
        ["solve", "-", "--response", "y", "--weights", "group", "--method", "lsqr"],
        ["solve", "-", "--response", "y", "--weights", "group", "--refine"],
        ["solve", "-", "--response", "y", "--refine", "--method", "svd"],
        ["solve", "-", "--response", "y", "--refine", "--bits", "full"],
        ["solve", "-", "--response", "y", "--weights", "group", "--covariance-factor", "f.npy"],
        ["solve", "-", "--response", "y", "--missing", "drop", "--covariance-factor", "f.npy"],
        ["solve", "-", "--response", "y", "--weights", "group", "--weight-kind", "covariance"],
        ["nonsense"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let run = try Executable.run(arguments, input: SmallTable.csv)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    /// A file's contents, and the message that its error has to be, after "qls: " and the path.
    static let badFiles: [(contents: String, message: String)] = [
        ("a,y\n1,2\n3,x\n", ":3: data row 2, column \"y\": found \"x\", expected a number"),
        ("a,y\n1,2\n3\n", ":3: data row 2: found 1 field, expected 2"),
        ("a,y\n1,2\n3,4,5\n", ":3: data row 2: found 3 fields, expected 2"),
        ("", ": empty file, expected a header line with the column names"),
        ("a,y\n", ": no data rows after the header"),
        ("a,y\n1,2\n3,nan\n", ":3: data row 2, column \"y\": missing value (\"nan\"), expected a number"),
        ("a,y\n1,\n2,3\n", ":2: data row 1, column \"y\": missing value (empty cell), expected a number"),
        ("a,y\n1,inf\n", ":2: data row 1, column \"y\": non-finite value \"inf\", expected a finite number"),
        ("a,y\n1,1e999\n", ":2: data row 1, column \"y\": non-finite value \"1e999\", expected a finite number"),
        ("a,a\n1,2\n", ":1: columns 1 and 2 are both named \"a\", expected distinct names"),
        ("a,z\n1,2\n", ": no column \"y\"; the columns are \"a\", \"z\""),
        ("a,yy\n1,2\n", ": no column \"y\"; the columns are \"a\", \"yy\""),
        ("a,y\n1,2\n\n3,4\n", ":3: blank line between rows"),
        ("a,y\n1,\"2\n", ":2: a quoted field starts here and is never closed"),
    ]

    @Test(arguments: badFiles.indices)
    func badData(index: Int) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Self.badFiles[index].contents, to: "table.csv")
        let run = try Executable.run(["solve", path, "--response", "y"])
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errors == "qls: \(path)\(Self.badFiles[index].message)\n")
    }

    @Test func standardInputIsNamed() throws {
        let run = try Executable.run(["solve", "-", "--response", "y"], input: "a,y\n1,x\n")
        #expect(run.status == 65)
        #expect(run.errors == "qls: standard input:2: data row 1, column \"y\": found \"x\", expected a number\n")
    }

    @Test(arguments: ["--exclude", "--predictors"])
    func missingColumns(option: String) throws {
        let run = try Executable.run(["solve", "-", "--response", "y", option, "a,grup"], input: SmallTable.csv)
        #expect(run.status == 65)
        #expect(run.errors == "qls: standard input: no column \"grup\"; did you mean \"group\"?\n")
    }

    @Test func missingColumnNumber() throws {
        let run = try Executable.run(["solve", "-", "--response", "5"], input: SmallTable.csv)
        #expect(run.status == 65)
    }

    @Test func nothingToFit() throws {
        let run = try Executable.run(
            ["solve", "-", "--response", "y", "--exclude", "a", "--no-intercept"], input: "a,y\n1,2\n")
        #expect(run.status == 65)
        #expect(run.errors.contains("no predictors and no intercept"))
    }

    @Test(arguments: ["no/such/file.csv", "no-such-file.npy"])
    func missingFile(path: String) throws {
        let run = try Executable.run(["solve", path, "--response", "y"])
        #expect(run.status == 66)
        #expect(run.errors == "qls: \(path): no such file\n")
    }

    @Test func directory() throws {
        let folder = try TemporaryFolder()
        let run = try Executable.run(["solve", folder.url.path, "--response", "y"])
        #expect(run.status == 66)
        #expect(run.errors.hasPrefix("qls: \(folder.url.path): can't be opened"))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: ["text", "json", "markdown"])
    func fullDisk(format: String) throws {
        let run = try Executable.run(
            ["solve", "-", "--response", "y", "--format", format], input: SmallTable.csv, output: "/dev/full")
        #expect(run.status == 74)
        #expect(run.errors.hasPrefix("qls: standard output cannot be written: "))
    }

    @Test func numpyThatIsNone() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("not an array", to: "a.npy")
        let run = try Executable.run(["solve", path, "--response", "1"])
        #expect(run.status == 65)
        #expect(run.errors.hasPrefix("qls: \(path): "))
    }

    @Test func unknownKernels() throws {
        let run = try Executable.run(
            ["solve", "-", "--response", "y"], input: SmallTable.csv, environment: ["QLS_KERNELS": "nonsense"])
        #expect(run.status == 64)
        #expect(run.errors.contains("QLS_KERNELS=nonsense is not available on this processor; it has scalar"))
    }
}
