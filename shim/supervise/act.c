/*
 * The program's other threads can change its memory at any time. So the address is read once, and
 * the supervisor itself connects its copy of the socket to that address and gives the program the
 * result: nothing can be exchanged between the question and the connection. The kernel carries out
 * the program's own call (DEED_GO_ON), reading its memory again, only where the call opens nothing
 * or could not be protected anyway.
 */
#include "shim/supervise/act.h"

#include "libapi/client/for_another.h"
#include "shim/supervise/cookies.h"
#include "shim/supervise/datagram.h"
#include "shim/supervise/lines.h"
#include "shim/supervise/own_policy.h"
#include "shim/supervise/workers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

enum { PATIENCE = 65000, SOON = 10000 }; /* milliseconds */

static struct cookies admitted; /* listeners that btnsd was asked about */
static struct cookies
    untold; /* connected, but a signal interrupted the caller before it got the result */

static bool is_wanted(void *arg)
{
    return caller_waits(arg);
}

static bool lives_on(void *arg)
{
    return caller_lives(arg);
}

/* SO_SNDTIMEO in milliseconds, which limits connect() too; 0: none. */
static int64_t own_limit(int fd)
{
    struct timeval t = {0};
    socklen_t len = sizeof t;
    if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, &len))
        return 0;
    return t.tv_sec * 1000 + (t.tv_usec + 999) / 1000;
}

/*
 * Reports that the peer was met for the first time, if so, and cuts the text to the verdict's own
 * line.
 */
static void say_first_contact(const struct caller *c, struct btns_verdict_msg *m)
{
    char *second = strchr(m->text, '\n');
    if (!second || !(m->flags & BTNS_VF_FIRST_CONTACT))
        return;
    *second = '\0';
    line_to_person(c, second + 1);
}

static int outcome_of_verdict(const struct supervision *v, const struct caller *c,
                              const struct btns_addr *where, struct btns_verdict_msg *m)
{
    say_first_contact(c, m);
    bool valid = m->error > 0 && m->error < 4096;
    switch (m->verdict) {
    case BTNS_V_DENIED:
        line_once(c, where, "", *m->text ? m->text : "refused by btnsd");
        return valid ? (int)m->error : EACCES;
    case BTNS_V_UNPROTECTED:
        line_once(c, where, "unprotected: ", m->text);
        return 0;
    default:
        line_forget(where);
        if (v->verbose)
            line_write(c, where, m->verdict == BTNS_V_CLEAR ? "clear: " : "protected: ", m->text);
        return 0;
    }
}

/* Without a verdict, only a connection within this host is allowed. */
static int outcome_without(const struct supervision *v, const struct caller *c,
                           const struct btns_addr *where, const char *why)
{
    char text[BTNS_TEXT_MAX + 64];
    if (btns_addr_is_loopback(where))
        return 0;
    if (v->flags & BTNS_F_PREFER) {
        line_once(c, where, "unprotected: ", why);
        return 0;
    }
    snprintf(text, sizeof text, "%s: refused", why);
    line_once(c, where, "", text);
    return ENETDOWN;
}

static void fill_question(const struct supervision *v, const struct caller *c,
                          const struct sight *s, struct btns_flow *q)
{
    *q = (struct btns_flow){
        .flags = v->flags | (socket_nonblocking(s->fd) ? BTNS_F_NONBLOCK : 0),
        .protocol = (uint16_t)s->facts.protocol,
        .fd_plus_1 = s->number < UINT16_MAX ? (uint16_t)(s->number + 1) : 0,
        .cookie = s->cookie,
        .policy = own_policy(v, c),
    };
}

/*
 * Waits for the outcome of a non-blocking connection that the program has begun, and tells the
 * person if btnsd made it fail.
 */
static void await_outcome(const struct supervision *v, const struct caller *c,
                          const struct btns_addr *where, struct ask_outcome *outcome)
{
    union btns_reply r;
    struct err err;
    const struct ask_name name = {
        .process = c->process, .limit = PATIENCE, .wanted = lives_on, .arg = (void *)(uintptr_t)c};
    if (!ask_for_outcome(v->socket, outcome, &name, &r, &err))
        outcome_of_verdict(v, c, where, &r.verdict);
}

/*
 * Returns 0, the errno with which the call fails, or -1 if the program does not wait for the call
 * any more.
 */
static int ask_btnsd(const struct supervision *v, const struct caller *c, const struct sight *s,
                     struct btns_flow *q, enum btns_type type, struct ask_outcome *outcome)
{
    union btns_reply r;
    struct err err = {""};
    const struct btns_addr *where = q->remote.family ? &q->remote : &q->local;
    int64_t own = type == BTNS_REQ_CONNECT && !(q->flags & BTNS_F_NONBLOCK) ? own_limit(s->fd) : 0;
    const struct ask_name name = {.process = c->process,
                                  .socket = s->fd,
                                  .limit = own && own < PATIENCE ? own : PATIENCE,
                                  .wanted = is_wanted,
                                  .arg = (void *)(uintptr_t)c};
    int rc = ask_in_name(v->socket, q, type, &name, &r, outcome, &err);
    if (!rc)
        return outcome_of_verdict(v, c, where, &r.verdict);
    if (rc == -EINTR || !caller_waits(c))
        return -1;
    return rc == -ETIMEDOUT && own ? ETIMEDOUT : outcome_without(v, c, where, err.text);
}

/*
 * Closes the supervisor's copy of the socket before answering, so that the program's own close()
 * really closes the socket.
 */
static void end_with(const struct caller *c, struct sight *s, int result)
{
    look_end(s);
    caller_answer(c, result);
}

/*
 * If a signal interrupts the program's call, the program calls connect() again and finds the socket
 * connected (EISCONN). That is reported as success, because it did not get the first result.
 */
static void end_connect(const struct caller *c, struct sight *s, int result)
{
    uint64_t cookie = s->cookie;
    if (result == -EISCONN && cookies_have(&untold, cookie))
        result = 0;
    cookies_drop(&untold, cookie);
    look_end(s);
    if (!caller_answer(c, result) && !result && cookie)
        cookies_keep(&untold, cookie);
}

static void let_go_on(const struct caller *c, struct sight *s)
{
    look_end(s);
    caller_go_on(c);
}

static int connect_socket(const struct sight *s)
{
    const struct sockaddr *address = (const struct sockaddr *)&s->address;
    return workers_connect(s->fd, address, s->len);
}

static void act_ask(const struct supervision *v, const struct caller *c, struct sight *s)
{
    struct btns_flow q;
    struct ask_outcome outcome;
    fill_question(v, c, s, &q);
    q.remote = s->remote;
    if (socket_local(s->fd, &q.local) && btns_addr_is_any(&q.local))
        q.local = (struct btns_addr){0};
    int error = ask_btnsd(v, c, s, &q, BTNS_REQ_CONNECT, &outcome);
    struct caller later = *c; /* the caller may end before the outcome comes, or because of it */
    if (outcome.fd >= 0)
        caller_keep_voice(&later);
    if (error >= 0)
        end_connect(c, s, error ? -error : connect_socket(s));
    if (outcome.fd >= 0)
        await_outcome(v, &later, &s->remote, &outcome);
    caller_drop_voice(&later);
}

/* Gives the socket the port that listen() would choose, so that btnsd can be asked about it. */
static void give_port(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    int late = 0, off = 0;
    socklen_t late_len = sizeof late;
    if (getsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, &late_len))
        late = 0;
    if (late)
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &off, sizeof off);
    if (!getsockname(fd, (struct sockaddr *)&ss, &len))
        bind(fd, (struct sockaddr *)&ss, len);
    if (late)
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
}

static int ask_to_listen(const struct supervision *v, const struct caller *c, const struct sight *s)
{
    struct btns_flow q;
    struct ask_outcome none;
    fill_question(v, c, s, &q);
    if (socket_local(s->fd, &q.local) && !q.local.port) {
        give_port(s->fd);
        socket_local(s->fd, &q.local);
    }
    int error = ask_btnsd(v, c, s, &q, BTNS_REQ_LISTEN, &none);
    if (!error)
        cookies_keep(&admitted, s->cookie);
    return error;
}

static void act_listen(const struct supervision *v, const struct caller *c, struct sight *s)
{
    int error = ask_to_listen(v, c, s);
    if (error < 0)
        return;
    if (!error && listen(s->fd, (int)c->call.data.args[1]))
        error = errno;
    end_with(c, s, -error);
}

/* accept() on a listener that the program inherited from systemd, inetd or an earlier program. */
static void act_admit(const struct supervision *v, const struct caller *c, struct sight *s)
{
    int error = s->facts.idle || cookies_have(&admitted, s->cookie) ? 0 : ask_to_listen(v, c, s);
    if (!error)
        let_go_on(c, s);
    else if (error > 0)
        end_with(c, s, -error);
}

/*
 * getaddrinfo() connects datagram sockets only to see which source address the kernel would choose.
 * The connection is allowed, but the socket is shut for sending (EPIPE).
 */
static void act_probe(const struct supervision *v, const struct caller *c, struct sight *s)
{
    int rc = connect_socket(s);
    if (!rc)
        shutdown(s->fd, SHUT_WR);
    if (v->verbose)
        line_once(c, NULL, "", "UDP cannot be protected: a connected socket may not send");
    end_with(c, s, rc);
}

static void act_bind(const struct caller *c, struct sight *s)
{
    int rc = bind(s->fd, (const struct sockaddr *)&s->address, s->len) ? -errno : 0;
    end_with(c, s, rc);
}

static void act_send(const struct caller *c, struct sight *s)
{
    long n = datagram_send(c, s);
    if (n != -ESRCH)
        end_with(c, s, (int)n);
}

bool act_is_slow(const struct decision *d, const struct sight *s)
{
    switch (d->deed) {
    case DEED_ASK:
    case DEED_LISTEN:
        return true;
    case DEED_CONNECT:
        return s->facts.type == SOCK_STREAM && !socket_nonblocking(s->fd);
    case DEED_SEND:
        return !socket_nonblocking(s->fd);
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
        let_go_on(c, s);
        break;
    case DEED_CONNECT:
        end_connect(c, s, connect_socket(s));
        break;
    case DEED_BIND:
        act_bind(c, s);
        break;
    case DEED_SEND:
        act_send(c, s);
        break;
    case DEED_PROBE:
        act_probe(v, c, s);
        break;
    case DEED_ASK:
        act_ask(v, c, s);
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
        end_with(c, s, -d->error);
    }
}
