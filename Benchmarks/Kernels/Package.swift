// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "KernelBenchmarks",
    dependencies: [.package(name: "QuantizedLeastSquares", path: "../..")],
    targets: [
        .systemLibrary(
            name: "CReferenceBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CCeilings"),
        .executableTarget(
            name: "KernelBenchmarks",
            dependencies: [
                "CReferenceBLAS", "CCeilings",
                .product(name: "QuantizedLeastSquares", package: "QuantizedLeastSquares"),
            ]),
    ]
)
