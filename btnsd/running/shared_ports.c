/* Deletes the floor of a datagram socket when another user's socket is bound to the same port. */
#include "btnsd/running/shared_ports.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/floor/other_users.h"
#include "btnsd/running/reset_connection.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

/*
 * Latches whose floors may have to give way. They are few, even where the host has many latches and
 * sockets.
 */
struct shared {
    struct latch **latch;
    size_t n, room;
};

static bool block_shared_socket(const struct latch *l)
{
    int fd = socket_borrow(l->pid, -1, l->cookie, l->uid, BORROW_SOME);
    bool blocked = fd >= 0 && reset_is_owners(l, fd) && !socket_policy_block(fd, l->local.family);
    if (fd >= 0)
        passed_close(fd, l->uid);
    return blocked;
}

static void give_shared_port_way(struct latch *l)
{
    if (!block_shared_socket(l)) {
        log_rated(log_warning, "shared ports that stay shut",
                  "%s/%u: another user's program shares the port, and the socket of pid %d cannot "
                  "be blocked: its floor stays under both",
                  protocol_name(l->protocol), l->local.port, l->pid);
        return;
    }
    log_rated(
        log_warning, "floors of shared ports",
        "%s/%u: another user's program shares the port: the floor for pid %d is deleted, and its "
        "socket is blocked until it asks again",
        protocol_name(l->protocol), l->local.port, l->pid);
    struct floor *f = l->floor;
    l->floor = NULL;
    l->not_listening = true;
    floor_release(f);
}

static void add_sharing_latch(void *arg, struct latch *l)
{
    struct shared *sh = arg;
    if (!l->floor || !l->uid || l->state != BTNS_S_LISTENER || !protocol_is_datagrams(l->protocol))
        return;
    struct latch **more = array_grow(sh->latch, &sh->room, sh->n + 1, sizeof *more);
    if (!more)
        return; /* the next look, a second later, gets it */
    sh->latch = more;
    sh->latch[sh->n++] = l;
}

static bool is_under_sharing_latch(const struct latch *l, const struct sock_entry *e)
{
    const struct floor_request wanted = {.uid = l->uid,
                                         .owner = l->uid,
                                         .cookie = l->cookie,
                                         .protocol = l->protocol,
                                         .local = l->local,
                                         .v6only = l->v6only};
    return l->floor && other_user_is_covered(&wanted, e);
}

static void note_sharing_socket(void *arg, const struct sock_entry *e)
{
    const struct shared *sh = arg;
    for (size_t i = 0; i < sh->n; i++)
        if (is_under_sharing_latch(sh->latch[i], e))
            give_shared_port_way(sh->latch[i]);
}

void shared_ports_look(struct btnsd *d)
{
    struct shared sh = {NULL, 0, 0};
    registry_each(d->latches, add_sharing_latch, &sh);
    if (sh.n && d->datagrams)
        sockdiag_listeners(d->datagrams, note_sharing_socket, &sh);
    free(sh.latch);
}
