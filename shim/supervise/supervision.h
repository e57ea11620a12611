/* The settings under which a program is supervised. */
#ifndef BTNS_SHIM_SUPERVISE_SUPERVISION_H
#define BTNS_SHIM_SUPERVISE_SUPERVISION_H

#include <stdbool.h>
#include <stdint.h>

#define SHIM_NAME "libbtns-shim.so"

struct supervision {
    uint64_t mark; /* the mark that the shim's calls carry */
    bool require;
    bool verbose;
    uint32_t flags;     /* BTNS_F_REQUIRE, _PREFER, _BYPASS or 0 */
    uint64_t policy;    /* the policy's handle, or 0 */
    const char *socket; /* path of btnsd's socket */
};

#endif
