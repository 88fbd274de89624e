// Decimal numbers in plain form four at a time, with AVX2. A part of rows_avx2.cpp.
#pragma once

#include "decimal.hpp"

#include <immintrin.h>

#include <algorithm>

#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)

namespace {

/// 32 bytes at offset k of this: the last k are ones.
alignas(64) constexpr uint8_t ones_behind[64] = {
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
    0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

inline __m256i last_bytes(size_t k) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i *>(ones_behind + k));
}

/// What takes a point out of 16 bytes that has k bytes behind it: the bytes before it move up by one. A point with none
/// behind it stays; 16 is for no point.
///
/// And the power of ten that k digits behind the point are divided by; NaN where a double does not hold it exactly.
struct point_removals {
    alignas(16) uint8_t moves[17][16] = {};
    double short_powers[17] = {}, powers[33] = {};
    constexpr point_removals() {
        for (int k = 0; k <= 16; ++k) {
            const bool is_moved = k > 0 && k < 16;
            for (int i = 0; i < 16; ++i)
                moves[k][i] = static_cast<uint8_t>(!is_moved || i > 15 - k ? i : i == 0 ? 0x80 : i - 1);
            short_powers[k] = k < 16 ? decimal::powers[k] : 1;
        }
        for (int k = 0; k < 32; ++k)
            powers[k] = k <= decimal::largest_exact_power ? decimal::powers[k] : __builtin_nan("");
        powers[32] = 1;
    }
};
constexpr point_removals removals;

/// 16 bytes at each of two addresses.
inline __m256i two_at(const void *low, const void *high) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i *>(low))),
        _mm_loadu_si128(static_cast<const __m128i *>(high)), 1);
}

/// Joins digits, one in a byte, to numbers of four digits.
inline __m256i fours_of(__m256i digits) {
    const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(1 << 8 | 10));
    return _mm256_madd_epi16(pairs, _mm256_set1_epi32(1 << 16 | 100));
}

/// Joins two times eight numbers of four digits to eight digits each.
inline __m256i eights_of(__m256i a, __m256i b) {
    return _mm256_madd_epi16(_mm256_packus_epi32(a, b), _mm256_set1_epi32(1 << 16 | 10000));
}

/// The bytes a number is read from lie up to so many before its end.
constexpr ptrdiff_t reach = 33;

/// Four numbers, and a bit for each that may be wrong.
struct four_numbers {
    __m256d values;
    uint32_t unfit;
};

/// Reads numbers in plain form four at a time: an optional '-', digits with at most one point among them, of a value below
/// 1.8e19 without the point.
struct decimal_numbers {
    static constexpr size_t room = 32;
    /// Where numbers start and stop, as offsets in the text.
    alignas(16) uint32_t starts[room + 4], stops[room + 4];
    alignas(32) double values[room];
    const char *const text;
    const char point;

    decimal_numbers(const char *text, char separator) : text(text), point(separator == ';' ? ',' : '.') {}

    /// Reads the first `count` numbers (at least one). Returns a bit for each that may be wrong, for which another way has
    /// to be taken.
    uint32_t read(size_t count) {
        for (size_t k = count; k % 4 != 0; ++k) {
            starts[k] = starts[count - 1];
            stops[k] = stops[count - 1];
        }
        uint32_t unfit = 0;
        for (size_t k = 0; k < count; k += 4) {
            const four_numbers four = read(
                _mm_load_si128(reinterpret_cast<const __m128i *>(starts + k)),
                _mm_load_si128(reinterpret_cast<const __m128i *>(stops + k)));
            unfit |= four.unfit << k;
            _mm256_store_pd(values + k, four.values);
        }
        return unfit & (~uint32_t(0) >> (room - count));
    }

    /// Reads four numbers from their starts to their stops.
    [[gnu::always_inline]] four_numbers read(__m128i start, __m128i stop) const {
        const __m128i length = _mm_sub_epi32(stop, start);
        // 1 to 16, each.
        const bool is_short = _mm_testz_si128(_mm_sub_epi32(length, _mm_set1_epi32(1)), _mm_set1_epi32(~15));
        return is_short ? read_short(stop, length) : read_long(start, stop);
    }

private:

    /// Reads four numbers of up to 16 bytes.
    ///
    /// In registers of two numbers each, whose bytes are told by their distance from the end, the sign becomes a zero
    /// before the digits, and what is before the point moves up.
    [[gnu::always_inline]] four_numbers read_short(__m128i stop, __m128i length) const {
        // Numbers 0 and 2, then 1 and 3, so that the last step puts them in order.
        const __m256i lengths = _mm256_broadcastsi128_si256(length);
        const short_numbers a = take_short(
            _mm_extract_epi32(stop, 0), _mm_extract_epi32(stop, 2),
            _mm256_shuffle_epi8(lengths, of_lanes(0, 8)));
        const short_numbers b = take_short(
            _mm_extract_epi32(stop, 1), _mm_extract_epi32(stop, 3),
            _mm256_shuffle_epi8(lengths, of_lanes(4, 12)));
        // The bytes behind each point, 16 where there is none.
        const uint32_t none = 1 << 15;
        const uint32_t behind[4] = {
            _lzcnt_u32(a.points << 16 | none), _lzcnt_u32(b.points << 16 | none),
            _lzcnt_u32((a.points & 0xFFFF0000) | none), _lzcnt_u32((b.points & 0xFFFF0000) | none)};
        const __m256i a_digits =
            _mm256_shuffle_epi8(a.digits, two_at(removals.moves[behind[0]], removals.moves[behind[2]]));
        const __m256i b_digits =
            _mm256_shuffle_epi8(b.digits, two_at(removals.moves[behind[1]], removals.moves[behind[3]]));
        const __m256i eights = eights_of(fours_of(a_digits), fours_of(b_digits));
        const __m256i integer = _mm256_add_epi64(
            _mm256_mul_epu32(eights, _mm256_set1_epi64x(100000000)), _mm256_srli_epi64(eights, 32));
        const __m256d power = _mm256_set_pd(
            removals.short_powers[behind[3]], removals.short_powers[behind[2]], removals.short_powers[behind[1]],
            removals.short_powers[behind[0]]);
        const __m256i unsigned_numbers =
            _mm256_cmpeq_epi64(_mm256_packs_epi16(a.minus, b.minus), _mm256_setzero_si256());
        const __m256d sign = _mm256_andnot_pd(_mm256_castsi256_pd(unsigned_numbers), _mm256_set1_pd(-0.0));
        four_numbers four = round(integer, power, sign);
        const __m256i nine = _mm256_set1_epi8(9);
        const __m256i a_wrong = _mm256_or_si256(_mm256_subs_epu8(a_digits, nine), a.wrong);
        const __m256i b_wrong = _mm256_or_si256(_mm256_subs_epu8(b_digits, nine), b.wrong);
        const __m256i wrong = _mm256_or_si256(a_wrong, b_wrong);
        if (!_mm256_testz_si256(wrong, wrong))
            four.unfit |= bytes_in(a_wrong, 0xFFFF) | bytes_in(b_wrong, 0xFFFF) << 1 |
                          bytes_in(a_wrong, 0xFFFF0000) << 2 | bytes_in(b_wrong, 0xFFFF0000) << 3;
        return four;
    }

    /// Two numbers of up to 16 bytes: digits, with a point among them; where a sign is; signs at wrong places.
    struct short_numbers {
        __m256i digits, minus, wrong;
        uint32_t points;
    };

    /// Takes numbers that stop at two offsets, whose lengths are in all bytes of their lanes.
    short_numbers take_short(int low, int high, __m256i length) const {
        // How many bytes follow, and what a length is above of where a byte may not be a sign: the last always.
        const __m256i follow = _mm256_broadcastsi128_si256(
            _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        const __m256i signless = _mm256_broadcastsi128_si256(
            _mm_setr_epi8(16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0));
        const __m256i bytes = _mm256_sub_epi8(
            two_at(before(low, 16), before(high, 16)), _mm256_set1_epi8('0'));
        const __m256i digits = _mm256_and_si256(bytes, _mm256_cmpgt_epi8(length, follow));
        const __m256i minus = _mm256_cmpeq_epi8(digits, _mm256_set1_epi8('-' - '0'));
        const __m256i points = _mm256_cmpeq_epi8(digits, _mm256_set1_epi8(static_cast<char>(point - '0')));
        return {
            _mm256_andnot_si256(minus, digits), minus,
            _mm256_and_si256(minus, _mm256_cmpgt_epi8(length, signless)),
            static_cast<uint32_t>(_mm256_movemask_epi8(points))};
    }

    /// The address so many bytes before an offset of 32 bits.
    const char *before(int offset, size_t bytes) const { return text + static_cast<uint32_t>(offset) - bytes; }

    /// One byte of each 16 that goes to all places of its lane.
    static __m256i of_lanes(char low, char high) {
        return _mm256_inserti128_si256(_mm256_set1_epi8(low), _mm_set1_epi8(high), 1);
    }

    /// Whether one of the bytes in the mask is not zero.
    static uint32_t bytes_in(__m256i bytes, uint32_t mask) {
        const __m256i zeros = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());
        return (~static_cast<uint32_t>(_mm256_movemask_epi8(zeros)) & mask) != 0;
    }

    /// A long number: its digits, how many there are, how many are behind the point (32 where there is none), and whether a
    /// sign precedes them.
    struct long_number {
        __m256i digits;
        size_t count, behind;
        uint64_t is_negative;

        /// Whether it is none.
        uint32_t is_unfit() const {
            return (count == 0) | bytes_in(_mm256_subs_epu8(digits, _mm256_set1_epi8(9)), 0xFFFFFFFF);
        }
    };

    /// Takes a number of up to 32 bytes. The digits before the point are those of the text one byte earlier: both are
    /// joined, so that 32 digits end where the number stops.
    long_number take_long(int start_offset, int stop_offset) const {
        const char *const start = before(start_offset, 0), *const stop = before(stop_offset, 0);
        const bool is_negative = *start == '-';
        const size_t length = static_cast<size_t>(stop - start) - is_negative;
        const __m256i latest = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 32));
        const __m256i earlier = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(stop - 33));
        const uint32_t own = static_cast<uint32_t>(uint64_t(0xFFFFFFFF00000000) >> length);
        const uint32_t points =
            own & static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(latest, _mm256_set1_epi8(point))));
        const size_t behind = _lzcnt_u32(points), count = length - (points != 0);
        const __m256i joined = _mm256_blendv_epi8(earlier, latest, last_bytes(behind));
        const __m256i digits = _mm256_and_si256(_mm256_sub_epi8(joined, _mm256_set1_epi8('0')), last_bytes(count));
        return {digits, count, behind, is_negative};
    }

    /// Reads four numbers of more bytes; all are unfit where one has more than 32.
    [[gnu::noinline]] four_numbers read_long(__m128i start, __m128i stop) const {
        const __m128i shorter = _mm_sub_epi32(_mm_sub_epi32(stop, start), _mm_set1_epi32(1));
        if (!_mm_testz_si128(shorter, _mm_set1_epi32(~31))) return {_mm256_setzero_pd(), 15};
        const long_number n0 = take_long(_mm_extract_epi32(start, 0), _mm_extract_epi32(stop, 0));
        const long_number n1 = take_long(_mm_extract_epi32(start, 1), _mm_extract_epi32(stop, 1));
        const long_number n2 = take_long(_mm_extract_epi32(start, 2), _mm_extract_epi32(stop, 2));
        const long_number n3 = take_long(_mm_extract_epi32(start, 3), _mm_extract_epi32(stop, 3));
        const __m256i excess = _mm256_subs_epu8(
            _mm256_max_epu8(_mm256_max_epu8(n0.digits, n1.digits), _mm256_max_epu8(n2.digits, n3.digits)),
            _mm256_set1_epi8(9));
        uint32_t unfit = 0;
        if (!_mm256_testz_si256(excess, excess) || ((n0.count - 1) | (n1.count - 1) | (n2.count - 1) | (n3.count - 1)) > 31)
            unfit = n0.is_unfit() | n1.is_unfit() << 1 | n2.is_unfit() << 2 | n3.is_unfit() << 3;
        // Digits 0 to 15 and 16 to 31 of numbers 0 and 1, and of 2 and 3.
        const __m256i a = eights_of(fours_of(n0.digits), fours_of(n1.digits));
        const __m256i b = eights_of(fours_of(n2.digits), fours_of(n3.digits));
        const __m256i upper = _mm256_permute2x128_si256(a, b, 0x20), lower = _mm256_permute2x128_si256(a, b, 0x31);
        // The first eight digits have to be zero, the second below 1844.
        const __m256i top = _mm256_srli_epi64(upper, 32);
        const __m256i fits = _mm256_cmpgt_epi64(
            _mm256_set1_epi64x(1844), _mm256_or_si256(_mm256_slli_epi64(upper, 32), top));
        unfit |= static_cast<uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(fits))) ^ 15;
        constexpr uint64_t e16 = 10000000000000000;
        const __m256i high = _mm256_add_epi64(
            _mm256_mul_epu32(top, _mm256_set1_epi64x(e16 & 0xFFFFFFFF)),
            _mm256_slli_epi64(_mm256_mul_epu32(top, _mm256_set1_epi64x(e16 >> 32)), 32));
        const __m256i low = _mm256_add_epi64(
            _mm256_mul_epu32(lower, _mm256_set1_epi64x(100000000)), _mm256_srli_epi64(lower, 32));
        const __m256d power = _mm256_set_pd(
            removals.powers[n3.behind], removals.powers[n2.behind], removals.powers[n1.behind],
            removals.powers[n0.behind]);
        unfit |= static_cast<uint32_t>(_mm256_movemask_pd(_mm256_cmp_pd(power, power, _CMP_UNORD_Q)));
        const uint64_t negative =
            n0.is_negative | n1.is_negative << 1 | n2.is_negative << 2 | n3.is_negative << 3;
        const __m256i to_top = _mm256_sllv_epi64(
            _mm256_set1_epi64x(static_cast<int64_t>(negative)), _mm256_setr_epi64x(63, 62, 61, 60));
        const __m256d sign = _mm256_and_pd(_mm256_castsi256_pd(to_top), _mm256_set1_pd(-0.0));
        four_numbers four = round(_mm256_add_epi64(high, low), power, sign);
        four.unfit |= unfit;
        return four;
    }

    /// Rounds four numbers ±integer / power.
    ///
    /// The integer is s + e, two doubles. q = s / power leaves the remainder r, which is a double, so that the number is
    /// q + c with c = (r + e) / power. c is computed with a relative error below 2^-51: where q + c(1 - 2^-50) and
    /// q + c(1 + 2^-50) are rounded alike, so is all between.
    [[gnu::always_inline]] static four_numbers round(__m256i integer, __m256d power, __m256d sign) {
        const __m256i half = _mm256_set1_epi64x(0x4330000000000000), upper = _mm256_set1_epi64x(0x4530000000000000);
        // The halves of the integer as low bits of 2^52 and 2^84.
        const __m256d low = _mm256_sub_pd(
            _mm256_castsi256_pd(_mm256_blend_epi32(integer, half, 0xAA)), _mm256_castsi256_pd(half));
        const __m256d high = _mm256_sub_pd(
            _mm256_castsi256_pd(_mm256_or_si256(_mm256_srli_epi64(integer, 32), upper)), _mm256_castsi256_pd(upper));
        const __m256d s = _mm256_add_pd(high, low);
        const __m256d q = _mm256_div_pd(s, power);
        if (_mm256_testz_si256(integer, _mm256_set1_epi64x(static_cast<int64_t>(0xFFE0000000000000)))) {
            // Two exact numbers (Clinger 1990).
            return {_mm256_or_pd(q, sign), 0};
        }
        const __m256d e = _mm256_sub_pd(low, _mm256_sub_pd(s, high));
        const __m256d r = _mm256_fnmadd_pd(q, power, s);
        const __m256d c = _mm256_div_pd(_mm256_add_pd(r, e), power);
        const __m256d less = _mm256_fnmadd_pd(c, _mm256_set1_pd(0x1p-50), c);
        const __m256d more = _mm256_fmadd_pd(c, _mm256_set1_pd(0x1p-50), c);
        const __m256d value = _mm256_add_pd(q, less), other = _mm256_add_pd(q, more);
        const int differ = _mm256_movemask_pd(_mm256_cmp_pd(value, other, _CMP_NEQ_UQ));
        return {_mm256_or_pd(value, sign), static_cast<uint32_t>(differ)};
    }
};

}  // namespace

#pragma clang attribute pop
