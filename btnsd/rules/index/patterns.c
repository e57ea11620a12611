/*
 * Compares many patterns with one text at once, by an automaton with one bit for each part of a
 * pattern.
 */
#include "btnsd/rules/index/patterns.h"

#include "btnsd/rules/model/glob.h"

#include <errno.h>
#include <string.h>

/* ---- building */

/* Each octet that some pattern names has its own row; all other octets share the first row. */
static unsigned count_pattern_rows(struct patterns *p, char *const *pattern, size_t n, size_t *bits)
{
    struct glob_part part;
    bool named[256] = {[0] = true, ['/'] = true};
    unsigned rows = 1;
    for (size_t i = 0; i < n; i++) {
        for (const char *at = pattern[i]; glob_next_part(&at, &part);) {
            for (unsigned c = 0; part.kind == GLOB_SET && c < 256; c++)
                named[c] |= part.set[c / 64] >> c % 64 & 1;
            if (part.kind == GLOB_OCTET)
                named[part.octet] = true;
            *bits += part.kind != GLOB_STAR;
        }
        ++*bits;
    }
    for (unsigned c = 1; c < 256; c++)
        p->row[c] = named[c] ? (uint8_t)rows++ : 0;
    return rows;
}

static void set_pattern_bit(uint64_t *words, size_t bit)
{
    words[bit / 64] |= (uint64_t)1 << bit % 64;
}

static void put_pattern_part(struct patterns *p, const struct glob_part *part, size_t bit)
{
    for (unsigned c = 0; part->kind == GLOB_SET && c < 256; c++)
        if (c != '/' && part->set[c / 64] >> c % 64 & 1)
            set_pattern_bit(p->part + p->row[c] * p->words, bit);
    if (part->kind == GLOB_OCTET)
        set_pattern_bit(p->part + p->row[part->octet] * p->words, bit);
    if (part->kind == GLOB_OCTET && part->octet == '.')
        set_pattern_bit(p->hidden, bit);
    if (part->kind == GLOB_ANY)
        set_pattern_bit(p->any, bit);
}

static void put_pattern(struct patterns *p, size_t i, const char *at, size_t *bit)
{
    struct glob_part part;
    set_pattern_bit(p->begin, *bit);
    while (glob_next_part(&at, &part))
        if (part.kind == GLOB_STAR)
            set_pattern_bit(p->star, *bit);
        else
            put_pattern_part(p, &part, ++*bit);
    p->last[i] = (uint32_t)(*bit)++;
}

int patterns_build(struct patterns *p, char *const *pattern, size_t n, struct policy_arena *arena,
                   size_t *octets, size_t most)
{
    size_t bits = 0, bit = 0;
    unsigned rows = count_pattern_rows(p, pattern, n, &bits);
    p->n = n;
    p->words = (bits / 64 / PATTERNS_STRIDE + 1) * PATTERNS_STRIDE;
    *octets += (rows + 7) * p->words * sizeof *p->part + n * sizeof *p->last;
    if (*octets > most || bits >= UINT32_MAX)
        return -E2BIG;
    p->last = policy_arena_get(arena, n + 1, sizeof *p->last);
    /* The word in front of `now` and of `next` is read, and stays 0. */
    uint64_t *words = policy_arena_get(arena, (rows + 7) * p->words + 2, sizeof *words);
    if (!p->last || !words)
        return -ENOMEM;
    p->now = words + 1;
    p->next = p->now + p->words + 1;
    p->begin = p->next + p->words;
    p->star = p->begin + p->words;
    p->any = p->star + p->words;
    p->hidden = p->any + p->words;
    p->found = p->hidden + p->words;
    p->part = p->found + p->words;
    for (size_t i = 0; i < n; i++)
        put_pattern(p, i, pattern[i], &bit);
    return 0;
}

/* ---- comparing */

typedef uint64_t several __attribute__((vector_size(8 * PATTERNS_STRIDE), aligned(8), may_alias));

static several load_pattern_words(const uint64_t *words)
{
    return *(const several *)words;
}

/* Goes from `now` to `next` by one octet of the text; false when no pattern can match any more. */
static bool advance_pattern_path(struct patterns *p, const char *text, const char *begin)
{
    const bool slash = *text == '/';
    const bool hidden = *text == '.' && (text == begin || text[-1] == '/');
    const uint64_t *part = p->part + p->row[(unsigned char)*text] * p->words;
    const uint64_t wide = slash ? 0 : ~(uint64_t)0;
    several alive = {0};
    for (size_t i = 0; i < p->words; i += PATTERNS_STRIDE) {
        several now = load_pattern_words(p->now + i), before = load_pattern_words(p->now + i - 1);
        const several star = load_pattern_words(p->star + i);
        several leads = load_pattern_words(part + i) | (load_pattern_words(p->any + i) & wide);
        if (hidden) { /* a star neither takes such a dot nor is empty in front of one */
            now &= ~star;
            before &= ~load_pattern_words(p->star + i - 1);
            leads = load_pattern_words(p->hidden + i);
        }
        const several next =
            ((now << 1 | before >> 63) & leads) | (now & star & (hidden ? 0 : wide));
        *(several *)(p->next + i) = next;
        alive |= next;
    }
    return alive[0] | alive[1];
}

static void add_found_pattern(struct patterns *p)
{
    for (size_t i = 0; i < p->words; i++)
        p->found[i] |= p->now[i];
}

void patterns_compare(struct patterns *p, const char *text, bool within)
{
    const char *begin = text;
    memcpy(p->now, p->begin, p->words * sizeof *p->now);
    memset(p->found, 0, p->words * sizeof *p->found);
    for (bool alive = true; *text && alive; text++) {
        if (within && *text == '/' && text > begin)
            add_found_pattern(p);
        alive = advance_pattern_path(p, text, begin);
        uint64_t *was = p->now;
        p->now = p->next;
        p->next = was;
    }
    add_found_pattern(p);
}
