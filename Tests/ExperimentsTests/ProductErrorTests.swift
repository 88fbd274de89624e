import Foundation
import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

@testable import Experiments

@Suite struct ProductErrorTests {
    struct Reference: Decodable {
        let bias, variance: [[Double]]
        let expectedSquaredNorm, squaredError: Double
    }

    /// Bias, variance and norm against numpy (Tests/References/product_errors.py).
    @Test func predictionAgreesWithNumpy() throws {
        let url = Checkout.references.appendingPathComponent("product_errors.json")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        let data = try Excerpt.data()
        let empty = DenseMatrix.identity(64)
        let queryCode = VectorCode.integer(CodeTarget(vectors: data.calibrationQueries[0], metric: empty), bits: 4)
        let keyCode = VectorCode.integer(CodeTarget(vectors: data.calibrationKeys[0], metric: empty), bits: 4)
        let (queries, keys) = (try queryCode.encode(data.queries[0]), try keyCode.encode(data.keys[0]))
        let prediction = try ProductErrorPrediction(queries, keys)
        let block = prediction.block(rows: 0..<3, columns: 0..<5)
        for i in 0..<3 {
            for j in 0..<5 {
                #expect(abs(block.bias[i, j] - reference.bias[i][j]) < 1e-8 * block.variance[i, j].squareRoot())
                #expect(digitsOfAgreement(block.variance[i, j], reference.variance[i][j]) > 9)
                let entry = prediction.entry(i, j)
                #expect(digitsOfAgreement(entry.bias, block.bias[i, j]) > 9)
                #expect(digitsOfAgreement(entry.standardDeviation, block.variance[i, j].squareRoot()) > 12)
            }
        }
        let check = try LogitError.check(
            queries: data.queries[0], keys: data.keys[0], codedQueries: queries, codedKeys: keys, sequenceLength: 64)
        #expect(digitsOfAgreement(check.predictedSquaredError, reference.expectedSquaredNorm) > 9)
        #expect(digitsOfAgreement(check.squaredError, reference.squaredError) > 9)
    }

    /// The exact sums Σf, Σf·ẑ and Σf² of every coordinate follow from the codes and what is kept.
    @Test func momentsReproduceTheSumsOfTheErrors() throws {
        var generator = NormalGenerator(seed: 5)
        let vectors = generator.matrix(50, 6)
        let target = CodeTarget(vectors: vectors, metric: .identity(6))
        for code in [VectorCode.integer(target, bits: 2), try .principal(target, bitsPerEntry: 3)] {
            let coded = try code.encode(vectors)
            let z = code.coordinates(of: vectors)
            let (levels, means, variances) = (coded.levels, coded.expectedErrors, coded.errorVariances)
            for t in 0..<6 {
                var (first, product, second, size) = (0.0, 0.0, 0.0, 0.0)
                for i in 0..<50 {
                    let error = z[i, t] - levels[i, t]
                    first += error - means[i, t]
                    product += (error - means[i, t]) * levels[i, t]
                    second += (error - means[i, t]) * (error - means[i, t]) - variances[i, t]
                    size += error * error
                }
                #expect(abs(first) < 1e-10 && abs(product) < 1e-10)
                #expect(abs(second) < 1e-12 * max(1, size))
            }
        }
    }

    /// Uniform numbers in K equal cells have errors of mean zero and variance w²/12.
    @Test func uniformNumbersByTheirClosedForm() throws {
        var generator = NormalGenerator(seed: 6)
        let (m, k, levels) = (120, 8, 8)
        let width = 1 / Double(levels)
        let table = LevelTable(levels: (0..<levels).map { (Double($0) + 0.5) * width })
        func uniform() -> DenseMatrix {
            DenseMatrix(rows: m, columns: k, elements: (0..<(m * k)).map { _ in generator.uniform() })
        }
        let code = VectorCode.shared(table, size: k)
        let (x, y) = (try code.encode(uniform()), try code.encode(uniform()))
        let block = try ProductErrorPrediction(x, y).block(rows: 0..<m, columns: 0..<m)
        let (u, v) = (x.decoded, y.decoded)
        let variance = width * width / 12
        var (predicted, expected, bias) = (0.0, 0.0, 0.0)
        for i in 0..<m {
            for j in 0..<m {
                predicted += block.variance[i, j]
                bias += block.bias[i, j] * block.bias[i, j]
                expected += (0..<k).reduce(0) {
                    $0 + variance * (u[i, $1] * u[i, $1] + v[j, $1] * v[j, $1] + variance)
                }
            }
        }
        #expect(abs(predicted / expected - 1) < 0.06)
        #expect(bias < 0.06 * expected)
    }

    /// The variance against a sum over all coordinates of both codes, with a rotation between vectors and coordinates.
    @Test func variancesOfTransformedCodes() throws {
        var generator = NormalGenerator(seed: 7)
        let (x, y) = (generator.matrix(40, 5), generator.matrix(30, 5))
        let left = try VectorCode.triangular(
            CodeTarget(vectors: x, metric: SecondMoments(y).secondMoment), bitsPerEntry: 3)
        let right = try VectorCode.principal(
            CodeTarget(vectors: y, metric: SecondMoments(x).secondMoment), bitsPerEntry: 2)
        let (a, b) = (try left.encode(x), try right.encode(y))
        let l = try #require(left.errorSynthesis)
        let n = try #require(right.errorSynthesis)
        // x − x̂ = f·L with f the errors of the targets.
        let rounded = left.quantizeCoordinates(left.coordinates(of: x))
        var f = rounded.targets
        for place in f.elements.indices { f.elements[place] -= rounded.levels.elements[place] }
        var difference = x
        for place in x.elements.indices { difference.elements[place] -= a.decoded.elements[place] }
        #expect(distance(product(f, l), difference) < 1e-12)
        let block = try ProductErrorPrediction(a, b, gain: 0.9).block(rows: 0..<40, columns: 0..<30)
        let (meanX, meanY) = (product(a.expectedErrors, l), product(b.expectedErrors, n))
        for (i, j) in [(0, 0), (7, 29), (39, 3)] {
            let expectedX = (0..<5).map { a.decoded[i, $0] + meanX[i, $0] }
            let expectedY = (0..<5).map { b.decoded[j, $0] + meanY[j, $0] }
            var (variance, bias) = (0.0, 0.0)
            for t in 0..<5 { bias += expectedX[t] * expectedY[t] - 0.9 * a.decoded[i, t] * b.decoded[j, t] }
            for c in 0..<5 {
                let own = (0..<5).reduce(0) { $0 + l[c, $1] * expectedY[$1] }
                let other = (0..<5).reduce(0) { $0 + n[c, $1] * expectedX[$1] }
                variance += a.errorVariances[i, c] * own * own + b.errorVariances[j, c] * other * other
                for d in 0..<5 {
                    let cross = (0..<5).reduce(0) { $0 + l[c, $1] * n[d, $1] }
                    variance += a.errorVariances[i, c] * b.errorVariances[j, d] * cross * cross
                }
            }
            #expect(abs(block.bias[i, j] - bias) < 1e-12 && abs(block.variance[i, j] - variance) < 1e-12)
        }
    }

    /// Gaussian pairs, sums over draws: predicted within 8% of measured, and 95% of the entries within 1.96 standard
    /// deviations. At ρ = 0.9 one bit costs half of the product's bias; the codes must not be trusted as they stand.
    @Test(arguments: [(0, 4), (0.7, 2), (0.9, 1), (0.9, 3)])
    func gaussianPairs(rho: Double, bits: Int) throws {
        let methods: [ProductMethod] =
            [.compandingWithGain, .standardizedAllocated] + (bits > 1 ? [.integer] : []) + (bits < 3 ? [.lloydMax] : [])
        var sums: [ProductMethod: (predicted: Double, measured: Double, coverage: Double)] = [:]
        let draws = 10
        for draw in 0..<draws {
            let (a, b) = MatrixProductTests.pair(rho, m: 32, k: 32, n: 32, seed: UInt64(100 * bits + draw))
            for outcome in try MatrixProductExperiment(bits: bits, methods: methods).run(a, b).outcomes {
                let sum = sums[outcome.method] ?? (0, 0, 0)
                sums[outcome.method] = (
                    sum.predicted + outcome.check.predictedSquaredError, sum.measured + outcome.check.squaredError,
                    sum.coverage + outcome.check.coverage / Double(draws)
                )
            }
        }
        #expect(sums.count == methods.count)
        for (method, sum) in sums {
            #expect(abs(sum.predicted / sum.measured - 1) < 0.08, "\(method): \(sum.predicted / sum.measured)")
            #expect(sum.coverage > 0.93 && sum.coverage < 0.97, "\(method): \(sum.coverage)")
        }
    }

    /// Queries and keys of a language model, codes fitted on other texts.
    @Test func attentionHeads() throws {
        let methods: [AttentionMethod] = [.principal, .standardizedAllocated, .integer]
        let result = try AttentionExperiment(bits: 4, methods: methods, threads: 2).run(Excerpt.data())
        for summary in result.summaries {
            #expect(summary.medianMisprediction < 1.2, "\(summary.method): \(summary.medianMisprediction)")
            #expect(summary.coverage > 0.9 && summary.coverage < 0.98, "\(summary.method): \(summary.coverage)")
        }
        // Entries differ in their errors, and the prediction tells which have large ones.
        let groups = try #require(result.heads[0].checks[.principal]).groups(5)
        #expect(groups[4].measuredVariance > 2 * groups[0].measuredVariance)
        for group in groups { #expect(abs(log(group.predictedVariance / group.measuredVariance)) < 0.35) }
    }

    @Test func reportsShowPredictions() throws {
        let (a, b) = MatrixProductTests.pair(0.5, m: 8, k: 12, n: 6)
        let result = try MatrixProductExperiment(bits: 4, methods: [.companding]).run(a, b)
        let check = result.outcomes[0].check
        for report in [ProductReport(result).text(), ProductReport(result).markdown()] {
            for value in [check.standardDeviationOfEntry, check.errorOfEntry, check.predictedRelativeError] {
                #expect(report.contains(String(format: "%.4g", value)))
            }
            #expect(report.contains(String(format: "%.1f%%", 100 * check.coverage)))
        }
        let attention = try AttentionExperiment(bits: 4, methods: [.standardized]).run(
            AttentionTests.synthetic(queryHeads: 2, keyHeads: 1))
        let summary = attention.summary(.standardized)
        for value in [summary.predictedErrorDecibel, summary.expectedErrorDecibel, summary.medianMisprediction] {
            #expect(AttentionReport(attention).text().contains(String(format: "%.2f", value)))
        }
    }

    @Test func checkByItsDefinition() {
        let exact = DenseMatrix(rows: 1, columns: 4, elements: [1, 2, 3, 4])
        let decoded = DenseMatrix(rows: 1, columns: 4, elements: [1.5, 2, 2, 4])
        let predicted = ProductErrorPrediction.Block(
            bias: DenseMatrix(rows: 1, columns: 4, elements: [-0.5, 0, 0, 0]),
            variance: DenseMatrix(rows: 1, columns: 4, elements: [0.04, 0, 0.25, 1]))
        var check = ProductErrorCheck()
        check.add(exact: exact, decoded: decoded, predicted: predicted)
        #expect(check.count == 4 && check.squaredNorm == 30 && check.squaredError == 1.25)
        #expect(abs(check.predictedSquaredError - 1.54) < 1e-15)
        #expect(check.coverage == 0.75)
        #expect(abs(check.biasOfEntry - 0.25) < 1e-15 && abs(check.errorOfEntry - 1.25.squareRoot() / 2) < 1e-15)
        let groups = check.groups(2)
        #expect(abs(groups[0].predictedVariance - 0.02) < 1e-15 && groups[0].measuredVariance == 0)
        #expect(groups[1].predictedVariance == 0.625 && groups[1].measuredVariance == 0.5)
    }

    @Test func wrongInput() throws {
        let code = VectorCode.shared(LevelTable(levels: [-1, 1]), size: 3)
        #expect(throws: ExperimentError.self) { try code.encode(DenseMatrix(rows: 2, columns: 4)) }
        #expect(throws: ExperimentError.self) { try code.encode(DenseMatrix(rows: 0, columns: 3)) }
        #expect(throws: ExperimentError.self) { try code.encode(DenseMatrix(rows: 1, columns: 3, repeating: .nan)) }
        let three = try code.encode(DenseMatrix(rows: 2, columns: 3))
        let four = try VectorCode.shared(LevelTable(levels: [0]), size: 4).encode(DenseMatrix(rows: 2, columns: 4))
        #expect(throws: ExperimentError.self) { try ProductErrorPrediction(three, four) }
        #expect(throws: ExperimentError.self) {
            try LogitError.check(
                queries: DenseMatrix(rows: 3, columns: 3), keys: DenseMatrix(rows: 3, columns: 3), codedQueries: three,
                codedKeys: three, sequenceLength: 1)
        }
        // Vectors that the code holds exactly: nothing to predict.
        let prediction = try ProductErrorPrediction(four, four)
        #expect(prediction.expectedSquaredNorm == 0)
        #expect(four.errorMoments.bytes == 4 * (2 + 4 * 4))
    }
}
