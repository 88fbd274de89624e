#include "array_columns.h"

#include "array_tiles.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace {

/// Two doubles, the vector of every processor.
typedef double pair __attribute__((vector_size(16)));

template <size_t size>
using bits_of = std::conditional_t<
    size == 1, uint8_t, std::conditional_t<size == 2, uint16_t, std::conditional_t<size == 4, uint32_t, uint64_t>>>;

inline uint8_t swapped(uint8_t x) { return x; }
inline uint16_t swapped(uint16_t x) { return __builtin_bswap16(x); }
inline uint32_t swapped(uint32_t x) { return __builtin_bswap32(x); }
inline uint64_t swapped(uint64_t x) { return __builtin_bswap64(x); }

/// Elements of type T (bool: a byte that is 0 or not), in the other byte order where `swaps`.
template <class T, bool swaps>
struct elements {
    static constexpr bool may_be_infinite = std::is_floating_point_v<T>;
    static constexpr bool is_as_it_is = std::is_same_v<T, double> && !swaps;

    static double one(const char *p) {
        bits_of<sizeof(T)> bits;
        std::memcpy(&bits, p, sizeof bits);
        if constexpr (std::is_same_v<T, bool>) return bits != 0;
        if constexpr (swaps) bits = swapped(bits);
        T value;
        std::memcpy(&value, &bits, sizeof value);
        return static_cast<double>(value);
    }

    /// Two elements that follow each other.
    static pair two(const char *p) {
        if constexpr (swaps || std::is_same_v<T, bool>) {
            return pair{one(p), one(p + sizeof(T))};
        } else {
            typedef T vector __attribute__((vector_size(2 * sizeof(T))));
            vector values;
            std::memcpy(&values, p, sizeof values);
            return __builtin_convertvector(values, pair);
        }
    }
};

inline void store(double *p, pair x) { std::memcpy(p, &x, sizeof x); }

/// Converts for one type of element. `unfit` stays zero while all numbers are finite: x * 0 is NaN for any other.
template <class E>
struct converter {
    const char *const bytes;
    const array_layout &layout;
    double *const output;
    const size_t output_stride;
    /// For eight rows of doubles that follow each other; null for none.
    const tiles::transposition transposition;
    pair unfit = {0, 0};

    void look_at(pair x) {
        if constexpr (E::may_be_infinite) unfit += x * 0.0;
    }

    const char *address(size_t row, size_t column) const {
        return bytes + row * layout.row_stride + column * layout.column_stride;
    }

    /// Rows [first, end) of chosen column k, one after the other.
    void single(size_t k, size_t first, size_t end) {
        double *const column = output + k * output_stride;
        for (size_t i = first; i < end; ++i) {
            column[i] = E::one(address(i, layout.columns[k]));
            look_at(pair{column[i], 0});
        }
    }

    /// Two rows from `row` of chosen columns k and k + 1, which follow each other: a transposed tile.
    void tile(size_t k, size_t row) {
        const char *const p = address(row, layout.columns[k]);
        const pair upper = E::two(p), lower = E::two(p + layout.row_stride);
        look_at(upper), look_at(lower);
        double *const q = output + k * output_stride + row;
        store(q, __builtin_shufflevector(upper, lower, 0, 2));
        store(q + output_stride, __builtin_shufflevector(upper, lower, 1, 3));
    }

    /// Eight rows from `row` of the run of columns from k to `end`.
    void eight_rows(size_t k, size_t end, size_t row) {
        if constexpr (E::is_as_it_is) {
            if (transposition != nullptr && end - k >= 4) {
                double found = 0;
                k += transposition(
                    {address(row, layout.columns[k]), layout.row_stride, output + k * output_stride + row, output_stride,
                     end - k},
                    &found);
                unfit[0] += found;
            }
        }
        for (; k + 2 <= end; k += 2) {
            for (size_t i = row; i < row + 8; i += 2) tile(k, i);
        }
        if (k < end) single(k, row, row + 8);
    }

    /// The end of the run of adjacent columns that starts with chosen column k.
    size_t run_end(size_t k) const {
        size_t end = k + 1;
        while (end < layout.column_count && layout.columns[end] == layout.columns[end - 1] + 1) ++end;
        return end;
    }

    /// Elements of a row follow each other: eight rows at a time, which fill a cache line of every column.
    void by_rows(size_t rows, size_t element_size) {
        const bool adjacent = layout.column_stride == element_size;
        for (size_t k = 0, end; k < layout.column_count; k = end) {
            end = adjacent ? run_end(k) : k + 1;
            size_t row = 0;
            for (; end > k + 1 && row + 8 <= rows; row += 8) eight_rows(k, end, row);
            for (size_t column = k; column < end; ++column) single(column, row, rows);
        }
    }

    /// Elements of a column follow each other.
    void by_columns(size_t rows) {
        for (size_t k = 0; k < layout.column_count; ++k) {
            const char *const p = address(0, layout.columns[k]);
            double *const column = output + k * output_stride;
            size_t i = 0;
            for (; i + 2 <= rows; i += 2) {
                const pair x = E::two(p + i * layout.row_stride);
                look_at(x);
                store(column + i, x);
            }
            single(k, i, rows);
        }
    }

    bool all_finite() const { return unfit[0] + unfit[1] == 0; }
};

template <class T, bool swaps>
bool convert_elements(
    const void *bytes, const array_layout &layout, size_t rows, double *output, size_t stride, tiles::transposition wide) {
    converter<elements<T, swaps>> work{static_cast<const char *>(bytes), layout, output, stride, wide};
    if (layout.row_stride == sizeof(T)) {
        work.by_columns(rows);
    } else {
        work.by_rows(rows, sizeof(T));
    }
    return work.all_finite();
}

template <class T>
bool convert(
    const void *bytes, const array_layout &layout, size_t rows, double *output, size_t stride,
    tiles::transposition wide = nullptr) {
    const bool is_native = layout.big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    return is_native ? convert_elements<T, false>(bytes, layout, rows, output, stride, wide)
                     : convert_elements<T, true>(bytes, layout, rows, output, stride, wide);
}

tiles::transposition transposition(size_t width) {
#if defined(__x86_64__)
    if (width == 4) return tiles::four_wide;
    if (width == 8) return tiles::eight_wide;
#endif
    return nullptr;
}

}  // namespace

extern "C" size_t array_columns_widest() {
    static const size_t widest = []() -> size_t {
#if defined(__x86_64__)
        const char *const asked = std::getenv("QLS_KERNELS");
        if (asked != nullptr && std::strcmp(asked, "scalar") == 0) return 2;
        if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 2;
        if (asked != nullptr && std::strcmp(asked, "avx2") == 0) return 4;
        return __builtin_cpu_supports("avx512f") ? 8 : 4;
#endif
        return 2;
    }();
    return widest;
}

extern "C" bool array_columns(
    const void *bytes, array_layout layout, size_t rows, double *output, size_t output_stride) {
    return array_columns_by(array_columns_widest(), bytes, layout, rows, output, output_stride);
}

extern "C" bool array_columns_by(
    size_t width, const void *bytes, array_layout layout, size_t rows, double *output, size_t output_stride) {
    switch (layout.element) {
        case array_boolean: return convert<bool>(bytes, layout, rows, output, output_stride);
        case array_int8: return convert<int8_t>(bytes, layout, rows, output, output_stride);
        case array_int16: return convert<int16_t>(bytes, layout, rows, output, output_stride);
        case array_int32: return convert<int32_t>(bytes, layout, rows, output, output_stride);
        case array_int64: return convert<int64_t>(bytes, layout, rows, output, output_stride);
        case array_uint8: return convert<uint8_t>(bytes, layout, rows, output, output_stride);
        case array_uint16: return convert<uint16_t>(bytes, layout, rows, output, output_stride);
        case array_uint32: return convert<uint32_t>(bytes, layout, rows, output, output_stride);
        case array_uint64: return convert<uint64_t>(bytes, layout, rows, output, output_stride);
        case array_float32: return convert<float>(bytes, layout, rows, output, output_stride);
        case array_float64:
            return convert<double>(bytes, layout, rows, output, output_stride, transposition(width));
    }
    return false;
}
