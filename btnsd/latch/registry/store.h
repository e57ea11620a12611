/* The registry in a file of this boot, so that a restarted btnsd knows whose connections live. */
#ifndef BTNS_STORE_H
#define BTNS_STORE_H

#include "btnsd/latch/registry/registry.h"
#include "libapi/wire/err.h"

#include <stdio.h>

#define LISTENS_V6ONLY  1u
#define LISTENS_OWN_WAY 2u /* by rules that btns-run --policy gave, which end with btnsd */

/* What is kept of a latch; its guard is found again by its addresses. */
struct latch_record {
    uint64_t cookie;
    uint64_t created; /* ms, loop_now: monotonic within a boot */
    uint32_t pid, uid;
    uint32_t state; /* enum btns_state, of the latch itself */
    uint32_t code;  /* enum btns_reason */
    uint32_t wish;  /* a listener's: BTNS_F_REQUIRE, BTNS_F_PREFER */
    uint32_t how;   /* a listener's: LISTENS_* */
    uint8_t protocol;
    struct btns_addr local, remote;
    char program[BTNS_NAME_MAX], rule[BTNS_TEXT_MAX], reason[BTNS_TEXT_MAX];
};

#define STORE_MAX 1000000u /* latches in a file */

/* One line, and back. False: it is not well formed. */
void latch_record_write(FILE *f, const struct latch_record *r);
bool latch_record_parse(const char *line, struct latch_record *r);

/*
 * Reads a whole file: its first line names this boot, its last how many there are. Whatever is not
 * so refuses all of it. Returns how many (0: no such file, or of another boot), or -errno with err;
 * *out is the caller's to free.
 */
int store_read(const char *path, struct latch_record **out, struct err *err);
/* Writes all latches; atomically. 0 or -errno. */
int store_write(const char *path, struct registry *r);

#endif
