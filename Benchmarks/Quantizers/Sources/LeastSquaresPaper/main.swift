// The least-squares experiment after arXiv 2603.19559: companding tuned in ρ against ρ = 0, Lloyd–Max, and our default.
// LeastSquaresPaper [draws] [rows]   (100 draws of 1000 rows)
// Prints Markdown tables of the mean over the draws of ‖W − W*‖/‖W*‖, W* the solution of the full-precision data.

import Foundation
import QuantizedLeastSquares

let sizes = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let draws = max(2, sizes.first ?? 100)
let rows = sizes.dropFirst().first ?? 1000
let designs: [(String, [Double], (Double) -> RegressionDesign)] = [
    ("One column, correlation ρ with the response", [0.5, 0.9], RegressionDesign.single),
    ("Eight columns, all nine variables correlated ρ", [0.3, 0.5, 0.7, 0.9], RegressionDesign.equicorrelated),
    ("Eight independent columns, each correlated ρ with the response", [0.1, 0.3], RegressionDesign.independent),
]

print("\(draws) draws of \(rows) rows; mean ‖W − W*‖/‖W*‖")
try BLAS.withThreads(1) {
    for (title, rhos, make) in designs {
        print("\n### \(title)\n\n" + Comparison.head)
        for rho in rhos {
            for bits in 2...8 {
                print(try Comparison(design: make(rho), bits: bits, draws: draws, rows: rows).row())
                fflush(nil)
            }
        }
    }
}
