#pragma once

#include <stddef.h>

// Loops that do one thing as fast as the machine can, for AVX2. Each returns how many operations it did (a
// multiply-add counts as two).

/// Double-precision fused multiply-adds.
double ceiling_fma_f64(size_t rounds);
/// Single-precision fused multiply-adds.
double ceiling_fma_f32(size_t rounds);
/// Products of 16-bit integers, added in pairs (`pmaddwd`) and to sums in 32 bits.
double ceiling_i16(size_t rounds);
/// Products of 8-bit integers, added in pairs (`pmaddubsw`), widened (`pmaddwd`) and added to sums in 32 bits.
double ceiling_i8(size_t rounds);
/// The same, two pairs added in 16 bits before they are widened.
double ceiling_i8_twice(size_t rounds);
/// Additions in a chain: one a cycle, so that the result counts cycles.
double ceiling_cycles(size_t rounds);
/// Reads an array once; returns its sum.
double ceiling_read(const double *values, size_t count);

/// Processor time of this thread in seconds.
double thread_seconds(void);
