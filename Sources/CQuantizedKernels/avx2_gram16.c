// Exact sums of products of 16-bit columns, added in pairs and then in 32 bits for as many words as the largest entry
// allows, then in 64. Where those are few, half a tile keeps both kinds of sums in registers.

#include "kernels.h"

#if defined(__x86_64__)

#define ENTRY int16_t
#include "avx2_gram.inc"

enum { FEW_WORDS = 32 };

/// Packs the columns of a panel and adds them up; returns the number of words.
static size_t pack_panel(const int16_t *columns, size_t rows, size_t stride, size_t count, uint8_t *panel,
                         int32_t totals[PANEL]) {
    __m256i pairs = _mm256_setzero_si256();
    size_t bytes = rows * sizeof(int16_t);
    for (size_t i = 0; i < bytes; i += WORD_BYTES) {
        __m256i words[8];
        gather(columns, stride, count, i, bytes - i, words);
        EACH(w, 8) {
            store(panel + (i / 4 + (size_t)w) * WORD_BYTES, words[w]);
            pairs = _mm256_add_epi32(pairs, _mm256_madd_epi16(words[w], _mm256_set1_epi16(1)));
        }
    }
    store(totals, pairs);
    return (rows + 1) / 2;
}

/// Sums of the products of two panels; at most `flush` words are summed in 32 bits.
__attribute__((noinline)) static void multiply_panels(const uint8_t *left, const uint8_t *right, size_t words,
                                                      size_t flush, int64_t sums[ENTRIES]) {
    memset(sums, 0, ENTRIES * sizeof *sums);
    for (size_t done = 0; done < words; done += flush) {
        size_t end = done + smaller(flush, words - done);
        __m256i s[PANEL];
        EACH(c, PANEL) s[c] = _mm256_setzero_si256();
        for (size_t w = done; w < end; w++, left += WORD_BYTES, right += WORD_BYTES) {
            __m256i r = load(right);
            EACH(c, PANEL) {
                int32_t word;
                memcpy(&word, left + 4 * c, sizeof word);
                s[c] = _mm256_add_epi32(s[c], _mm256_madd_epi16(_mm256_set1_epi32(word), r));
            }
        }
        EACH(c, PANEL) EACH(h, 2) {
            __m128i four = h ? _mm256_extracti128_si256(s[c], 1) : _mm256_castsi256_si128(s[c]);
            int64_t *place = sums + 8 * c + 4 * h;
            store(place, _mm256_add_epi64(load(place), _mm256_cvtepi32_epi64(four)));
        }
    }
}

/// The same for a small `flush`, four left columns at a time.
__attribute__((noinline)) static void multiply_half_panels(const uint8_t *left, const uint8_t *right, size_t words,
                                                           size_t flush, int64_t sums[ENTRIES]) {
    enum { HALF = PANEL / 2 };
    // Sums start at 2^31, so that they are not negative and both words of 64 bits widen by a mask or a shift.
    const __m256i start = _mm256_set1_epi32(INT32_MIN), low = _mm256_set1_epi64x(0xFFFFFFFF);
    for (size_t half = 0; half < 2; half++) {
        __m256i even[HALF], odd[HALF];
        EACH(c, HALF) even[c] = odd[c] = _mm256_setzero_si256();
        int64_t excess = 0;
        for (size_t done = 0; done < words; done += flush, excess += (int64_t)1 << 31) {
            __m256i s[HALF];
            EACH(c, HALF) s[c] = start;
            size_t end = done + smaller(flush, words - done);
            for (size_t w = done; w < end; w++) {
                __m256i r = load(right + w * WORD_BYTES);
                EACH(c, HALF) {
                    int32_t word;
                    memcpy(&word, left + w * WORD_BYTES + 16 * half + 4 * c, sizeof word);
                    s[c] = _mm256_add_epi32(s[c], _mm256_madd_epi16(_mm256_set1_epi32(word), r));
                }
            }
            EACH(c, HALF) {
                even[c] = _mm256_add_epi64(even[c], _mm256_and_si256(s[c], low));
                odd[c] = _mm256_add_epi64(odd[c], _mm256_srli_epi64(s[c], 32));
            }
        }
        EACH(c, HALF) {
            int64_t both[2][4], *place = sums + PANEL * (HALF * half + (size_t)c);
            store(both[0], even[c]);
            store(both[1], odd[c]);
            for (int i = 0; i < PANEL; i++) place[i] = both[i % 2][i / 2] - excess;
        }
    }
}

void qk_avx2_gram_i16(const int16_t *columns, size_t rows, size_t stride, size_t count, int32_t largest,
                      uint8_t *scratch, int64_t *gram, int64_t *sums) {
    size_t panels = (count + PANEL - 1) / PANEL, flush = (size_t)(INT32_MAX / (2 * (int64_t)largest * largest));
    for (size_t row = 0; row < rows; row += ROW_BLOCK) {
        size_t words = 0;
        for (size_t p = 0; p < panels; p++) {
            int32_t totals[PANEL];
            words = pack_panel(columns + row + p * PANEL * stride, smaller(ROW_BLOCK, rows - row), stride,
                               count - p * PANEL, scratch + p * PANEL_BYTES, totals);
            for (size_t c = 0; c < PANEL && p * PANEL + c < count; c++) sums[p * PANEL + c] += totals[c];
        }
        for (size_t p = 0; p < panels; p++)
            for (size_t q = 0; q <= p; q++) {
                int64_t tile[ENTRIES];
                fetch_tile(p * PANEL, q * PANEL, count, gram);
                (flush < FEW_WORDS ? multiply_half_panels : multiply_panels)(
                    scratch + q * PANEL_BYTES, scratch + p * PANEL_BYTES, words, flush, tile);
                add_tile(tile, p * PANEL, q * PANEL, count, gram);
            }
    }
}

#pragma clang attribute pop

#endif
