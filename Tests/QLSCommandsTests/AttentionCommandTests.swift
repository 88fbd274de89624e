import QLSCommands
import Testing

@Suite struct AttentionCommandTests {
    static let files = [
        "attention", "--calibration-q", "a.npy", "--calibration-k", "b.npy", "--queries", "c.npy", "--keys", "d.npy",
    ]

    @Test func rightUsage() throws {
        _ = try QLSCommand.parseAsRoot(Self.files + ["--sequence-length", "64", "--bits", "8", "--format", "json"])
        _ = try QLSCommand.parseAsRoot(Self.files + ["--sequence-length", "64", "--methods", "principal, integer"])
    }

    @Test(arguments: [
        [], ["--sequence-length", "0"], ["--sequence-length", "64", "--bits", "9"],
        ["--sequence-length", "64", "--methods", "principal,nonsense"], ["--sequence-length", "64", "--threads", "0"],
        ["--sequence-length", "64", "--format", "html"],
    ])
    func wrongUsage(options: [String]) {
        let error = #expect(throws: (any Error).self) { try QLSCommand.parseAsRoot(Self.files + options) }
        #expect(error.map { QLSCommand.exitCode(for: $0).rawValue } == 64)
    }
}
