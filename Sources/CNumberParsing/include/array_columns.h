// Elements of binary arrays as columns of doubles. The whole contract of array_columns.cpp.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The type of an element.
typedef enum __attribute__((enum_extensibility(closed))) array_element {
    array_boolean,  ///< one byte; every value but 0 is read as 1
    array_int8,
    array_int16,
    array_int32,
    array_int64,  ///< rounded to the nearest double, as array_uint64
    array_uint8,
    array_uint16,
    array_uint32,
    array_uint64,
    array_float32,
    array_float64,
} array_element;

/// Where the elements are: element (i, k) of the rows and chosen columns is at bytes + i * row_stride + columns[k] *
/// column_stride.
typedef struct array_layout {
    array_element element;
    bool big_endian;
    size_t row_stride, column_stride;  ///< in bytes
    const size_t *columns;             ///< the chosen columns; none is read beyond column_count
    size_t column_count;
} array_layout;

/// Converts `rows` rows of the chosen columns: element (i, k) goes to output[k * output_stride + i]. Returns whether
/// all are finite. Any address will do, aligned or not. Fast where the elements of a row or of a column follow each
/// other.
bool array_columns(const void *bytes, array_layout layout, size_t rows, double *output, size_t output_stride);

/// How many columns of doubles `array_columns` transposes at once: 2, with AVX2 4, with AVX-512 8. QLS_KERNELS=scalar asks for 2,
/// QLS_KERNELS=avx2 for at most 4.
size_t array_columns_widest(void);

/// The same by tiles of `width` columns, not more than `array_columns_widest` without QLS_KERNELS.
bool array_columns_by(
    size_t width, const void *bytes, array_layout layout, size_t rows, double *output, size_t output_stride);

#ifdef __cplusplus
}
#endif
