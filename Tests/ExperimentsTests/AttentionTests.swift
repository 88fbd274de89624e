import Experiments
import Foundation
import Matrices
import QuantizedLeastSquares
import TestSupport
import Testing

@Suite struct AttentionTests {
    struct Reference: Decodable {
        let errors: [String: [Double]]
    }

    /// INT, FP and the Gaussian compander against numpy (Tests/References/attention_excerpt.py).
    @Test(arguments: [4, 8]) func rivalsAgreeWithNumpy(bits: Int) throws {
        let url = Checkout.references.appendingPathComponent("attention_excerpt.json")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: url))
        let methods: [AttentionMethod] = [.integer, .float, .gaussianCompanding]
        let result = try AttentionExperiment(bits: bits, methods: methods).run(Excerpt.data())
        for method in methods {
            let expected = try #require(reference.errors["\(method.rawValue)/\(bits)"])
            #expect(result.heads.count == expected.count)
            for (head, value) in zip(result.heads, expected) {
                let measured = try #require(head.errors[method])
                #expect(digitsOfAgreement(measured, value) > 8)
            }
        }
    }

    /// Codes from six short sequences: what the default reaches, and the order of the methods.
    @Test func defaultIsFarBelowTheRivals() throws {
        #expect(AttentionMethod.allCases.first == .principal)
        let methods: [AttentionMethod] = [.principal, .balancedHadamard, .standardized, .lloydMax]
        let result = try AttentionExperiment(bits: 4, methods: methods, threads: 2).run(Excerpt.data())
        let principal = result.summary(.principal)
        #expect(principal.winsOverInteger == 1 && principal.winsOverFloat == 1)
        #expect(principal.relativeErrorDecibel < -26)
        #expect(principal.relativeErrorDecibel < result.summary(.balancedHadamard).relativeErrorDecibel - 2)
        #expect(result.summary(.standardized).relativeErrorDecibel < result.summary(.lloydMax).relativeErrorDecibel)
        #expect(result.summary(.lloydMax).relativeErrorDecibel < -10)
    }

    @Test func resultDoesNotDependOnThreads() throws {
        let data = try Self.synthetic(queryHeads: 5, keyHeads: 3)
        let one = try AttentionExperiment(bits: 3, threads: 1).run(data)
        let three = try AttentionExperiment(bits: 3, threads: 3).run(data)
        #expect(one.heads.map(\.keyHead) == [0, 0, 1, 1, 2])
        for (a, b) in zip(one.heads, three.heads) {
            #expect(a.queryHead == b.queryHead)
            #expect(a.errors == b.errors)
        }
    }

    static func synthetic(queryHeads: Int, keyHeads: Int) throws -> AttentionData {
        var generator = NormalGenerator(seed: 11)
        func stack(_ heads: Int, _ rows: Int) -> [DenseMatrix] { (0..<heads).map { _ in generator.matrix(rows, 6) } }
        return try AttentionData(
            calibrationQueries: stack(queryHeads, 64), calibrationKeys: stack(keyHeads, 64),
            queries: stack(queryHeads, 32), keys: stack(keyHeads, 32), sequenceLength: 8)
    }

    @Test func logitErrorByItsDefinition() {
        var generator = NormalGenerator(seed: 12)
        let (q, k) = (generator.matrix(6, 3), generator.matrix(6, 3))
        let (codedQ, codedK) = (generator.matrix(6, 3), generator.matrix(6, 3))
        var (error, size) = (0.0, 0.0)
        for i in 0..<6 {
            for j in 0..<6 where i / 2 == j / 2 {
                let exact = (0..<3).reduce(0) { $0 + q[i, $1] * k[j, $1] }
                let coded = (0..<3).reduce(0) { $0 + codedQ[i, $1] * codedK[j, $1] }
                error += (exact - coded) * (exact - coded)
                size += exact * exact
            }
        }
        let relative = LogitError.relative(
            queries: q, keys: k, codedQueries: codedQ, codedKeys: codedK, sequenceLength: 2)
        #expect(digitsOfAgreement(relative, error / size) > 13)
    }

    @Test func arraysThatDoNotFit() throws {
        let m = DenseMatrix(rows: 8, columns: 4, repeating: 1)
        let short = DenseMatrix(rows: 6, columns: 4, repeating: 1)
        let narrow = DenseMatrix(rows: 8, columns: 3, repeating: 1)
        func make(_ cq: [DenseMatrix], _ ck: [DenseMatrix], _ q: [DenseMatrix], _ k: [DenseMatrix], _ t: Int = 4) throws
        {
            _ = try AttentionData(
                calibrationQueries: cq, calibrationKeys: ck, queries: q, keys: k, sequenceLength: t)
        }
        try make([m, m], [m], [m, m], [m])
        #expect(throws: ExperimentError.self) { try make([], [m], [m], [m]) }
        #expect(throws: ExperimentError.self) { try make([m, m], [m], [m], [m]) }
        #expect(throws: ExperimentError.self) { try make([m], [m, m], [m], [m, m]) }
        #expect(throws: ExperimentError.self) { try make([m], [narrow], [m], [m]) }
        #expect(throws: ExperimentError.self) { try make([m], [m], [m], [short]) }
        #expect(throws: ExperimentError.self) { try make([m], [m], [m], [m], 3) }
        #expect(throws: ExperimentError.bits(9, allowed: 2...8)) {
            try AttentionExperiment(bits: 9).run(Self.synthetic(queryHeads: 1, keyHeads: 1))
        }
    }

    @Test func json() throws {
        let result = try AttentionExperiment(bits: 4, methods: [.principal, .companding]).run(
            Self.synthetic(queryHeads: 2, keyHeads: 1))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(AttentionJSON(result).text().utf8)) as? [String: Any])
        #expect(object["schema"] as? String == "qls.attention/1")
        #expect(object["bits"] as? Int == 4 && object["heads"] as? Int == 2)
        let methods = try #require(object["methods"] as? [[String: Any]])
        #expect(methods.map { $0["name"] as? String } == ["principal", "companding"])
        let error = try #require(methods[0]["relativeErrorDecibel"] as? Double)
        #expect(abs(error - result.summary(.principal).relativeErrorDecibel) < 1e-9)
        #expect(methods[0]["winsOverInteger"] as? Double == result.summary(.principal).winsOverInteger)
        #expect(methods[0]["predictedRelativeErrorDecibel"] is Double && methods[0]["coverage"] is Double)
        #expect(methods[0]["calibrationRelativeErrorDecibel"] is Double && methods[0]["medianMisprediction"] is Double)
        let heads = try #require(object["perHead"] as? [[String: Any]])
        #expect(heads.count == 2)
        let logits = try #require(heads[1]["logits"] as? [String: [String: Any]])
        #expect(Set(logits.keys) == ["principal", "companding"])
        #expect(logits["principal"]?["predictedStandardDeviation"] is Double)
    }

    /// Over all pairs of one sequence the expectation from moments is the error itself.
    @Test func expectedErrorOfAllPairs() {
        var random = SplitMix64(seed: 3)
        func matrix(_ rows: Int) -> DenseMatrix {
            DenseMatrix(
                rows: rows, columns: 5,
                elements: (0..<(rows * 5)).map { _ in Double(random.next() >> 11) * 0x1p-52 - 0.9 })
        }
        func coded(_ a: DenseMatrix, _ step: Double) -> DenseMatrix {
            DenseMatrix(rows: a.rows, columns: a.columns, elements: a.elements.map { ($0 / step).rounded() * step })
        }
        let queries = matrix(40), keys = matrix(40)
        let measured = LogitError.relative(
            queries: queries, keys: keys, codedQueries: coded(queries, 0.4), codedKeys: coded(keys, 0.3),
            sequenceLength: 40)
        let expected = LogitError.expected(
            queries: queries, keys: keys, codedQueries: coded(queries, 0.4), codedKeys: coded(keys, 0.3))
        #expect(abs(expected / measured - 1) < 1e-12)
    }
}
