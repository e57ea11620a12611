/* The listeners that btnsd was asked about. */
#ifndef BTNS_SHIM_SUPERVISE_ADMITTED_H
#define BTNS_SHIM_SUPERVISE_ADMITTED_H

#include <stdbool.h>
#include <stdint.h>

/* By their cookies. One that was kept may be missing: a later one may have replaced it. */
bool admitted_has(uint64_t cookie);
void admitted_keep(uint64_t cookie);

#endif
