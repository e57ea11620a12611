/* Patterns for executables' paths: matches a path with one, and splits one into its parts. */
#include "btnsd/rules/model/glob.h"

#include <string.h>

#define SPECIAL "*?[\\"

bool glob_is_literal(const char *pattern)
{
    return !pattern[strcspn(pattern, SPECIAL)];
}

static unsigned char is_glob_class_member(const char **p)
{
    if (**p == '\\' && (*p)[1])
        ++*p;
    return (unsigned char)*(*p)++;
}

/* Reads "a" or "a-z"; returns the first octet. */
static unsigned char read_glob_range(const char **p, unsigned char *to)
{
    unsigned char from = *to = is_glob_class_member(p);
    if (**p == '-' && (*p)[1] && (*p)[1] != ']') {
        ++*p;
        *to = is_glob_class_member(p);
    }
    return from;
}

/* Is the octet in the set? *p is behind `[` before, and behind `]` afterwards. */
static bool is_in_glob_set(const char **p, unsigned char c)
{
    bool negated = **p == '!' || **p == '^', found = false;
    *p += negated;
    const char *first = *p;
    while (**p && (**p != ']' || *p == first)) {
        unsigned char to, from = read_glob_range(p, &to);
        found |= c >= from && c <= to;
    }
    *p += **p == ']';
    return found != negated;
}

static void read_glob_set(const char **p, uint64_t set[4])
{
    bool negated = **p == '!' || **p == '^';
    *p += negated;
    const char *first = *p;
    while (**p && (**p != ']' || *p == first)) {
        unsigned char to, from = read_glob_range(p, &to);
        for (unsigned c = from; c <= to; c++)
            set[c / 64] |= (uint64_t)1 << c % 64;
    }
    *p += **p == ']';
    for (unsigned i = 0; negated && i < 4; i++)
        set[i] = ~set[i];
}

bool glob_next_part(const char **at, struct glob_part *part)
{
    unsigned char c = (unsigned char)**at;
    if (!c)
        return false;
    ++*at;
    *part = (struct glob_part){.kind = GLOB_OCTET, .octet = c};
    if (c == '*') {
        part->kind = GLOB_STAR;
    } else if (c == '?') {
        part->kind = GLOB_ANY;
    } else if (c == '[') {
        part->kind = GLOB_SET;
        read_glob_set(at, part->set);
    } else if (c == '\\' && **at) {
        part->octet = (unsigned char)*(*at)++;
    }
    return true;
}

/* Compares one octet of the text with one part of the pattern; moves *p behind that part. */
static bool glob_match_part(const char **p, const char *text, const char *begin)
{
    bool hidden = *text == '.' && (text == begin || text[-1] == '/');
    unsigned char c = (unsigned char)*text, want = (unsigned char)*(*p)++;
    if (want == '[' || want == '?')
        return (want == '?' || is_in_glob_set(p, c)) && c != '/' && !hidden;
    if (want == '\\' && **p)
        want = (unsigned char)*(*p)++;
    return want == c;
}

/*
 * Where a part does not match, the last `*` takes one octet more. An earlier `*` never needs to
 * take more: the last one can take the same octets, and no `*` reaches beyond its component.
 */
static bool glob_match_until(const char *pattern, const char *text, const char *end)
{
    const char *begin = text, *star = NULL, *taken = NULL;
    while (text < end) {
        const char *p = pattern;
        if (*pattern == '*') {
            if (*text == '.' && (text == begin || text[-1] == '/'))
                return false;
            star = ++pattern;
            taken = text;
        } else if (*pattern && glob_match_part(&p, text, begin)) {
            if (*text == '/')
                star = NULL;
            pattern = p;
            text++;
        } else if (star && *taken != '/') {
            pattern = star;
            text = ++taken;
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

bool glob_match(const char *pattern, const char *text)
{
    return glob_match_until(pattern, text, text + strlen(text));
}

/*
 * No part of a pattern reaches beyond its component, so that only one beginning of the path can
 * match.
 */
bool glob_match_within(const char *pattern, const char *path)
{
    const char *end = path;
    for (const char *p = pattern; *p; p++)
        if (*p == '/' && *end)
            end += 1 + strcspn(end + 1, "/");
    return glob_match_until(pattern, path, end);
}

/* Finds a fault in a set. *p is behind `[` before, and at its `]` afterwards. */
static const char *fault_in_glob_set(const char **p)
{
    *p += **p == '!' || **p == '^';
    const char *first = *p;
    for (; **p != ']' || *p == first; ++*p) {
        if (**p == '\\')
            ++*p;
        else if (**p == '[' && (*p)[1] && strchr(":.=", (*p)[1]))
            return "a class like \"[:alpha:]\" in \"[...]\": write the range, like \"[a-z]\"";
        if (!**p)
            return "\"[\" without \"]\"";
        if (**p == '/')
            return "a \"/\" in \"[...]\"";
    }
    return NULL;
}

const char *glob_fault(const char *pattern)
{
    for (const char *p = pattern; *p; p++) {
        if (*p == '\\') {
            if (!*++p)
                return "a \"\\\" at its end";
            if (*p == '/')
                return "a \"\\\" before a \"/\"";
        } else if (*p == '[') {
            p++;
            const char *fault = fault_in_glob_set(&p);
            if (fault)
                return fault;
        }
    }
    return NULL;
}
