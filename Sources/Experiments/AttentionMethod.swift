/// How queries and keys are coded. Every method spends n·B bits on a vector of n entries and is fitted on calibration
/// vectors; keys are coded once for all query heads that share them.
public enum AttentionMethod: String, CaseIterable, Sendable {
    /// Principal coordinates of the product with unequal bits (`VectorCode.principal`).
    case principal
    /// Equal bits with successive rounding (`VectorCode.triangular`).
    case triangular
    /// Balancing transform and Hadamard rotation, one optimal codebook shape.
    case balancedHadamard = "balanced-hadamard"
    /// Balancing transform and Hadamard rotation, Gaussian compander.
    case balancedCompanding = "balanced-hadamard-companding"
    /// Hadamard rotation only, weighted Lloyd–Max.
    case hadamard
    /// No transform: mean and standard deviation per coordinate, bits by reverse water-filling.
    case standardizedAllocated = "standardized-allocated"
    /// No transform: mean and standard deviation per coordinate, equal bits.
    case standardized
    /// No transform: one codebook, weighted by the partner's second moment.
    case weightedLloydMax = "weighted-lloyd-max"
    /// No transform: one globally optimal codebook.
    case lloydMax = "lloyd-max"
    /// No transform: Gaussian compander with a multiple of σ chosen on the calibration vectors.
    case scaledCompanding = "scaled-companding"
    /// No transform: the paper's compander with the correlation of the pairs at equal positions.
    case companding
    /// No transform: the compander of ρ = 0.
    case gaussianCompanding = "gaussian-companding"
    /// Symmetric absmax integers.
    case integer
    /// Floating point (E4M3 at 8 bits, E2M1 at 4) with absmax scale.
    case float

    /// Whether entries are coded in the basis that they come in.
    public var isUntransformed: Bool {
        switch self {
        case .principal, .triangular, .balancedHadamard, .balancedCompanding, .hadamard: false
        default: true
        }
    }
}
