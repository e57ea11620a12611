/* Is there a text that two patterns both match? */
#include "btnsd/rules/model/glob.h"

#include <stdint.h>
#include <string.h>

#define PARTS_MAX 1024 /* a longer pattern counts as meeting every other */

/* One part of a pattern: any number of octets but `/`, or one octet out of a set. */
struct part {
    bool star;
    uint64_t set[4];
};

static void read_meeting_part(struct part *part, const char **p)
{
    struct glob_part from;
    glob_next_part(p, &from);
    *part = (struct part){.star = from.kind == GLOB_STAR};
    if (from.kind == GLOB_OCTET)
        part->set[from.octet / 64] |= (uint64_t)1 << from.octet % 64;
    for (unsigned i = 0; from.kind != GLOB_OCTET && i < 4; i++)
        part->set[i] = from.kind == GLOB_SET ? from.set[i] : ~(uint64_t)0;
    if (from.kind != GLOB_OCTET) {
        part->set[0] &= ~(uint64_t)1;
        part->set['/' / 64] &= ~((uint64_t)1 << '/' % 64);
    }
}

/* Reads the first `components` of the pattern; 0 when they have too many parts. */
static size_t split_glob_pattern(const char *pattern, unsigned components, struct part *part)
{
    size_t n = 0;
    for (const char *p = pattern; *p; n++) {
        if (n == PARTS_MAX || (*p == '/' && !components--))
            return n == PARTS_MAX ? 0 : n;
        read_meeting_part(&part[n], &p);
    }
    return n;
}

static bool globs_share_component(const struct part *a, const struct part *b)
{
    return (a->set[0] & b->set[0]) | (a->set[1] & b->set[1]) | (a->set[2] & b->set[2]) |
           (a->set[3] & b->set[3]);
}

/*
 * Finds which pairs of places, one in each pattern, some text leads to. At a star, either the
 * pattern goes on behind the star, or the star stays and takes the octet that the other pattern
 * takes.
 */
static bool glob_parts_meet(const struct part *a, size_t as, const struct part *b, size_t bs)
{
    static bool now[PARTS_MAX + 1], next[PARTS_MAX + 1]; /* places of b, for one of a */
    memset(now, 0, bs + 1);
    now[0] = true;
    for (size_t i = 0; i <= as; i++) {
        memset(next, 0, bs + 1);
        for (size_t k = 0; k <= bs; k++) {
            if (!now[k])
                continue;
            bool both = i < as && k < bs && globs_share_component(&a[i], &b[k]);
            next[k] |= i < as && a[i].star;
            if (k < bs && (b[k].star || (both && a[i].star)))
                now[k + 1] = true;
            if (both && b[k].star)
                next[k] = true;
            if (both && !a[i].star && !b[k].star)
                next[k + 1] = true;
        }
        if (i < as)
            memcpy(now, next, bs + 1);
    }
    return now[bs];
}

static unsigned count_glob_components(const char *pattern)
{
    unsigned n = 0;
    for (; *pattern; pattern++)
        n += *pattern == '/';
    return n;
}

static bool is_glob_special(unsigned char c)
{
    return !c || c == '*' || c == '?' || c == '[' || c == ']' || c == '\\';
}

/*
 * Do the patterns differ in a plain octet in front of the first wildcard, or behind the last one?
 */
static bool glob_ends_differ(const char *a, const char *b, bool within)
{
    const char *x = a + strlen(a), *y = b + strlen(b);
    while (!is_glob_special((unsigned char)*a) && *a == *b)
        a++, b++;
    if (!is_glob_special((unsigned char)*a) && !is_glob_special((unsigned char)*b))
        return true;
    while (!within && x > a && y > b && !is_glob_special((unsigned char)x[-1]) && x[-1] == y[-1])
        x--, y--;
    return !within && x > a && y > b && !is_glob_special((unsigned char)x[-1]) &&
           !is_glob_special((unsigned char)y[-1]);
}

/* 1: the patterns meet; 0: they do not; -1: all their parts have to be compared. */
static int globs_meet_at_once(const char *a, const char *b, bool within)
{
    if (!within && count_glob_components(a) != count_glob_components(b))
        return 0;
    if (!within && glob_is_literal(a) && glob_is_literal(b))
        return !strcmp(a, b);
    return glob_ends_differ(a, b, within) ? 0 : -1;
}

size_t glob_meet_steps(const char *a, const char *b, bool within)
{
    return globs_meet_at_once(a, b, within) < 0 ? (strlen(a) + 1) * (strlen(b) + 1) : 1;
}

bool glob_meet(const char *a, const char *b, bool within)
{
    static struct part pa[PARTS_MAX], pb[PARTS_MAX];
    unsigned ca = count_glob_components(a), cb = count_glob_components(b),
             least = ca < cb ? ca : cb;
    int at_once = globs_meet_at_once(a, b, within);
    if (at_once >= 0)
        return at_once;
    size_t na = split_glob_pattern(a, least, pa), nb = split_glob_pattern(b, least, pb);
    return !na || !nb || glob_parts_meet(pa, na, pb, nb);
}
