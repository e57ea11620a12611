/* Keeps the registry in a file, so that a restarted btnsd knows the latches of this boot. */
#ifndef BTNS_LATCH_REGISTRY_STORE_H
#define BTNS_LATCH_REGISTRY_STORE_H

#include "btnsd/latch/registry/registry.h"
#include "libapi/wire/err.h"

#include <stdio.h>

#define LISTENS_V6ONLY  1u
#define LISTENS_OWN_WAY 2u /* under a policy of btns-run --policy, which does not outlive btnsd */
#define LATCH_SHOWN     4u /* its user had the socket, and passed it to btnsd */
#define LATCH_HOW       7u

/* The stored fields of a latch; its guard is found again by its addresses. */
struct latch_record {
    uint64_t cookie;
    uint64_t created; /* ms, loop_now: monotonic within a boot */
    uint32_t pid, uid;
    uint32_t state; /* enum btns_state, of the latch itself */
    uint32_t code;  /* enum btns_reason */
    uint32_t wish;  /* a listener's: BTNS_F_REQUIRE, BTNS_F_PREFER */
    uint32_t how;   /* LATCH_SHOWN; a listener's: LISTENS_* */
    uint8_t protocol;
    struct btns_addr local, remote;
    char program[BTNS_NAME_MAX], rule[BTNS_TEXT_MAX], reason[BTNS_TEXT_MAX];
    char profile[BTNS_NAME_MAX]; /* profile of the rule; "": not known */
    size_t at;                   /* its place among the records that were read; not stored */
};

/* The first line: the format and the boot that the file is of. */
#define STORE_HEAD "latches 3 boot "
#define STORE_MAX  1000000u /* latches in a file */

void latch_record_from(struct latch_record *r, const struct latch *l);
/* Writes a latch as one line; parses such a line (false: not well formed). */
void latch_record_write(FILE *f, const struct latch_record *r);
bool latch_record_parse(const char *line, struct latch_record *r);

/*
 * Reads the file. Its first line names the boot, its last the number of latches; a file with any
 * fault is refused as a whole. Returns the number of latches (0: no file, or of another boot), or
 * -errno with err. The caller frees *out.
 */
int store_read(const char *path, struct latch_record **out, struct err *err);
/* Replaces the file by one with all latches, atomically. 0 or -errno. */
int store_write(const char *path, struct registry *r);
/*
 * Reads the file of store_newest.h, which has no last line. Leaves out lines that are no latch,
 * because they were cut off.
 */
int store_read_appended(const char *path, struct latch_record **out, struct err *err);

#endif
