/*
 * A non-blocking connect() returns before btnsd knows whether the peer can be reached under IPsec.
 * If it cannot, btnsd disconnects the socket, or lets the connection go in the clear where the rule
 * says `prefer`. The shim asks btnsd for the outcome once, when the program looks at the socket:
 * getsockopt() of SO_ERROR, a second connect(), close().
 */
#include "shim/why.h"

#include "shim/ask.h"
#include "shim/cache.h"
#include "shim/calls.h"
#include "shim/flow.h"
#include "shim/outcome.h"
#include "shim/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

enum {
    PATIENCE = 2000
}; /* milliseconds; btnsd answers at once, because the outcome is known by then */

/*
 * Number of watched sockets, so that close() costs nothing at 0. Too high when the cache displaced
 * an entry.
 */
static int watched;

static struct cache_entry key_of(uint64_t cookie)
{
    return (struct cache_entry){{0, cookie, 1}};
}

void why_watch(uint64_t cookie, const struct btns_addr *remote)
{
    struct cache_entry key = key_of(cookie), value;
    memcpy(&value, remote, sizeof value);
    cache_keep(&key, &value);
    __atomic_add_fetch(&watched, 1, __ATOMIC_RELAXED);
}

static bool unwatch(uint64_t cookie, struct btns_addr *remote)
{
    struct cache_entry key = key_of(cookie), value;
    if (!cookie || !cache_find(&key, &value))
        return false;
    cache_drop(&key);
    __atomic_sub_fetch(&watched, 1, __ATOMIC_RELAXED);
    memcpy(remote, &value, sizeof *remote);
    return true;
}

static int ask_why(uint64_t cookie, const struct btns_addr *remote)
{
    struct ask a = {.fd = -1, .limit = PATIENCE};
    flow_init(&a.flow, BTNS_REQ_WHY, IPPROTO_TCP, cookie);
    a.flow.remote = *remote;
    if (ask(&a) != ASK_ANSWERED ||
        (a.reply.verdict != BTNS_V_DENIED && a.reply.verdict != BTNS_V_UNPROTECTED))
        return 0;
    return outcome_of_verdict(remote, &a.reply);
}

int why_failed(int fd)
{
    struct btns_addr remote;
    int error = 0;
    if (!__atomic_load_n(&watched, __ATOMIC_RELAXED))
        return 0;
    uint64_t cookie = sock_cookie(fd);
    if ((sock_idle(fd) || sock_connected(fd)) && unwatch(cookie, &remote))
        error = ask_why(cookie, &remote);
    return error;
}

int why_refused(int fd, const struct btns_addr *remote)
{
    uint64_t cookie = sock_cookie(fd);
    return cookie ? ask_why(cookie, remote) : 0;
}

void why_closing(int fd)
{
    struct btns_addr remote;
    if (!__atomic_load_n(&watched, __ATOMIC_RELAXED))
        return;
    uint64_t cookie = sock_cookie(fd);
    if (unwatch(cookie, &remote))
        ask_why(cookie, &remote);
}

int shim_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    int rc = REAL(getsockopt, fd, level, name, value, len);
    int saved = errno;
    if (rc == 0 && level == SOL_SOCKET && name == SO_ERROR)
        why_failed(fd);
    errno = saved;
    return rc;
}

int shim_close(int fd)
{
    int saved = errno;
    why_closing(fd);
    errno = saved;
    return REAL(close, fd);
}
