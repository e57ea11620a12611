/* Finds rules that never decide, because one earlier rule covers them (Ua). */
#include "btnsd/ctl/lint/lint.h"

#include "btnsd/rules/model/glob.h"

#include <stdlib.h>
#include <string.h>

static bool pattern_covers(const char *wide, const char *narrow)
{
    if (!strcmp(wide, "*") || !strcmp(wide, narrow))
        return true;
    return glob_is_literal(narrow) && strcmp(narrow, "*") && glob_match(wide, narrow);
}

static bool programs_cover(const struct rule *a, const struct rule *b)
{
    if (a->match == b->match)
        return true;
    for (size_t k = 0; k < b->matches; k++) {
        size_t i = 0;
        while (i < a->matches && !pattern_covers(a->match[i], b->match[k]))
            i++;
        if (i == a->matches)
            return false;
    }
    return true;
}

/* Do a's ranges together cover every port from `from` to `to`? */
static bool range_covered(const struct rule *a, unsigned from, unsigned to)
{
    for (size_t i = 0; from <= to; i++) {
        if (i == a->ports)
            return false;
        if (a->port[i].from <= from && a->port[i].to >= from) {
            from = a->port[i].to + 1u;
            i = (size_t)-1;
        }
    }
    return true;
}

static bool ports_cover(const struct rule *a, const struct rule *b)
{
    for (size_t k = 0; a->ports && k < b->ports; k++)
        if (!range_covered(a, b->port[k].from, b->port[k].to))
            return false;
    return !a->ports || b->ports;
}

/*
 * Adjacent prefixes are not joined, so a rule that only two prefixes together cover is not found.
 */
static bool prefixes_cover(const struct prefix *a, size_t as, const struct prefix *b, size_t bs)
{
    for (size_t k = 0; as && k < bs; k++) {
        size_t i = 0;
        while (i < as && !(a[i].bits <= b[k].bits && btns_addr_in(&b[k].net, &a[i].net, a[i].bits)))
            i++;
        if (i == as)
            return false;
    }
    return !as || bs;
}

static bool numbers_cover(const uint32_t *a, size_t as, const uint32_t *b, size_t bs)
{
    for (size_t k = 0; as && k < bs; k++) {
        size_t i = 0;
        while (i < as && a[i] != b[k])
            i++;
        if (i == as)
            return false;
    }
    return !as || bs;
}

static bool texts_cover(char **a, size_t as, char **b, size_t bs)
{
    for (size_t k = 0; as && k < bs; k++) {
        size_t i = 0;
        while (i < as && strcmp(a[i], b[k]) != 0)
            i++;
        if (i == as)
            return false;
    }
    return !as || bs;
}

/*
 * Does a apply to every process that b applies to? A process in one of b's groups is surely in one
 * of a's only if they are the same.
 */
static bool processes_cover(const struct rule *a, const struct rule *b)
{
    return numbers_cover(a->user, a->users, b->user, b->users) &&
           numbers_cover(a->group, a->groups, b->group, b->groups) &&
           texts_cover(a->cgroup, a->cgroups, b->cgroup, b->cgroups);
}

static bool covers_rule(const struct rule *a, const struct rule *b)
{
    return !(b->protocols & ~a->protocols) && ports_cover(a, b) &&
           prefixes_cover(a->remote, a->remotes, b->remote, b->remotes) &&
           prefixes_cover(a->local, a->locals, b->local, b->locals) &&
           texts_cover(a->interface, a->interfaces, b->interface, b->interfaces) &&
           (a->peer == SEEN_ANY || a->peer == b->peer) && processes_cover(a, b) &&
           programs_cover(a, b);
}

/* The earlier rule that covers rule i at connect or accept, or NULL. */
static const struct rule *rule_that_takes(const struct lint *l, size_t i, bool connect)
{
    const struct rule *b = &l->rules->rule[i];
    for (const struct rule *a = l->rules->rule; a < b; a++)
        if (!a->unresolved && (connect ? a->at_connect : a->at_accept) && covers_rule(a, b))
            return a;
    return NULL;
}

static void say_shadow(struct lint *l, const struct lint_check *check, size_t i, bool same,
                       const char *instead, const char *form)
{
    const struct rule *b = &l->rules->rule[i];
    const struct rule *connect = b->at_connect ? rule_that_takes(l, i, true) : NULL;
    const struct rule *accept = b->at_accept ? rule_that_takes(l, i, false) : NULL;
    if ((b->at_connect && !connect) || (b->at_accept && !accept))
        return;
    bool equal =
        (!connect || connect->action == b->action) && (!accept || accept->action == b->action);
    const struct rule *a = connect && (connect->action != b->action || !accept) ? connect : accept;
    if (equal == same)
        finding_say(l, check, i, finding_rule_node(l, i), instead,
                    "never decides: rule \"%s\" (%s:%u) %s (%s)", a->name, a->file, a->line, form,
                    action_name(a->action));
}

void lint_shadowed(struct lint *l, const struct lint_check *check, size_t i)
{
    say_shadow(l, check, i, false, "put it before that rule, or leave it out",
               "covers all its cases, with another action");
}

void lint_repeated(struct lint *l, const struct lint_check *check, size_t i)
{
    say_shadow(l, check, i, true, "leave one of them out",
               "covers all its cases, with the same action");
}
