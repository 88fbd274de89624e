import Foundation
import Tables
import TestSupport

// Reads damaged tables until the time is over, and keeps each input that ended a reader, took too long or too much
// memory, or was read in two ways.
//
//   swift run -c release ReaderFuzzer [--seconds 60] [--cases N] [--seed 1] [--findings Findings] [--only csv,npy,…]
//
// The corpus itself is read first. The reading happens in a second process, so that a crash costs one input and not the run.

let arguments = FuzzArguments(CommandLine.arguments)
if arguments.isWorker {
    var worker = try FuzzWorker(arguments)
    try worker.run()
} else {
    let findings = try FuzzSupervisor(arguments).run()
    exit(findings == 0 ? 0 : 1)
}
