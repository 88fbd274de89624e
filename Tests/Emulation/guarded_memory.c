// Memory whose last byte is the last of a page before one that nobody may touch, in place of malloc and free: what the
// address sanitizer does where it does not run.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/// A page that holds the length of the mapping, the data (at least a byte), a page without access.
void *guarded_malloc(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), data = (bytes + page - 1) / page * page;
    uint8_t *start = mmap(NULL, page + data + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || mprotect(start + page + data, page, PROT_NONE) != 0) {
        perror("guarded memory");
        exit(1);
    }
    *(size_t *)start = page + data + page;
    return start + page + data - bytes;
}

void guarded_free(void *pointer) {
    if (pointer == NULL) return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *start = (uint8_t *)((uintptr_t)pointer / page * page) - page;
    munmap(start, *(size_t *)start);
}
