/*
 * Listeners that this process has asked btnsd about. A listener that this process did not make came
 * through exec: from systemd, inetd or an earlier program. Its floor may be missing, and
 * connections may wait in its queue that no floor has kept out.
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

static struct cache_entry key_of(uint64_t cookie)
{
    return (struct cache_entry){{0, cookie, 2}};
}

static void keep_listener(uint64_t cookie, int protocol, uint64_t older)
{
    struct cache_entry key = key_of(cookie), value = {{older, (uint64_t)protocol, 0}};
    cache_keep(&key, &value);
}

static struct cache_entry address_key_of(uint64_t cookie)
{
    return (struct cache_entry){{0, cookie, 3}};
}

static void keep_local(uint64_t cookie, const struct btns_addr *local)
{
    struct cache_entry key = address_key_of(cookie), value;
    memcpy(&value, local, sizeof value);
    if (!btns_addr_is_any(local))
        cache_keep(&key, &value);
}

bool listener_local(uint64_t cookie, struct btns_addr *local)
{
    struct cache_entry key = address_key_of(cookie), value;
    bool found = cache_find(&key, &value);
    memcpy(local, &value, sizeof *local);
    return found;
}

struct listener listener_find(uint64_t cookie)
{
    struct cache_entry key = key_of(cookie), value;
    if (!cache_find(&key, &value))
        return (struct listener){0};
    return (struct listener){true, value.word[0] != 0, (int)value.word[1]};
}

void listener_known(uint64_t cookie, int protocol, const struct btns_addr *local)
{
    keep_local(cookie, local);
    keep_listener(cookie, protocol, 0);
}

int listener_admit(int fd, uint64_t cookie, int protocol)
{
    struct cache_entry key = key_of(cookie), value;
    struct btns_addr local;
    int error = 0;
    if (cache_find(&key, &value) || !sock_listening(fd) || !sock_local(fd, &local))
        return 0;
    enum permit p = permit_listen(fd, &local, protocol, &error);
    if (p != PERMIT_GO)
        return p == PERMIT_OTHER ? LISTENER_SUPERVISED : error;
    keep_local(cookie, &local);
    keep_listener(cookie, protocol, listener_is_clear(cookie) ? 0 : sock_backlog(fd));
    return 0;
}

/* Two threads may count the same connection; then one connection too many is asked about. */
bool listener_has_older(uint64_t cookie)
{
    struct cache_entry key = key_of(cookie), value;
    if (!cache_find(&key, &value) || !value.word[0])
        return false;
    keep_listener(cookie, (int)value.word[1], value.word[0] - 1);
    return true;
}

bool listener_is_clear(uint64_t cookie)
{
    struct verdict v;
    struct cache_entry key = verdict_key_listener(cookie);
    return verdict_find(&key, &v) && v.kind == BTNS_V_CLEAR && epoch_holds(v.link, v.epoch);
}
