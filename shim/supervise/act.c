/*
 * The program's other threads can change its memory at any time. So the address is read once, and
 * the supervisor itself connects its copy of the socket to that address and gives the program the
 * result: nothing can be exchanged between the question and the connection. The kernel carries out
 * the program's own call (DEED_GO_ON), reading its memory again, only where the call opens nothing
 * or could not be protected anyway.
 */
#include "shim/supervise/act.h"

#include "shim/supervise/ask_for_caller.h"
#include "shim/supervise/cookies.h"
#include "shim/supervise/datagram.h"
#include "shim/supervise/incoming.h"
#include "shim/supervise/lines.h"
#include "shim/supervise/rights.h"
#include "shim/supervise/workers.h"

#include <errno.h>
#include <string.h>

static struct cookies admitted; /* listeners that btnsd was asked about */
static struct cookies
    untold; /* sockets connected, but a signal interrupted the call before its result */
static struct cookies unheard; /* sockets bound, but receiving nothing yet; interrupted likewise */

/*
 * Closes the supervisor's copy of the socket before answering, so that the program's own close()
 * really closes the socket.
 */
static void act_end_call(const struct caller *c, struct sight *s, long result)
{
    look_end(s);
    caller_answer(c, result);
}

/*
 * If a signal interrupts the program's call, the program calls connect() again and finds the socket
 * connected (EISCONN). That is reported as success, because it did not get the first result.
 */
static void act_end_connect(const struct caller *c, struct sight *s, int result)
{
    uint64_t cookie = s->cookie;
    if (result == -EISCONN && cookies_have(&untold, cookie))
        result = 0;
    cookies_drop(&untold, cookie);
    look_end(s);
    if (!caller_answer(c, result) && !result && cookie)
        cookies_keep(&untold, cookie);
}

static void act_let_go_on(const struct caller *c, struct sight *s)
{
    look_end(s);
    caller_go_on(c);
}

static int act_connect_socket(const struct sight *s)
{
    const struct sockaddr *address = (const struct sockaddr *)&s->address;
    return workers_connect(s->fd, address, s->len);
}

static void act_send(const struct supervision *v, const struct caller *c, struct sight *s)
{
    long n = datagram_send(v, c, s);
    if (n != -ESRCH)
        act_end_call(c, s, n);
}

static void act_ask(const struct supervision *v, const struct caller *c, struct sight *s)
{
    struct ask_outcome outcome;
    int error = ask_connect_for_caller(v, c, s, &outcome);
    struct caller later = *c; /* to tell it the outcome, even if its program ends over that */
    if (outcome.fd >= 0)
        caller_keep_voice(&later);
    if (!error && s->facts.kind == KIND_SEND)
        act_send(v, c, s);
    else if (error >= 0)
        act_end_connect(c, s, error ? -error : act_connect_socket(s));
    if (outcome.fd >= 0)
        await_outcome_for_caller(v, &later, &s->remote, &outcome);
    caller_drop_voice(&later);
}

static int act_ask_and_admit(const struct supervision *v, const struct caller *c,
                             const struct sight *s)
{
    int error = ask_listen_for_caller(v, c, s);
    if (!error)
        cookies_keep(&admitted, s->cookie);
    return error;
}

static void act_listen(const struct supervision *v, const struct caller *c, struct sight *s)
{
    int error = act_ask_and_admit(v, c, s);
    if (error < 0)
        return;
    if (!error && listen(s->fd, (int)c->call.data.args[1]))
        error = errno;
    act_end_call(c, s, -error);
}

/* accept() on a listener that the program inherited from systemd, inetd or an earlier program. */
static void act_admit(const struct supervision *v, const struct caller *c, struct sight *s)
{
    int error =
        s->facts.idle || cookies_have(&admitted, s->cookie) ? 0 : act_ask_and_admit(v, c, s);
    if (!error)
        act_let_go_on(c, s);
    else if (error > 0)
        act_end_call(c, s, -error);
}

/*
 * getaddrinfo() connects datagram sockets only to see which source address the kernel would choose.
 * The connection is allowed, but the socket is shut for sending (EPIPE).
 */
static void act_probe(const struct supervision *v, const struct caller *c, struct sight *s)
{
    shutdown(s->fd, SHUT_WR); /* before: another thread may send the moment it is connected */
    int rc = act_connect_socket(s);
    if (v->verbose)
        line_once(c, NULL, "", "a UDP socket that libc connects to find a route may not send");
    act_end_call(c, s, rc);
}

/* 0 or the errno. */
static int act_bind_socket(const struct caller *c, const struct sight *s)
{
    int error = EPERM;
    if (rights_lower(c))
        error = bind(s->fd, (const struct sockaddr *)&s->address, s->len) ? errno : 0;
    rights_restore();
    return error;
}

static void act_bind(const struct caller *c, struct sight *s)
{
    act_end_call(c, s, -act_bind_socket(c, s));
}

/*
 * Did an earlier bind(), which a signal interrupted while btnsd was asked, give the socket this
 * port?
 */
static bool act_is_bound_so(const struct sight *s)
{
    struct btns_addr local;
    return look_socket_local(s->fd, &local) && local.port == s->remote.port;
}

/*
 * As the shim does at bind(): the floor is for the socket's port, so it is installed after bind(),
 * and the socket receives nothing until then.
 */
static void act_hear(const struct supervision *v, const struct caller *c, struct sight *s)
{
    bool again = cookies_have(&unheard, s->cookie);
    bool closed = again ? incoming_is_closed(s->fd) : incoming_close(s->fd);
    int error = act_bind_socket(c, s);
    if (error == EINVAL && again && act_is_bound_so(s))
        error = 0;
    bool bound = !error;
    if (bound)
        cookies_drop(&unheard, s->cookie);
    if (bound)
        error = ask_listen_for_caller(v, c, s);
    if (error < 0) {
        cookies_keep(&unheard, s->cookie);
        return;
    }
    if (!closed && bound && !error)
        incoming_drain(s->fd); /* the program's own filter has let it in */
    if (!closed && bound && error)
        incoming_block(s->fd);
    if (closed && (!error || (!bound && !again)))
        incoming_open(s->fd);
    act_end_call(c, s, -error);
}

bool act_is_slow(const struct decision *d, const struct sight *s)
{
    switch (d->deed) {
    case DEED_ASK:
    case DEED_HEAR:
    case DEED_LISTEN:
        return true;
    case DEED_CONNECT:
        return s->facts.type == SOCK_STREAM && !look_is_socket_nonblocking(s->fd);
    case DEED_SEND:
        return !look_is_socket_nonblocking(s->fd);
    case DEED_ADMIT:
        return !s->facts.idle && !cookies_have(&admitted, s->cookie);
    default:
        return false;
    }
}

void act(const struct supervision *v, const struct caller *c, struct sight *s,
         const struct decision *d)
{
    switch (d->deed) {
    case DEED_GO_ON:
        if (d->why)
            line_once(c, NULL, "", d->why);
        act_let_go_on(c, s);
        break;
    case DEED_CONNECT:
        act_end_connect(c, s, act_connect_socket(s));
        break;
    case DEED_BIND:
        act_bind(c, s);
        break;
    case DEED_SEND:
        act_send(v, c, s);
        break;
    case DEED_PROBE:
        act_probe(v, c, s);
        break;
    case DEED_ASK:
        act_ask(v, c, s);
        break;
    case DEED_HEAR:
        act_hear(v, c, s);
        break;
    case DEED_LISTEN:
        act_listen(v, c, s);
        break;
    case DEED_ADMIT:
        act_admit(v, c, s);
        break;
    case DEED_FAIL:
        if (d->why)
            line_once(c, NULL, "", d->why);
        act_end_call(c, s, -d->error);
    }
}
