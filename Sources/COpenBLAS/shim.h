// OpenBLAS for BLAS and LAPACK; Debian's build leaves LAPACKE out, so liblapacke is linked beside it.
#include <cblas.h>
#include <lapacke.h>

// OpenBLAS's own, where it keeps threads: builds without threads, or with those of OpenMP, lack it.
extern int blas_thread_shutdown_(void) __attribute__((weak));

/// Ends the idle threads of OpenBLAS; a call that asks for several starts them again.
static inline void qls_end_idle_openblas_threads(void) {
    if (blas_thread_shutdown_) blas_thread_shutdown_();
}
