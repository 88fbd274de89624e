// Products of columns of integer levels with a vector in fixed point: the integers of the vector are cut into three
// digits of 16 bits, and 16-bit products are summed in 32 bits, which no sum here exceeds.
// Codes of less than 4 bits are packed anew at 4 bits, piece by piece.

#include "kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,popcnt"))), apply_to = function)

enum {
    STRIP = 256,  // rows of `multiply` at a time: the levels of a group stay in the first-level cache
    STEP = 64,    // rows of a step, 32 bytes of codes
    QUAD = 4,     // columns whose levels stand side by side
    QUADS = QK_INTEGER_GROUP / QUAD,
    DIGITS = 3,
    CHUNK = QK_INTEGER_ROWS,
};

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline __m256i load(const void *bytes) { return _mm256_loadu_si256((const __m256i *)bytes); }
static inline void store(void *bytes, __m256i v) { _mm256_storeu_si256((__m256i *)bytes, v); }
static inline __m256i table(const void *bytes) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}

/// Rows row ..< row + rows of a column at 4 bits, with zeros up to a whole step: in place if they lie like that, else in
/// `scratch`, at most CHUNK of them.
static const uint8_t *nibbles(qk_integer_column c, size_t row, size_t rows, uint8_t *scratch) {
    const uint8_t *first = c.packed + row / 8 * (size_t)c.bits;
    if (c.bits == 4 && rows % STEP == 0) return first;
    size_t bytes = qk_packed_bytes(rows, 4);
    if (c.bits == 4) {
        memcpy(scratch, first, bytes);
    } else {
        uint8_t codes[CHUNK];
        qk_avx2_unpack(first, rows, c.bits, codes);
        qk_avx2_pack(codes, rows, 4, scratch);
    }
    memset(scratch + bytes, 0, (rows + STEP - 1) / STEP * (STEP / 2) - bytes);
    return scratch;
}

/// The integers of a vector cut into digits: v = (d_2 * 2^16 + d_1) * 2^16 + d_0, each at most 2^15 in magnitude.
static inline void cut(int64_t v, int16_t digits[DIGITS]) {
    EACH(l, DIGITS) {
        digits[l] = (int16_t)v;
        v = (v - digits[l]) / 65536;
    }
}

/// A group of at most 32 columns: their levels + 128; per quad and digit, the digits of the factors of columns 0 and 2
/// and of columns 1 and 3 side by side; and what the 128 adds to each sum, negated. Columns that are missing in the last
/// quad are others with factors 0.
typedef struct {
    uint8_t levels[QUADS * QUAD][16];
    uint32_t pairs[QUADS][DIGITS][2];
    int32_t shifts[DIGITS];
    size_t count, quads;
} group;

static group make_group(const qk_integer_column *columns, size_t count, const double *x, qk_fixed_point point) {
    group g = {.count = count, .quads = (count + QUAD - 1) / QUAD};
    for (size_t j = 0; j < count; j++) {
        for (int i = 0; i < 1 << columns[j].bits; i++) g.levels[j][i] = (uint8_t)(columns[j].levels[i] + 128);
        int16_t digits[DIGITS];
        cut(qk_integer(x[j], point), digits);
        EACH(l, DIGITS) {
            g.pairs[j / QUAD][l][j % 2] |= (uint32_t)(uint16_t)digits[l] << (j % QUAD / 2 * 16);
            g.shifts[l] -= 128 * digits[l];
        }
    }
    return g;
}

/// The levels + 128 of a strip of quad p, four columns side by side for each row. In a step of 64 rows, vector 2v holds the even
/// and 2v + 1 the odd ones of rows 8v ..< 8v + 8 and 32 + 8v ..< 40 + 8v.
static void lay_out_quad(const group *g, size_t p, const uint8_t *const *columns, size_t row, size_t rows,
                         uint8_t *target) {
    const __m256i low = _mm256_set1_epi8(15);
    const uint8_t *packed[QUAD];
    __m256i levels[QUAD];
    EACH(k, QUAD) {
        size_t j = smaller(QUAD * p + (size_t)k, g->count - 1);
        levels[k] = table(g->levels[j]);
        packed[k] = columns[j] + row / 2;
    }
    for (size_t i = 0; i < rows; i += STEP, target += STEP * QUAD) {
        __m256i codes[QUAD][2];
        EACH(k, QUAD) {
            __m256i bytes = load(packed[k] + i / 2);
            _mm_prefetch((const char *)packed[k] + i / 2 + STRIP / 2, _MM_HINT_T0);
            codes[k][0] = _mm256_shuffle_epi8(levels[k], _mm256_and_si256(bytes, low));
            codes[k][1] = _mm256_shuffle_epi8(levels[k], _mm256_and_si256(_mm256_srli_epi16(bytes, 4), low));
        }
        EACH(odd, 2) {
            __m256i a = _mm256_unpacklo_epi8(codes[0][odd], codes[1][odd]);
            __m256i b = _mm256_unpackhi_epi8(codes[0][odd], codes[1][odd]);
            __m256i c = _mm256_unpacklo_epi8(codes[2][odd], codes[3][odd]);
            __m256i d = _mm256_unpackhi_epi8(codes[2][odd], codes[3][odd]);
            store(target + 32 * odd, _mm256_unpacklo_epi16(a, c));
            store(target + 32 * odd + 64, _mm256_unpackhi_epi16(a, c));
            store(target + 32 * odd + 128, _mm256_unpacklo_epi16(b, d));
            store(target + 32 * odd + 192, _mm256_unpackhi_epi16(b, d));
        }
    }
}

/// y += unit * sums for four rows: the inner sum is exact, so that the sums are rounded once.
static inline void add_rows(__m128i s0, __m128i s1, __m128i s2, __m256d unit, double *y) {
    const __m256d radix = _mm256_set1_pd(65536);
    __m256d high = _mm256_fmadd_pd(_mm256_cvtepi32_pd(s2), radix, _mm256_cvtepi32_pd(s1));
    __m256d sum = _mm256_fmadd_pd(high, radix, _mm256_cvtepi32_pd(s0));
    _mm256_storeu_pd(y, _mm256_fmadd_pd(sum, unit, _mm256_loadu_pd(y)));
}

/// Adds the products of the levels of a strip to y. `rows` is a whole number of steps.
__attribute__((noinline)) static void add_strip(const uint8_t *levels, const group *g, double unit, size_t rows,
                                                double *y) {
    const __m256i bytes = _mm256_set1_epi16(255);
    const __m256d units = _mm256_set1_pd(unit);
    for (size_t i = 0; i < rows; i += 16) {
        __m256i s[2][DIGITS];
        EACH(odd, 2) EACH(l, DIGITS) s[odd][l] = _mm256_set1_epi32(g->shifts[l]);
        const uint8_t *place = levels + i * QUAD;
        for (size_t p = 0; p < g->quads; p++, place += STRIP * QUAD)
            EACH(odd, 2) {
                __m256i quad = load(place + 32 * odd);
                __m256i pair[2] = {_mm256_and_si256(quad, bytes), _mm256_srli_epi16(quad, 8)};
                EACH(h, 2) EACH(l, DIGITS)
                    s[odd][l] = _mm256_add_epi32(
                        s[odd][l], _mm256_madd_epi16(pair[h], _mm256_set1_epi32((int)g->pairs[p][l][h])));
            }
        double *target = y + i / STEP * STEP + i % STEP / 2;
        EACH(h, 2) {
            __m256i r[DIGITS];
            EACH(l, DIGITS) r[l] = h ? _mm256_unpackhi_epi32(s[0][l], s[1][l]) : _mm256_unpacklo_epi32(s[0][l], s[1][l]);
            add_rows(_mm256_castsi256_si128(r[0]), _mm256_castsi256_si128(r[1]), _mm256_castsi256_si128(r[2]), units,
                     target + 4 * h);
            add_rows(_mm256_extracti128_si256(r[0], 1), _mm256_extracti128_si256(r[1], 1),
                     _mm256_extracti128_si256(r[2], 1), units, target + 4 * h + 32);
        }
    }
}

/// y += the product of a group for a chunk of rows from `first` on.
static void add_chunk(const group *g, const qk_integer_column *columns, size_t first, size_t rows, double unit,
                      double *y) {
    uint8_t scratch[QK_INTEGER_GROUP][CHUNK / 2], levels[QUADS * QUAD * STRIP];
    const uint8_t *packed[QK_INTEGER_GROUP];
    for (size_t j = 0; j < g->count; j++) packed[j] = nibbles(columns[j], first, rows, scratch[j]);
    for (size_t row = 0; row < rows; row += STRIP) {
        size_t now = smaller(STRIP, rows - row);
        double padded[STRIP], *target = y + row;
        for (size_t p = 0; p < g->quads; p++) lay_out_quad(g, p, packed, row, now, levels + p * QUAD * STRIP);
        if (now % STEP > 0) target = memcpy(padded, y + row, now * sizeof(double));
        add_strip(levels, g, unit, (now + STEP - 1) / STEP * STEP, target);
        if (now % STEP > 0) memcpy(y + row, padded, now * sizeof(double));
    }
}

void qk_avx2_multiply_integers(const qk_integer_column *columns, size_t count, size_t rows, const double *x,
                               double *y) {
    qk_fixed_point point = qk_fixed_point_of(x, count);
    for (size_t j = 0; j < count; j += QK_INTEGER_GROUP) {
        group g = make_group(columns + j, smaller(QK_INTEGER_GROUP, count - j), x + j, point);
        for (size_t row = 0; row < rows; row += CHUNK)
            add_chunk(&g, columns + j, row, smaller(CHUNK, rows - row), point.unit, y + row);
    }
}

/// The digits of a chunk of a vector, in the order in which `add_steps` meets the rows of a step.
typedef struct {
    _Alignas(32) int16_t steps[CHUNK / STEP][4][DIGITS][16];
} chunk_digits;

/// The digits of rows 0 ..< 16 and 32 ..< 48: the even ones and the odd ones.
static inline void cut_rows(const double *y, __m256d inverse, int16_t even[DIGITS][16], int16_t odd[DIGITS][16]) {
    // 3 * 2^51 + v has the integer v in its low bits; adding 2^31 + 2^15 carries what makes the digits signed.
    const __m256d anchor = _mm256_set1_pd(0x1.8p52);
    const __m256i flip = _mm256_set1_epi64x(0x80008000);
    const __m256i base = _mm256_sub_epi64(flip, _mm256_castpd_si256(anchor));
    __m256i r[8], s[8];
    EACH(k, 8) {
        __m256d two = _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(y + 2 * k)), _mm_loadu_pd(y + 2 * k + 32), 1);
        __m256i v = _mm256_castpd_si256(_mm256_fmadd_pd(two, inverse, anchor));
        r[k] = _mm256_xor_si256(_mm256_add_epi64(v, base), flip);
    }
    // Per lane and vector: digits 0…3 of an even row, then of an odd one. Transposed as words.
    EACH(k, 4) {
        s[2 * k] = _mm256_unpacklo_epi16(r[2 * k], r[2 * k + 1]);
        s[2 * k + 1] = _mm256_unpackhi_epi16(r[2 * k], r[2 * k + 1]);
    }
    EACH(parity, 2) {
        int16_t(*target)[16] = parity ? odd : even;
        __m256i a = _mm256_unpacklo_epi32(s[parity], s[2 + parity]), b = _mm256_unpackhi_epi32(s[parity], s[2 + parity]);
        __m256i c = _mm256_unpacklo_epi32(s[4 + parity], s[6 + parity]);
        __m256i d = _mm256_unpackhi_epi32(s[4 + parity], s[6 + parity]);
        store(target[0], _mm256_unpacklo_epi64(a, c));
        store(target[1], _mm256_unpackhi_epi64(a, c));
        store(target[2], _mm256_unpacklo_epi64(b, d));
    }
}

static void cut_chunk(const double *y, size_t rows, double inverse, chunk_digits *digits) {
    for (size_t i = 0; i < rows; i += STEP) {
        int16_t(*d)[DIGITS][16] = digits->steps[i / STEP];
        double padded[STEP] = {0};
        const double *from = rows - i < STEP ? memcpy(padded, y + i, (rows - i) * sizeof(double)) : y + i;
        cut_rows(from, _mm256_set1_pd(inverse), d[0], d[2]);
        cut_rows(from + 16, _mm256_set1_pd(inverse), d[1], d[3]);
    }
}

static inline int64_t total(__m256i sums) {
    int32_t parts[8];
    int64_t all = 0;
    store(parts, sums);
    for (int i = 0; i < 8; i++) all += parts[i];
    return all;
}

/// Sums of the levels of one column times the digits of a chunk.
static void add_steps(const uint8_t *packed, const int8_t *levels, int bits, const chunk_digits *digits, size_t rows,
                      int64_t sums[DIGITS]) {
    const __m256i low = _mm256_set1_epi8(15);
    int8_t bytes[2][16] = {{0}};
    for (int i = 0; i < 1 << bits; i++) {
        bytes[0][i] = levels[i];
        bytes[1][i] = levels[i] < 0 ? -1 : 0;
    }
    __m256i lows = table(bytes[0]), highs = table(bytes[1]), s[2][DIGITS];
    EACH(h, 2) EACH(l, DIGITS) s[h][l] = _mm256_setzero_si256();
    for (size_t i = 0; i < rows; i += STEP) {
        const int16_t(*d)[DIGITS][16] = digits->steps[i / STEP];
        __m256i codes = load(packed + i / 2);
        _mm_prefetch((const char *)packed + i / 2 + CHUNK / 2, _MM_HINT_T0);
        __m256i even = _mm256_and_si256(codes, low), odd = _mm256_and_si256(_mm256_srli_epi16(codes, 4), low);
        __m256i a = _mm256_shuffle_epi8(lows, even), b = _mm256_shuffle_epi8(highs, even);
        __m256i c = _mm256_shuffle_epi8(lows, odd), e = _mm256_shuffle_epi8(highs, odd);
        __m256i v[4] = {_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b), _mm256_unpacklo_epi8(c, e),
                        _mm256_unpackhi_epi8(c, e)};
        EACH(k, 4) EACH(l, DIGITS)
            s[k % 2][l] = _mm256_add_epi32(s[k % 2][l], _mm256_madd_epi16(v[k], load(d[k][l])));
    }
    EACH(l, DIGITS) sums[l] = total(s[0][l]) + total(s[1][l]);
}

/// The sums as a number, rounded once.
static inline double number(const int64_t sums[DIGITS]) {
    return __builtin_fma((double)(sums[2] * 65536 + sums[1]), 65536, (double)sums[0]);
}

void qk_avx2_multiply_transposed_integers(const qk_integer_column *columns, size_t count, size_t rows,
                                          const double *y, double *z, double *sum) {
    static const uint8_t ones[CHUNK / 2];
    static const int8_t one[2] = {1, 1};
    for (size_t row = 0; row < rows; row += CHUNK) {
        size_t now = smaller(CHUNK, rows - row);
        qk_fixed_point point = qk_fixed_point_of(y + row, now);
        chunk_digits digits;
        int64_t sums[DIGITS];
        cut_chunk(y + row, now, point.inverse, &digits);
        for (size_t j = 0; j < count; j++) {
            uint8_t scratch[CHUNK / 2];
            add_steps(nibbles(columns[j], row, now, scratch), columns[j].levels, columns[j].bits, &digits, now, sums);
            z[j] = __builtin_fma(number(sums), point.unit, z[j]);
        }
        add_steps(ones, one, 1, &digits, now, sums);
        *sum = __builtin_fma(number(sums), point.unit, *sum);
    }
}

#pragma clang attribute pop

#endif
