/* Checks of rules about UDP (useipsec, section 8 a and i). */
#include "btnsd/ctl/lint/lint.h"

#include <netinet/in.h>

#define DNS   53
#define HTTPS 443
#define IKE   500
#define L2TP  1701
#define NAT_T 4500

static bool about_datagrams(const struct rule *r)
{
    return r->protocols & rule_protocol_bit(IPPROTO_UDP);
}

static bool may_protect(const struct rule *r)
{
    return r->action == ACTION_PROTECT || r->action == ACTION_PREFER;
}

/*
 * The index of the rule's first range that includes the port; if there is none, the number of
 * ranges.
 */
static size_t range_with_port(const struct rule *r, unsigned port)
{
    size_t k = 0;
    while (k < r->ports && (r->port[k].from > port || r->port[k].to < port))
        k++;
    return k;
}

static bool rule_has_port(const struct rule *r, unsigned port)
{
    return !r->ports || range_with_port(r, port) < r->ports;
}

/* Does the rule name this very port, not only a range with it? */
static bool rule_names_port(const struct rule *r, unsigned port)
{
    size_t k = range_with_port(r, port);
    return k < r->ports && r->port[k].from == r->port[k].to;
}

bool lint_has_dns(const struct rule *r)
{
    return about_datagrams(r) && rule_has_port(r, DNS);
}

void lint_dns(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (r->action == ACTION_PROTECT && r->at_connect && !r->remotes && lint_has_dns(r))
        lint_say(l, check, i, lint_value(l, i, "port", range_with_port(r, DNS)),
                 "name the addresses of the name servers that run btnsd, or leave port 53 out",
                 "questions to every name server have to be protected, and few run btnsd: these "
                 "programs may find no host by its name");
}

void lint_l2tp(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (about_datagrams(r) && rule_names_port(r, L2TP))
        lint_say(l, check, i, lint_value(l, i, "port", range_with_port(r, L2TP)),
                 "write rules about what the session carries, at the hosts where it ends",
                 "this is L2TP: the rule is about the whole session, and no rule can tell apart "
                 "what it carries");
}

void lint_gso(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (may_protect(r) && about_datagrams(r) && rule_has_port(r, HTTPS))
        lint_say(l, check, i, lint_value(l, i, "port", range_with_port(r, HTTPS)),
                 "try the program, or turn segmentation off there (UDP_SEGMENT)",
                 "QUIC programs may hand many datagrams to the kernel as one, and a protected one "
                 "is refused then (EIO): most fall back, slower");
}

void lint_ike_itself(struct lint *l, const struct lint_check *check, size_t i)
{
    static const unsigned ports[] = {IKE, NAT_T};
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < sizeof ports / sizeof *ports; k++)
        if (may_protect(r) && about_datagrams(r) && rule_names_port(r, ports[k]))
            lint_say(l, check, i, lint_value(l, i, "port", range_with_port(r, ports[k])),
                     "leave the port out",
                     "UDP ports 500 and 4500 are IKE's, which makes the keys: they are never "
                     "protected, whatever a rule says");
}
