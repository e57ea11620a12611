/* Reads addresses of the program. */
#include "shim/target.h"
#include "shim/raw.h"

#include <netinet/in.h>
#include <string.h>

/* Checks for addresses for which the kernel returns EFAULT and a read here would crash. */
bool target_is_pointer(const void *p)
{
    return (uintptr_t)p >= 4096 && (uintptr_t)p < (uintptr_t)-4096;
}

/* "Any" as a destination means this host. */
static void to_loopback(struct btns_addr *a)
{
    if (a->family == AF_INET)
        memcpy(a->ip, (const uint8_t[]){127, 0, 0, 1}, 4);
    else
        a->ip[15] = 1;
}

void target_read(struct target *t, const struct sockaddr *addr, socklen_t len)
{
    *t = (struct target){.addr = addr, .len = len, .family = -1};
    if (!target_is_pointer(addr) || len < (socklen_t)sizeof addr->sa_family || len > sizeof t->ss)
        return;
    memcpy(&t->ss, addr, len);
    t->addr = (const struct sockaddr *)&t->ss;
    t->family = t->ss.ss_family;
    if (btns_addr_from_sa(&t->remote, t->addr, len) && btns_addr_is_any(&t->remote))
        to_loopback(&t->remote);
}

void target_unspecified(struct target *t, int fd)
{
    struct sockaddr_in in;
    int domain = 0;
    if (t->family != AF_UNSPEC || t->len < (socklen_t)sizeof in ||
        RAW(getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof domain}) < 0 ||
        domain != AF_INET)
        return;
    memcpy(&in, &t->ss, sizeof in);
    in.sin_family = AF_INET;
    target_read(t, (const struct sockaddr *)&in, sizeof in);
}
