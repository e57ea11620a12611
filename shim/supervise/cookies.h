/* Sets of sockets, identified by their cookies. */
#ifndef BTNS_SHIM_SUPERVISE_COOKIES_H
#define BTNS_SHIM_SUPERVISE_COOKIES_H

#include <stdbool.h>
#include <stdint.h>

enum { COOKIES_MAX = 4096 };

/*
 * A cookie that was added may be missing: a later one may have replaced it. All threads may use the
 * same set.
 */
struct cookies {
    uint64_t place[COOKIES_MAX];
};

bool cookies_have(const struct cookies *c, uint64_t cookie);
void cookies_keep(struct cookies *c, uint64_t cookie);
void cookies_drop(struct cookies *c, uint64_t cookie);

#endif
