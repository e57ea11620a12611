/* Checks of a rule's addresses and ports (useipsec, section 8 a). */
#include "btnsd/ctl/lint/lint.h"

#include <netinet/in.h>
#include <string.h>

static bool is_selector_clear(const struct rule *r)
{
    return r->action == ACTION_BYPASS || r->action == ACTION_PREFER;
}

static bool selector_protects(const struct rule *r)
{
    return r->action == ACTION_PROTECT || r->action == ACTION_PREFER;
}

static bool is_same_selector(const struct prefix *p, const char *net, unsigned bits)
{
    struct btns_addr a;
    return btns_addr_parse(&a, net) && p->bits == bits && btns_addr_ip_equal(&p->net, &a);
}

static bool is_selector_inside(const struct prefix *p, const char *net, unsigned bits)
{
    struct btns_addr a;
    return btns_addr_parse(&a, net) && p->bits >= bits && btns_addr_in(&p->net, &a, bits);
}

void lint_selector_unresolved(struct lint *l, const struct lint_check *check, size_t rule)
{
    const struct rule *r = &l->rules->rule[rule];
    if (r->unresolved)
        finding_say(l, check, rule, finding_rule_node(l, rule),
                    "write the address, or mend the name", "%s", r->unresolved);
}

void lint_selector_everything_clear(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (is_selector_clear(r) && !r->remotes && !r->ports)
        finding_say(l, check, i, finding_value_node(l, i, "action", 0),
                    "name the remote addresses or the ports that it is for",
                    "%s for every address and every port: nothing of these programs has to be "
                    "protected any more, and no later rule is asked",
                    action_name(r->action));
}

void lint_selector_anybody_clear(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (is_selector_clear(r) && !r->remotes && r->ports)
        finding_say(l, check, i, finding_value_node(l, i, "action", 0),
                    "name the remote addresses, if they are known",
                    "%s towards every address: an attacker on the path can get it in the clear",
                    action_name(r->action));
}

void lint_selector_one_family(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    size_t all4 = r->remotes, all6 = r->remotes;
    bool other4 = false, other6 = false;
    for (size_t k = 0; k < r->remotes; k++) {
        other4 |= r->remote[k].net.family == AF_INET;
        other6 |= r->remote[k].net.family == AF_INET6;
        all4 = is_same_selector(&r->remote[k], "0.0.0.0", 0) ? k : all4;
        all6 = is_same_selector(&r->remote[k], "::", 0) ? k : all6;
    }
    if (all4 < r->remotes && !other6)
        finding_say(l, check, i, finding_value_node(l, i, "remote", all4),
                    "add \"::/0\", or leave remote out for every address",
                    "this is every address of IPv4 and none of IPv6");
    if (all6 < r->remotes && !other4)
        finding_say(l, check, i, finding_value_node(l, i, "remote", all6),
                    "add \"0.0.0.0/0\", or leave remote out for every address",
                    "this is every address of IPv6 and none of IPv4");
}

/* Reports each address inside net, all with the same reason. */
static void each_selector_inside(struct lint *l, const struct lint_check *check, size_t i,
                                 const char *net, unsigned bits, const char *instead,
                                 const char *why)
{
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < r->remotes; k++)
        if (is_selector_inside(&r->remote[k], net, bits))
            finding_say(l, check, i, finding_value_node(l, i, "remote", k), instead, "%s", why);
}

void lint_selector_nobody(struct lint *l, const struct lint_check *check, size_t i)
{
    static const char *const instead = "write \"0.0.0.0/0\" or \"::/0\" for every address";
    each_selector_inside(l, check, i, "0.0.0.0", 32, instead,
                         "no host has this address: never matches");
    each_selector_inside(l, check, i, "::", 128, instead,
                         "no host has this address: never matches");
}

void lint_selector_multicast(struct lint *l, const struct lint_check *check, size_t i)
{
    static const char *const instead = "name hosts or networks of hosts";
    static const char *const why = "a group is no peer: IPsec here is between two hosts";
    each_selector_inside(l, check, i, "224.0.0.0", 4, instead, why);
    each_selector_inside(l, check, i, "255.255.255.255", 32, instead, why);
    each_selector_inside(l, check, i, "ff00::", 8, instead, why);
}

void lint_selector_loopback(struct lint *l, const struct lint_check *check, size_t i)
{
    static const char *const why =
        "what stays on the host is never protected, whatever a rule says";
    if (!selector_protects(&l->rules->rule[i]))
        return;
    each_selector_inside(l, check, i, "127.0.0.0", 8, "leave it out, or write action = bypass",
                         why);
    each_selector_inside(l, check, i, "::1", 128, "leave it out, or write action = bypass", why);
}

void lint_selector_link_local(struct lint *l, const struct lint_check *check, size_t i)
{
    if (l->rules->rule[i].action == ACTION_PROTECT)
        each_selector_inside(
            l, check, i, "fe80::", 10, "use other addresses, or write action = bypass",
            "link-local addresses cannot be protected: these connections always fail");
}

/* Linux gives these ports to clients (ip_local_port_range). */
#define DYNAMIC_FROM 32768
#define DYNAMIC_TO   60999

void lint_selector_dynamic_ports(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; k < r->ports; k++) {
        const struct ports *p = &r->port[k];
        bool all = p->from <= 1024 && p->to == 65535;
        if (p->from < p->to && p->to >= DYNAMIC_FROM && p->from <= DYNAMIC_TO && !all)
            finding_say(
                l, check, i, finding_value_node(l, i, "port", k),
                "name the service's own ports, or leave port out for all",
                "the kernel gives ports %u to %u to clients: another program may have one of "
                "these tomorrow",
                p->from > DYNAMIC_FROM ? p->from : DYNAMIC_FROM,
                p->to < DYNAMIC_TO ? p->to : DYNAMIC_TO);
    }
}

void lint_selector_host_alone(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    if (r->action != ACTION_BYPASS || r->ports || !r->remotes)
        return;
    for (size_t k = 0; k < r->remotes; k++)
        if (r->remote[k].bits < btns_addr_bits(&r->remote[k].net) ||
            btns_addr_is_loopback(&r->remote[k].net))
            return;
    finding_say(l, check, i, finding_value_node(l, i, "remote", 0), "name the ports of the service",
                "bypass for whatever service of %s: one that comes later is in the clear, too",
                r->remotes > 1 ? "these hosts" : "this host");
}

#define BGP 179

void lint_selector_bgp(struct lint *l, const struct lint_check *check, size_t i)
{
    const struct rule *r = &l->rules->rule[i];
    for (size_t k = 0; !r->remotes && k < r->ports; k++)
        if (r->port[k].from == BGP && r->port[k].to == BGP && r->action != ACTION_DISCARD)
            finding_say(l, check, i, finding_value_node(l, i, "port", k),
                        "remote = { \"192.0.2.1\" } with the addresses of the other speakers",
                        "BGP runs between pairs of hosts that are known (useipsec, section 9)");
}

/*
 * The same condition as btnsd's for SPD entries of mandatory rules, which cannot name programs or
 * users.
 */
bool lint_selector_binds_all(const struct rule *r)
{
    bool blocks = r->action == ACTION_PROTECT || r->action == ACTION_DISCARD;
    bool every = !r->matches;
    for (size_t i = 0; i < r->matches; i++)
        every |= !strcmp(r->match[i], "*");
    return r->rank == RANK_MANDATORY && blocks && every && !r->users && !r->groups && !r->cgroups &&
           !r->interfaces && !r->peer;
}

void lint_selector_outside(struct lint *l, const struct lint_check *check, size_t rule)
{
    const struct rule *r = &l->rules->rule[rule];
    if (!lint_selector_binds_all(r))
        return;
    finding_say(l, check, rule, finding_value_node(l, rule, "mandatory", 0),
                "if that is what you want, say so: # check: accept outside",
                "binds programs that are not under btns-run as well: the kernel drops what %s",
                r->action == ACTION_PROTECT ? "is not protected" : "the rule is about");
}
