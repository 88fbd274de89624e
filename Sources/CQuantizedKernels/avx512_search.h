#pragma once

// How many of an ascending list of bounds lie below a double, for the encoders of AVX-512: a search by halving whose tables
// stay in registers or the nearest cache. To be included after avx512.h and math.h, between
// QK_AVX512_BEGIN and QK_AVX512_END.

/// Levels of the search: at level s the bound that halves each of 2^s parts, infinite where there is none.
typedef struct {
    int depth;
    double levels[8][128];
} bound_tree;

static inline void prepare_tree(bound_tree *tree, const double *bounds, size_t count) {
    tree->depth = 4;
    while (count >> tree->depth != 0) tree->depth++;
    for (int s = 0; s < tree->depth; s++) {
        size_t part = (size_t)1 << (tree->depth - s), parts = (size_t)1 << s, half = part / 2;
        size_t filled = smaller(parts, (count + half) / part);
        for (size_t j = 0; j < filled; j++) tree->levels[s][j] = bounds[j * part + half - 1];
        for (size_t j = filled; j < parts; j++) tree->levels[s][j] = INFINITY;
    }
}

static inline __m512d entry_of_8(const double *table, vec i) { return _mm512_permutexvar_pd(i, _mm512_loadu_pd(table)); }
static inline __m512d entry_of_16(const double *table, vec i) {
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table), i, _mm512_loadu_pd(table + 8));
}
static inline __mmask8 has_bit(vec i, long long bit) { return _mm512_test_epi64_mask(i, _mm512_set1_epi64(bit)); }
static inline __m512d entry_of_32(const double *table, vec i) {
    return _mm512_mask_blend_pd(has_bit(i, 16), entry_of_16(table, i), entry_of_16(table + 16, i));
}
static inline __m512d entry_of_64(const double *table, vec i) {
    return _mm512_mask_blend_pd(has_bit(i, 32), entry_of_32(table, i), entry_of_32(table + 32, i));
}

/// i becomes 2i, or 2i + 1 where the bound lies below the value.
static inline vec halved(vec i, __m512d bound, __m512d x) {
    vec twice = _mm512_add_epi64(i, i);
    return _mm512_mask_add_epi64(twice, _mm512_cmp_pd_mask(bound, x, _CMP_LT_OQ), twice, _mm512_set1_epi64(1));
}

/// How many bounds lie below each of 16 values.
static inline __m128i bounds_below(const bound_tree *tree, const double *values) {
    vec i[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    const __m512d x[2] = {_mm512_loadu_pd(values), _mm512_loadu_pd(values + 8)};
    EACH(s, 4) EACH(v, 2) i[v] = halved(i[v], entry_of_8(tree->levels[s], i[v]), x[v]);
    if (tree->depth > 4) EACH(v, 2) i[v] = halved(i[v], entry_of_16(tree->levels[4], i[v]), x[v]);
    if (tree->depth > 5) EACH(v, 2) i[v] = halved(i[v], entry_of_32(tree->levels[5], i[v]), x[v]);
    if (tree->depth > 6) EACH(v, 2) i[v] = halved(i[v], entry_of_64(tree->levels[6], i[v]), x[v]);
    if (tree->depth > 7) EACH(v, 2) i[v] = halved(i[v], _mm512_i64gather_pd(i[v], tree->levels[7], 8), x[v]);
    return _mm_unpacklo_epi64(_mm512_cvtepi64_epi8(i[0]), _mm512_cvtepi64_epi8(i[1]));
}

/// codes[i] = how many of the bounds lie below values[i].
static inline void search_tree(const bound_tree *tree, const double *values, size_t count, uint8_t *codes) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) _mm_storeu_si128((__m128i *)(codes + i), bounds_below(tree, values + i));
    if (i < count) {
        double padded[16] = {0};
        uint8_t c[16];
        memcpy(padded, values + i, (count - i) * sizeof(double));
        _mm_storeu_si128((__m128i *)c, bounds_below(tree, padded));
        memcpy(codes + i, c, count - i);
    }
}
