// Measurements of the quantizers:
//   QuantizerBenchmarks encode FILE.f32 COLUMNS OUTPUT   encoding speed; driven by Benchmarks/encode_against_faiss.py
//   QuantizerBenchmarks optimum [--levels 4,16] [--starts 50] FILE.csv...   global optimum against Lloyd–Max
//   QuantizerBenchmarks products RHO:LEVELS...           product codebooks as JSON, for product_codebooks_monte_carlo.py
//   QuantizerBenchmarks times [VALUES]                   seconds of the exact optimum and of histogram design

import Foundation
import QuantizedLeastSquares

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "encode" where arguments.count == 4:
    try EncodingServer(path: arguments[1], columns: Int(arguments[2]) ?? 1).run(output: arguments[3])
case "optimum": try OptimumAgainstLloydMax(arguments: arguments.dropFirst()).run()
case "products": try printProductCodebooks(arguments.dropFirst())
case "times": try DesignTimes(count: arguments.count > 1 ? Int(arguments[1]) ?? 1_000_000 : 1_000_000).run()
default:
    print("usage: QuantizerBenchmarks encode FILE COLUMNS OUTPUT | optimum FILE... | products RHO:K... | times [N]")
    exit(64)
}
