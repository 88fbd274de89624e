// Decimal numbers of up to 19 digits, correctly rounded, and bytes of text eight at a time.
#pragma once

#include "cells.hpp"

#include <cstdint>
#include <cstring>

namespace decimal {

/// Eight bytes of text as a word, the first in the lowest byte.
inline uint64_t word_at(const char *p) {
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/// The top bit of every byte that is no digit, right up to the first such byte (those behind it may be missing).
inline uint64_t non_digits(uint64_t word) {
    const uint64_t values = word ^ 0x3030303030303030;
    return ((values + 0x7676767676767676) | values) & 0x8080808080808080;
}

/// The number that eight digits stand for: pairs, then fours, then all are joined.
inline uint64_t eight_digits(uint64_t word) {
    word = (word & 0x0F0F0F0F0F0F0F0F) * (10 * 256 + 1) >> 8 & 0x00FF00FF00FF00FF;
    word = word * (100 * 65536 + 1) >> 16 & 0x0000FFFF0000FFFF;
    return word * (10000 * (uint64_t(1) << 32) + 1) >> 32;
}

/// Reads digits at p and appends them to *number (which may overflow); returns their end. Eight bytes are taken at a
/// time, the last of them as if zeros stood before the digits, so that no branch depends on their number.
inline const char *digits(const char *p, const char *end, uint64_t *number) {
    constexpr uint64_t tens[8] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    uint64_t total = *number;
    while (end - p >= 8) {
        const uint64_t word = word_at(p), stops = non_digits(word);
        if (stops != 0) {
            const int bits = __builtin_ctzll(stops) & ~7;
            *number = bits == 0 ? total : total * tens[bits >> 3] + eight_digits(word << (64 - bits));
            return p + (bits >> 3);
        }
        total = total * 100000000 + eight_digits(word);
        p += 8;
    }
    while (p < end && cells::is_digit(*p)) total = total * 10 + static_cast<uint64_t>(*p++ - '0');
    *number = total;
    return p;
}

/// 2^(128 + m) / 5^k rounded down, for 2^m < 5^k < 2^(m + 1), in two halves.
struct reciprocal {
    uint64_t high, low;
    int m;
};

/// The largest k for which 5^k is below 2^63.
constexpr int largest_power = 27;

/// The reciprocals of 5^1 … 5^27, by long division bit by bit. The first is not used.
struct reciprocals {
    reciprocal of[largest_power + 1] = {};
    constexpr reciprocals() {
        uint64_t power = 1;
        for (int k = 1; k <= largest_power; ++k) {
            power *= 5;
            of[k].m = 63 - __builtin_clzll(power);
            uint64_t rest = uint64_t(1) << of[k].m;
            for (int bit = 0; bit < 128; ++bit) {
                rest *= 2;
                const bool fits = rest >= power;
                rest -= fits ? power : 0;
                of[k].high = of[k].high << 1 | of[k].low >> 63;
                of[k].low = of[k].low << 1 | (fits ? 1 : 0);
            }
        }
    }
};
inline constexpr reciprocals fifths;

/// Powers of ten that a double holds exactly.
constexpr int largest_exact_power = 22;
constexpr double powers[largest_exact_power + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// w / 10^k correctly rounded, for w > 0 and k in 1 … 27; returns false where 128 bits do not decide.
///
/// With w shifted left until its top bit is set and R the reciprocal of 5^k, the sought number times a power of two lies
/// in [U, U + 2) for U = ⌊wR / 2^64⌋, because R is less than one too small. U has 127 or 128 bits, of which a double takes
/// the first 53; the next are compared with one half. (Compare Lemire, "Number parsing at a gigabyte per second", 2021.)
inline bool quotient(uint64_t w, int k, double *value) {
    const int shift = __builtin_clzll(w);
    const reciprocal &r = fifths.of[k];
    w <<= shift;
    const unsigned __int128 low = static_cast<unsigned __int128>(w) * r.low;
    const unsigned __int128 u = static_cast<unsigned __int128>(w) * r.high + static_cast<uint64_t>(low >> 64);
    // The 11 or 10 bits behind the double's in the upper half decide, unless they are next to one half.
    const uint64_t upper = static_cast<uint64_t>(u >> 64);
    const int dropped = 10 + static_cast<int>(upper >> 63);
    const uint64_t half = uint64_t(1) << (dropped - 1), rest = upper & (2 * half - 1);
    if (rest == half || rest == half - 1) return false;
    const uint64_t significand = (upper >> dropped) + (rest > half ? 1 : 0);
    const int exponent = dropped - r.m - shift - k;
    const uint64_t scale = static_cast<uint64_t>(1023 + exponent) << 52;
    double power;
    std::memcpy(&power, &scale, sizeof power);
    *value = static_cast<double>(significand) * power;
    return true;
}

/// Reads an exponent at p, just past its 'e', of at most four digits; returns its end, null where there is none.
inline const char *exponent(const char *p, const char *end, int *value) {
    const bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) ++p;
    const char *const start = p;
    int magnitude = 0;
    while (p < end && cells::is_digit(*p) && p - start < 4) magnitude = magnitude * 10 + (*p++ - '0');
    *value = negative ? -magnitude : magnitude;
    return p == start || (p < end && cells::is_digit(*p)) ? nullptr : p;
}

/// The digits from `start` to `end`, a point left out, without the zeros before the first other digit.
inline long significant_digits(const char *start, const char *end, long count) {
    for (const char *p = start; p < end && (*p == '0' || *p == '.'); ++p) count -= *p == '0';
    return count;
}

/// Reads the number at p, whose first byte is a digit or '-', correctly rounded. Returns its end, or null where another
/// way has to be taken: more than 19 significant digits, large or very small numbers, no number at all, or a tie.
inline const char *parse(const char *p, const char *end, double *value) {
    const bool negative = *p == '-';
    p += negative;
    uint64_t integer = 0;
    const char *const start = p;
    p = digits(p, end, &integer);
    const char *const point = p;
    if (p < end && *p == '.') p = digits(p + 1, end, &integer);
    const long places = p > point ? p - point - 1 : 0;
    const long count = point - start + places;
    if (count == 0 || (count > 19 && significant_digits(start, p, count) > 19) || places > 400) return nullptr;
    int power = 0;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p = exponent(p + 1, end, &power);
        if (p == nullptr) return nullptr;
    }
    power -= static_cast<int>(places);
    double magnitude = 0;
    if (integer <= uint64_t(1) << 53 && power >= -largest_exact_power && power <= largest_exact_power) {
        // One operation on two exact numbers (Clinger 1990).
        magnitude = static_cast<double>(integer);
        magnitude = power < 0 ? magnitude / powers[-power] : magnitude * powers[power];
    } else if (integer == 0 || power >= 0 || power < -largest_power || !quotient(integer, -power, &magnitude)) {
        return nullptr;
    }
    // Signs are as good as random: no branch.
    uint64_t bits;
    std::memcpy(&bits, &magnitude, sizeof bits);
    bits |= static_cast<uint64_t>(negative) << 63;
    std::memcpy(value, &bits, sizeof bits);
    return p;
}

/// The first `separator` or '\n' at or after p; `end` where there is none.
inline const char *field_end(const char *p, const char *end, char separator) {
    constexpr uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    const uint64_t separators = ones * static_cast<unsigned char>(separator), newlines = ones * '\n';
    while (end - p >= 8) {
        // A byte that is zero in x borrows into its top bit; only bytes above the first zero can do so wrongly.
        const uint64_t word = word_at(p), x = word ^ separators, y = word ^ newlines;
        const uint64_t found = (((x - ones) & ~x) | ((y - ones) & ~y)) & tops;
        if (found != 0) return p + (__builtin_ctzll(found) >> 3);
        p += 8;
    }
    while (p < end && *p != separator && *p != '\n') ++p;
    return p;
}

}  // namespace decimal
