// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "CalibrationBenchmark",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .executableTarget(
            name: "Calibrate",
            dependencies: [.product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares")])
    ]
)
