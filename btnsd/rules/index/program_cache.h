/*
 * A cache of the rules that match a program. Each user's programs are in a share of their own, so
 * that a user who runs many programs does not displace those of others. Within a share the entry
 * that was used longest ago is displaced first.
 */
#ifndef BTNS_RULES_INDEX_PROGRAM_CACHE_H
#define BTNS_RULES_INDEX_PROGRAM_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Rules from `first` up to, but not including, `end`. */
struct rule_range {
    uint32_t first, end;
};

struct cached_program {
    uint64_t hash, used;
    size_t n;
    const char *program, *cgroup; /* cgroup NULL: includes rules with any control group */
    struct rule_range range[];    /* in the rules' order; the texts follow */
};

#define CACHE_SHARES 64u
#define CACHE_SETS   32u
#define CACHE_WAYS   8u
#define CACHE_OCTETS (256u << 10) /* the most in one share; only the newest entry may be larger */

struct cache_share {
    struct cached_program *place[CACHE_SETS * CACHE_WAYS]; /* set after set */
    size_t octets;
};

struct program_cache {
    struct cache_share *share[CACHE_SHARES]; /* NULL: nothing cached yet */
    uint64_t clock;
};

/* The entry of a program in a control group, or NULL. */
const struct cached_program *program_cache_find(struct program_cache *all, uid_t uid,
                                                const char *program, const char *cgroup);
/*
 * Caches a copy of the ranges. The next such call may free what this one returns. NULL: no memory.
 */
const struct cached_program *program_cache_add(struct program_cache *all, uid_t uid,
                                               const char *program, const char *cgroup,
                                               const struct rule_range *range, size_t n);
size_t program_cache_octets(const struct program_cache *all);
void program_cache_free(struct program_cache *all);

#endif
