import Factorizations
import Quantizers

/// Why an experiment could not be carried out.
public enum ExperimentError: Error, Equatable, Sendable {
    /// Two arrays that belong together do not fit; the text says which and how.
    case shape(String)
    /// The number of bits is outside the range that all methods support.
    case bits(Int, allowed: ClosedRange<Int>)
    /// A matrix could not be factorized.
    case factorization(FactorizationError)
    /// A codebook could not be designed.
    case quantizer(QuantizerError)

    /// Runs work whose errors are those of factorizations and quantizers, and wraps them.
    static func wrapping<Result>(_ work: () throws -> Result) throws(ExperimentError) -> Result {
        do {
            return try work()
        } catch let error as ExperimentError {
            throw error
        } catch let error as FactorizationError {
            throw .factorization(error)
        } catch let error as QuantizerError {
            throw .quantizer(error)
        } catch {
            preconditionFailure("Work on codes throws errors of three modules only, not \(error).")
        }
    }
}

extension ExperimentError: CustomStringConvertible {
    /// The cause and what would be accepted.
    public var description: String {
        switch self {
        case .shape(let text): text
        case .bits(let bits, let allowed):
            "Bits per entry are \(allowed.lowerBound) to \(allowed.upperBound), not \(bits)."
        case .factorization(let error): error.description
        case .quantizer(let error): error.description
        }
    }
}
