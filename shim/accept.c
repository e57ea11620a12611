/* accept() and accept4(): tell btnsd which connections came in. */
#include "shim/calls.h"
#include "shim/flow.h"
#include "shim/known.h"
#include "shim/link.h"
#include "shim/listeners.h"
#include "shim/mark.h"
#include "shim/memory.h"
#include "shim/permit.h"
#include "shim/prctl.h"
#include "shim/ring.h"
#include "shim/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* A call as the program made it. */
struct arrival {
    int listener;
    struct sockaddr *addr;
    socklen_t *len;
    int flags;
    bool plain; /* accept(), which has no flags */
};

/* A connection that the real accept() returned. */
struct visitor {
    int fd;
    struct sockaddr_storage from;
    socklen_t len;
    bool written; /* the kernel has written the peer's address to the program's memory */
};

static int accept_into(const struct arrival *c, struct sockaddr *addr, socklen_t *len)
{
    return c->plain ? PASS(accept, c->listener, addr, len)
                    : PASS(accept4, c->listener, addr, len, c->flags);
}

/* The real call without the mark: the supervisor asks btnsd about the listener. */
static int accept_supervised(const struct arrival *c)
{
    return c->plain ? REAL(accept, c->listener, c->addr, c->len)
                    : REAL(accept4, c->listener, c->addr, c->len, c->flags);
}

/*
 * Can the peer's address be copied to the program's memory without a check? Also true if the
 * program asked for no address.
 */
static bool is_accept_buffer_sure(const struct arrival *c)
{
    return !c->addr || (memory_is_sure(c->len, sizeof *c->len) && (int)*c->len >= 0 &&
                        memory_is_sure(c->addr, *c->len));
}

/* Copies the peer's address to the program, cut to its buffer as the kernel would cut it. */
static void copy_accepted_address(const struct arrival *c, const struct visitor *v)
{
    if (!c->addr)
        return;
    memcpy(c->addr, &v->from, *c->len < v->len ? *c->len : v->len);
    *c->len = v->len;
}

/*
 * Accepts a connection and finds out its peer's address. If the program's buffer may be unreadable,
 * the kernel writes the address there itself.
 */
static int accept_visitor(const struct arrival *c, struct visitor *v)
{
    v->len = sizeof v->from; /* .from is large, and is left as it is */
    v->written = !is_accept_buffer_sure(c);
    v->fd = v->written ? accept_into(c, c->addr, c->len)
                       : accept_into(c, (struct sockaddr *)&v->from, &v->len);
    if (v->fd >= 0 && v->written && RAW(getpeername, v->fd, &v->from, &v->len) < 0)
        v->len = 0; /* reset already */
    return v->fd;
}

/*
 * The length of the program's buffer for the peer's address; 0 if not needed or unreadable. Reading
 * it also makes the stack known to memory.c, so that the next call costs no system call.
 */
static socklen_t accept_buffer_room(const struct arrival *c)
{
    socklen_t room = 0;
    struct sockaddr_storage ignored;
    if (!is_accept_buffer_sure(c) && memory_read(c->listener, &room, c->len, sizeof room))
        memory_read(c->listener, &ignored, c->addr, room < sizeof ignored ? room : sizeof ignored);
    return room;
}

/*
 * Closes a refused connection. The program gets the next one, with the whole buffer for its
 * address.
 */
static void turn_accepted_away(const struct arrival *c, const struct visitor *v, socklen_t room)
{
    if (v->written)
        *c->len = room; /* the kernel has overwritten it with the address's length */
    RAW(close, v->fd);
}

static void give_accepted(const struct arrival *c, const struct visitor *v)
{
    if (!v->written)
        copy_accepted_address(c, v);
}

/*
 * Sends btnsd a message without waiting. A failure does not refuse the connection: the kernel
 * guards it already.
 */
static void tell_btnsd_of_accepted(const struct visitor *v, const struct listener *l)
{
    struct btns_flow flow;
    flow_init(&flow, BTNS_MSG_ACCEPTED, l->protocol, sock_cookie(v->fd));
    flow.fd_plus_1 = v->fd < UINT16_MAX ? (uint16_t)(v->fd + 1) : 0;
    flow.local = l->local;
    if ((!flow.local.family && !sock_local(v->fd, &flow.local)) ||
        !btns_addr_from_sa(&flow.remote, (const struct sockaddr *)&v->from, v->len))
        return; /* reset already */
    if (!ring_put(link_last(), &flow) && !link_send(link_last(), &flow) && !prctl_sandbox_entered())
        link_send(link_get(true), &flow);
}

static bool may_accept(const struct visitor *v, int protocol)
{
    struct btns_addr local, remote;
    int error;
    return !sock_local(v->fd, &local) ||
           !btns_addr_from_sa(&remote, (const struct sockaddr *)&v->from, v->len) ||
           permit_accepted(v->fd, &local, &remote, protocol, &error) == PERMIT_GO;
}

/* A connection that may be older than the listener's floor is accepted only if btnsd allows it. */
static bool is_accepted_refused(const struct visitor *v, uint64_t listener, struct listener l)
{
    return l.has_older && listener_has_older(listener) && !may_accept(v, l.protocol);
}

static int admit_accepting_listener(const struct arrival *c, uint64_t cookie, struct listener *l)
{
    int refused = listener_admit(c->listener, cookie, l->protocol);
    struct listener found = listener_find(cookie);
    if (found.known)
        *l = found;
    return refused;
}

/*
 * Is it enough to count the listener's connections? btnsd has its latch and reads the ring: when
 * the count has changed, it looks for connections of that listener in the kernel's list. The list
 * does not have the cookie of an MPTCP socket, by which btnsd knows that one.
 */
static bool is_accept_counted(const struct listener *l)
{
    return l->latched && !l->has_older && l->protocol == IPPROTO_TCP && ring_is_read(link_last());
}

/*
 * The call as the program made it. If btnsd has stopped reading the ring meanwhile, a message makes
 * it read the ring again; the message names no connection.
 */
static int accept_counted(const struct arrival *c)
{
    int saved = errno, fd = accept_into(c, c->addr, c->len);
    if (fd >= 0 && !ring_count_accepted(link_last())) {
        struct btns_flow flow;
        flow_init(&flow, BTNS_MSG_ACCEPTED, IPPROTO_TCP, 0);
        link_send(link_last(), &flow);
        errno = saved;
    }
    return fd;
}

static int accept_known(const struct arrival *c, uint64_t cookie, struct listener l)
{
    if (is_accept_counted(&l))
        return accept_counted(c);
    int saved = errno;
    socklen_t room = accept_buffer_room(c);
    for (;;) {
        struct visitor v;
        int refused = l.known ? 0 : admit_accepting_listener(c, cookie, &l);
        if (refused == EBADF)
            break;
        errno = saved;
        if (refused == LISTENER_SUPERVISED)
            return accept_supervised(c);
        if (accept_visitor(c, &v) < 0)
            return -1;
        if (refused || is_accepted_refused(&v, cookie, l)) {
            turn_accepted_away(c, &v, room);
            continue;
        }
        if (!l.clear || !listener_is_clear(cookie))
            tell_btnsd_of_accepted(&v, &l);
        give_accepted(c, &v);
        errno = saved;
        return v.fd;
    }
    errno = EBADF;
    return -1;
}

static int accept_any(const struct arrival *c);

/*
 * A descriptor that was no TCP or UDP socket may have become a listener unseen (known.h). The
 * peer's address shows that; then the connection is treated as older than its listener's floor.
 */
static int accept_other(const struct arrival *c)
{
    struct visitor v;
    struct btns_addr from;
    socklen_t room = accept_buffer_room(c);
    if (accept_visitor(c, &v) < 0)
        return -1;
    int saved = errno, protocol = 0;
    if (btns_addr_from_sa(&from, (const struct sockaddr *)&v.from, v.len)) {
        known_forget((unsigned)c->listener, (unsigned)c->listener);
        protocol = sock_protocol_number(c->listener);
    }
    if (protocol && (listener_admit(c->listener, sock_cookie(c->listener), protocol) ||
                     !may_accept(&v, protocol))) {
        turn_accepted_away(c, &v, room);
        errno = saved;
        return accept_any(c);
    }
    known_forget((unsigned)v.fd, (unsigned)v.fd);
    give_accepted(c, &v);
    errno = saved;
    return v.fd;
}

/*
 * Having the kernel write an address costs time, so only some connections are checked; but all of
 * them if there is a supervisor, since the mark lets the call pass it unasked.
 */
static bool is_accept_checked(int fd)
{
    return mark_is_drawn() || known_is_doubtful(fd);
}

static inline bool is_accept_passed_on(int fd)
{
    return known_is_other(fd) && !is_accept_checked(fd);
}

static inline int forget_accepted_fd(int fd)
{
    if (fd >= 0)
        known_forget((unsigned)fd, (unsigned)fd);
    return fd;
}

/*
 * Finds the listener with this cookie. A socket that btnsd does not protect is remembered as such.
 */
static struct listener find_accepting_listener(int fd, uint64_t cookie)
{
    uint64_t mark = known_mark(fd);
    struct listener l = listener_find(cookie);
    if (l.known) {
        known_listens(fd, cookie);
        return l;
    }
    l.protocol = sock_protocol_number(fd);
    if (!l.protocol)
        known_other(fd, mark);
    return l;
}

static int accept_any(const struct arrival *c)
{
    if (known_is_other(c->listener))
        return accept_other(c);
    uint64_t cookie = known_listener(c->listener);
    struct listener l = {0};
    if (cookie)
        l = listener_find(cookie);
    if (!l.known) {
        cookie = sock_cookie(c->listener);
        l = cookie ? find_accepting_listener(c->listener, cookie) : l;
    }
    return forget_accepted_fd(l.protocol ? accept_known(c, cookie, l)
                                         : accept_into(c, c->addr, c->len));
}

int shim_accept(int fd, struct sockaddr *addr, socklen_t *len)
{
    return is_accept_passed_on(fd) ? forget_accepted_fd(REAL(accept, fd, addr, len))
                                   : accept_any(&(struct arrival){fd, addr, len, 0, true});
}

int shim_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
    return is_accept_passed_on(fd) ? forget_accepted_fd(REAL(accept4, fd, addr, len, flags))
                                   : accept_any(&(struct arrival){fd, addr, len, flags, false});
}
