// Exact sums of products of 8-bit columns of magnitudes at most 63. The instruction at hand multiplies unsigned by
// signed bytes and adds pairs of products in 16 bits with saturation, so the left columns are shifted to u = l + 63 >= 0:
//     sum l*r = sum u*r - 63 * sum r.
// Two pairs are at most 4 * 126 * 63 < 2^15: they are added in 16 bits before they are widened. Sums of ROW_BLOCK rows
// are at most 1024 * 126 * 63 < 2^31.

#include "kernels.h"

#if defined(__x86_64__)

#define ENTRY int8_t
#include "avx2_gram.inc"

enum { SHIFT = 63 };

/// Packs the columns of a panel, as they are into `right` and shifted into `left`, and adds them up: a sum of 256 pairs
/// fits 16 bits. Returns the number of words, an even one.
static size_t pack_panel(const int8_t *columns, size_t rows, size_t stride, size_t count, uint8_t *left,
                         uint8_t *right, int32_t totals[PANEL]) {
    const __m256i shift = _mm256_set1_epi8(SHIFT), ones = _mm256_set1_epi8(1);
    __m256i pairs = _mm256_setzero_si256();
    for (size_t i = 0; i < rows; i += WORD_BYTES) {
        __m256i words[8];
        gather(columns, stride, count, i, rows - i, words);
        EACH(w, 8) {
            store(right + (i / 4 + (size_t)w) * WORD_BYTES, words[w]);
            store(left + (i / 4 + (size_t)w) * WORD_BYTES, _mm256_add_epi8(words[w], shift));
            pairs = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(ones, words[w]));
        }
    }
    store(totals, _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x10001)));
    return (rows + WORD_BYTES - 1) / WORD_BYTES * 8;
}

/// Sums of the products of two panels, two words at a time; `totals` are the sums of the right columns.
__attribute__((noinline)) static void multiply_panels(const uint8_t *left, const uint8_t *right, size_t words,
                                                      const int32_t *totals, int64_t sums[ENTRIES]) {
    const __m256i ones = _mm256_set1_epi32(0x10001);
    __m256i s[PANEL];
    EACH(c, PANEL) s[c] = _mm256_setzero_si256();
    for (size_t w = 0; w < words; w += 2, left += 2 * WORD_BYTES, right += 2 * WORD_BYTES) {
        __m256i first = load(right), second = load(right + WORD_BYTES);
        EACH(c, PANEL) {
            int32_t a, b;
            memcpy(&a, left + 4 * c, sizeof a);
            memcpy(&b, left + WORD_BYTES + 4 * c, sizeof b);
            __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_set1_epi32(a), first),
                                             _mm256_maddubs_epi16(_mm256_set1_epi32(b), second));
            s[c] = _mm256_add_epi32(s[c], _mm256_madd_epi16(pairs, ones));
            __asm__ volatile("" ::: "memory");  // no loads ahead of the column: registers would run out
        }
    }
    __m256i excess = _mm256_mullo_epi32(load(totals), _mm256_set1_epi32(SHIFT));
    EACH(c, PANEL) {
        __m256i total = _mm256_sub_epi32(s[c], excess);
        store(sums + 8 * c, _mm256_cvtepi32_epi64(_mm256_castsi256_si128(total)));
        store(sums + 8 * c + 4, _mm256_cvtepi32_epi64(_mm256_extracti128_si256(total, 1)));
    }
}

void qk_avx2_gram_i8(const int8_t *columns, size_t rows, size_t stride, size_t count, uint8_t *scratch,
                     int64_t *gram, int64_t *sums) {
    size_t panels = (count + PANEL - 1) / PANEL;
    uint8_t *left = scratch, *right = left + panels * PANEL_BYTES;
    int32_t *totals = (int32_t *)(right + panels * PANEL_BYTES);
    for (size_t row = 0; row < rows; row += ROW_BLOCK) {
        size_t words = 0;
        for (size_t p = 0; p < panels; p++)
            words = pack_panel(columns + row + p * PANEL * stride, smaller(ROW_BLOCK, rows - row), stride,
                               count - p * PANEL, left + p * PANEL_BYTES, right + p * PANEL_BYTES,
                               totals + p * PANEL);
        for (size_t j = 0; j < count; j++) sums[j] += totals[j];
        for (size_t p = 0; p < panels; p++)
            for (size_t q = 0; q <= p; q++) {
                int64_t tile[ENTRIES];
                fetch_tile(p * PANEL, q * PANEL, count, gram);
                multiply_panels(left + q * PANEL_BYTES, right + p * PANEL_BYTES, words, totals + p * PANEL, tile);
                add_tile(tile, p * PANEL, q * PANEL, count, gram);
            }
    }
}

#pragma clang attribute pop

#endif
