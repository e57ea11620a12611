/* Keeps a host's IPv6 talk with itself out of floors. */
#include "floor.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#define PRIO_SPARE 1
#define OWN_MAX    256

static struct btns_addr spared[OWN_MAX];
static size_t n_spared;

static struct spd_entry entry(const struct btns_addr *a, enum spd_dir dir)
{
    return (struct spd_entry){.dir = dir,
                              .priority = PRIO_SPARE,
                              .action = SPD_ALLOW,
                              .protocol = IPPROTO_TCP,
                              .local = *a,
                              .remote = *a,
                              .local_bits = 128,
                              .remote_bits = 128};
}

static void spare(struct xfrm *x, const struct btns_addr *a)
{
    struct spd_entry in = entry(a, SPD_IN), out = entry(a, SPD_OUT);
    if (n_spared == OWN_MAX || spd_set(x, &in, NULL) || spd_set(x, &out, NULL))
        return;
    spared[n_spared++] = *a;
}

void floor_unspare_own6(struct xfrm *x)
{
    while (n_spared > 0) {
        struct spd_entry in = entry(&spared[--n_spared], SPD_IN);
        struct spd_entry out = entry(&spared[n_spared], SPD_OUT);
        spd_del(x, &in);
        spd_del(x, &out);
    }
}

void floor_spare_own6(struct xfrm *x)
{
    struct ifaddrs *list, *i;
    struct btns_addr a;
    floor_unspare_own6(x);
    if (getifaddrs(&list))
        return;
    for (i = list; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET6 &&
            btns_addr_from_sa(&a, i->ifa_addr, sizeof(struct sockaddr_in6))) {
            a.scope = 0;
            spare(x, &a);
        }
    freeifaddrs(list);
}
