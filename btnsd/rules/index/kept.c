/* A cache of the rules that match a program, with a bounded share for each user. */
#include "btnsd/rules/index/kept.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_text(uint64_t h, const char *text)
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

static uint64_t hash_key(uid_t uid, const char *program, const char *cgroup)
{
    uint64_t h = hash_text(uid, program);
    return cgroup ? hash_text(h, cgroup) : h;
}

static struct kept_share **share_of(struct kept_all *all, uid_t uid)
{
    return &all->share[uid * 0x9e3779b1u >> 26];
}

static bool is_same(const struct kept *k, const char *program, const char *cgroup)
{
    return !strcmp(k->program, program) && !k->cgroup == !cgroup &&
           (!cgroup || !strcmp(k->cgroup, cgroup));
}

static size_t octets_of(const struct kept *k)
{
    return sizeof *k + k->n * sizeof *k->range + strlen(k->program) + 1 +
           (k->cgroup ? strlen(k->cgroup) + 1 : 0);
}

const struct kept *kept_find(struct kept_all *all, uid_t uid, const char *program,
                             const char *cgroup)
{
    uint64_t hash = hash_key(uid, program, cgroup);
    struct kept_share *share = *share_of(all, uid);
    for (unsigned i = 0; share && i < KEPT_WAYS; i++) {
        struct kept *k = share->place[hash % KEPT_SETS * KEPT_WAYS + i];
        if (k && k->hash == hash && is_same(k, program, cgroup)) {
            k->used = ++all->clock;
            return k;
        }
    }
    return NULL;
}

static void drop_kept(struct kept_share *share, struct kept **place)
{
    if (*place)
        share->octets -= octets_of(*place);
    free(*place);
    *place = NULL;
}

/*
 * Of n places, the one whose entry was used longest ago; with or_free, a free one if there is one.
 */
static struct kept **oldest_place(struct kept **place, size_t n, bool or_free)
{
    struct kept **old = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!place[i] && or_free)
            return &place[i];
        if (place[i] && (!old || place[i]->used < (*old)->used))
            old = &place[i];
    }
    return old;
}

static struct kept *copy_ranges(const char *program, const char *cgroup,
                                const struct kept_range *range, size_t n)
{
    size_t ranges = n * sizeof *range, text = strlen(program) + 1;
    struct kept *k = malloc(sizeof *k + ranges + text + (cgroup ? strlen(cgroup) + 1 : 0));
    if (!k)
        return NULL;
    char *at = (char *)(k->range + n);
    *k = (struct kept){.n = n, .program = strcpy(at, program)};
    if (ranges)
        memcpy(k->range, range, ranges);
    k->cgroup = cgroup ? strcpy(at + text, cgroup) : NULL;
    return k;
}

const struct kept *kept_add(struct kept_all *all, uid_t uid, const char *program,
                            const char *cgroup, const struct kept_range *range, size_t n)
{
    struct kept_share **share = share_of(all, uid);
    struct kept *k = copy_ranges(program, cgroup, range, n);
    if (!*share)
        *share = calloc(1, sizeof **share);
    if (!*share || !k) {
        free(k);
        return NULL;
    }
    k->hash = hash_key(uid, program, cgroup);
    k->used = ++all->clock;
    struct kept **old;
    struct kept **places = (*share)->place;
    while ((*share)->octets + octets_of(k) > KEPT_OCTETS &&
           (old = oldest_place(places, KEPT_SETS * KEPT_WAYS, false)))
        drop_kept(*share, old);
    old = oldest_place(places + k->hash % KEPT_SETS * KEPT_WAYS, KEPT_WAYS, true);
    drop_kept(*share, old);
    (*share)->octets += octets_of(k);
    return *old = k;
}

size_t kept_octets(const struct kept_all *all)
{
    size_t octets = 0;
    for (unsigned i = 0; i < KEPT_SHARES; i++)
        octets += all->share[i] ? sizeof *all->share[i] + all->share[i]->octets : 0;
    return octets;
}

void kept_free(struct kept_all *all)
{
    for (unsigned i = 0; i < KEPT_SHARES; i++) {
        struct kept_share *share = all->share[i];
        for (unsigned k = 0; share && k < KEPT_SETS * KEPT_WAYS; k++)
            free(share->place[k]);
        free(share);
        all->share[i] = NULL;
    }
}
