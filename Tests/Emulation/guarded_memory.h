#pragma once

#include <stdlib.h>

void *guarded_malloc(size_t bytes);
void guarded_free(void *pointer);

#define malloc guarded_malloc
#define free guarded_free
