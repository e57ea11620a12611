/* A generation's index: intersecting the sets of rules that a question's parts lead to. */
#include "index.h"

#include "match.h"

#include <netinet/in.h>
#include <string.h>

uint64_t index_hash(const char *path, size_t len)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t h = len * odd, part;
    for (; len >= sizeof part; path += sizeof part, len -= sizeof part) {
        memcpy(&part, path, sizeof part);
        h = (h ^ part) * odd;
        h ^= h >> 29;
    }
    part = 0;
    memcpy(&part, path, len);
    h = (h ^ part) * odd;
    return h ^ h >> 32;
}

cover_number index_number(const struct btns_addr *a)
{
    cover_number n = 0;
    for (size_t i = 0; i < (a->family == AF_INET ? 4 : 16); i++)
        n = n << 8 | a->ip[i];
    return n;
}

static const uint64_t *find_path(const struct rules_index *ix, const char *path, size_t len)
{
    uint64_t hash = index_hash(path, len);
    for (size_t i = hash & (ix->paths - 1); ix->path[i].path; i = (i + 1) & (ix->paths - 1))
        if (ix->path[i].hash == hash && !strcmp(ix->path[i].path, path))
            return ix->path[i].set;
    return ix->none;
}

static const uint64_t *find_remote(const struct rules_index *ix, const struct btns_addr *a)
{
    if (!a->family) /* a listener's question: whoever calls */
        return ix->all;
    if (a->family == AF_INET)
        return cover_find_number(&ix->remote4, index_number(a));
    return a->family == AF_INET6 ? cover_find_number(&ix->remote6, index_number(a)) : ix->none;
}

/* The sets of one question, by condition. */
struct sets {
    const uint64_t *at, *any_program, *path, *head, *tail, *any_port, *port, *any_remote, *remote;
};

static void find_sets(const struct rules_index *ix, const struct question *q, struct sets *s)
{
    const char *program = q->program ? q->program : "";
    size_t len = strlen(program);
    bool patterns = ix->head.n;
    *s = (struct sets){
        .at = ix->at[q->point],
        .any_program = ix->any_program,
        .path = find_path(ix, program, len),
        .head = patterns ? cover_find_text(&ix->head, program, len) : ix->none,
        .tail = patterns ? cover_find_reversed(&ix->tail, program, len) : ix->none,
        .any_port = ix->any_port,
        .port = cover_find_number(&ix->port, match_service(q)),
        .any_remote = ix->any_remote,
        .remote = find_remote(ix, &q->remote),
    };
}

static uint64_t summary(const struct sets *s, uint32_t i)
{
#define S(set) bits_summary(s->set, i)
    return S(at) & (S(any_program) | S(path) | (S(head) & S(tail))) & (S(any_port) | S(port)) &
           (S(any_remote) | S(remote));
#undef S
}

/* *sure: of the rules found, those for which no pattern has to be compared. */
static uint64_t word(const struct rules_index *ix, const struct sets *s, uint32_t i, uint64_t *sure)
{
#define W(set) bits_word(s->set, &ix->shape, i)
    uint64_t found = W(at) & (W(any_port) | W(port));
    if (found)
        found &= W(any_remote) | W(remote);
    if (!found)
        return 0;
    *sure = W(any_program) | W(path);
    return found & (*sure | (W(head) & W(tail)));
#undef W
}

static size_t first_in_word(const struct rules *r, const struct question *q, uint32_t i,
                            uint64_t found, uint64_t sure, uint32_t *failed,
                            struct index_effort *effort)
{
    for (; found; found &= found - 1) {
        uint32_t bit = (uint32_t)__builtin_ctzll(found), n = i * 64 + bit;
        if (sure >> bit & 1)
            return n;
        uint32_t section = r->index->section[n];
        if (section == *failed)
            continue;
        effort->patterns++;
        if (match_program(&r->rule[n], q))
            return n;
        *failed = section;
    }
    return r->n;
}

size_t index_first(const struct rules *r, const struct question *q, size_t from,
                   struct index_effort *effort)
{
    const struct rules_index *ix = r->index;
    struct sets s;
    uint32_t failed = UINT32_MAX;
    if (from >= r->n)
        return r->n;
    find_sets(ix, q, &s);
    for (uint32_t k = (uint32_t)(from / 4096); k < ix->shape.summaries; k++) {
        uint64_t words = summary(&s, k);
        if (k == from / 4096)
            words &= ~(uint64_t)0 << from / 64 % 64;
        for (; words; words &= words - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(words);
            uint64_t sure = 0, found = word(ix, &s, i, &sure);
            if (i == from / 64)
                found &= ~(uint64_t)0 << from % 64;
            effort->words++;
            size_t n = first_in_word(r, q, i, found, sure, &failed, effort);
            if (n < r->n)
                return n;
        }
    }
    return r->n;
}
