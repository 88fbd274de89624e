// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "PaperExperiments",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .executableTarget(
            name: "PaperExperiments",
            dependencies: [.product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares")])
    ]
)
