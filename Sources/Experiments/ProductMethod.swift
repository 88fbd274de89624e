/// How the two factors of a matrix product are coded at B bits per entry.
public enum ProductMethod: String, CaseIterable, Sendable {
    /// Two codebooks designed together for the error of the product, bias included (`ProductDesign`).
    case productOptimal = "product-optimal"
    /// One optimal codebook per factor, errors weighted by the conditional second moment of the partner.
    case weightedLloydMax = "weighted-lloyd-max"
    /// One optimal codebook per factor.
    case lloydMax = "lloyd-max"
    /// The paper's compander with the estimated correlation, and a decode gain.
    case compandingWithGain = "companding-with-gain"
    /// The paper's compander with the estimated correlation.
    case companding
    /// The compander of ρ = 0.
    case gaussianCompanding = "gaussian-companding"
    /// Mean and standard deviation per inner index, bits by reverse water-filling over the inner indices.
    case standardizedAllocated = "standardized-allocated"
    /// Hadamard rotation of the inner index, one optimal codebook per factor.
    case hadamard
    /// Principal coordinates of the product with unequal bits; the transforms count as side information.
    case principal
    /// Symmetric absmax integers.
    case integer
    /// Floating point (E4M3 at 8 bits, E2M1 at 4) with absmax scale.
    case float

    /// The smallest number of bits.
    var minimumBits: Int { self == .integer || self == .float ? 2 : 1 }
}
