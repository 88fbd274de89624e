// OpenBLAS for BLAS and LAPACK; Debian's build leaves LAPACKE out, so liblapacke is linked beside it.
#include <cblas.h>
#include <lapacke.h>

// OpenBLAS's own, where it keeps threads: builds without threads, or with those of OpenMP, lack it.
extern int blas_thread_shutdown_(void) __attribute__((weak));

/// Sets OpenBLAS to one thread and ends its idle ones; setting another number starts them again.
static inline void qls_end_idle_openblas_threads(void) {
    openblas_set_num_threads(1);
    if (blas_thread_shutdown_) blas_thread_shutdown_();
}
