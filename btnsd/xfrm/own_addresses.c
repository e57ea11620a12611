/* The addresses of this host's interfaces. */
#include "btnsd/xfrm/own_addresses.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <netinet/in.h>

bool own_addresses_list(const struct own_addresses *o, const struct own_address *one)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->item[i].bits == one->bits && btns_addr_ip_equal(&o->item[i].net, &one->net))
            return true;
    return false;
}

bool own_addresses_have(const struct own_addresses *o, const struct btns_addr *a)
{
    for (size_t i = 0; i < o->n; i++)
        if (btns_addr_in(a, &o->item[i].net, o->item[i].bits))
            return true;
    return false;
}

bool own_address_is_host(const struct own_address *one)
{
    return one->bits == btns_addr_bits(&one->net);
}

void own_addresses_free(struct own_addresses *o)
{
    free(o->item);
    *o = (struct own_addresses){.n = 0};
}

int own_addresses_add(struct own_addresses *o, const struct btns_addr *net, unsigned bits)
{
    const struct own_address one = {*net, bits};
    if (own_addresses_list(o, &one))
        return 0; /* a link-local address may be on several links */
    struct own_address *items = array_grow(o->item, &o->room, o->n + 1, sizeof *items);
    if (!items)
        return -ENOMEM;
    o->item = items;
    o->item[o->n++] = one;
    return 0;
}

static int add_interfaces_own_address(struct own_addresses *o, const struct sockaddr *sa)
{
    struct btns_addr a;
    socklen_t len =
        sa->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (!btns_addr_from_sa(&a, sa, len))
        return 0;
    a.scope = 0;
    a.port = 0;
    return own_addresses_add(o, &a, btns_addr_bits(&a));
}

int own_addresses_read(struct own_addresses *o)
{
    struct ifaddrs *list;
    int rc = 0;
    *o = (struct own_addresses){.n = 0};
    if (getifaddrs(&list))
        return -errno;
    for (const struct ifaddrs *i = list; !rc && i; i = i->ifa_next)
        if (i->ifa_addr &&
            (i->ifa_addr->sa_family == AF_INET || i->ifa_addr->sa_family == AF_INET6))
            rc = add_interfaces_own_address(o, i->ifa_addr);
    freeifaddrs(list);
    if (rc)
        own_addresses_free(o);
    return rc;
}
