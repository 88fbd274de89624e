// swift-tools-version: 6.2
import PackageDescription

let library: Target.Dependency = .product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares")

let package = Package(
    name: "QuantizerBenchmarks",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .executableTarget(name: "QuantizerBenchmarks", dependencies: [library]),
        .executableTarget(name: "LeastSquaresPaper", dependencies: [library]),
    ]
)
