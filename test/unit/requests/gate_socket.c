/*
 * Which requests root and other users may make, here and from another network namespace, over the
 * socket. TAP.
 */
#include "test/unit/requests/requests_talk.h"

#include <sched.h>

static bool try_is_forbidden(void)
{
    struct btns_try m = {.program = "/usr/bin/curl"};
    int tcp = socket(AF_INET, SOCK_STREAM, 0), fd = dial();
    m.flow = flow_of(tcp, BTNS_REQ_TRY);
    say_with(fd, &m, sizeof m, tcp, 1);
    close(tcp);
    for (int i = 0; i < 60000; i++) {
        ssize_t n = hear(fd, &answer, sizeof answer);
        if (n >= 0)
            return n == sizeof answer.end && answer.end.error == EPERM;
        usleep(1000);
    }
    return false;
}

static void forbidden(void)
{
    struct btns_forget m = {.addr = {.family = AF_INET, .ip = {192, 0, 2, 1}}};
    int fd = dial();
    bool forget = ask_away(fd, &m, sizeof m, BTNS_REQ_FORGET) == sizeof answer.end &&
                  answer.hdr.type == BTNS_REP_END && answer.end.error == EPERM;
    bool reload = ask_away(fd, &m, sizeof m.hdr, BTNS_REQ_RELOAD) == sizeof answer.end &&
                  answer.end.error == EPERM;
    bool peers = ask_away(fd, &m, sizeof m.hdr, BTNS_REQ_PEERS) == sizeof answer.peer;
    *result = forget | reload << 1 | peers << 2 | try_is_forbidden() << 3;
}

static void test_privilege(void)
{
    struct btns_forget m = {.addr = {.family = AF_INET, .ip = {192, 0, 2, 1}}};
    int fd = dial();
    as_nobody(forbidden);
    check(*result == 15,
          "forget, reload and asking as another program are not for everybody, known peers are: %d",
          *result);
    check(ask(fd, &m, sizeof m.hdr, BTNS_REQ_PEERS) == sizeof answer.peer &&
              next(fd) == sizeof answer.end && !answer.end.error,
          "nothing was forgotten: one peer is known");
    check(ask(fd, &m, sizeof m, BTNS_REQ_FORGET) == sizeof answer.end && !answer.end.error,
          "root may forget it");
    check(ask(fd, &m, sizeof m.hdr, BTNS_REQ_PEERS) == sizeof answer.end && answer.hdr.id == 77,
          "then there is none");
    check(ask(fd, &m, sizeof m, BTNS_REQ_FORGET) == sizeof answer.end && answer.end.error == ENOENT,
          "what is not known cannot be forgotten");
    close(fd);
}

/* The verdict on q, asked with the socket `with` by a child; -1: none came. */
static int verdict_away(const struct btns_flow *q, int with)
{
    int fd = dial();
    if (with >= 0)
        say_with(fd, q, sizeof *q, with, 1);
    else
        say(fd, q, sizeof *q);
    int v = next_away(fd) == sizeof answer.verdict ? (int)answer.verdict.verdict : -1;
    close(fd);
    return v;
}

static int inherited; /* a socket of btnsd's namespace that the child has inherited */

static void elsewhere(void)
{
    struct btns_flow ours = flow_of(inherited, BTNS_REQ_CONNECT);
    struct btns_hdr list = header(BTNS_REQ_PEERS, 77);
    if (unshare(CLONE_NEWNET))
        return;
    int tcp = socket(AF_INET, SOCK_STREAM, 0), fd = dial();
    struct btns_flow q = flow_of(tcp, BTNS_REQ_CONNECT), said = flow_of(tcp, BTNS_MSG_CONNECTING);
    *result = verdict_away(&ours, inherited) == BTNS_V_CLEAR &&
              strstr(answer.verdict.text, "another network namespace") == NULL;
    *result |= (verdict_away(&q, tcp) == BTNS_V_CLEAR) << 1; /* to a loopback address */
    btns_addr_parse(&q.remote, "192.0.2.1");
    said.remote = q.remote;
    *result |= (verdict_away(&q, tcp) == BTNS_V_DENIED && answer.verdict.error == ENETDOWN &&
                strstr(answer.verdict.text, "btnsd of another network namespace"))
               << 2;
    q.flags = BTNS_F_PREFER;
    *result |= (verdict_away(&q, tcp) == BTNS_V_UNPROTECTED) << 3;
    q.hdr.type = BTNS_REQ_LISTEN;
    q.flags = 0;
    q.remote.family = 0;
    btns_addr_parse(&q.local, "192.0.2.9");
    *result |= (verdict_away(&q, tcp) == BTNS_V_DENIED && answer.verdict.error == ENETDOWN) << 4;
    say(fd, &said, sizeof said);
    say(fd, &list, sizeof list); /* its answer shows that the request before was read */
    *result |= (next_away(fd) > 0) << 5;
}

static void test_namespaces(void)
{
    size_t before = registry_count(d.latches);
    inherited = socket(AF_INET, SOCK_STREAM, 0);
    as_root(elsewhere);
    static const char *const whats[] = {
        "a socket of btnsd's namespace is judged, no matter which process passes it",
        "one of another namespace may go to a loopback address, as without btnsd",
        "it is refused elsewhere: no btnsd protects it",
        "or goes on unprotected where that was asked for",
        "it gets no floor",
        "btnsd answers about itself there, too"};
    for (int i = 0; i < 6; i++)
        check(*result >= 0 && *result >> i & 1, "%s", whats[i]);
    check(registry_count(d.latches) == before, "and no latch came of any of it");
    close(inherited);
}

static void tests(void)
{
    test_privilege();
    test_namespaces();
}

int main(void)
{
    return requests_main(tests);
}
