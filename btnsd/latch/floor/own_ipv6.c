/* Keeps a host's IPv6 talk with itself out of floors. */
#include "btnsd/latch/floor/floor.h"

#include "btnsd/base/log.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define PRIO_SPARE 1

struct own {
    struct btns_addr *addr;
    size_t n, room;
    bool failed; /* out of memory: not all are in it */
};

static struct own spared;
static bool adopted; /* what an earlier btnsd spared is in it */

static bool has(const struct own *o, const struct btns_addr *a)
{
    for (size_t i = 0; i < o->n; i++)
        if (btns_addr_equal(&o->addr[i], a))
            return true;
    return false;
}

static void add(struct own *o, const struct btns_addr *a)
{
    if (has(o, a))
        return; /* a link-local address may be on several links */
    if (o->n == o->room) {
        size_t room = o->room ? o->room * 2 : 16;
        struct btns_addr *more = reallocarray(o->addr, room, sizeof *more);
        o->failed |= !more;
        if (!more)
            return;
        o->addr = more;
        o->room = room;
    }
    o->addr[o->n++] = *a;
}

static struct spd_entry entry(const struct btns_addr *a, uint8_t protocol, enum spd_dir dir)
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

static void put(struct xfrm *x, const struct btns_addr *a)
{
    for (const uint8_t *p = rule_protocols; *p; p++) {
        struct spd_entry in = entry(a, *p, SPD_IN), out = entry(a, *p, SPD_OUT);
        struct err err;
        if (spd_set(x, &in, &err) || spd_set(x, &out, &err))
            log_note("this host's talk with its own address may be blocked: %s", err.text);
    }
}

static void take(struct xfrm *x, const struct btns_addr *a)
{
    for (const uint8_t *p = rule_protocols; *p; p++) {
        struct spd_entry in = entry(a, *p, SPD_IN), out = entry(a, *p, SPD_OUT);
        spd_del(x, &in);
        spd_del(x, &out);
    }
}

static void adopt(void *arg, const struct spd_entry *e)
{
    if (e->ours && e->priority == PRIO_SPARE && e->local.family == AF_INET6)
        add(arg, &e->local);
}

static int list_own(struct own *o)
{
    struct ifaddrs *list;
    struct btns_addr a;
    if (getifaddrs(&list))
        return -1;
    for (const struct ifaddrs *i = list; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6 &&
            btns_addr_from_sa(&a, i->ifa_addr, sizeof(struct sockaddr_in6)) &&
            a.family == AF_INET6) {
            a.scope = 0;
            add(o, &a);
        }
    freeifaddrs(list);
    return o->failed ? -1 : 0;
}

void floor_spare_own6(struct xfrm *x)
{
    struct own now = {.n = 0};
    if (!adopted)
        adopted = !spd_dump(x, adopt, &spared);
    if (list_own(&now)) {
        free(now.addr);
        return;
    }
    /* Those that are there already as well: somebody may have taken them away. */
    for (size_t i = 0; i < now.n; i++)
        put(x, &now.addr[i]);
    for (size_t i = 0; i < spared.n; i++)
        if (!has(&now, &spared.addr[i]))
            take(x, &spared.addr[i]);
    free(spared.addr);
    spared = now;
}

void floor_unspare_own6(struct xfrm *x)
{
    for (size_t i = 0; i < spared.n; i++)
        take(x, &spared.addr[i]);
    free(spared.addr);
    spared = (struct own){.n = 0};
    adopted = false;
}
