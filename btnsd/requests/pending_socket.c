/* Blocks, opens or disconnects the socket of a connect() that waits for a guard. */
#include "btnsd/requests/pending_socket.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/registry/registry.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/block_connection.h"
#include "btnsd/running/reset_connection.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/running/translation.h"
#include "btnsd/server/borrow.h"
#include "btnsd/server/passed_fds.h"
#include "libapi/wire/service.h"

#include <string.h>
#include <sys/socket.h>

/*
 * When its guard is gone, a datagram socket that is connected to the peer must not send to it in
 * the clear: disconnects it. Its program may connect it again. For a socket that is not connected,
 * btnsd is asked before it sends again, so only a call that waits has to be told.
 */
static void end_pending_association(struct pending *p, int fd)
{
    struct btns_addr peer;
    bool connected = facts_peer(fd, &peer) && btns_addr_equal(&peer, &p->q.remote);
    int rc = connected ? reset_association(fd, &p->q.remote) : 0;
    if (!connected)
        reset_tell_of(fd, &p->source, &p->q.remote);
    if (rc)
        log_rated(log_warning, "datagram sockets that could not be disconnected",
                  "a datagram socket could not be disconnected: %s", strerror(-rc));
}

/*
 * Calls act with the socket of a background attempt. btnsd keeps no copy of its descriptor: with
 * one, the program's close() would not end the socket. False: no process was found that has the
 * socket.
 */
static bool with_pending_socket(struct pending *p, void (*act)(struct pending *p, int fd))
{
    bool touched = p->background && !protocol_is_datagrams(p->q.protocol);
    if (!touched && !p->shut && !p->translated && act != end_pending_association)
        return true;
    pid_t pid = p->background ? p->holder.pid : p->pid;
    int fd = socket_borrow(pid, p->q.fd_plus_1 - 1, p->q.cookie, p->uid, BORROW_SOME);
    if (fd < 0 && p->background)
        fd = socket_borrow(holder_find(&p->holder), -1, p->q.cookie, p->uid, BORROW_SOME);
    if (fd < 0)
        return false;
    act(p, fd);
    passed_close(fd, p->uid);
    return true;
}

static void unblock_pending_socket(struct pending *p, int fd, bool clear)
{
    if (p->shut)
        shut_socket_answered(fd, p->q.protocol, clear);
    else
        socket_policy_unblock(fd);
}

static void unmark_pending_socket(struct pending *p, int fd)
{
    if (p->translated)
        socket_policy_mark(fd, false);
}

static void clear_pending_socket(struct pending *p, int fd)
{
    unblock_pending_socket(p, fd, true);
    unmark_pending_socket(p, fd);
}

void pending_clear_socket(struct pending *p)
{
    with_pending_socket(p, clear_pending_socket);
}

static void open_pending_socket(struct pending *p, int fd)
{
    const struct latch *l = pending_latch(p->d, &p->q, p->uid);
    unblock_pending_socket(p, fd, false);
    if (p->translated && l && l->guard)
        p->bound = !translation_bind(fd, p->q.remote.family, l->guard);
}

void pending_open_socket(struct pending *p)
{
    with_pending_socket(p, open_pending_socket);
}

/*
 * Ends a non-blocking connect() "as though reset" (L13). The program may not have called connect()
 * yet: the socket is blocked, so that a later call does not send in the clear.
 */
static void disconnect_pending(struct pending *p, int fd)
{
    int rc = socket_policy_block(fd, p->q.remote.family);
    if (rc)
        log_rated(log_warning, "sockets that could not be blocked",
                  "a socket could not be blocked: %s", strerror(-rc));
    shutdown(fd, SHUT_RDWR);
}

void pending_end_socket(struct pending *p)
{
    bool ended = true;
    if (protocol_is_datagrams(p->q.protocol))
        ended = with_pending_socket(p, end_pending_association);
    else if (p->background || p->translated)
        ended = with_pending_socket(p, p->background ? disconnect_pending : unmark_pending_socket);
    struct latch *l = ended ? NULL : pending_latch(p->d, &p->q, p->uid);
    if (l)
        block_connection(p->d, l);
}
