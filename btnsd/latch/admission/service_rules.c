/* Finds rules that decide about a peer at a service of ours, whichever program listens. Pure. */
#include "btnsd/latch/admission/service_rules.h"

#include "btnsd/latch/floor/mandatory.h"

static bool is_address_among(const struct btns_addr *a, const struct prefix *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].net.family == a->family && btns_addr_in(a, &list[i].net, list[i].bits))
            return true;
    return !n;
}

bool service_rule_applies(const struct rule *r, struct service service)
{
    if (service.protocol && !(r->protocols & rule_protocol_bit(service.protocol)))
        return false;
    for (size_t i = 0; i < r->ports; i++)
        if (r->port[i].from <= service.port && service.port <= r->port[i].to)
            return true;
    return !r->ports;
}

/* Does the rule apply to this service of ours and this peer? */
static bool is_service_rule_about(const struct rule *r, const struct btns_addr *local,
                                  const struct btns_addr *remote, struct service service)
{
    return service_rule_applies(r, service) && is_address_among(local, r->local, r->locals) &&
           is_address_among(remote, r->remote, r->remotes);
}

const struct rule *service_mandatory_rule(const struct rules *all, const struct btns_addr *local,
                                          const struct btns_addr *remote, struct service service)
{
    for (size_t i = 0; all && i < all->mandatory; i++) {
        const struct rule *r = &all->rule[i];
        if (r->at_accept && mandatory_is_for_everybody(r) &&
            is_service_rule_about(r, local, remote, service))
            return r;
    }
    return NULL;
}

/* A list whose names have no addresses yet is not an empty one, which would match everything. */
static bool is_service_inner_open(const struct rule *r, const struct btns_addr *local)
{
    return (r->locals || !(r->unresolved_in & UNRESOLVED_LOCAL)) &&
           is_address_among(local, r->local, r->locals);
}

bool service_inner_is_open(const struct rules *all, const struct btns_addr *local,
                           const struct btns_addr *remote, struct service service)
{
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rule *r = &all->rule[i];
        if (r->at_accept && r->profile && r->profile->beet && r->remotes &&
            is_service_inner_open(r, local) && is_address_among(remote, r->remote, r->remotes) &&
            (!service.protocol || service_rule_applies(r, service)))
            return true;
    }
    return false;
}
