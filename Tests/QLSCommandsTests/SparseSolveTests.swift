#if SuiteSparse
    import Foundation
    import QuantizedLeastSquares
    import TestSupport
    import Testing

    /// `qls solve A.mtx --rhs b.mtx` with a coordinate matrix.
    @Suite struct SparseSolveTests {
        private static let folder = Checkout.datasets.appendingPathComponent("sparse")

        private func file(_ name: String) -> String { Self.folder.appendingPathComponent("\(name).mtx").path }

        private func response(_ run: Executable.Run) throws -> [String: Any] {
            let responses = try run.json()["responses"] as? [[String: Any]]
            return try #require(responses?.first)
        }

        private func estimates(_ response: [String: Any]) -> [Double] {
            (response["coefficients"] as? [[String: Any]] ?? []).compactMap { $0["estimate"] as? Double }
        }

        /// Residual and solution norms of numpy.linalg.lstsq, printed with 16 digits.
        @Test(
            arguments: [
                ("well1033", 0.7521578691563959, 10278.822282292105),
                ("illc1033", 0.7521578686991044, 10302.315199246597),
            ], ["auto", "qr", "normal"])
        func fullPrecision(_ set: (name: String, residual: Double, solution: Double), method: String) throws {
            let run = try Executable.run([
                "solve", file(set.name), "--rhs", file("\(set.name)_rhs1"), "--bits", "full", "--method", method,
                "--format", "json",
            ])
            #expect(run.status == 0 && run.errors.isEmpty)
            let json = try run.json(), first = try response(run)
            #expect(json["rank"] as? Int == 320 && json["intercept"] as? Bool == false)
            #expect(json["method"] as? String == (method == "auto" ? "qr" : method))
            #expect(abs(((first["residualNorm"] as? Double) ?? 0) / set.residual - 1) < 1e-10)
            #expect(abs(((first["solutionNorm"] as? Double) ?? 0) / set.solution - 1) < 1e-10)
            #expect((json["sparse"] as? [String: Any])?["storedEntries"] as? Int ?? 0 > 4700)
        }

        @Test(arguments: ["lsqr", "lsmr"], ["full", "8"])
        func iterations(method: String, bits: String) throws {
            let arguments = [
                "solve", file("well1033"), "--rhs", file("well1033_rhs1"), "--bits", bits, "--format", "json",
            ]
            let direct = try response(try Executable.run(arguments + ["--method", "qr"]))
            let run = try Executable.run(arguments + ["--method", method])
            let (x, y) = (estimates(try response(run)), estimates(direct))
            #expect(x.count == 320 && zip(x, y).allSatisfy { abs($0 - $1) < 1e-6 * abs($1) })
            #expect((try run.json()["warnings"] as? [String])?.contains { $0.contains("standard errors") } == true)
            #expect(run.output.contains("\"converged\" : true"))
        }

        @Test func quantized() throws {
            let run = try Executable.run([
                "solve", file("well1033"), "--rhs", file("well1033_rhs1"), "--bits", "8", "--reference", "--explain",
            ])
            #expect(run.status == 0 && run.errors.isEmpty)
            for part in [
                "Least squares on 8-bit codes: well1033.mtx\n1,033 observations, 320 predictors, no intercept, rank 320, 713",
                "4,732 stored entries (1.43%), ", "normal equations, sparse Cholesky (CHOLMOD), bias correction none",
                "120 more coefficients; --format json has them", "‖b − Ax‖ 0.750744, ‖x‖ 10278.9",
                "measured against full precision: 0.625 of the sampling error",
                "rule: sparse codes, all columns independent",
            ] { #expect(run.output.contains(part), "\(part)") }
        }

        /// Deficient rank and a wide matrix: what numpy.linalg.lstsq finds.
        @Test func leastNorm() throws {
            let folder = try TemporaryFolder()
            let b = (0..<66).map { "\(Double(($0 * 7919) % 101 - 50) / 10)\n" }
            let path = try folder.write("b\n" + b.joined(), to: "b.csv")
            let run = try Executable.run(["solve", file("rel4"), "--rhs", path, "--format", "json"])
            let json = try run.json(), first = try response(run)
            #expect(json["rank"] as? Int == 5 && json["method"] as? String == "qr")
            #expect(abs(((first["residualNorm"] as? Double) ?? 0) - 23.219560719359016) < 1e-12)
            #expect(abs(((first["solutionNorm"] as? Double) ?? 0) - 1.33457499760876) < 1e-12)
            #expect(
                (json["warnings"] as? [String])?.contains { $0.hasPrefix("Combinations of the other columns") } == true)
            let normal = try Executable.run(["solve", file("rel4"), "--rhs", path, "--method", "normal"])
            #expect(normal.status == 65 && normal.errors.contains("the method qr finds the rank"))
            let wide = try Executable.run([
                "solve", file("lpi_galenet"), "--rhs", file("lpi_galenet"), "--response", "b1,b2", "--format", "json",
            ])
            #expect(wide.status == 0)
            #expect(try wide.json()["rank"] as? Int == 8 && estimates(try response(wide)).count == 14)
        }

        /// A coordinate file may list every entry; the solution is that of the table without an intercept.
        @Test func denseMatrixInCoordinates() throws {
            let folder = try TemporaryFolder()
            let entries = SmallTable.rows.enumerated().flatMap { i, row in
                (0..<3).map { "\(i + 1) \($0 + 1) \(row[$0])\n" }
            }
            let matrix = try folder.write(
                "%%MatrixMarket matrix coordinate real general\n40 3 120\n" + entries.joined(), to: "a.mtx")
            let right = try folder.write("y\n" + SmallTable.rows.map { "\($0[3])\n" }.joined(), to: "b.csv")
            let options = ["--bits", "full", "--format", "json"]
            let sparse = try response(try Executable.run(["solve", matrix, "--rhs", right] + options))
            let table = try response(
                try Executable.run(
                    ["solve", "-", "--response", "y", "--no-intercept"] + options, input: SmallTable.csv))
            #expect(zip(estimates(sparse), estimates(table)).allSatisfy { abs($0 - $1) < 1e-12 })
            let text = try String(contentsOfFile: matrix, encoding: .utf8)
            let piped = try response(try Executable.run(["solve", "-", "--rhs", right] + options, input: text))
            #expect(estimates(piped) == estimates(sparse))
            // Columns are chosen as those of a table are; a response may be a column of the matrix.
            let some = try response(
                try Executable.run(["solve", matrix, "--rhs", right, "--exclude", "x2"] + options))
            let same = try response(
                try Executable.run(
                    ["solve", "-", "--response", "y", "--no-intercept", "--predictors", "a,group"] + options,
                    input: SmallTable.csv))
            #expect(zip(estimates(some), estimates(same)).allSatisfy { abs($0 - $1) < 1e-12 })
            let other = try response(
                try Executable.run(
                    ["solve", matrix, "--rhs", right, "--response", "x1", "--predictors", "2,3"] + options))
            #expect(other["name"] as? String == "x1" && estimates(other).count == 2)
        }

        @Test(arguments: [
            ["--weights", "x1"], ["--covariance-factor", "f.npy"], ["--ridge", "1"],
            ["--constraints", folder.appendingPathComponent("ash219.mtx").path],
            ["--lower", "0"], ["--upper", "1"],
            ["--nonnegative"], ["--refine"], ["--method", "svd"], ["--missing", "drop"],
            ["--transform", "decorrelate"],
            ["--quantizer", "balanced"], ["--response-bits", "8"], ["--predictors", "b"],
        ])
        func refusedOptions(options: [String]) throws {
            let run = try Executable.run(
                ["solve", file("ash219"), "--rhs", file("ash219"), "--response", "b1"] + options)
            // ash219 beside itself: its columns are named b1 to b85 there, and b alone is unknown.
            let status: Int32 = options == ["--predictors", "b"] ? 65 : 64
            #expect(run.status == status && run.output.isEmpty && !run.errors.isEmpty)
            let dense = try Executable.run([
                "solve", file("ash219"), "--rhs", file("ash219"), "--response", "b1", "--predictors", "b2",
            ])
            #expect(dense.status == 64 && dense.errors.contains("b2 is a dense column beside a sparse matrix"))
        }

        @Test func badFiles() throws {
            let folder = try TemporaryFolder()
            let head = "%%MatrixMarket matrix coordinate real general\n2 2 2\n"
            let right = try folder.write("b\n1\n2\n", to: "b.csv")
            for (body, message) in [
                ("1 1 1\n3 1 1\n", ":4: row \"3\", expected 1 to 2"),
                ("1 1 1\n2 2 nan\n", ":4: non-finite value \"nan\""),
                ("1 1 1\n", ": the file holds 1 entries, its size line states 2"),
            ] {
                let path = try folder.write(head + body, to: "bad.mtx")
                let run = try Executable.run(["solve", path, "--rhs", right])
                #expect(run.status == 65 && run.errors.hasPrefix("qls: \(path)\(message)"))
            }
            let good = try folder.write(head + "1 1 1\n2 2 1\n", to: "good.mtx")
            let long = try folder.write("b\n1\n2\n3\n", to: "long.csv")
            let run = try Executable.run(["solve", good, "--rhs", long])
            #expect(run.status == 65 && run.errors.contains("expected 2 as in"))
            let missing = try folder.write("b\n1\n\"\"\n", to: "missing.csv")
            #expect(try Executable.run(["solve", good, "--rhs", missing]).status == 65)
            #expect(try Executable.run(["solve", good, "--rhs", folder.path("none.mtx")]).status == 66)
        }
    }
#endif
