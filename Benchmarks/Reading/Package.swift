// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "ReadingBenchmarks",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .executableTarget(
            name: "ReadingServer",
            dependencies: [.product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares")])
    ]
)
