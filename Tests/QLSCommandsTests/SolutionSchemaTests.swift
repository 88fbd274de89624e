import Foundation
import TestSupport
import Testing

/// The JSON object `qls.solution/1`.
@Suite struct SolutionSchemaTests {
    private func solve(_ options: [String], input: String = SmallTable.csv) throws -> [String: Any] {
        let run = try Executable.run(["solve", "-", "--response", "y", "--format", "json"] + options, input: input)
        #expect(run.status == 0, "\(run.errors)")
        return try run.json()
    }

    private func response(_ json: [String: Any]) throws -> [String: Any] {
        try #require((json["responses"] as? [[String: Any]])?.first)
    }

    static let topKeys: Set<String> = [
        "schema", "observations", "predictors", "rank", "intercept", "droppedColumns", "method", "quantizer",
        "transform",
        "biasCorrection", "bits", "responseBits", "bytes", "fullPrecisionBytes", "responses", "conditionNumber",
        "warnings", "seconds",
    ]
    static let responseKeys: Set<String> = [
        "name", "coefficients", "residualStandardDeviation", "rSquared", "adjustedRSquared", "fStatistic",
        "predictedErrorRatio", "worstCaseErrorRatio",
    ]
    static let coefficientKeys: Set<String> = [
        "name", "estimate", "standardError", "quantizationStandardDeviation", "quantizationBias",
        "quantizationInterval",
        "tStatistic", "pValue",
    ]

    @Test(arguments: [[], ["--reference"], ["--bits", "full"], ["--bits", "8", "--method", "qr", "--no-intercept"]])
    func keys(options: [String]) throws {
        let json = try solve(options)
        #expect(Self.topKeys.isSubset(of: json.keys))
        #expect(json["schema"] as? String == "qls.solution/1")
        let seconds = try #require(json["seconds"] as? [String: Any])
        #expect(Set(["read", "quantize", "accumulate", "factorize", "total"]).isSubset(of: seconds.keys))
        let response = try response(json)
        #expect(Self.responseKeys.isSubset(of: response.keys))
        for coefficient in try #require(response["coefficients"] as? [[String: Any]]) {
            #expect(Self.coefficientKeys.isSubset(of: coefficient.keys))
        }
        let reference = response["reference"] as? [String: Any]
        #expect((reference != nil) == options.contains("--reference"))
        if let reference {
            #expect(
                Set(["coefficients", "errorRatio", "coefficientErrorInStandardErrors"]).isSubset(of: reference.keys))
            let names = (reference["coefficients"] as? [[String: Any]])?.map { $0["name"] as? String }
            #expect(names == ["(Intercept)", "a", "b", "group"])
        }
    }

    @Test func values() throws {
        let json = try solve([])
        #expect(json["observations"] as? Int == 40)
        #expect(json["predictors"] as? Int == 3)
        #expect(json["rank"] as? Int == 4)
        #expect(json["intercept"] as? Bool == true)
        #expect(json["bits"] as? Int == 4)
        #expect(json["responseBits"] as? Int == 8)
        #expect(json["fullPrecisionBytes"] as? Int == 8 * 40 * 4)
        #expect((json["droppedColumns"] as? [String])?.isEmpty == true)
        let full = try solve(["--bits", "full", "--no-intercept"])
        #expect(full["bits"] as? String == "full")
        #expect(full["quantizer"] as? String == "none")
        #expect(full["transform"] as? String == "none")
        #expect(full["intercept"] as? Bool == false)
        #expect(try response(full)["predictedErrorRatio"] is NSNull)
    }

    /// A dropped column has estimate 0 and null errors.
    @Test(arguments: ["4", "full"])
    func droppedColumns(bits: String) throws {
        let text = SmallTable.csv.split(separator: "\n").enumerated().map { "\($1)," + ($0 == 0 ? "k" : "5") }
        let json = try solve(["--bits", bits], input: text.joined(separator: "\n") + "\n")
        #expect(json["droppedColumns"] as? [String] == ["k"])
        let coefficients = try #require(try response(json)["coefficients"] as? [[String: Any]])
        let dropped = try #require(coefficients.first { $0["name"] as? String == "k" })
        #expect(dropped["estimate"] as? Double == 0)
        for key in Self.coefficientKeys where key != "name" && key != "estimate" {
            #expect(dropped[key] is NSNull, "\(key)")
        }
        #expect((json["warnings"] as? [String])?.contains { $0.hasPrefix("k ") } == true)
    }

    /// Numbers that don't exist are null, and a warning says why.
    @Test(arguments: ["4", "full"], ["a,y\n1,2\n", "a,y\n1,2\n2,5\n", "a,y\n1,3\n2,3\n5,3\n4,3\n"])
    func nothingIsNotANumber(bits: String, table: String) throws {
        let run = try Executable.run(
            ["solve", "-", "--response", "y", "--format", "json", "--bits", bits, "--reference"], input: table)
        #expect(run.status == 0, "\(run.errors)")
        #expect(!run.output.lowercased().contains("nan") && !run.output.lowercased().contains("inf"))
        let json = try run.json()
        let response = try response(json)
        if response["rSquared"] is NSNull || response["residualStandardDeviation"] is NSNull {
            #expect((json["warnings"] as? [String])?.isEmpty == false)
        }
    }

    /// Nothing outside `reference` (and the timings) depends on it.
    @Test func referenceChangesNothingElse() throws {
        var with = try solve(["--reference"]), without = try solve([])
        with["seconds"] = nil
        without["seconds"] = nil
        var responses = try #require(with["responses"] as? [[String: Any]])
        responses[0]["reference"] = nil
        with["responses"] = responses
        #expect(NSDictionary(dictionary: with) == NSDictionary(dictionary: without))
    }
}
