/* Deciding: the first rule, in order, that matches a question. No I/O, no state. */
#include "rules.h"

#include <fnmatch.h>
#include <netinet/in.h>
#include <string.h>

static bool match_point(const struct rule *rule, const struct question *q)
{
    return q->point == POINT_CONNECT ? rule->at_connect : rule->at_accept;
}

/* The service's port: where it goes to, or where it was accepted. */
static bool match_port(const struct rule *rule, const struct question *q)
{
    uint16_t port = q->point == POINT_CONNECT ? q->remote.port : q->local.port;
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

static bool match_program(const struct rule *rule, const struct question *q)
{
    const char *program = q->program ? q->program : "";
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*") ||
            !fnmatch(rule->match[i], program, FNM_PATHNAME | FNM_PERIOD))
            return true;
    return rule->matches == 0;
}

const struct rule *rules_decide(const struct rules *r, const struct question *q,
                                const struct rule *from)
{
    if (q->protocol != IPPROTO_TCP)
        return NULL;
    for (size_t i = from ? (size_t)(from - r->rule) + 1 : 0; i < r->n; i++) {
        const struct rule *rule = &r->rule[i];
        if (match_point(rule, q) && match_port(rule, q) && match_remote(rule, q) &&
            match_program(rule, q))
            return rule;
    }
    return NULL;
}
