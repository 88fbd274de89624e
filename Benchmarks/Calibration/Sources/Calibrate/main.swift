// Are predicted errors those that occur? Solves tables drawn from data sets and distributions on codes and in full
// precision, and prints per group (design, bits, quantizer) how many intervals hold and how near the predictions are.
//
//     swift run -c release Calibrate DRAWS [--bits 2,3,4,6,8] [--quantizers balanced,stochastic,optimal]
//         [--rows LARGEST] [--chosen PART] [--threads N] [--points FILE] [NAME=FILE:RESPONSE,…]…
//
// --points writes quantizer, bits, measured and predicted q of every run, for plot.gp. --chosen solves a
// part of the rows, chosen at random after all were quantized. Without files only the synthetic distributions take part.

import Foundation
import QuantizedLeastSquares

struct Group: Sendable, Hashable {
    let design: Int
    let bits: Int
    let quantizer: Quantizer
}

func option(_ name: String, _ arguments: inout [String]) -> [String]? {
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
    defer { arguments.removeSubrange(place...(place + 1)) }
    return arguments[place + 1].split(separator: ",").map(String.init)
}

var arguments = Array(CommandLine.arguments.dropFirst())
let bits = option("--bits", &arguments)?.compactMap { Int($0) } ?? [2, 3, 4, 6, 8]
let quantizers =
    option("--quantizers", &arguments)?.compactMap { Quantizer(rawValue: $0) } ?? [.balanced, .stochastic, .optimal]
let largest = option("--rows", &arguments).flatMap { Int($0[0]) }
let chosen = option("--chosen", &arguments).flatMap { Double($0[0]) } ?? 1
let points = option("--points", &arguments)?.first
let threads = option("--threads", &arguments).flatMap { Int($0[0]) } ?? ProcessInfo.processInfo.activeProcessorCount
guard let first = arguments.first, let draws = Int(first), draws > 0 else {
    fatalError("the number of draws comes first")
}
var designs = SyntheticDesign.allCases.map { CalibrationDesign($0) }
for argument in arguments.dropFirst() {
    let parts = argument.split(separator: "=", maxSplits: 1)
    let place = parts[1].split(separator: ":")
    designs.append(
        try CalibrationDesign(
            name: String(parts[0]), path: String(place[0]), responses: place[1].split(separator: ",").map(String.init)))
}
if let largest { for d in designs.indices { designs[d].largestDraw = largest } }
let groups = designs.indices.flatMap { d in
    quantizers.flatMap { q in bits.map { Group(design: d, bits: $0, quantizer: q) } }
}

/// All runs of a group; runs that cannot be solved are named.
@Sendable func solve(_ group: Group, designs: [CalibrationDesign]) -> [Calibration.Run] {
    var options = QuantizationOptions()
    options.bits = group.bits
    options.quantizer = group.quantizer
    var calibration = Calibration(designs[group.design], options: options)
    calibration.chosenShare = chosen
    return (1...draws).flatMap { draw in
        do {
            let runs = try calibration.run(draw: draw)
            for run in runs where run.worstCaseRatio ?? .infinity < run.measuredRatio {
                print(
                    "\(designs[group.design].name) \(group.quantizer.rawValue) \(group.bits), draw \(draw): bound "
                        + "\(run.worstCaseRatio ?? 0) below \(run.measuredRatio)")
            }
            return runs
        } catch {
            print("\(designs[group.design].name) at \(group.bits) bits, draw \(draw): \(error)")
            return []
        }
    }
}

func text(_ value: Double?, _ format: String = "%6.3f") -> String {
    value.map { String(format: format, $0) } ?? "     —"
}

func line(_ name: String, _ runs: [Calibration.Run]) -> String {
    let summary = CalibrationSummary(runs)
    return name.padding(toLength: 42, withPad: " ", startingAt: 0)
        + String(format: "%6d %5d %5d  ", summary.runs, summary.negligible, summary.unpredicted)
        + text(summary.coverage) + "  "
        + text(summary.medianRatio) + "  " + text(summary.withinFactorTwo) + "  " + text(summary.rangeCoverage)
        + String(format: "  %5d  ", summary.boundsExceeded) + String(format: "%.3g", summary.measuredRatio)
}

print("group                                        runs  tiny  none   cover   p/m    in×2   range  bound<q  q")
let all = await withTaskGroup(of: (Group, [Calibration.Run]).self) { tasks in
    var waiting = groups[...], results: [Group: [Calibration.Run]] = [:]
    for group in waiting.prefix(threads) { tasks.addTask { [designs] in (group, solve(group, designs: designs)) } }
    waiting = waiting.dropFirst(threads)
    for await (group, runs) in tasks {
        results[group] = runs
        print(line("\(designs[group.design].name) \(group.quantizer.rawValue) \(group.bits)", runs))
        if let next = waiting.popFirst() { tasks.addTask { [designs] in (next, solve(next, designs: designs)) } }
    }
    return results
}
print()
for quantizer in quantizers {
    for b in bits {
        print(
            line(
                "\(quantizer.rawValue) \(b)",
                groups.filter { $0.quantizer == quantizer && $0.bits == b }.flatMap { all[$0]! }))
    }
}
if let points {
    var lines: [String] = []
    for group in groups {
        for run in all[group]! where run.measuredRatio >= CalibrationSummary.negligibleRatio {
            guard let predicted = run.predictedRatio else { continue }
            lines.append("\(group.quantizer.rawValue) \(group.bits) \(run.measuredRatio) \(predicted)")
        }
    }
    try (lines.joined(separator: "\n") + "\n").write(toFile: points, atomically: true, encoding: .utf8)
}
let summaries = groups.map { CalibrationSummary(all[$0]!) }
func share(_ condition: (CalibrationSummary) -> Bool) -> String {
    "\(summaries.count(where: condition)) of \(groups.count)"
}
print()
print("groups with coverage of at least 88%: " + share { ($0.coverage ?? 1) >= 0.88 })
print(
    "groups with a median of predicted over measured in 0.8…1.25: "
        + share { (0.8...1.25).contains($0.medianRatio ?? 1) })
for quantizer in quantizers {
    print(line("all \(quantizer.rawValue)", groups.filter { $0.quantizer == quantizer }.flatMap { all[$0]! }))
}
print(line("all", groups.flatMap { all[$0]! }))
