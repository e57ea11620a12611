/* Can two rules match the same connection? Compares condition by condition. */
#include "btnsd/rules/compile/conflict.h"
#include "btnsd/rules/model/glob.h"

#include <string.h>

static bool prefixes_meet(const struct prefix *a, size_t as, const struct prefix *b, size_t bs)
{
    for (size_t i = 0; i < as; i++)
        for (size_t k = 0; k < bs; k++)
            if (btns_addr_in(&a[i].net, &b[k].net, a[i].bits < b[k].bits ? a[i].bits : b[k].bits))
                return true;
    return !as || !bs;
}

bool rules_ports_meet(const struct rule *a, const struct rule *b)
{
    for (size_t i = 0; i < a->ports; i++)
        for (size_t k = 0; k < b->ports; k++)
            if (a->port[i].from <= b->port[k].to && b->port[k].from <= a->port[i].to)
                return true;
    return !a->ports || !b->ports;
}

bool rules_remotes_meet(const struct rule *a, const struct rule *b)
{
    return prefixes_meet(a->remote, a->remotes, b->remote, b->remotes);
}

static bool users_meet(const struct rule *a, const struct rule *b)
{
    for (size_t i = 0; i < a->users; i++)
        for (size_t k = 0; k < b->users; k++)
            if (a->user[i] == b->user[k])
                return true;
    return !a->users || !b->users;
}

static bool texts_meet(char **a, size_t as, char **b, size_t bs,
                       bool (*meet)(const char *a, const char *b))
{
    for (size_t i = 0; i < as; i++)
        for (size_t k = 0; k < bs; k++)
            if (meet(a[i], b[k]))
                return true;
    return !as || !bs;
}

static bool meet_same_text(const char *a, const char *b)
{
    return !strcmp(a, b);
}

static bool programs_meet(const char *a, const char *b)
{
    return !strcmp(a, "*") || !strcmp(b, "*") || glob_meet(a, b, false);
}

static bool cgroups_meet(const char *a, const char *b)
{
    return glob_meet(a, b, true);
}

bool rules_programs_meet(const struct rule *a, const struct rule *b)
{
    return texts_meet(a->match, a->matches, b->match, b->matches, programs_meet);
}

/* A process may be in any two groups. */
bool rules_others_meet(const struct rule *a, const struct rule *b)
{
    /*
     * Nobody knows which addresses or users the name stands for, so no other rule is refused
     * because of it.
     */
    if (a->unresolved || b->unresolved)
        return false;
    bool points = (a->at_connect && b->at_connect) || (a->at_accept && b->at_accept);
    bool peers = !a->peer || !b->peer || a->peer == b->peer;
    return points && peers && rules_ports_meet(a, b) && users_meet(a, b) &&
           rules_remotes_meet(a, b) && prefixes_meet(a->local, a->locals, b->local, b->locals) &&
           texts_meet(a->interface, a->interfaces, b->interface, b->interfaces, meet_same_text) &&
           texts_meet(a->cgroup, a->cgroups, b->cgroup, b->cgroups, cgroups_meet);
}

bool rules_meet(const struct rule *a, const struct rule *b)
{
    return rules_others_meet(a, b) && rules_programs_meet(a, b);
}

#define LOOK 16 /* steps that are counted for comparing one pair */

static uint64_t meet_steps_for_texts(char **a, size_t as, char **b, size_t bs, bool within,
                                     uint64_t most)
{
    uint64_t steps = 0;
    for (size_t i = 0; i < as; i++)
        for (size_t k = 0; k < bs && steps <= most; k++)
            steps += glob_meet_steps(a[i], b[k], within) + LOOK;
    return steps;
}

uint64_t rules_programs_steps(const struct rule *a, const struct rule *b, uint64_t most)
{
    return meet_steps_for_texts(a->match, a->matches, b->match, b->matches, false, most);
}

uint64_t rules_others_steps(const struct rule *a, const struct rule *b, uint64_t most)
{
    return 1 + a->ports * b->ports + a->users * b->users + a->remotes * b->remotes +
           a->locals * b->locals + a->interfaces * b->interfaces +
           meet_steps_for_texts(a->cgroup, a->cgroups, b->cgroup, b->cgroups, true, most);
}
