#!/usr/bin/env bash
# Every kernel of AVX-512 (with and without VNNI) and of NEON (with and without dot products) against its scalar definition,
# on random shapes, strides, offsets and extreme entries. Memory ends before a page without access, so a byte read or written
# past the end stops the program. Needs the packages that `make emulate` installs.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernels=Sources/CQuantizedKernels
out=.build/emulation
mkdir -p "$out"
flags=(-O2 -Wall -Wextra -Werror -Wno-initializer-overrides -I "$kernels/include")

# The real instructions compile without a warning, though nothing here can run them.
for source in "$kernels"/avx512*.c; do clang "${flags[@]}" -c "$source" -o "$out/real.o"; done

build() { # name, then flags
    local name=$1
    shift
    clang "$@" "${flags[@]}" -include Tests/Emulation/guarded_memory.h -c Tests/Sanitizers/kernels.c -o "$out/$name.o"
    clang "$@" "${flags[@]}" "$out/$name.o" Tests/Emulation/guarded_memory.c "$kernels"/*.c -fuse-ld=lld -lm \
        -o "$out/$name"
}

build avx512 -mavx2 -mfma -mpopcnt -DQK_EMULATED -Wno-psabi -isystem Tests/Emulation/include
"$out/avx512"

build neon --target=aarch64-linux-gnu
qemu-aarch64-static -L /usr/aarch64-linux-gnu -cpu max "$out/neon"
qemu-aarch64-static -L /usr/aarch64-linux-gnu -cpu cortex-a53 "$out/neon" # has no dot products
