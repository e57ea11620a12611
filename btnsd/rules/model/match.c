/* Does a rule match a question? Compares each of the rule's conditions by itself. */
#include "btnsd/rules/model/match.h"

#include "btnsd/rules/model/glob.h"

#include <string.h>

static bool match_point(const struct rule *rule, const struct question *q)
{
    return q->point == POINT_CONNECT ? rule->at_connect : rule->at_accept;
}

static bool match_protocol(const struct rule *rule, const struct question *q)
{
    return rule->protocols & rule_protocol_bit(q->protocol);
}

uint16_t match_service(const struct question *q)
{
    return q->point == POINT_CONNECT ? q->remote.port : q->local.port;
}

static bool match_port(const struct rule *rule, const struct question *q)
{
    uint16_t port = match_service(q);
    for (size_t i = 0; i < rule->ports; i++)
        if (port >= rule->port[i].from && port <= rule->port[i].to)
            return true;
    return rule->ports == 0;
}

static bool match_prefix(const struct btns_addr *a, const struct prefix *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (btns_addr_in(a, &p[i].net, p[i].bits))
            return true;
    return false;
}

static bool match_remote(const struct rule *rule, const struct question *q)
{
    return !rule->remotes || match_every_peer(q) ||
           match_prefix(&q->remote, rule->remote, rule->remotes);
}

static bool match_local(const struct rule *rule, const struct question *q)
{
    return !rule->locals || match_wherever_called(q) ||
           match_prefix(&q->local, rule->local, rule->locals);
}

bool match_any_program(const struct rule *rule)
{
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*"))
            return true;
    return !rule->matches;
}

bool match_program(const struct rule *rule, const struct question *q)
{
    const char *program = q->program ? q->program : "";
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*") || glob_match(rule->match[i], program))
            return true;
    return rule->matches == 0;
}

static bool match_number(const uint32_t *list, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == number)
            return true;
    return false;
}

static bool match_user(const struct rule *rule, const struct question *q)
{
    return !rule->users || match_number(rule->user, rule->users, q->uid);
}

static bool match_group(const struct rule *rule, const struct question *q)
{
    for (size_t i = 0; i < q->gids; i++)
        if (match_number(rule->group, rule->groups, q->gid[i]))
            return true;
    return !rule->groups;
}

static bool match_cgroup(const struct rule *rule, const struct question *q)
{
    for (size_t i = 0; q->cgroup && i < rule->cgroups; i++)
        if (glob_match_within(rule->cgroup[i], q->cgroup))
            return true;
    return !rule->cgroups;
}

static bool match_interface(const struct rule *rule, const struct question *q)
{
    for (size_t i = 0; q->interface && i < rule->interfaces; i++)
        if (!strcmp(rule->interface[i], q->interface))
            return true;
    return !rule->interfaces;
}

static bool match_peer(const struct rule *rule, const struct question *q)
{
    return rule->peer == SEEN_ANY || rule->peer == q->peer;
}

unsigned match_other_misses(const struct rule *rule, const struct question *q)
{
    static const struct {
        unsigned miss;
        bool (*holds)(const struct rule *rule, const struct question *q);
    } conditions[] = {
        {MISS_POINT, match_point},         {MISS_PROTOCOL, match_protocol},
        {MISS_REMOTE, match_remote},       {MISS_PORT, match_port},
        {MISS_LOCAL, match_local},         {MISS_USER, match_user},
        {MISS_GROUP, match_group},         {MISS_CGROUP, match_cgroup},
        {MISS_INTERFACE, match_interface}, {MISS_PEER, match_peer},
    };
    unsigned misses = 0;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (!conditions[i].holds(rule, q))
            misses |= conditions[i].miss;
    return misses;
}

unsigned match_misses(const struct rule *rule, const struct question *q)
{
    return match_other_misses(rule, q) | (match_program(rule, q) ? 0 : MISS_PROGRAM);
}
