// Gram matrices of bytes, compiled for NEON with dot products.

#include "kernels.h"

#if defined(__aarch64__)

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "neon.h"

#define MULTIPLY_BYTES(sums, r, l, lane) vdotq_laneq_s32(sums, r, l, lane)
#define QK_NAME(name) qk_neondot_##name
#include "neon_gram.inc"

#pragma clang attribute pop

#endif
