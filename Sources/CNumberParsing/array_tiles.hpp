// Transposed tiles of doubles, shared by the source files of array_columns.
#pragma once

#include <cstddef>

namespace tiles {

/// Eight rows of a run of doubles: row i is at rows + i * row_stride, column k of them goes to output + k * output_stride.
struct run {
    const char *rows;
    size_t row_stride;
    double *output;
    size_t output_stride;
    size_t columns;
};

/// Transposes all columns, or none where there are too few for a tile, and returns how many. NaN is added to *unfit if one of the
/// numbers is not finite, else 0.
using transposition = size_t (*)(run, double *unfit);

#if defined(__x86_64__)
size_t four_wide(run, double *unfit);   ///< AVX2 and FMA
size_t eight_wide(run, double *unfit);  ///< AVX-512F and these
#endif

}  // namespace tiles
