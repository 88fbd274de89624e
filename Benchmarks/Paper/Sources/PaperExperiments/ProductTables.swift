import Foundation
import QuantizedLeastSquares

/// Synthetic products over correlation and bits.
struct ProductTables {
    let experiment: SyntheticProducts

    static let correlations = [0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95]
    static let bits = [2, 3, 4, 6]

    func write() throws {
        print(
            "Products of \(experiment.rows) × \(experiment.inner) by \(experiment.inner) × \(experiment.columns), ",
            terminator: "")
        print(
            "\(experiment.draws) draws, seed \(experiment.seed). Mean squared Frobenius error per term ± standard error, ",
            terminator: "")
        print("and the value of formula (1) by integration.\n")
        for bits in Self.bits {
            print("### \(bits) bits\n")
            var header: [String]?
            for correlation in Self.correlations {
                let codes = try experiment.codes(correlation: correlation, bits: bits)
                let outcomes = try experiment.run(correlation: correlation, codes: codes)
                if header == nil {
                    header = ["ρ"] + codes.map(\.name) + ["companding / ρ = 0", "product-optimal / companding"]
                    print("| " + header!.joined(separator: " | ") + " |")
                    print("|" + String(repeating: "---:|", count: header!.count))
                }
                print("| " + row(correlation, outcomes).joined(separator: " | ") + " |")
            }
            print("")
        }
    }

    private func row(_ correlation: Double, _ outcomes: [SyntheticProducts.Outcome]) -> [String] {
        let cells = outcomes.map {
            String(format: "%.4g ± %.1g (%.4g)", $0.errorPerTerm, $0.standardError, $0.expectedErrorPerTerm)
        }
        func error(_ name: String) -> Double { outcomes.first { $0.name == name }?.errorPerTerm ?? .nan }
        return ["\(correlation)"] + cells + [
            String(format: "%.3f", error("companding") / error("gaussian-companding")),
            String(format: "%.3f", error("product-optimal") / error("companding")),
        ]
    }
}
