// Transposed tiles of doubles in wide registers.

#include "array_tiles.hpp"

#if defined(__x86_64__)

namespace {

/// The start of the tile for columns from k on: the last tile ends with the run, and does some columns again.
inline size_t tile_start(size_t k, size_t width, size_t columns) { return k + width <= columns ? k : columns - width; }

}  // namespace

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

namespace {

typedef double four __attribute__((vector_size(32)));
typedef double four_anywhere __attribute__((vector_size(32), aligned(1), may_alias));

/// Columns k to k + 3 of rows i to i + 3.
inline void transpose_four(const tiles::run &run, size_t i, size_t k, four *unfit) {
    const char *const p = run.rows + i * run.row_stride + k * sizeof(double);
    four x[4];
    for (size_t l = 0; l < 4; ++l) {
        x[l] = *reinterpret_cast<const four_anywhere *>(p + l * run.row_stride);
        *unfit = __builtin_elementwise_fma(x[l], four{0, 0, 0, 0}, *unfit);
    }
    const four even[2] = {__builtin_shufflevector(x[0], x[1], 0, 4, 2, 6), __builtin_shufflevector(x[2], x[3], 0, 4, 2, 6)};
    const four odd[2] = {__builtin_shufflevector(x[0], x[1], 1, 5, 3, 7), __builtin_shufflevector(x[2], x[3], 1, 5, 3, 7)};
    double *const q = run.output + k * run.output_stride + i;
    *reinterpret_cast<four_anywhere *>(q) = __builtin_shufflevector(even[0], even[1], 0, 1, 4, 5);
    *reinterpret_cast<four_anywhere *>(q + run.output_stride) = __builtin_shufflevector(odd[0], odd[1], 0, 1, 4, 5);
    *reinterpret_cast<four_anywhere *>(q + 2 * run.output_stride) = __builtin_shufflevector(even[0], even[1], 2, 3, 6, 7);
    *reinterpret_cast<four_anywhere *>(q + 3 * run.output_stride) = __builtin_shufflevector(odd[0], odd[1], 2, 3, 6, 7);
}

}  // namespace

size_t tiles::four_wide(run run, double *unfit) {
    if (run.columns < 4) return 0;
    four found = {0, 0, 0, 0};
    for (size_t k = 0; k < run.columns; k += 4) {
        const size_t first = tile_start(k, 4, run.columns);
        transpose_four(run, 0, first, &found);
        transpose_four(run, 4, first, &found);
    }
    *unfit += (found[0] + found[1]) + (found[2] + found[3]);
    return run.columns;
}

#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)

namespace {

typedef double eight __attribute__((vector_size(64)));
typedef double eight_anywhere __attribute__((vector_size(64), aligned(1), may_alias));

/// Every other column of eight rows, of four columns, from pairs of rows side by side: [first | third] and [second | fourth] of
/// four rows each, then whole columns.
inline void store_columns(const eight pairs[4], double *q, size_t stride) {
    const eight low[2] = {
        __builtin_shufflevector(pairs[0], pairs[1], 0, 1, 8, 9, 4, 5, 12, 13),
        __builtin_shufflevector(pairs[2], pairs[3], 0, 1, 8, 9, 4, 5, 12, 13)};
    const eight high[2] = {
        __builtin_shufflevector(pairs[0], pairs[1], 2, 3, 10, 11, 6, 7, 14, 15),
        __builtin_shufflevector(pairs[2], pairs[3], 2, 3, 10, 11, 6, 7, 14, 15)};
    *reinterpret_cast<eight_anywhere *>(q) = __builtin_shufflevector(low[0], low[1], 0, 1, 2, 3, 8, 9, 10, 11);
    *reinterpret_cast<eight_anywhere *>(q + 2 * stride) = __builtin_shufflevector(high[0], high[1], 0, 1, 2, 3, 8, 9, 10, 11);
    *reinterpret_cast<eight_anywhere *>(q + 4 * stride) = __builtin_shufflevector(low[0], low[1], 4, 5, 6, 7, 12, 13, 14, 15);
    *reinterpret_cast<eight_anywhere *>(q + 6 * stride) = __builtin_shufflevector(high[0], high[1], 4, 5, 6, 7, 12, 13, 14, 15);
}

/// Columns k to k + 7 of eight rows.
inline void transpose_eight(const tiles::run &run, size_t k, eight *unfit) {
    const eight zero = {0};
    eight even[4], odd[4];
    for (size_t l = 0; l < 4; ++l) {
        const char *const p = run.rows + 2 * l * run.row_stride + k * sizeof(double);
        const eight upper = *reinterpret_cast<const eight_anywhere *>(p);
        const eight lower = *reinterpret_cast<const eight_anywhere *>(p + run.row_stride);
        *unfit = __builtin_elementwise_fma(upper, zero, *unfit);
        *unfit = __builtin_elementwise_fma(lower, zero, *unfit);
        even[l] = __builtin_shufflevector(upper, lower, 0, 8, 2, 10, 4, 12, 6, 14);
        odd[l] = __builtin_shufflevector(upper, lower, 1, 9, 3, 11, 5, 13, 7, 15);
    }
    double *const q = run.output + k * run.output_stride;
    store_columns(even, q, run.output_stride);
    store_columns(odd, q + run.output_stride, run.output_stride);
}

}  // namespace

size_t tiles::eight_wide(run run, double *unfit) {
    if (run.columns < 8) return four_wide(run, unfit);
    eight found = {0};
    for (size_t k = 0; k < run.columns; k += 8) transpose_eight(run, tile_start(k, 8, run.columns), &found);
    for (size_t l = 0; l < 8; ++l) *unfit += found[l];
    return run.columns;
}

#pragma clang attribute pop

#endif
