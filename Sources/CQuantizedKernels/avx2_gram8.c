// Exact sums of products of 8-bit columns. The instruction at hand multiplies unsigned by signed bytes and adds pairs
// of products in 16 bits with saturation, so the right columns are shifted to u = r + R >= 0 (R their largest
// magnitude):  sum l*r = sum l*u - R * sum l.
// A pair is at most 2 * L * 2R (L the largest magnitude of the left), so run = 32767 / 4LR steps are added in 16 bits,
// and nothing saturates. Where that is less than two steps, widening both sides to 16 bits is faster.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    LEFT = 4, RIGHT = 2,      // columns of a register tile
    PRODUCTS = LEFT * RIGHT,  // product t is left column t % LEFT times right column t / LEFT
    STRIPS = 2,               // right tiles that share a left tile in the first-level cache
    ROW_BLOCK = 4096,         // rows of a panel: a total is at most 2048 * 127 * 254 < 2^31
    COLUMN_BLOCK = 80,        // columns of a panel, a multiple of LEFT and of STRIPS * RIGHT
    STEP_BYTES = 32,          // of each column: 32 rows, or 16 if widened
    STRIP_BYTES = 2 * RIGHT * ROW_BLOCK,
};

#define EACH_PRODUCT _Pragma("clang loop unroll(full)") for (int t = 0; t < PRODUCTS; t++)

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static inline __m256i load(const void *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }

/// The left columns of a tile as they are in memory.
typedef struct {
    const int8_t *column[LEFT];
} left_tile;

/// Steps of 16 rows, both sides widened to 16 bits (the strip already is).
__attribute__((noinline)) static void add_widened(left_tile l, const uint8_t *strip, size_t steps,
                                                  __m256i sums[PRODUCTS]) {
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < steps * 16; i += 16, strip += RIGHT * STEP_BYTES) {
        __m256i a[LEFT], b[RIGHT] = {load(strip), load(strip + STEP_BYTES)};
        for (int c = 0; c < LEFT; c++) a[c] = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(l.column[c] + i)));
        EACH_PRODUCT s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(a[t % LEFT], b[t / LEFT]));
    }
    EACH_PRODUCT sums[t] = s[t];
}

/// One step of 32 rows: the products of pairs of rows, added to `pairs` (or put there, if first).
__attribute__((always_inline)) static inline void add_pairs(left_tile l, size_t i, const uint8_t *strip, int first,
                                                            __m256i pairs[PRODUCTS]) {
    __m256i b[RIGHT] = {load(strip), load(strip + STEP_BYTES)};
    _Pragma("clang loop unroll(full)") for (int c = 0; c < LEFT; c++) {
        __m256i a = load(l.column[c] + i);
        __m256i low = _mm256_maddubs_epi16(b[0], a), high = _mm256_maddubs_epi16(b[1], a);
        pairs[c] = first ? low : _mm256_add_epi16(pairs[c], low);
        pairs[c + LEFT] = first ? high : _mm256_add_epi16(pairs[c + LEFT], high);
    }
}

/// Steps of 32 rows, each widened by itself.
__attribute__((noinline)) static void add_singles(left_tile l, const uint8_t *strip, size_t steps,
                                                  __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < steps * STEP_BYTES; i += STEP_BYTES, strip += RIGHT * STEP_BYTES) {
        __m256i pairs[PRODUCTS];
        add_pairs(l, i, strip, 1, pairs);
        EACH_PRODUCT s[t] = _mm256_add_epi32(s[t], _mm256_madd_epi16(pairs[t], ones));
    }
    EACH_PRODUCT sums[t] = s[t];
}

/// Two steps at a time, added in 16 bits before they are widened; all sums stay in registers.
__attribute__((noinline)) static void add_doubles(left_tile l, const uint8_t *strip, size_t doubles,
                                                  __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = sums[t];
    for (size_t i = 0; i < doubles * 2 * STEP_BYTES; i += 2 * STEP_BYTES, strip += 2 * RIGHT * STEP_BYTES) {
        __m256i b[2][RIGHT] = {{load(strip), load(strip + STEP_BYTES)},
                               {load(strip + 2 * STEP_BYTES), load(strip + 3 * STEP_BYTES)}};
        _Pragma("clang loop unroll(full)") for (int c = 0; c < LEFT; c++) {
            __m256i a[2] = {load(l.column[c] + i), load(l.column[c] + i + STEP_BYTES)};
            _Pragma("clang loop unroll(full)") for (int d = 0; d < RIGHT; d++) {
                __m256i first = _mm256_maddubs_epi16(b[0][d], a[0]), second = _mm256_maddubs_epi16(b[1][d], a[1]);
                __m256i pairs = _mm256_add_epi16(first, second);
                s[c + LEFT * d] = _mm256_add_epi32(s[c + LEFT * d], _mm256_madd_epi16(pairs, ones));
            }
            __asm__ volatile("" ::: "memory");  // no loads ahead of the column: registers would run out
        }
    }
    EACH_PRODUCT sums[t] = s[t];
}

/// `run` steps at a time; the 16-bit sums stay in registers, the 32-bit sums in memory. `run` is a constant where this
/// is inlined, so that its loop is unrolled.
__attribute__((always_inline)) static inline void add_runs(left_tile l, const uint8_t *strip, size_t runs,
                                                           const size_t run, __m256i sums[PRODUCTS]) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (size_t i = 0, end = runs * run * STEP_BYTES; i < end;) {
        __m256i pairs[PRODUCTS];
        _Pragma("clang loop unroll(full)") for (size_t r = 0; r < run; r++, i += STEP_BYTES) {
            add_pairs(l, i, strip, r == 0, pairs);
            strip += RIGHT * STEP_BYTES;
            // Keeps the sums in registers and in this order: a tree of sums would need more of them.
            EACH_PRODUCT __asm__("" : "+x"(pairs[t]));
        }
        EACH_PRODUCT sums[t] = _mm256_add_epi32(sums[t], _mm256_madd_epi16(pairs[t], ones));
        __asm__ volatile("" ::: "memory");
    }
}

/// A function of its own for each run, so that the loop has all registers.
#define DEFINE_RUNS(run)                                                                                             \
    __attribute__((noinline)) static void add_runs_##run(left_tile l, const uint8_t *strip, size_t runs,             \
                                                         __m256i sums[PRODUCTS]) {                                   \
        add_runs(l, strip, runs, run, sums);                                                                         \
    }

DEFINE_RUNS(4)
DEFINE_RUNS(8)
DEFINE_RUNS(32)

/// How a product is computed: `run` as above (0: widened), and the shift R of the right columns.
typedef struct {
    size_t run;
    int32_t shift;
} plan;

static inline size_t step_rows(plan p) { return p.run == 0 ? 16 : STEP_BYTES; }

/// Adds whole steps.
static void add_steps(left_tile l, const uint8_t *strip, size_t steps, plan p, __m256i sums[PRODUCTS]) {
    if (p.run == 0) {
        add_widened(l, strip, steps, sums);
        return;
    }
    size_t runs = steps / p.run, done = runs * p.run;
    switch (p.run) {
    case 2: add_doubles(l, strip, runs, sums); break;
    case 4: add_runs_4(l, strip, runs, sums); break;
    case 8: add_runs_8(l, strip, runs, sums); break;
    case 32: add_runs_32(l, strip, runs, sums); break;
    default: done = 0;
    }
    if (done == steps) return;
    for (int c = 0; c < LEFT; c++) l.column[c] += done * STEP_BYTES;
    add_singles(l, strip + done * RIGHT * STEP_BYTES, steps - done, sums);
}

/// The products of a tile over at most ROW_BLOCK rows.
static void multiply_tile(left_tile l, const uint8_t *strip, size_t rows, plan p, int32_t products[PRODUCTS]) {
    __m256i s[PRODUCTS];
    EACH_PRODUCT s[t] = _mm256_setzero_si256();
    size_t steps = rows / step_rows(p), done = steps * step_rows(p);
    add_steps(l, strip, steps, p, s);
    if (done < rows) {
        int8_t padded[LEFT][STEP_BYTES] = {{0}};
        for (int c = 0; c < LEFT; c++) l.column[c] = memcpy(padded[c], l.column[c] + done, rows - done);
        add_steps(l, strip + steps * RIGHT * STEP_BYTES, 1, p, s);
    }
    __m256i four = _mm256_hadd_epi32(_mm256_hadd_epi32(s[0], s[1]), _mm256_hadd_epi32(s[2], s[3]));
    __m256i more = _mm256_hadd_epi32(_mm256_hadd_epi32(s[4], s[5]), _mm256_hadd_epi32(s[6], s[7]));
    __m256i totals =
        _mm256_add_epi32(_mm256_permute2x128_si256(four, more, 0x20), _mm256_permute2x128_si256(four, more, 0x31));
    _mm256_storeu_si256((__m256i *)products, totals);
}

/// Columns of one side of a product: `count` of them, `stride` entries apart.
typedef struct {
    const int8_t *first;
    size_t count, stride;
} columns;

/// Whole steps of one right column.
static inline void fill_steps(const int8_t *column, size_t rows, plan p, uint8_t *place) {
    __m256i shift = _mm256_set1_epi8((char)p.shift);
    if (p.run == 0)
        for (size_t i = 0; i < rows; i += 16, place += RIGHT * STEP_BYTES)
            _mm256_store_si256((__m256i *)place, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(column + i))));
    else
        for (size_t i = 0; i < rows; i += STEP_BYTES, place += RIGHT * STEP_BYTES)
            _mm256_store_si256((__m256i *)place, _mm256_add_epi8(load(column + i), shift));
}

/// Puts the right columns from k on into a strip, step by step the 32 bytes of each: shifted, or widened to 16 bits.
/// Past the last column the last one is repeated; past the last row anything may stand, as it meets zeros on the left.
static void fill_strip(columns right, size_t k, size_t row, size_t rows, plan p, uint8_t *strip) {
    size_t whole = rows / step_rows(p) * step_rows(p);
    for (size_t c = 0; c < RIGHT; c++) {
        const int8_t *column = right.first + smaller(k + c, right.count - 1) * right.stride + row;
        uint8_t *place = strip + c * STEP_BYTES;
        int8_t padded[STEP_BYTES] = {0};
        fill_steps(column, whole, p, place);
        if (whole == rows) continue;
        memcpy(padded, column + whole, rows - whole);
        fill_steps(padded, step_rows(p), p, place + whole / step_rows(p) * RIGHT * STEP_BYTES);
    }
}

/// Part of a product: left columns j0 ..< j1, right columns k0 ..< k1, `rows` rows from `row` on; of a Gram only
/// j >= k.
typedef struct {
    columns left, right;
    size_t j0, j1, k0, k1, row, rows;
    int lower;
} panel;

/// Adds the products of a tile to the matrix; `shifts` are R * sum l of the columns from j on.
static inline void add_tile(const panel *b, size_t j, size_t k, const int32_t *tile, const int64_t *shifts,
                            int64_t *products) {
    if (k + RIGHT <= b->k1 && j + LEFT <= b->j1 && (!b->lower || j + 1 >= k + RIGHT)) {
        EACH_PRODUCT products[j + t % LEFT + (k + t / LEFT) * b->left.count] += tile[t] - shifts[t % LEFT];
        return;
    }
    for (size_t c = 0; c < RIGHT && k + c < b->k1; c++)
        for (size_t d = 0; d < LEFT && j + d < b->j1; d++)
            if (!b->lower || j + d >= k + c)
                products[j + d + (k + c) * b->left.count] += tile[d + LEFT * c] - shifts[d];
}

static void multiply_panel(panel b, plan p, int64_t *products) {
    _Alignas(64) uint8_t strips[STRIPS][STRIP_BYTES];
    int64_t shifts[COLUMN_BLOCK + LEFT] = {0};
    if (p.shift > 0)
        qk_avx2_sums_i8(b.left.first + b.j0 * b.left.stride + b.row, b.rows, b.left.stride, b.j1 - b.j0, shifts);
    for (size_t j = b.j0; j < b.j1; j++) shifts[j - b.j0] *= p.shift;
    for (size_t k = b.k0; k < b.k1; k += STRIPS * RIGHT) {
        size_t end = smaller(k + STRIPS * RIGHT, b.k1);
        for (size_t s = k; s < end; s += RIGHT) fill_strip(b.right, s, b.row, b.rows, p, strips[(s - k) / RIGHT]);
        for (size_t j = b.lower && k > b.j0 ? b.j0 + (k - b.j0) / LEFT * LEFT : b.j0; j < b.j1; j += LEFT) {
            left_tile l;
            for (size_t d = 0; d < LEFT; d++)
                l.column[d] = b.left.first + smaller(j + d, b.left.count - 1) * b.left.stride + b.row;
            for (size_t s = k; s < end && (!b.lower || s < j + LEFT); s += RIGHT) {
                int32_t tile[PRODUCTS];
                multiply_tile(l, strips[(s - k) / RIGHT], b.rows, p, tile);
                add_tile(&b, j, s, tile, shifts + (j - b.j0), products);
            }
        }
    }
}

static void multiply_all(columns left, int32_t largest_left, columns right, int32_t largest_right, size_t rows,
                         int lower, int64_t *products) {
    size_t run = (size_t)(INT16_MAX / (4 * largest_left * largest_right));
    run = run >= 32 ? 32 : run >= 8 ? 8 : run >= 4 ? 4 : run >= 2 ? 2 : 0;
    plan p = {run, run == 0 ? 0 : largest_right};
    for (size_t row = 0; row < rows; row += ROW_BLOCK)
        for (size_t k = 0; k < right.count; k += COLUMN_BLOCK)
            for (size_t j = lower ? k : 0; j < left.count; j += COLUMN_BLOCK) {
                panel b = {left, right, j, smaller(j + COLUMN_BLOCK, left.count),
                           k, smaller(k + COLUMN_BLOCK, right.count), row, smaller(ROW_BLOCK, rows - row), lower};
                multiply_panel(b, p, products);
            }
}

void qk_avx2_gram_i8(const int8_t *first, size_t rows, size_t stride, size_t count, int32_t largest, int64_t *gram) {
    columns c = {first, count, stride};
    multiply_all(c, largest, c, largest, rows, 1, gram);
}

void qk_avx2_cross_i8(const int8_t *left, size_t left_count, const int8_t *right, size_t right_count, size_t rows,
                      size_t stride, int32_t largest_left, int32_t largest_right, int64_t *products) {
    columns l = {left, left_count, stride}, r = {right, right_count, stride};
    multiply_all(l, largest_left, r, largest_right, rows, 0, products);
}

#pragma clang attribute pop

#endif
