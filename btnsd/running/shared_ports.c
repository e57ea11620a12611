#include "btnsd/running/shared_ports.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/floor/others.h"
#include "btnsd/running/reset.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"

/* What is held against each of the kernel's sockets in turn. */
struct look {
    struct btnsd *d;
    const struct sock_entry *socket; /* NULL: is there a floor that may have to give way? */
    bool any;
};

static bool block_socket(const struct latch *l)
{
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    bool blocked = fd >= 0 && latch_owns(l, fd) && !socket_block(fd, l->local.family);
    if (fd >= 0)
        passed_close(fd, l->uid);
    return blocked;
}

static void give_way(struct latch *l)
{
    if (!block_socket(l)) {
        log_rated(log_warning, "shared ports that stay shut",
                  "%s/%u: another user's program shares the port, and the socket of pid %d cannot "
                  "be blocked: its floor stays under both",
                  protocol_name(l->protocol), l->local.port, l->pid);
        return;
    }
    log_rated(log_warning, "floors of shared ports",
              "%s/%u: another user's program shares the port: the floor for pid %d goes, and its "
              "socket is blocked until it asks again",
              protocol_name(l->protocol), l->local.port, l->pid);
    struct floor *f = l->floor;
    l->floor = NULL;
    l->unheard = true;
    floor_release(f);
}

static void look_at_latch(void *arg, struct latch *l)
{
    struct look *look = arg;
    if (!l->floor || !l->uid || l->state != BTNS_S_LISTENER || !protocol_is_datagrams(l->protocol))
        return;
    look->any = true;
    if (!look->socket)
        return;
    const struct floor_claim claim = {.uid = l->uid,
                                      .owner = l->uid,
                                      .cookie = l->cookie,
                                      .protocol = l->protocol,
                                      .local = l->local,
                                      .v6only = l->v6only};
    if (floor_covers(&claim, look->socket))
        give_way(l);
}

static void look_at_socket(void *arg, const struct sock_entry *e)
{
    struct look *look = arg;
    look->socket = e;
    registry_each(look->d->latches, look_at_latch, look);
}

void shared_ports_look(struct btnsd *d)
{
    struct look look = {.d = d};
    registry_each(d->latches, look_at_latch, &look);
    if (look.any && d->datagrams)
        sockdiag_listeners(d->datagrams, look_at_socket, &look);
}
