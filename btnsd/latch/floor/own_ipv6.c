/* Lets a host's IPv6 connections to itself through floors. */
#include "btnsd/latch/floor/floor.h"

#include "btnsd/base/log.h"
#include "btnsd/xfrm/own_addresses.h"

#include <netinet/in.h>

#define PRIO_SPARE 1

static struct own_addresses spared;
static bool adopted; /* `spared` includes the addresses of an earlier btnsd's entries */

static struct spd_entry own_ipv6_entry(const struct btns_addr *a, uint8_t protocol,
                                       enum spd_dir dir)
{
    return (struct spd_entry){.dir = dir,
                              .priority = PRIO_SPARE,
                              .action = SPD_ALLOW,
                              .protocol = protocol,
                              .local = *a,
                              .remote = *a,
                              .local_bits = 128,
                              .remote_bits = 128};
}

static void spare_own_ipv6(struct xfrm *x, const struct btns_addr *a)
{
    for (const uint8_t *p = rule_protocols; *p; p++) {
        struct spd_entry in = own_ipv6_entry(a, *p, SPD_IN), out = own_ipv6_entry(a, *p, SPD_OUT);
        struct err err;
        if (spd_set(x, &in, &err) || spd_set(x, &out, &err))
            log_warning("connections of this host to its own IPv6 address may be blocked: %s",
                        err.text);
    }
}

static void unspare_own_ipv6(struct xfrm *x, const struct btns_addr *a)
{
    for (const uint8_t *p = rule_protocols; *p; p++) {
        struct spd_entry in = own_ipv6_entry(a, *p, SPD_IN), out = own_ipv6_entry(a, *p, SPD_OUT);
        spd_del(x, &in);
        spd_del(x, &out);
    }
}

static void adopt_own_ipv6(void *arg, const struct spd_entry *e)
{
    if (e->ours && e->priority == PRIO_SPARE && e->local.family == AF_INET6)
        own_addresses_add(arg, &e->local, e->local_bits);
}

static bool is_ipv6(const struct own_address *own)
{
    return own->net.family == AF_INET6;
}

void own_ipv6_spare(struct xfrm *x)
{
    struct own_addresses now;
    if (!adopted)
        adopted = !spd_dump(x, adopt_own_ipv6, &spared);
    if (own_addresses_read(&now))
        return;
    /* Includes addresses that have entries already: somebody may have deleted these. */
    for (size_t i = 0; i < now.n; i++)
        if (is_ipv6(&now.item[i]))
            spare_own_ipv6(x, &now.item[i].net);
    for (size_t i = 0; i < spared.n; i++)
        if (is_ipv6(&spared.item[i]) && !own_addresses_list(&now, &spared.item[i]))
            unspare_own_ipv6(x, &spared.item[i].net);
    own_addresses_free(&spared);
    spared = now;
}

void own_ipv6_unspare(struct xfrm *x)
{
    for (size_t i = 0; i < spared.n; i++)
        if (is_ipv6(&spared.item[i]))
            unspare_own_ipv6(x, &spared.item[i].net);
    own_addresses_free(&spared);
    adopted = false;
}
