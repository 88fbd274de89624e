import Foundation
import TestSupport
import Testing

/// `qls plan`.
@Suite struct PlanCommandTests {
    private let data = Checkout.datasets.appendingPathComponent("regression/diabetes.csv").path

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func planAndStore() throws {
        let folder = try TemporaryFolder()
        let store = folder.url.appendingPathComponent("plan.qls").path
        let run = try Executable.run([
            "plan", data, "--response", "target", "--target-ratio", "0.02", "--format", "json", "-o", store,
        ])
        #expect(run.status == 0, "\(run.errors)")
        let plan = try object(run.output)
        #expect(plan["schema"] as? String == "qls.plan/1" && plan["isMet"] as? Bool == true)
        let solved = try object(try Executable.run(["solve", store, "--format", "json"]).output)
        let responses = try #require(solved["responses"] as? [[String: Any]])
        let stored = try #require(responses[0]["predictedErrorRatio"] as? Double)
        #expect(abs(stored - (try #require(plan["predictedErrorRatio"] as? Double))) < 1e-12 * stored)
        #expect(try #require(plan["uniformBytes"] as? Int) > (try #require(plan["bytes"] as? Int)))
    }

    @Test func badUse() throws {
        let folder = try TemporaryFolder()
        let store = folder.url.appendingPathComponent("plan.qls").path
        for options in [[], ["--target-ratio", "0.1", "--bytes", "100"], ["--target-ratio", "-1"], ["--bytes", "0"]] {
            #expect(try Executable.run(["plan", data, "--response", "target"] + options).status == 64)
        }
        // A factor of the covariances would have to be ignored: the plan is for rows of equal weight.
        for command in [["plan", data, "--target-ratio", "0.1"], ["compare", data]] {
            let refused = try Executable.run(command + ["--response", "target", "--covariance-factor", data])
            #expect(refused.status == 64 && refused.errors.contains("--covariance-factor"))
        }
        let run = try Executable.run([
            "plan", data, "--response", "target", "--target-ratio", "1e-12", "-o", store,
        ])
        #expect(run.status == 65 && run.output.contains("NOT MET") && run.errors.contains("nothing was written"))
        #expect(!FileManager.default.fileExists(atPath: store))
        #expect(try Executable.run(["plan", data, "--response", "target", "--bytes", "100"]).status == 65)
    }
}
