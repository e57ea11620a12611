/* May an author of packages write rules about a program, or about an address? */
#include "btnsd/rules/compile/scope.h"

#include "btnsd/rules/model/glob.h"

#include <string.h>

static size_t next_path_component(const char *text)
{
    return strcspn(text, "/");
}

/*
 * Does `outer` cover `inner`, for the name of one file or directory? A `*` alone covers every name
 * but those that begin with a dot, and no pattern that begins with another octet matches such a
 * name.
 */
static bool scope_component_in(const char *inner, size_t n, const char *outer, size_t m)
{
    if (n == m && !memcmp(inner, outer, n))
        return true;
    return m == 1 && *outer == '*' && n && *inner != '.' && *inner != '\\' && *inner != '[';
}

bool scope_pattern_in(const char *inner, const char *outer)
{
    if (!strcmp(outer, "*"))
        return true;
    if (!strcmp(inner, "*"))
        return false;
    if (glob_is_literal(inner))
        return glob_match(outer, inner);
    for (;;) {
        size_t n = next_path_component(inner), m = next_path_component(outer);
        if (!scope_component_in(inner, n, outer, m) && (n || m))
            return false;
        if (!inner[n] || !outer[m])
            return !inner[n] && !outer[m];
        inner += n + 1;
        outer += m + 1;
    }
}

bool scope_has_program(const struct policy_author *a, const char *pattern)
{
    for (size_t i = 0; i < a->programs; i++)
        if (scope_pattern_in(pattern, a->program[i]))
            return true;
    return false;
}

static bool scope_has_prefix(const struct policy_author *a, const struct prefix *p)
{
    for (size_t i = 0; i < a->remotes; i++)
        if (a->remote[i].bits <= p->bits &&
            btns_addr_in(&p->net, &a->remote[i].net, a->remote[i].bits))
            return true;
    return false;
}

bool scope_has_remotes(const struct policy_author *a, const struct rule *rule)
{
    if (!a->remotes)
        return true;
    for (size_t i = 0; i < rule->remotes; i++)
        if (!scope_has_prefix(a, &rule->remote[i]))
            return false;
    return rule->remotes > 0;
}
