// CHOLMOD (LGPL-2.1-or-later core) and SPQR (GPL-2.0-or-later).
#include <suitesparse/cholmod.h>
#include <suitesparse/SuiteSparseQR_C.h>
