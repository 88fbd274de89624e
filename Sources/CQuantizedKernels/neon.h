#pragma once

// What the NEON kernels share: vectors of 16 bytes, in which 8 columns of a Gram matrix's panel take two.

#include <arm_neon.h>
#include <string.h>

#define EACH(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

enum { LANES = 1, BYTES = 16 * LANES };
typedef uint8x16_t vec;

static inline size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static inline vec load(const void *bytes) { return vld1q_u8(bytes); }
static inline void store(void *bytes, vec v) { vst1q_u8(bytes, v); }
