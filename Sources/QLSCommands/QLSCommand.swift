import ArgumentParser
import Factorizations

/// The root of the command line.
public struct QLSCommand: ParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "qls",
        abstract: "Least squares on data kept at a few bits per number.",
        discussion: """
            Exit codes: 0 done, 64 wrong usage, 65 bad input data, 66 input not found or unreadable, 70 internal \
            error, 73 output cannot be created, 74 read or write error, 129, 130 and 143 ended by a signal.
            """,
        version: "0.1.0",
        subcommands: [
            SolveCommand.self, QuantizeCommand.self, PlanCommand.self, AppendCommand.self, MergeCommand.self,
            InfoCommand.self, VerifyCommand.self, CompareCommand.self, MatmulCommand.self, DesignCommand.self,
            AttentionCommand.self,
        ])

    /// Runs the program: handles signals, then the command line.
    public static func start() {
        BLAS.endIdleThreads()
        Interruption.handle()
        main()
    }

    /// The command without arguments.
    public init() {}
}
