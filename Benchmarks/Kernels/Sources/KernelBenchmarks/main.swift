// Speed of the kernels: swift run -c release KernelBenchmarks [instruction set] [gram] [codes] [products]
// Every answer is checked before it is timed. The first argument that names an instruction set forces it.

import CReferenceBLAS
import QuantizedKernels

openblas_set_num_threads(1)
let arguments = CommandLine.arguments.dropFirst()
let forced = arguments.compactMap { Kernels(named: $0) }.first
let kernels = forced ?? .best
let chosen = arguments.filter { Kernels(named: $0) == nil }
let known = ["gram", "codes", "products"]
guard chosen.allSatisfy(known.contains) else { fatalError("arguments: an instruction set and \(known)") }

print("kernels: \(kernels), one thread; OpenBLAS: \(String(cString: openblas_get_corename())), one thread")
if chosen.isEmpty || chosen.contains("codes") { CodesBenchmark(kernels: kernels).run() }
if chosen.isEmpty || chosen.contains("gram") { GramBenchmark(kernels: kernels).run() }
if chosen.isEmpty || chosen.contains("products") { ProductsBenchmark(kernels: kernels).run() }
