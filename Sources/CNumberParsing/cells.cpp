#include "cells.hpp"

#include <charconv>
#include <cmath>

using std::string_view;
using cells::is_blank;
using cells::is_digit;

namespace {

string_view trimmed(string_view text, char separator) {
    while (!text.empty() && is_blank(text.front(), separator)) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back(), separator)) text.remove_suffix(1);
    return text;
}

/// `lower` is lower case; only ASCII letters are folded.
bool equals_ignoring_case(string_view text, string_view lower) {
    if (text.size() != lower.size()) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char folded = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
        if (folded != lower[i]) return false;
    }
    return true;
}

/// Whether a valid decimal number whose value is out of range is too large (rather than too small): the place of its
/// first significant digit plus its exponent decides, since the range of doubles reaches far to both sides of 1.
bool is_too_large(string_view number) {
    long place = 0;
    bool point = false, significant = false;
    size_t i = 0;
    for (; i < number.size() && (is_digit(number[i]) || number[i] == '.' || number[i] == '-'); ++i) {
        if (number[i] == '.') point = true;
        if (!is_digit(number[i])) continue;
        significant = significant || number[i] != '0';
        if (!point && significant) ++place;
        if (point && !significant) --place;
    }
    long exponent = 0;
    const bool negative = i + 1 < number.size() && number[i + 1] == '-';
    for (; i < number.size(); ++i)
        if (is_digit(number[i]) && exponent < (1L << 40)) exponent = exponent * 10 + (number[i] - '0');
    return place + (negative ? -exponent : exponent) > 0;
}

csv_cell parse_number(string_view text, double *value) {
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    const bool negative = !text.empty() && text[0] == '-';
    const string_view magnitude = text.substr(negative ? 1 : 0);
    if (equals_ignoring_case(magnitude, "nan")) return csv_cell_missing;
    if (equals_ignoring_case(magnitude, "inf") || equals_ignoring_case(magnitude, "infinity"))
        return csv_cell_not_finite;
    if (magnitude.empty() || !(is_digit(magnitude[0]) || magnitude[0] == '.')) return csv_cell_not_number;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (result.ptr != text.data() + text.size() || result.ec == std::errc::invalid_argument)
        return csv_cell_not_number;
    if (result.ec == std::errc::result_out_of_range) {
        if (is_too_large(text)) return csv_cell_not_finite;
        *value = negative ? -0.0 : 0.0;
    }
    return std::isfinite(*value) ? csv_cell_number : csv_cell_not_finite;
}

}  // namespace

csv_cell cells::parse(string_view text, char separator, std::string &scratch, double *value) {
    text = trimmed(text, separator);
    if (!text.empty() && text.front() == '"') {
        if (text.size() < 2 || text.back() != '"') return csv_cell_not_number;
        text = trimmed(text.substr(1, text.size() - 2), separator);
    }
    if (text.empty() || equals_ignoring_case(text, "na") || equals_ignoring_case(text, "n/a") ||
        equals_ignoring_case(text, "null"))
        return csv_cell_missing;
    if (separator == ';' && text.find('.') == string_view::npos) {
        const size_t comma = text.find(',');
        if (comma != string_view::npos) {
            scratch.assign(text);
            scratch[comma] = '.';
            text = scratch;
        }
    }
    return parse_number(text, value);
}

extern "C" csv_cell csv_parse_cell(const char *text, size_t count, char separator, double *value) {
    std::string scratch;
    return cells::parse(string_view(text, count), separator, scratch, value);
}
