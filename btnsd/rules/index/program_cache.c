/* A cache of the rules that match a program, with a bounded share for each user. */
#include "btnsd/rules/index/program_cache.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_cache_text(uint64_t h, const char *text)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    size_t len = strlen(text);
    uint64_t part;
    h += len * odd;
    for (; len >= sizeof part; text += sizeof part, len -= sizeof part) {
        memcpy(&part, text, sizeof part);
        h = (h ^ part) * odd;
        h ^= h >> 29;
    }
    part = 0;
    memcpy(&part, text, len);
    h = (h ^ part) * odd;
    return h ^ h >> 32;
}

static uint64_t hash_cache_key(uid_t uid, const char *program, const char *cgroup)
{
    uint64_t h = hash_cache_text(uid, program);
    return cgroup ? hash_cache_text(h, cgroup) : h;
}

static struct cache_share **cache_share_of(struct program_cache *all, uid_t uid)
{
    return &all->share[uid * 0x9e3779b1u >> 26];
}

static bool is_same_cached(const struct cached_program *k, const char *program, const char *cgroup)
{
    return !strcmp(k->program, program) && !k->cgroup == !cgroup &&
           (!cgroup || !strcmp(k->cgroup, cgroup));
}

static size_t cached_octets(const struct cached_program *k)
{
    return sizeof *k + k->n * sizeof *k->range + strlen(k->program) + 1 +
           (k->cgroup ? strlen(k->cgroup) + 1 : 0);
}

const struct cached_program *program_cache_find(struct program_cache *all, uid_t uid,
                                                const char *program, const char *cgroup)
{
    uint64_t hash = hash_cache_key(uid, program, cgroup);
    struct cache_share *share = *cache_share_of(all, uid);
    for (unsigned i = 0; share && i < CACHE_WAYS; i++) {
        struct cached_program *k = share->place[hash % CACHE_SETS * CACHE_WAYS + i];
        if (k && k->hash == hash && is_same_cached(k, program, cgroup)) {
            k->used = ++all->clock;
            return k;
        }
    }
    return NULL;
}

static void drop_program(struct cache_share *share, struct cached_program **place)
{
    if (*place)
        share->octets -= cached_octets(*place);
    free(*place);
    *place = NULL;
}

/*
 * Of n places, the one whose entry was used longest ago; with or_free, a free one if there is one.
 */
static struct cached_program **oldest_cached_place(struct cached_program **place, size_t n,
                                                   bool or_free)
{
    struct cached_program **old = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!place[i] && or_free)
            return &place[i];
        if (place[i] && (!old || place[i]->used < (*old)->used))
            old = &place[i];
    }
    return old;
}

static struct cached_program *copy_cached_ranges(const char *program, const char *cgroup,
                                                 const struct rule_range *range, size_t n)
{
    size_t ranges = n * sizeof *range, text = strlen(program) + 1;
    struct cached_program *k =
        malloc(sizeof *k + ranges + text + (cgroup ? strlen(cgroup) + 1 : 0));
    if (!k)
        return NULL;
    char *at = (char *)(k->range + n);
    *k = (struct cached_program){.n = n, .program = strcpy(at, program)};
    if (ranges)
        memcpy(k->range, range, ranges);
    k->cgroup = cgroup ? strcpy(at + text, cgroup) : NULL;
    return k;
}

const struct cached_program *program_cache_add(struct program_cache *all, uid_t uid,
                                               const char *program, const char *cgroup,
                                               const struct rule_range *range, size_t n)
{
    struct cache_share **share = cache_share_of(all, uid);
    struct cached_program *k = copy_cached_ranges(program, cgroup, range, n);
    if (!*share)
        *share = calloc(1, sizeof **share);
    if (!*share || !k) {
        free(k);
        return NULL;
    }
    k->hash = hash_cache_key(uid, program, cgroup);
    k->used = ++all->clock;
    struct cached_program **old;
    struct cached_program **places = (*share)->place;
    while ((*share)->octets + cached_octets(k) > CACHE_OCTETS &&
           (old = oldest_cached_place(places, CACHE_SETS * CACHE_WAYS, false)))
        drop_program(*share, old);
    old = oldest_cached_place(places + k->hash % CACHE_SETS * CACHE_WAYS, CACHE_WAYS, true);
    drop_program(*share, old);
    (*share)->octets += cached_octets(k);
    return *old = k;
}

size_t program_cache_octets(const struct program_cache *all)
{
    size_t octets = 0;
    for (unsigned i = 0; i < CACHE_SHARES; i++)
        octets += all->share[i] ? sizeof *all->share[i] + all->share[i]->octets : 0;
    return octets;
}

void program_cache_free(struct program_cache *all)
{
    for (unsigned i = 0; i < CACHE_SHARES; i++) {
        struct cache_share *share = all->share[i];
        for (unsigned k = 0; share && k < CACHE_SETS * CACHE_WAYS; k++)
            free(share->place[k]);
        free(share);
        all->share[i] = NULL;
    }
}
