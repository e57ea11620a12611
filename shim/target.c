/* Reads the addresses that the program passes. */
#include "shim/target.h"

#include "shim/memory.h"
#include "shim/raw.h"

#include <limits.h>
#include <netinet/in.h>
#include <string.h>

/* As a destination, the address "any" means this host. */
static void target_to_loopback(struct btns_addr *a)
{
    if (a->family == AF_INET)
        memcpy(a->ip, (const uint8_t[]){127, 0, 0, 1}, 4);
    else
        a->ip[15] = 1;
}

static void find_connected_target(struct target *t)
{
    t->family = t->ss.ss_family;
    if (btns_addr_from_sa(&t->remote, t->addr, t->len) && btns_addr_is_any(&t->remote))
        target_to_loopback(&t->remote);
}

void target_read(struct target *t, int fd, const struct sockaddr *addr, socklen_t len)
{
    *t = (struct target){.addr = addr, .len = len, .family = -1};
    if (!len || len > sizeof t->ss)
        return;
    if (!memory_read(fd, &t->ss, addr, len)) {
        t->addr = MEMORY_NONE;
        return;
    }
    t->addr = (const struct sockaddr *)&t->ss;
    if (len >= (socklen_t)sizeof addr->sa_family)
        find_connected_target(t);
}

void target_read_name(struct target *t, int fd, const struct msghdr *msg)
{
    bool longer = msg->msg_namelen > sizeof t->ss && msg->msg_namelen <= INT_MAX;
    target_read(t, fd, msg->msg_name, longer ? (socklen_t)sizeof t->ss : msg->msg_namelen);
}

void target_unspecified(struct target *t, int fd)
{
    struct sockaddr_in in;
    int domain = 0;
    if (t->family != AF_UNSPEC || t->len < (socklen_t)sizeof in ||
        RAW(getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &(socklen_t){sizeof domain}) < 0 ||
        domain != AF_INET)
        return;
    t->ss.ss_family = AF_INET;
    find_connected_target(t);
}
