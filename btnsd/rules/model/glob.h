/* Patterns for executables' paths: `*`, `?` and `[...]` within one component, as in fnmatch(3). */
#ifndef BTNS_RULES_MODEL_GLOB_H
#define BTNS_RULES_MODEL_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The same as fnmatch(pattern, text, FNM_PATHNAME | FNM_PERIOD) in the C locale, for patterns with
 * which glob_fault() finds nothing wrong. Takes at most len(pattern) * len(text) steps for any
 * pattern: users submit patterns, and one pattern can keep the C library's fnmatch() busy for
 * hours.
 */
bool glob_match(const char *pattern, const char *text);
/*
 * Like glob_match(), and also true if the pattern matches a directory above the path (except "/").
 */
bool glob_match_within(const char *pattern, const char *path);
/*
 * Why a pattern is refused: part of it does not mean what its author may think. NULL: it is not
 * refused.
 */
const char *glob_fault(const char *pattern);
/*
 * Is there a text that both patterns match? within: patterns also match all paths below those that
 * they name. A dot at the beginning of a name counts as any octet, so that a yes may be wrong, but
 * never a no.
 */
bool glob_meet(const char *a, const char *b, bool within);
/* The number of steps that glob_meet() takes at most. */
size_t glob_meet_steps(const char *a, const char *b, bool within);
bool glob_is_literal(const char *pattern);

/*
 * One part of a pattern: it matches one given octet, any octet, an octet of a set, or (a star) any
 * number of octets.
 */
struct glob_part {
    enum { GLOB_OCTET, GLOB_ANY, GLOB_SET, GLOB_STAR } kind;
    unsigned char octet;
    uint64_t set[4]; /* a bit for each octet; `/` may be in it, but never matches */
};
/* The part at *at, which is moved behind it; false at the end. */
bool glob_next_part(const char **at, struct glob_part *part);

#endif
