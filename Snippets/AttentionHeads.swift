// Queries and keys of attention heads at 4 bits an entry: codes are fitted on one text and judged on another.

import QuantizedLeastSquares

let folder = "Datasets/activations/"
let data = try AttentionData(
    calibrationQueries: NPYStack.read(path: folder + "calibration_queries.npy"),
    calibrationKeys: NPYStack.read(path: folder + "calibration_keys.npy"),
    queries: NPYStack.read(path: folder + "evaluation_queries.npy"),
    keys: NPYStack.read(path: folder + "evaluation_keys.npy"), sequenceLength: 64)

let result = try AttentionExperiment(bits: 4).run(data)
for summary in result.summaries {
    print(summary.method.rawValue, summary.relativeErrorDecibel, "dB, better than INT4 on", summary.winsOverInteger)
}
