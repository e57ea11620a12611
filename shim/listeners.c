/*
 * The listening sockets about which this process has asked btnsd. A listener that this process did
 * not make came through exec: from systemd, inetd or an earlier program. Its floor may be missing,
 * and connections may wait in its queue that no floor has kept out.
 */
#include "shim/listeners.h"

#include "shim/cache.h"
#include "shim/epoch.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/sock.h"
#include "shim/verdicts.h"

#include <errno.h>
#include <string.h>

static struct cache_key listener_key(uint64_t cookie)
{
    return (struct cache_key){{0, cookie, 2}};
}

/* A listener, in the form in which cache.c keeps it. */
struct noted {
    uint32_t older;         /* how many connections may be older than its floor */
    uint16_t protocol;      /* its number */
    uint16_t verdict;       /* btnsd's, if it may be cached; 0: none */
    struct btns_addr local; /* family 0: every address, so that each connection has its own */
};

_Static_assert(sizeof(struct noted) == sizeof(struct cache_value), "a listener is a value");

static bool find_noted_listener(uint64_t cookie, struct noted *n)
{
    struct cache_key key = listener_key(cookie);
    struct cache_value value;
    bool found = cache_find(&key, &value);
    memcpy(n, &value, sizeof *n);
    return found;
}

static void keep_noted_listener(uint64_t cookie, const struct noted *n)
{
    struct cache_key key = listener_key(cookie);
    struct cache_value value;
    memcpy(&value, n, sizeof value);
    cache_keep(&key, &value);
}

static bool find_listener_verdict(uint64_t cookie, struct verdict *v)
{
    struct cache_key key = verdict_key_listener(cookie);
    return verdict_find(&key, v);
}

static void keep_listener(uint64_t cookie, int protocol, const struct btns_addr *local,
                          uint32_t older)
{
    struct verdict v;
    struct noted n = {
        .older = older,
        .protocol = (uint16_t)protocol,
        .verdict = find_listener_verdict(cookie, &v) ? (uint16_t)v.kind : 0,
    };
    if (!btns_addr_is_any(local))
        n.local = *local;
    keep_noted_listener(cookie, &n);
}

struct listener listener_find(uint64_t cookie)
{
    struct noted n;
    if (!find_noted_listener(cookie, &n))
        return (struct listener){0};
    return (struct listener){.known = true,
                             .has_older = n.older != 0,
                             .clear = n.verdict == BTNS_V_CLEAR,
                             .latched = n.verdict == BTNS_V_PROTECTED,
                             .protocol = n.protocol,
                             .local = n.local};
}

void listener_known(uint64_t cookie, int protocol, const struct btns_addr *local)
{
    keep_listener(cookie, protocol, local, 0);
}

int listener_admit(int fd, uint64_t cookie, int protocol)
{
    struct noted n;
    struct btns_addr local;
    int error = 0;
    if (find_noted_listener(cookie, &n) || !sock_listening(fd) || !sock_local(fd, &local))
        return 0;
    enum permit p = permit_listen(fd, &local, protocol, &error);
    if (p != PERMIT_GO)
        return p == PERMIT_OTHER ? LISTENER_SUPERVISED : error;
    keep_listener(cookie, protocol, &local, listener_is_clear(cookie) ? 0 : sock_backlog(fd));
    return 0;
}

/* Two threads may count the same connection; then one connection too many is asked about. */
bool listener_has_older(uint64_t cookie)
{
    struct noted n;
    if (!find_noted_listener(cookie, &n) || !n.older)
        return false;
    n.older--;
    keep_noted_listener(cookie, &n);
    return true;
}

bool listener_is_clear(uint64_t cookie)
{
    struct verdict v;
    return find_listener_verdict(cookie, &v) && v.kind == BTNS_V_CLEAR &&
           epoch_holds(v.link, v.epoch);
}
