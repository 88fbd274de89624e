import Foundation
import QuantizedLeastSquares
import Testing

/// What `qls compare` prints and writes.
@Suite struct CompareCommandTests {
    private static let arguments = ["compare", "-", "--response", "y", "--bits", "2,4", "--threads", "1"]

    @Test func json() throws {
        let run = try Executable.run(Self.arguments + ["--format", "json"], input: SmallTable.csv)
        #expect(run.status == 0 && run.errors.isEmpty)
        let object = try run.json()
        #expect(object["schema"] as? String == "qls.compare/1")
        #expect(object["observations"] as? Int == 40)
        let rows = try #require(object["rows"] as? [[String: Any]])
        // Two numbers of bits, the default and 6 quantizers by 2 transforms by 2 methods.
        #expect(rows.count == 50)
        let best = rows.filter { $0["timesTheBest"] as? Double == 1 }
        #expect(Set(best.compactMap { $0["bits"] as? Int }) == [2, 4])
        let measured = rows.compactMap { $0["measured"] as? Double }
        #expect(measured.count == 50 && measured.allSatisfy { $0 > 0 })
        // The measured ratio is that of qls solve --reference.
        let solve = try Executable.run(
            ["solve", "-", "--response", "y", "--bits", "4", "--reference", "--format", "json"], input: SmallTable.csv
        ).json()
        let fit = try #require((solve["responses"] as? [[String: Any]])?.first)
        let expected = (fit["reference"] as? [String: Any])?["errorRatio"] as? Double
        let found = rows.first { $0["bits"] as? Int == 4 && $0["isDefault"] as? Bool == true }?["measured"] as? Double
        #expect(expected != nil && found == expected)
    }

    @Test func textTellsLosses() throws {
        let run = try Executable.run(Self.arguments, input: SmallTable.csv)
        #expect(run.status == 0)
        for part in ["Where it loses", "4 bits", "loses by", "best", "uniform, none, qr", "full precision"] {
            #expect(run.output.contains(part), "\(part)")
        }
        let markdown = try Executable.run(Self.arguments + ["--format", "markdown"], input: SmallTable.csv)
        #expect(markdown.output.hasPrefix("# Quantized against full precision"))
    }

    /// One kind of codes only, by a method that is not among the defaults.
    @Test func restricted() throws {
        let run = try Executable.run(
            Self.arguments + [
                "--quantizer", "uniform", "--transform", "none", "--methods", "lsmr", "--format", "json",
            ], input: SmallTable.csv)
        let rows = try #require(try run.json()["rows"] as? [[String: Any]])
        #expect(rows.compactMap { $0["method"] as? String }.filter { $0 == "lsmr" }.count == 2)
        #expect(rows.count == 4)
    }

    @Test func pageStandsAlone() throws {
        let folder = try TemporaryFolder(), page = folder.path("page.html")
        let run = try Executable.run(Self.arguments + ["--html", page], input: SmallTable.csv)
        guard (try? Gnuplot.requireInstalled()) != nil else {
            #expect(run.status == 70 && run.errors.contains("gnuplot is not installed"))
            return
        }
        #expect(run.status == 0, "\(run.errors)")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
        // Six pictures, all embedded; nothing to load and nothing to run.
        #expect(html.components(separatedBy: "<img ").count == 7)
        #expect(html.components(separatedBy: "src=\"data:image/svg+xml;base64,").count == 7)
        #expect(!html.contains("http") && !html.contains("<script"))
        for part in html.components(separatedBy: "base64,").dropFirst() {
            let svg = try #require(Data(base64Encoded: String(part.prefix { $0 != "\"" })))
            #expect(String(decoding: svg, as: UTF8.self).contains("</svg>"))
        }
    }

    @Test func namesOfColumnsAreEscaped() throws {
        let folder = try TemporaryFolder(), page = folder.path("page.html")
        guard (try? Gnuplot.requireInstalled()) != nil else { return }
        let table = SmallTable.csv.replacingOccurrences(of: "a,b,group,y", with: "\"<b>\"\"it's\"\"\",b_1,{x},y&z")
        let run = try Executable.run(
            ["compare", "-", "--response", "y&z", "--bits", "3", "--quantizer", "uniform", "--html", page], input: table
        )
        #expect(run.status == 0, "\(run.errors)")
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("response y&amp;z"))
    }

    @Test func errors() throws {
        let folder = try TemporaryFolder()
        for options in [["--bits", "0"], ["--bits", ""], ["--methods", "magic"], ["--confidence", "1"]] {
            let run = try Executable.run(
                ["compare", "-", "--response", "y"] + options, input: SmallTable.csv)
            #expect(run.status == 64, "\(options)")
        }
        #expect(try Executable.run(["compare", "-", "--response", "y,a"], input: SmallTable.csv).status == 64)
        #expect(try Executable.run(["compare", "-"], input: SmallTable.csv).status == 64)
        #expect(try Executable.run(["compare", folder.path("none.csv"), "--response", "y"]).status == 66)
        if (try? Gnuplot.requireInstalled()) != nil {
            let nowhere = try Executable.run(
                Self.arguments + ["--html", folder.path("no/page.html")], input: SmallTable.csv)
            #expect(nowhere.status == 73 && nowhere.errors.contains("page.html"))
        }
        let bare = try Executable.run(
            Self.arguments + ["--html", folder.path("page.html")], input: SmallTable.csv, environment: ["PATH": "/none"]
        )
        #expect(bare.status == 70 && bare.errors.contains("gnuplot is not installed"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
