/*
 * A cache of the rules that match a program. Each user's programs are in a share of their own, so
 * that a user who runs many programs does not displace those of others. Within a share the entry
 * that was used longest ago is displaced first.
 */
#ifndef BTNS_RULES_INDEX_KEPT_H
#define BTNS_RULES_INDEX_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Rules from `first` up to, but not including, `end`. */
struct kept_range {
    uint32_t first, end;
};

struct kept {
    uint64_t hash, used;
    size_t n;
    const char *program, *cgroup; /* cgroup NULL: includes rules with any control group */
    struct kept_range range[];    /* in the rules' order; the texts follow */
};

#define KEPT_SHARES 64u
#define KEPT_SETS   32u
#define KEPT_WAYS   8u
#define KEPT_OCTETS (256u << 10) /* the most in one share; only the newest entry may be larger */

struct kept_share {
    struct kept *place[KEPT_SETS * KEPT_WAYS]; /* set after set */
    size_t octets;
};

struct kept_all {
    struct kept_share *share[KEPT_SHARES]; /* NULL: nothing kept yet */
    uint64_t clock;
};

/* The entry of a program in a control group, or NULL. */
const struct kept *kept_find(struct kept_all *all, uid_t uid, const char *program,
                             const char *cgroup);
/*
 * Caches a copy of the ranges. The next such call may free what this one returns. NULL: no memory.
 */
const struct kept *kept_add(struct kept_all *all, uid_t uid, const char *program,
                            const char *cgroup, const struct kept_range *range, size_t n);
size_t kept_octets(const struct kept_all *all);
void kept_free(struct kept_all *all);

#endif
