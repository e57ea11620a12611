/* Asks btnsd about a call of the program, in the program's name. */
#include "shim/supervise/ask_for_caller.h"

#include "shim/supervise/lines.h"
#include "shim/supervise/own_policy.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE = 65000, SOON = 10000 }; /* milliseconds */

static bool is_answer_wanted_by_caller(void *arg)
{
    return caller_waits(arg);
}

static bool ask_while_caller_lives(void *arg)
{
    return caller_lives(arg);
}

/* SO_SNDTIMEO in milliseconds, which bounds connect() too; 0: no limit. */
static int64_t asking_callers_limit(int fd)
{
    struct timeval t = {0};
    socklen_t len = sizeof t;
    if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, &len))
        return 0;
    return t.tv_sec * 1000 + (t.tv_usec + 999) / 1000;
}

/* The peer was met for the first time; what remains of the text is the verdict's one line. */
static void say_first_contact_of_caller(const struct caller *c, struct btns_verdict_msg *m)
{
    char *second = strchr(m->text, '\n');
    if (!second || !(m->flags & BTNS_VF_FIRST_CONTACT))
        return;
    *second = '\0';
    line_to_person(c, second + 1);
}

static int outcome_for_caller(const struct supervision *v, const struct caller *c,
                              const struct btns_addr *where, struct btns_verdict_msg *m)
{
    say_first_contact_of_caller(c, m);
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

/*
 * Without a verdict, only a call that stays on this host may go on, or a question to a name server
 * under --require: a program must be able to look up the addresses of its peers.
 */
static int outcome_for_caller_without_btnsd(const struct supervision *v, const struct caller *c,
                                            const struct sight *s, const struct btns_addr *where,
                                            const char *why)
{
    char text[BTNS_TEXT_MAX + 64];
    const bool looks_up = s->facts.nameserver && s->facts.type == SOCK_DGRAM;
    if (btns_addr_is_loopback(where) || (s->facts.require && looks_up))
        return 0;
    if (v->flags & BTNS_F_PREFER) {
        line_once(c, where, "unprotected: ", why);
        return 0;
    }
    snprintf(text, sizeof text, "%s: refused", why);
    line_once(c, where, "", text);
    return ENETDOWN;
}

/* With MSG_DONTWAIT a call does not block, even if its socket is blocking. */
static bool is_asking_caller_blocking(const struct sight *s)
{
    return !look_is_socket_nonblocking(s->fd) &&
           !(s->facts.kind == KIND_SEND && s->flags & MSG_DONTWAIT);
}

static void fill_question_for_caller(const struct supervision *v, const struct caller *c,
                                     const struct sight *s, struct btns_flow *q)
{
    *q = (struct btns_flow){
        .flags = v->flags | (is_asking_caller_blocking(s) ? 0 : BTNS_F_NONBLOCK),
        .protocol = (uint16_t)s->facts.protocol,
        .fd_plus_1 = s->number < UINT16_MAX ? (uint16_t)(s->number + 1) : 0,
        .cookie = s->cookie,
        .policy = own_policy(v, c),
    };
}

/* Returns 0, or the errno with which the call fails; -1: the caller does not wait any more. */
static int ask_for_caller(const struct supervision *v, const struct caller *c,
                          const struct sight *s, struct btns_flow *q, enum btns_type type,
                          struct ask_outcome *outcome)
{
    union btns_reply r;
    struct err err = {""};
    const struct btns_addr *where = q->remote.family ? &q->remote : &q->local;
    bool waits = type == BTNS_REQ_CONNECT && !(q->flags & BTNS_F_NONBLOCK);
    int64_t limit = waits ? PATIENCE : SOON, own = waits ? asking_callers_limit(s->fd) : 0;
    const struct ask_name name = {.process = c->process,
                                  .socket = s->fd,
                                  .limit = own && own < limit ? own : limit,
                                  .wanted = is_answer_wanted_by_caller,
                                  .arg = (void *)(uintptr_t)c};
    int rc = ask_for_another(v->socket, q, type, &name, &r, outcome, &err);
    if (!rc)
        return outcome_for_caller(v, c, where, &r.verdict);
    if (rc == -EINTR || !caller_waits(c))
        return -1;
    if (rc == -ETIMEDOUT && own) /* as where the socket's buffer is full */
        return s->facts.kind == KIND_SEND ? EAGAIN : ETIMEDOUT;
    return outcome_for_caller_without_btnsd(v, c, s, where, err.text);
}

int ask_connect_for_caller(const struct supervision *v, const struct caller *c,
                           const struct sight *s, struct ask_outcome *outcome)
{
    struct btns_flow q;
    bool sends = s->facts.kind == KIND_SEND;
    fill_question_for_caller(v, c, s, &q);
    q.remote = s->remote;
    if (look_socket_local(s->fd, &q.local) && btns_addr_is_any(&q.local))
        q.local = (struct btns_addr){0};
    if (sends)
        q.flags |= BTNS_F_SENDS;
    if (s->facts.nameserver && s->facts.type == SOCK_DGRAM)
        q.flags &= ~BTNS_F_REQUIRE;
    int error = ask_for_caller(v, c, s, &q, BTNS_REQ_CONNECT, outcome);
    if (sends && outcome->fd >= 0) { /* the next datagram is refused, with the reason */
        close(outcome->fd);
        outcome->fd = -1;
    }
    return error;
}

/* Binds the socket as listen() would, because the question must name the port. */
static void give_port_before_asking(int fd)
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

int ask_listen_for_caller(const struct supervision *v, const struct caller *c,
                          const struct sight *s)
{
    struct btns_flow q;
    struct ask_outcome none;
    fill_question_for_caller(v, c, s, &q);
    if (look_socket_local(s->fd, &q.local) && !q.local.port) {
        give_port_before_asking(s->fd);
        look_socket_local(s->fd, &q.local);
    }
    return ask_for_caller(v, c, s, &q, BTNS_REQ_LISTEN, &none);
}

void await_outcome_for_caller(const struct supervision *v, const struct caller *c,
                              const struct btns_addr *where, struct ask_outcome *outcome)
{
    union btns_reply r;
    struct err err;
    const struct ask_name name = {.process = c->process,
                                  .limit = PATIENCE,
                                  .wanted = ask_while_caller_lives,
                                  .arg = (void *)(uintptr_t)c};
    if (!ask_for_anothers_outcome(v->socket, outcome, &name, &r, &err))
        outcome_for_caller(v, c, where, &r.verdict);
}
