/* Sets of sockets, by their cookies. */
#ifndef BTNS_SHIM_SUPERVISE_COOKIES_H
#define BTNS_SHIM_SUPERVISE_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

enum { COOKIES_MAX = 4096 };

/* One that was kept may be missing: a later one may have replaced it. For all threads. */
struct cookies {
    uint64_t place[COOKIES_MAX];
};

bool cookies_have(const struct cookies *c, uint64_t cookie);
void cookies_keep(struct cookies *c, uint64_t cookie);
void cookies_drop(struct cookies *c, uint64_t cookie);

#endif
