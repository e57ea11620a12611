/*
 * For the tests of clients' requests: a btnsd with its table of requests behind a socket, questions
 * to it, and children that ask as another user.
 */
#ifndef BTNS_TEST_UNIT_REQUESTS_REQUESTS_TALK_H
#define BTNS_TEST_UNIT_REQUESTS_REQUESTS_TALK_H

#include "test/unit/requests/daemon_talk.h"

#include <grp.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define NOBODY 65534
#define HOLD   200 /* a request of the test's own: the client has to wait */

/* Messages that programs have sent take two rounds to read. */
static inline bool settle(void *arg, uint64_t *mark)
{
    struct btnsd *all = arg;
    if (!*mark)
        epoch_move(all->epoch);
    return (*mark = !*mark) == 0;
}

static const struct guards_ops guards_ops = {.settle = settle};
static unsigned went;

static inline void on_gone(void *arg)
{
    (void)arg;
    went++;
}

static inline bool handler(void *arg, struct request *r)
{
    if (r->hdr->type != HOLD)
        return request_dispatch(arg, r);
    client_on_gone(r->client, on_gone, NULL);
    return true;
}

static union {
    struct btns_hdr hdr;
    struct btns_verdict_msg verdict;
    struct btns_policy_msg policy;
    struct btns_latch_msg latch;
    struct btns_peer_msg peer;
    struct btns_end_msg end;
    char bytes[8192];
} answer;

/* Reads the next message of the answer; returns its length, or 0 when it is closed. */
static inline ssize_t next(int fd)
{
    ssize_t n = hear(fd, &answer, sizeof answer);
    for (int i = 0; i < 200 && n < 0; i++) {
        turn(1);
        n = hear(fd, &answer, sizeof answer);
    }
    return n;
}

static inline ssize_t ask(int fd, void *msg, size_t len, unsigned type)
{
    struct btns_hdr h = header(type, 77);
    memcpy(msg, &h, sizeof h);
    say(fd, msg, len);
    return next(fd);
}

/* Is the connection closed for this message, without an answer? */
static inline bool refused(const void *msg, size_t len, int with)
{
    int fd = dial();
    if (with >= 0)
        say_with(fd, msg, len, with, 1);
    else
        say(fd, msg, len);
    bool closed = next(fd) == 0;
    close(fd);
    turn(2);
    return closed;
}

static inline uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static inline struct btns_flow flow_of(int fd, unsigned type)
{
    struct btns_flow q = {.hdr = header(type, 5), .protocol = IPPROTO_TCP, .cookie = cookie_of(fd)};
    btns_addr_parse(&q.remote, "127.0.0.1");
    q.remote.port = 9;
    return q;
}

static inline ssize_t send_flow(int to, const struct btns_flow *q, int with)
{
    say_with(to, q, sizeof *q, with, 1);
    return next(to);
}

static int *result; /* shared with a child */

static inline void in_child(void (*what)(void), bool nobody)
{
    *result = -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (nobody && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
            _exit(1);
        what();
        _exit(0);
    }
    for (int i = 0; i < 20000 && waitpid(pid, NULL, WNOHANG) != pid; i++)
        turn(10);
}

static inline void as_nobody(void (*what)(void))
{
    in_child(what, true);
}

static inline void as_root(void (*what)(void))
{
    in_child(what, false);
}

static inline ssize_t next_away(int fd)
{
    ssize_t n = -1;
    for (int i = 0; i < 60000 && n < 0; i++) {
        n = hear(fd, &answer, sizeof answer);
        if (n < 0)
            usleep(1000);
    }
    return n;
}

/* For the child: sends a request, which the parent's loop answers. */
static inline ssize_t ask_away(int fd, void *msg, size_t len, unsigned type)
{
    struct btns_hdr h = header(type, 77);
    memcpy(msg, &h, sizeof h);
    say(fd, msg, len);
    for (int i = 0; i < 60000; i++) {
        ssize_t n = hear(fd, &answer, sizeof answer);
        if (n >= 0)
            return n;
        usleep(1000);
    }
    return -1;
}

/* Returns the error of the final message; -1: there is none. */
static inline int end_away(int fd)
{
    for (int i = 0; i < 60000; i++) {
        ssize_t n = hear(fd, &answer, sizeof answer);
        if (n >= 0)
            return n == sizeof answer.end && answer.hdr.type == BTNS_REP_END ? (int)answer.end.error
                                                                             : -1;
        usleep(1000);
    }
    return -1;
}

static inline bool requests_prepare(const char *dir)
{
    static const char policy[] = "format = 1\nprogram \"p\" { match = { \"*\" } rule \"r\" { "
                                 "action = protect } }\n";
    char path[200];
    struct err err = {""};
    struct btns_key key = {.raw = {7}};
    struct btns_addr addr = {.family = AF_INET, .ip = {192, 0, 2, 1}};
    snprintf(path, sizeof path, "%s/known_peers", dir);
    d.loop = loop;
    d.guards.ops = &guards_ops;
    d.guards.arg = &d;
    d.epoch = epoch_new();
    d.latches = registry_new();
    d.sockets = sockdiag_open(IPPROTO_TCP, &err);
    d.rules = rules_load_text("policy", policy, sizeof policy - 1, &err);
    d.peers = peers_load(path, &err);
    d.server = server_new(loop, socket_path, handler, &d, &err);
    bool ok = d.epoch && d.latches && d.sockets && d.rules && d.peers && d.server &&
              !peers_seen(d.peers, &key, &addr, 1795255200, &err);
    check(ok, "prepared %s", err.text);
    return ok;
}

static inline void requests_release(void)
{
    sockdiag_close(d.sockets);
}

/* Runs the tests with a btnsd that their clients can ask. */
static inline int requests_main(void (*tests)(void))
{
    if (geteuid())
        return skip_without_root();
    result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return daemon_main(requests_prepare, tests, requests_release);
}

#endif
