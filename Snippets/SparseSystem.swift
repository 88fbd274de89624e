// A sparse least-squares problem with its entries at 4 bits each: positions along a line, from measured distances between
// them and one that is known.

import QuantizedLeastSquares

#if SuiteSparse
    let places = [0.0, 1.3, 2.1, 4.6, 5.2]
    var entries: [(row: Int, column: Int, value: Double)] = [(row: 0, column: 0, value: 1)]
    var right = [places[0]]
    for i in 0..<places.count {
        for j in 0..<i {
            entries += [(row: right.count, column: i, value: 1), (row: right.count, column: j, value: -1)]
            right.append(places[i] - places[j] + 0.01 * Double((7 * i + 3 * j) % 5 - 2))
        }
    }
    let matrix = SparseMatrix(rows: right.count, columns: places.count, triplets: entries)
    let solution = try SparseLeastSquares().solve(matrix, [right], names: ["distance"])
    print(solution.method, "rank", solution.rank, "residual", solution.responses[0].residualNorm ?? 0)
    for c in solution.responses[0].coefficients { print(c.name, c.estimate, c.standardError ?? 0) }
#endif
