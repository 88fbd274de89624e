import Foundation
import QuantizedKernels
import Testing

/// The set forced by the environment, as the command line does it; the library itself never reads the environment.
let forcedName = ProcessInfo.processInfo.environment["QLS_KERNELS"]

@Suite struct KernelsTests {
    @Test func scalarIsFirstAndBestIsLast() {
        #expect(Kernels.available.first?.name == "scalar")
        #expect(Kernels.scalar.name == "scalar")
        #expect(Kernels.available.last?.name == Kernels.best.name)
        #expect(Set(Kernels.available.map(\.name)).count == Kernels.available.count)
    }

    @Test func setsAreFoundByName() {
        for set in Kernels.available { #expect(Kernels(named: set.name)?.name == set.name) }
        #expect(Kernels(named: "pentium") == nil)
        #expect(Kernels(named: "") == nil)
    }

    /// A forced set that this processor lacks must not silently test nothing.
    @Test func theForcedSetIsTheOneTested() {
        #expect(!Grid.sets.isEmpty)
        if let forcedName { #expect(Grid.sets.map(\.name) == [forcedName]) }
    }

    @Test func wrongSizesTrap() async {
        await #expect(processExitsWith: .failure) {
            var packed = [UInt8](repeating: 0, count: 4)
            var span = packed.mutableSpan
            Kernels.scalar.pack([UInt8](repeating: 0, count: 9).span, bits: 4, into: &span)
        }
        await #expect(processExitsWith: .failure) {
            var gram = [Int64](repeating: 0, count: 3), sums = gram
            var scratch = [UInt8](repeating: 0, count: Kernels.gramScratchByteCount(columns: 2))
            var span = gram.mutableSpan, sumSpan = sums.mutableSpan, scratchSpan = scratch.mutableSpan
            Kernels.scalar.gram(
                [Int16](repeating: 0, count: 20).span, rows: 10, columnStride: 10, count: 2, largestMagnitude: 1,
                into: &span, sums: &sumSpan, scratch: &scratchSpan)
        }
        await #expect(processExitsWith: .failure) { _ = Kernels.packedByteCount(count: 1, bits: 9) }
        await #expect(processExitsWith: .failure) { _ = Kernels.packedByteCount(count: .max, bits: 2) }
    }
}
