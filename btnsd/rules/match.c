/* Does a rule match a question? Its conditions one by one. */
#include "match.h"

#include "glob.h"

#include <netinet/in.h>
#include <string.h>

static bool match_point(const struct rule *rule, const struct question *q)
{
    return q->point == POINT_CONNECT ? rule->at_connect : rule->at_accept;
}

static bool match_protocol(const struct rule *rule, const struct question *q)
{
    (void)rule;
    return q->protocol == IPPROTO_TCP;
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

static bool match_remote(const struct rule *rule, const struct question *q)
{
    for (size_t i = 0; i < rule->remotes; i++)
        if (btns_addr_in(&q->remote, &rule->remote[i].net, rule->remote[i].bits))
            return true;
    return rule->remotes == 0 || !q->remote.family;
}

bool match_program(const struct rule *rule, const struct question *q)
{
    const char *program = q->program ? q->program : "";
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*") || glob_match(rule->match[i], program))
            return true;
    return rule->matches == 0;
}

unsigned match_misses(const struct rule *rule, const struct question *q)
{
    static const struct {
        unsigned miss;
        bool (*holds)(const struct rule *rule, const struct question *q);
    } conditions[] = {
        {MISS_PROGRAM, match_program}, {MISS_POINT, match_point}, {MISS_PROTOCOL, match_protocol},
        {MISS_REMOTE, match_remote},   {MISS_PORT, match_port},
    };
    unsigned misses = 0;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (!conditions[i].holds(rule, q))
            misses |= conditions[i].miss;
    return misses;
}
