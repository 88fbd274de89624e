import Foundation
import TestSupport

/// What the fuzzer was asked to do.
struct FuzzArguments {
    var seconds = 60.0
    /// The most inputs that a worker reads beside the corpus.
    var cases = Int.max
    var seed: UInt64 = 1
    var findings = "Findings"
    /// The suffixes of the corpus files to start from; empty for all, and for putting them into containers.
    var only: [String] = []
    var isWorker = false
    /// Where the worker puts the input it is about to read.
    var scratch = FileManager.default.temporaryDirectory.path + "/reader-fuzzer-\(UUID().uuidString)"

    init(_ arguments: [String]) {
        var rest = arguments.dropFirst()
        while let name = rest.popFirst() {
            guard name != "--worker" else {
                isWorker = true
                continue
            }
            guard let value = rest.popFirst() else { usage("\(name) needs a value") }
            switch name {
            case "--seconds": seconds = number(name, value)
            case "--cases": cases = number(name, value)
            case "--seed": seed = number(name, value)
            case "--findings": findings = value
            case "--only": only = value.split(separator: ",").map(String.init)
            case "--scratch": scratch = value
            default: usage(name)
            }
        }
    }

    /// The files to start from, by the suffix that decides how they are read (such as `.csv` or `.npy.gz`).
    func corpus() throws -> [(suffix: String, bytes: [UInt8])] {
        let folder = Checkout.root.appendingPathComponent("Tests/Fuzz/Corpus")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.compactMap { name in
            guard let dot = name.firstIndex(of: "."), dot > name.startIndex else { return nil }
            let suffix = String(name[dot...])
            guard only.isEmpty || only.contains(where: { suffix == ".\($0)" }) else { return nil }
            return (suffix, Array(try Data(contentsOf: folder.appendingPathComponent(name))))
        }
    }
}

/// The number that an option was given.
private func number<Number: LosslessStringConvertible>(_ name: String, _ value: String) -> Number {
    guard let number = Number(value) else { usage("\(name) takes a number, not \(value)") }
    return number
}

/// Ends the program with exit code 64.
func usage(_ problem: String) -> Never {
    FileHandle.standardError.write(Data("ReaderFuzzer: \(problem)\n".utf8))
    exit(64)
}
