/*
 * What was found about programs, kept for their next questions. Each user has a share of it, so
 * that nobody who runs many programs takes it from others; within a share what was used longest ago
 * goes first.
 */
#ifndef BTNS_RULES_KEPT_H
#define BTNS_RULES_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Rules first to end (not included). */
struct kept_range {
    uint32_t first, end;
};

struct kept {
    uint64_t hash, used;
    size_t n;
    const char *program, *cgroup; /* cgroup: NULL: control groups were not looked at */
    struct kept_range range[];    /* in the rules' order; the texts stand behind them */
};

#define KEPT_SHARES 64u
#define KEPT_SETS   32u
#define KEPT_WAYS   8u
#define KEPT_OCTETS (256u << 10) /* in one share, but that the newest always has room */

struct kept_share {
    struct kept *place[KEPT_SETS * KEPT_WAYS]; /* set after set */
    size_t octets;
};

struct kept_all {
    struct kept_share *share[KEPT_SHARES]; /* NULL: nothing kept yet */
    uint64_t clock;
};

/* What is kept about a program, and in which control group; or NULL. */
const struct kept *kept_find(struct kept_all *all, uid_t uid, const char *program,
                             const char *cgroup);
/* Keeps a copy of the ranges. NULL: no memory. What this returns goes with the next such call. */
const struct kept *kept_add(struct kept_all *all, uid_t uid, const char *program,
                            const char *cgroup, const struct kept_range *range, size_t n);
size_t kept_octets(const struct kept_all *all);
void kept_free(struct kept_all *all);

#endif
