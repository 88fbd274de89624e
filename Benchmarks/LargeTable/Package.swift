// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "LargeTableBenchmark",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .executableTarget(
            name: "LargeTable",
            dependencies: [.product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares")])
    ]
)
