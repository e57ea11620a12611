/* Reads the destination of a connect(). */
#include "shim/target.h"

#include <netinet/in.h>
#include <string.h>

/* Checks for addresses for which the kernel returns EFAULT and a read here would crash. */
static bool is_pointer(const void *p)
{
    return (uintptr_t)p >= 4096 && (uintptr_t)p < (uintptr_t)-4096;
}

/* As a destination, 0.0.0.0 and :: mean this host. */
static void to_loopback(struct btns_addr *a)
{
    if (a->family == AF_INET)
        memcpy(a->ip, (const uint8_t[]){127, 0, 0, 1}, 4);
    else
        a->ip[15] = 1;
}

bool target_read(struct target *t, const struct sockaddr *addr, socklen_t len)
{
    if (!is_pointer(addr) || len < (socklen_t)sizeof addr->sa_family || len > sizeof t->ss)
        return false;
    if (addr->sa_family != AF_INET && addr->sa_family != AF_INET6)
        return false;
    memset(&t->ss, 0, sizeof t->ss);
    memcpy(&t->ss, addr, len);
    t->len = len;
    if (!btns_addr_from_sa(&t->remote, (struct sockaddr *)&t->ss, len))
        return false;
    if (btns_addr_is_any(&t->remote))
        to_loopback(&t->remote);
    return true;
}
