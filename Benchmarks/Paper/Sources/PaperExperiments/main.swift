// The experiments of Ang, Kim and Pilanci (arXiv 2603.19559), as Markdown tables:
//
//     swift run -c release PaperExperiments products [DRAWS] [ROWS]
//     swift run -c release PaperExperiments errors [DRAWS]
//     swift run -c release PaperExperiments transition
//     swift run -c release PaperExperiments regression [DRAWS]
//     swift run -c release PaperExperiments attention [FOLDER …]
//
// Folders hold query and key arrays of layers (see AttentionTables.swift); without one, the excerpt in Datasets is used.

import Foundation
import QuantizedLeastSquares

let arguments = Array(CommandLine.arguments.dropFirst())
let numbers = arguments.dropFirst().compactMap { Int($0) }

switch arguments.first {
case "products":
    var experiment = SyntheticProducts()
    experiment.draws = numbers.first ?? 500
    if numbers.count > 1 { (experiment.rows, experiment.columns) = (numbers[1], numbers[1]) }
    try ProductTables(experiment: experiment).write()
case "errors":
    try ErrorTables(draws: numbers.first ?? 8).write()
case "transition":
    try TransitionTables().write()
case "regression":
    try RegressionTables(draws: numbers.first ?? 100).write()
case "attention":
    let folders = arguments.dropFirst().isEmpty ? [AttentionTables.excerpt] : Array(arguments.dropFirst())
    for folder in folders { try AttentionTables(folder: folder).write() }
default:
    print(
        "usage: PaperExperiments products [DRAWS] [ROWS] | errors [DRAWS] | transition | regression [DRAWS] | attention [FOLDER …]"
    )
    exit(64)
}
