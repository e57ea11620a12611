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

static bool datagrams_may_be_protected(const struct rule *r)
{
    return r->action == ACTION_PROTECT || r->action == ACTION_PREFER;
}

/*
 * The index of the rule's first range that includes the port; if there is none, the number of
 * ranges.
 */
static size_t datagrams_range_with_port(const struct rule *r, unsigned port)
{
    size_t k = 0;
    while (k < r->ports && (r->port[k].from > port || r->port[k].to < port))
        k++;
    return k;
}

static bool datagrams_rule_has_port(const struct rule *r, unsigned port)
{
    return !r->ports || datagrams_range_with_port(r, port) < r->ports;
}

/* Does the rule name this very port, not only a range with it? */
static bool datagrams_rule_names_port(const struct rule *r, unsigned port)
{
    size_t k = datagrams_range_with_port(r, port);
    return k < r->ports && r->port[k].from == r->port[k].to;
}

bool lint_datagrams_has_dns(const struct rule *r)
{
    return about_datagrams(r) && datagrams_rule_has_port(r, DNS);
}

void lint_datagrams_dns(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (r->action == ACTION_PROTECT && r->at_connect && !r->remotes && lint_datagrams_has_dns(r))
        finding_say(l, check, i,
                    finding_value_node(l, i, "port", datagrams_range_with_port(r, DNS)),
                    "name the addresses of the name servers that run btnsd, or leave port 53 out",
                    "questions to every name server have to be protected, and few run btnsd: these "
                    "programs may find no host by its name");
}

void lint_datagrams_l2tp(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (about_datagrams(r) && datagrams_rule_names_port(r, L2TP))
        finding_say(l, check, i,
                    finding_value_node(l, i, "port", datagrams_range_with_port(r, L2TP)),
                    "write rules about what the session carries, at the hosts where it ends",
                    "this is L2TP: the rule is about the whole session, and no rule can tell apart "
                    "what it carries");
}

void lint_datagrams_gso(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (datagrams_may_be_protected(r) && about_datagrams(r) && datagrams_rule_has_port(r, HTTPS))
        finding_say(
            l, check, i, finding_value_node(l, i, "port", datagrams_range_with_port(r, HTTPS)),
            "try the program, or turn segmentation off there (UDP_SEGMENT)",
            "QUIC programs may hand many datagrams to the kernel as one, and a protected one "
            "is refused then (EIO): most fall back, slower");
}

void lint_datagrams_ike(struct lint *l, const struct lint_check *check, size_t i)
{
    static const unsigned ports[] = {IKE, NAT_T};
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < sizeof ports / sizeof *ports; k++)
        if (datagrams_may_be_protected(r) && about_datagrams(r) &&
            datagrams_rule_names_port(r, ports[k]))
            finding_say(l, check, i,
                        finding_value_node(l, i, "port", datagrams_range_with_port(r, ports[k])),
                        "leave the port out",
                        "UDP ports 500 and 4500 are IKE's, which makes the keys: they are never "
                        "protected, whatever a rule says");
}
