import Foundation

/// Folders of the checkout, found from this file's place in it.
public enum Checkout {
    /// The root of the package.
    public static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    /// `Tests/References`: values from outside.
    public static let references = root.appendingPathComponent("Tests/References")
    /// `Datasets`: the data sets that come with the package.
    public static let datasets = root.appendingPathComponent("Datasets")
}

/// Digits of agreement: −log10 of the relative error (absolute where the expected value is 0), at most 16.
public func digitsOfAgreement(_ computed: Double, _ expected: Double) -> Double {
    guard computed.isFinite else { return -.infinity }
    let error = expected == 0 ? abs(computed) : abs(computed - expected) / abs(expected)
    return error == 0 ? 16 : min(16, -log10(error))
}
