#pragma once

#include <stddef.h>
#include <stdint.h>

/// One column of balanced rounding: values are standardized as (x - center)*inverse_scale, and so are the levels.
typedef struct qk_balance_column {
    double center, inverse_scale;
    /// Standardized, ascending, 1…256 of them; or none: then the column is not rounded (error 0, no codes) but partner
    /// of the others.
    const double *levels;
    size_t level_count;
    /// NULL, or one number per row: the codes stand for what the value is above it, and the levels are multiplied by
    /// inverse_scale only.
    const double *bases;
} qk_balance_column;

/// A column of integers: codes of 1…4 bits, and the integer of each of the 2^bits codes.
typedef struct qk_integer_column {
    const uint8_t *packed;
    const int8_t *levels;
    int bits;
} qk_integer_column;

/// A linear map of the columns of a block (see `map_columns`).
typedef struct qk_column_map {
    /// The columns of the block that are mapped, each once, and of the target.
    const size_t *columns;
    size_t count;
    /// One per column of the block.
    const double *centers;
    /// count x count, column by column.
    const double *matrix;
    /// One per column, in the order of the matrix.
    const double *offsets;
    /// Whether only the upper triangle of the matrix is read.
    int is_triangular;
} qk_column_map;

/// The contract of the kernels. Each instruction set is one constant table; `scalar.c` defines what every entry
/// computes, and every other set gives the same bits. Input and output never overlap, and no pointer needs to be
/// aligned. Codes are bytes; a packed stream holds code i in bits i*bits ..< (i+1)*bits, the low bit of a byte first.
typedef struct qk_kernels {
    /// "scalar", "avx2", "avx512", "avx512vnni", "neon", "neondot".
    const char *name;

    /// Packs the low `bits` bits (1…8) of each code into ceil(count*bits/8) bytes; trailing bits are zero.
    void (*pack)(const uint8_t *codes, size_t count, int bits, uint8_t *packed);
    /// The inverse of `pack`; reads ceil(count*bits/8) bytes.
    void (*unpack)(const uint8_t *packed, size_t count, int bits, uint8_t *codes);

    /// codes[i] = number of thresholds below values[i]: a value equal to a threshold goes down, a NaN gets 0.
    /// At most 255 thresholds, ascending, none NaN.
    void (*encode_f64)(const double *values, size_t count, const double *thresholds, size_t threshold_count,
                       uint8_t *codes);
    void (*encode_f32)(const float *values, size_t count, const float *thresholds, size_t threshold_count,
                       uint8_t *codes);

    /// Stochastic rounding to 1…256 ascending levels, neighbours a finite distance apart: with c = the number of inner
    /// levels (without the first and the last) below x, l = levels[c] and u = levels[c + 1], codes[i] = c + 1 where
    /// r*(u - l) < x - l, else c. So levels keep their code, values beyond the ends get the end's, a NaN gets 0.
    /// r is draw first + i of the stream: half d % 2 (the low one first) of number d / 2 of SplitMix64 from the state
    /// `start`, over 2^32, for draw d.
    void (*encode_stochastic)(const double *values, size_t count, const double *levels, size_t level_count,
                              uint64_t start, uint64_t first, uint8_t *codes);

    /// values[i] = levels[codes[i]], and 0 for a code without a level. At most 256 levels.
    void (*decode_f64)(const uint8_t *codes, size_t count, const double *levels, size_t level_count, double *values);
    void (*decode_i16)(const uint8_t *codes, size_t count, const int16_t *levels, size_t level_count,
                       int16_t *values);
    void (*decode_i8)(const uint8_t *codes, size_t count, const int8_t *levels, size_t level_count, int8_t *values);
    /// `unpack` followed by a decode.
    void (*unpack_decode_f64)(const uint8_t *packed, size_t count, int bits, const double *levels,
                              size_t level_count, double *values);
    void (*unpack_decode_i16)(const uint8_t *packed, size_t count, int bits, const int16_t *levels,
                              size_t level_count, int16_t *values);
    void (*unpack_decode_i8)(const uint8_t *packed, size_t count, int bits, const int8_t *levels,
                             size_t level_count, int8_t *values);

    /// gram[j + k*count] += sum over rows of column j times column k, for j >= k only, and sums[j] += sum over rows of
    /// column j. Column j starts at columns + j*stride. No entry exceeds `largest` (1…32767) in magnitude. scratch has
    /// QK_GRAM_SCRATCH bytes for each column, their number rounded up to a multiple of 16, and starts at a multiple of 4,
    /// best of 64.
    void (*gram_i16)(const int16_t *columns, size_t rows, size_t stride, size_t count, int32_t largest,
                     uint8_t *scratch, int64_t *gram, int64_t *sums);
    /// The same for 8-bit entries of magnitudes at most 63.
    void (*gram_i8)(const int8_t *columns, size_t rows, size_t stride, size_t count, uint8_t *scratch, int64_t *gram,
                    int64_t *sums);

    /// Bit i of plane b is bit b of values[i], for b < plane_count (at most 8): plane b starts at planes + b*stride and
    /// has ceil(count/8) bytes, the low bit of a byte first; trailing bits are zero.
    void (*bit_planes)(const uint8_t *values, size_t count, size_t plane_count, uint8_t *planes, size_t stride);
    /// gram[j + k*count] += number of bits set in both plane j and plane k, for j >= k only. Plane j has `bytes` bytes
    /// from planes + j*stride on.
    void (*gram_bits)(const uint8_t *planes, size_t bytes, size_t stride, size_t count, int64_t *gram);

    /// gram[j + k*count] += sum over rows of weight times column j times column k, for j >= k only. Rows are taken
    /// QK_WEIGHTED_ROWS at a time: from s = 0 on, row by row, s = fma(w*k, j, s), w*k rounded, then gram += s. Column j
    /// starts at columns + j*stride. scratch holds 2*QK_WEIGHTED_ROWS numbers for each column, their number rounded up to a
    /// multiple of 8.
    void (*gram_weighted)(const double *columns, size_t rows, size_t stride, size_t count, const double *weights,
                          double *scratch, double *gram);

    /// y[i] += sum over columns of a[i][j] x[j], where a[i][j] = levels[(j << bits) + code] and column j is the packed
    /// stream at packed + j*stride. Columns are taken four at a time, a missing one contributes 0, and with
    /// p_k = a[i][j+k] x[j+k], each product rounded, y[i] += (p_0 + p_1) + (p_2 + p_3).
    void (*multiply)(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits, const double *levels,
                     const double *x, double *y);
    /// z[j] += sum over rows of a[i][j] y[i]. Rows are taken in blocks of QK_PRODUCT_ROWS; in a block, lane l sums the
    /// rounded products of rows l, l+8, l+16, … in order, and z[j] += (s_0 + s_2) + (s_1 + s_3) with
    /// s_l = lane_l + lane_(l+4).
    void (*multiply_transposed)(const uint8_t *packed, size_t rows, size_t stride, size_t count, int bits,
                                const double *levels, const double *y, double *z);

    /// y[i] += unit * sum over columns of l[i][j] X_j, l the integers of the columns and X_j = x[j] / unit rounded to an
    /// integer, ties to even. unit is the smallest power of two above max|x| / 2^46, at least 2^-946; NaN, if an
    /// x[j] is not finite.
    /// Columns are taken QK_INTEGER_GROUP at a time: their sum is exact, and its addition to y[i] rounds as one
    /// conversion and one fused multiply-add.
    void (*multiply_integers)(const qk_integer_column *columns, size_t count, size_t rows, const double *x,
                              double *y);
    /// z[j] += unit * sum over rows of l[i][j] Y_i, and sum[0] += unit * sum over rows of Y_i, likewise: rows are taken
    /// QK_INTEGER_ROWS at a time, each with a unit of its own.
    void (*multiply_transposed_integers)(const qk_integer_column *columns, size_t count, size_t rows, const double *y,
                                         double *z, double *sum);

    /// Rounds each entry x_j of each row to one of its two neighbouring levels (to itself where a level equals it), so
    /// that the discrepancy D[j][k] = sum over rows of r_j*r_k - x_j*x_k stays small for all k != j; k = 0 is the
    /// constant 1, k = c + 1 column c. Column by column within a row: with the other entries as they stand, the level
    /// is taken whose change of row j of D leaves the smaller sum of squares over k != j.
    ///
    /// Column j of the values starts at values + j*value_stride, its codes at codes + j*code_stride. Row j of D starts
    /// at discrepancy + j*stride; it is read and updated (D[j][j + 1] too, which no choice uses). stride is a multiple
    /// of 16, at least column_count + 1, and scratch holds 11*stride numbers. Values, levels and errors are computed in
    /// double precision, sums in single.
    void (*balance)(size_t rows, const qk_balance_column *columns, size_t column_count, const double *values,
                    size_t value_stride, uint8_t *codes, size_t code_stride, float *discrepancy, size_t stride,
                    float *scratch);

    /// sums[0] += sum of x - shift, sums[1] += sum of squares of x - shift, sums[2] and sums[3] become the smallest and
    /// the largest of themselves and the values. Lane l of 16 sums values l, l+16, …; four lanes at a time are added as
    /// (v_0 + v_2) + (v_1 + v_3), then (s_0 + s_2) + (s_1 + s_3); the last count % 16 values follow one by one.
    void (*moments)(const double *values, size_t count, double shift, double *sums);
    /// Column columns[c] of the target, `count` rows each, becomes offsets[c] + sum over k of
    /// (x_k - centers[columns[k]]) * matrix[k + c*map->count], with x_k the numbers of column columns[k] of the block
    /// (`height` rows each) in the rows listed (NULL for the first `count`); a triangular map takes only
    /// k <= c. Terms are added in the order of k by fused multiply-adds. scratch holds QK_MAP_PANEL numbers per column.
    void (*map_columns)(const double *block, size_t height, const long *rows, size_t count, const qk_column_map *map,
                        double *scratch, double *target);
    /// sizes[i] += weight*(values[i] - center)^2.
    void (*row_sizes)(const double *values, size_t count, double center, double weight, double *sizes);
    /// With e = levels[codes[i]] + bases[i] - x, x = values[i], levels of 256 numbers, and c = counted[i] (other codes of the same
    /// entries where they are refined, else codes itself, below counted_levels): counts[c] += 1, squares[c] += e^2, sums[0] += e*(x - center),
    /// sums[1] += e. Lane l of 4 sums entries l, l+4, …, and the lanes are added as (s_0 + s_2) + (s_1 + s_3). Bases may
    /// be NULL, all 0. Unless errors is NULL, errors[i] = e*inverse_scale and
    /// totals[i] = 2*(x - center)*inverse_scale + errors[i].
    void (*coding_errors)(const double *values, const double *bases, const uint8_t *codes, const uint8_t *counted,
                          size_t count, const double *levels, double center, double inverse_scale,
                          size_t counted_levels, size_t *counts, double *squares, double *sums, float *errors,
                          float *totals);
    /// products[j*column_count + k] += sum over rows of errors column j times totals column k, for the listed j and all
    /// k < column_count. Columns are stride apart, rows is a multiple of 8; lane l of 8 sums rows l, l+8, … by fused
    /// multiply-adds, and the lanes are added as in `balance`.
    void (*discrepancy)(size_t rows, const float *errors, const float *totals, size_t stride, const size_t *listed,
                        size_t listed_count, size_t column_count, double *products);
} qk_kernels;

/// Rows of a block of `multiply_transposed`, part of the definition of its sums.
enum { QK_PRODUCT_ROWS = 32768 };

/// Columns of a group of `balance`, part of the definition of its sums: what the roundings before it in its group change of
/// a column's product with the row is added one by one.
enum { QK_BALANCE_GROUP = 8 };

/// Numbers of scratch memory per column that a linear map may use.
enum { QK_MAP_PANEL = 32 };

/// Bytes of scratch memory per column that a Gram matrix may use.
enum { QK_GRAM_SCRATCH = 2048 + 4 };

/// Rows of a block of `gram_weighted`, part of the definition of its sums.
enum { QK_WEIGHTED_ROWS = 128 };

/// Columns and rows that the products with integers sum exactly, part of their definition.
enum { QK_INTEGER_GROUP = 32, QK_INTEGER_ROWS = 2048 };

/// The tables this processor can run, slowest (scalar, always there) first; NULL from the first index past the last.
const qk_kernels *qk_available(size_t index);
