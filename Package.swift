// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: warnings are errors, and each use of an unsafe construct is marked.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .strictMemorySafety()]

/// SuiteSparse is linked only with the trait of that name (its SPQR is GPL-2.0-or-later).
let withSuiteSparse: TargetDependencyCondition? = .when(traits: ["SuiteSparse"])

let package = Package(
    name: "QuantizedLeastSquares",
    products: [
        .library(name: "QuantizedLeastSquares", targets: ["QuantizedLeastSquares"]),
        .executable(name: "qls", targets: ["qls"]),
    ],
    traits: [
        .trait(
            name: "SuiteSparse", description: "Sparse factorizations through SuiteSparse (SPQR is GPL-2.0-or-later)."),
        .default(enabledTraits: ["SuiteSparse"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // 1: C
        .target(name: "CQuantizedKernels"),
        .target(name: "CNumberParsing"),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CSuiteSparse", providers: [.apt(["libsuitesparse-dev"])]),

        // 2: matrices
        .target(
            name: "Matrices", swiftSettings: strict,
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

        // 3: quantizers and kernels
        .target(name: "Quantizers", dependencies: ["Matrices"], swiftSettings: strict),
        .target(name: "QuantizedKernels", dependencies: ["CQuantizedKernels"], swiftSettings: strict),

        // 4: quantized matrices, factorizations, tables
        .target(
            name: "QuantizedMatrices", dependencies: ["Matrices", "Quantizers", "QuantizedKernels", "CZlib", "CZstd"],
            swiftSettings: strict),
        .target(
            name: "Factorizations",
            dependencies: [
                "Matrices", "COpenBLAS", .target(name: "CSuiteSparse", condition: withSuiteSparse),
            ],
            swiftSettings: strict),
        .target(name: "Tables", dependencies: ["Matrices", "CNumberParsing", "CZlib", "CZstd"], swiftSettings: strict),

        // 5: least squares
        .target(
            name: "LeastSquares",
            dependencies: ["Matrices", "Quantizers", "QuantizedMatrices", "Factorizations", "Tables"],
            swiftSettings: strict),

        // 6: reports and experiments
        .target(
            name: "Experiments",
            dependencies: [
                "Matrices", "Quantizers", "QuantizedKernels", "QuantizedMatrices", "Factorizations", "Tables",
                "LeastSquares",
            ],
            swiftSettings: strict),
        .target(name: "Reports", dependencies: ["LeastSquares", "Experiments"], swiftSettings: strict),

        // 7, 8: commands
        .target(
            name: "QuantizedLeastSquares",
            dependencies: [
                "Matrices", "Quantizers", "QuantizedKernels", "QuantizedMatrices", "Factorizations", "Tables",
                "LeastSquares", "Experiments", "Reports",
            ],
            swiftSettings: strict),
        .target(
            name: "QLSCommands",
            dependencies: [
                "QuantizedLeastSquares", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .executableTarget(name: "qls", dependencies: ["QLSCommands"], swiftSettings: strict),

        // Tests mirror the modules.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "QuantizedKernelsTests", dependencies: ["QuantizedKernels", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "QuantizersTests", dependencies: ["Quantizers", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "QuantizedMatricesTests",
            dependencies: [
                "Matrices", "QuantizedKernels", "QuantizedMatrices", "Quantizers", "QuantizedLeastSquares",
                "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FactorizationsTests", dependencies: ["Factorizations", "TestSupport"], swiftSettings: strict),
        .executableTarget(
            name: "ReaderFuzzer", dependencies: ["Tables", "TestSupport"], path: "Tests/Fuzz", exclude: ["Corpus"],
            swiftSettings: strict),
        .testTarget(
            name: "TablesTests", dependencies: ["CNumberParsing", "ReaderFuzzer", "Tables", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LeastSquaresTests", dependencies: ["QuantizedLeastSquares", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ExperimentsTests", dependencies: ["QuantizedLeastSquares", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "QLSCommandsTests", dependencies: ["QLSCommands", "qls", "TestSupport"], swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
