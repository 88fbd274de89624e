import Foundation
import Matrices
import Quantizers

extension ProductTransform {
    /// A rotation that mixes all entries: random signs, then a Hadamard matrix. Sums of many entries are nearly
    /// Gaussian and equally large, which is what one codebook for all entries wants.
    ///
    /// Any dimension n works without padding: with n = 2^a·m, m odd, the rotation is the Kronecker product of the
    /// Hadamard matrix of order 2^a and the Hartley matrix of order m, cas(2πjk/m)/√m with cas = cos + sin. Both are
    /// symmetric and orthogonal. (Padding to the next power of two would code up to twice as many numbers.)
    ///
    /// - Parameters:
    ///   - n: the length of the vectors, at least 1.
    ///   - seed: of the signs (SplitMix64).
    /// - Complexity: n² entries.
    public static func hadamard(_ n: Int, seed: UInt64) -> ProductTransform {
        precondition(n > 0, "A rotation needs at least one dimension.")
        let power = 1 << n.trailingZeroBitCount
        let odd = n / power
        var generator = SplitMix64(seed: seed)
        let signs = (0..<n).map { _ in generator.next() >> 63 == 0 ? 1.0 : -1.0 }
        let scale = 1 / Double(n).squareRoot()
        var rotation = DenseMatrix(rows: n, columns: n)
        for j in 0..<n {
            for i in 0..<n {
                let sign = ((i % power) & (j % power)).nonzeroBitCount % 2 == 0 ? 1.0 : -1.0
                let angle = 2 * Double.pi * Double((i / power) * (j / power) % odd) / Double(odd)
                rotation[i, j] = signs[i] * sign * scale * (cos(angle) + sin(angle))
            }
        }
        return ProductTransform(left: rotation, right: rotation)
    }
}
