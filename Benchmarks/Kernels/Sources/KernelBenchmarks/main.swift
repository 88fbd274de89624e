// Speed of the kernels: swift run -c release KernelBenchmarks [instruction set] [parts]
// Parts: ceilings, codes, gram (integer columns in cache), codedgram (matrices of codes), weighted, products; by default all.
// Every answer is checked before it is timed. The first argument that names an instruction set forces it.

import CReferenceBLAS
import QuantizedKernels

openblas_set_num_threads(1)
let arguments = CommandLine.arguments.dropFirst()
let forced = arguments.compactMap { Kernels(named: $0) }.first
let kernels = forced ?? .best
let chosen = arguments.filter { Kernels(named: $0) == nil }
let known = ["ceilings", "codes", "gram", "codedgram", "weighted", "products"]
guard chosen.allSatisfy(known.contains) else { fatalError("arguments: an instruction set and \(known)") }

print("kernels: \(kernels), one thread; OpenBLAS: \(String(cString: openblas_get_corename())), one thread")
func wants(_ part: String) -> Bool { chosen.isEmpty || chosen.contains(part) }

if wants("ceilings") { CeilingsBenchmark().run() }
if wants("codes") { CodesBenchmark(kernels: kernels).run() }
if wants("gram") { GramBenchmark(kernels: kernels).run() }
if wants("codedgram") { try CodedGramBenchmark(kernels: kernels).run() }
if wants("weighted") { try CodedGramBenchmark(kernels: kernels).runWeighted() }
if wants("products") { ProductsBenchmark(kernels: kernels).run() }
