/*
 * Connections that programs have accepted and only counted: found in the kernel's list, with the
 * process that has each of them. In a network namespace of its own, with connections that
 * TCP_REPAIR makes, without another end. TAP.
 */
#include "test/unit/requests/requests_talk.h"

#include "btnsd/base/intern.h"
#include "btnsd/requests/accept_scan.h"

#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

enum { PORT = 7000 };

static const struct btns_addr own = {.family = AF_INET, .ip = {192, 0, 2, 1}, .port = PORT};

/* A connection to port PORT of this host that some program has accepted; -1: it cannot be made. */
static int connection(uint16_t from)
{
    const int on = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)}, there = here;
    here.sin_addr.s_addr = htonl(0xc0000201);  /* 192.0.2.1 */
    there.sin_addr.s_addr = htonl(0xc0000209); /* 192.0.2.9 */
    there.sin_port = htons(from);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
        !setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) &&
        !bind(fd, (struct sockaddr *)&here, sizeof here) &&
        !connect(fd, (struct sockaddr *)&there, sizeof there))
        return fd;
    close(fd);
    return -1;
}

static void listens(pid_t pid, const char *program)
{
    struct latch *l = registry_add(d.latches, 1ull << 50, 0, true);
    l->state = BTNS_S_LISTENER;
    l->protocol = IPPROTO_TCP;
    l->local = own;
    l->pid = pid;
    intern_set(&l->program, program);
}

static void counts(pid_t pid)
{
    const struct request r = {.from = {.pid = pid}, .client_netns = NETNS_OURS};
    accept_scan_expect(&d, &r, 0);
}

static struct latch *latch_of(uint64_t cookie)
{
    return registry_find(d.latches, cookie, 0);
}

static pid_t process_with(int fd)
{
    pid_t pid = fork();
    while (!pid)
        pause();
    if (fd >= 0)
        close(fd);
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_own(void)
{
    int fd = connection(1);
    uint64_t cookie = cookie_of(fd);
    listens(getpid(), "accept_scan");
    accept_scan_now(&d);
    check(cookie && !latch_of(cookie), "nobody has counted anything: btnsd does not look");
    counts(getpid());
    turn(20);
    struct latch *l = latch_of(cookie);
    check(l && l->pid == getpid() && l->accepted && l->remote.port == 1 && l->local.port == PORT,
          "a connection that the listener's process has counted gets its latch");
    int later = connection(2);
    accept_scan_now(&d);
    check(!latch_of(cookie_of(later)), "the next one does not, until it is counted");
    counts(getpid());
    accept_scan_now(&d);
    check(latch_of(cookie_of(later)) != NULL, "then it does, for who asks, at once");
    close(later);
    close(fd);
}

/* The last look took long, so btnsd rests; a list of latches is complete all the same. */
static void test_rest(void)
{
    int fd = connection(6), client = dial();
    uint64_t cookie = cookie_of(fd);
    struct btns_hdr h = {0};
    listens(getpid(), "accept_scan");
    d.acceptors.rests_until = loop_now() + 3600000;
    counts(getpid());
    accept_scan_soon(&d);
    turn(50);
    check(!latch_of(cookie), "while btnsd rests from a long look it does not look");
    ask(client, &h, sizeof h, BTNS_REQ_LATCHES);
    check(latch_of(cookie) != NULL, "but for the list of latches");
    check(d.acceptors.rests_until <= loop_now() + 10000, "no rest is longer than 10 s");
    close(client);
    close(fd);
}

/* Other processes of the listener's program: one has the connection, one does not. */
static void test_shared(void)
{
    int fd = connection(3);
    uint64_t cookie = cookie_of(fd);
    listens(1, "accept_scan");
    counts(getpid());
    pid_t has = process_with(fd), has_not = process_with(-1);
    counts(has_not);
    accept_scan_now(&d);
    check(!latch_of(cookie), "a connection that neither process has is neither's");
    counts(has_not);
    counts(has);
    accept_scan_now(&d);
    check(latch_of(cookie) && latch_of(cookie)->pid == has, "it is the process's that has it");
    end(has);
    end(has_not);
    fd = connection(4);
    listens(1, "another");
    counts(getpid());
    accept_scan_now(&d);
    check(!latch_of(cookie_of(fd)), "another program's listener has nothing to do with it");
    close(fd);
}

static void test_review(void)
{
    static const char policy[] = "format = 1\nprogram \"p\" { match = { \"*\" } rule \"r\" { "
                                 "action = discard } }\n";
    struct err err = {""};
    struct rules *before = d.rules;
    int fd = connection(5);
    uint64_t cookie = cookie_of(fd);
    listens(getpid(), "accept_scan");
    counts(getpid());
    d.rules = rules_load_text("policy", policy, sizeof policy - 1, &err);
    d.evaluation++;
    accept_scan_now(&d);
    struct latch *l = latch_of(cookie);
    check(l && l->state == BTNS_S_CLOSED && l->code == BTNS_R_RULE,
          "one that was accepted just before a review of the rules does not escape it");
    rules_free(d.rules);
    d.rules = before;
    close(fd);
}

/* More processes of another user than the limit leave room for this user's. */
static void test_shares(void)
{
    const unsigned each = limits[LIMIT_ACCEPTORS].each;
    struct request r = {.from = {.uid = 4711}, .client_netns = NETNS_OURS};
    int fd = connection(7);
    d.acceptors.users = count_by_user_new(LIMIT_ACCEPTORS);
    for (unsigned i = 0; i < 3 * each; i++) {
        r.from.pid = (pid_t)(1000000 + i);
        accept_scan_expect(&d, &r, 3600000);
    }
    check(d.acceptors.by_process.count == each, "of a user so many processes are noted (%zu)",
          d.acceptors.by_process.count);
    listens(getpid(), "accept_scan");
    counts(getpid());
    accept_scan_now(&d);
    check(latch_of(cookie_of(fd)) != NULL, "and yet another's connection has its latch");
    check(!count_by_user_of(d.acceptors.users, 4711), "afterwards that user has all room again");
    close(fd);
}

static void test_all(void)
{
    test_own();
    test_rest();
    test_shared();
    test_review();
    test_shares();
}

int main(void)
{
    if (geteuid())
        return skip_without_root();
    if (unshare(CLONE_NEWNET) || system("ip link set lo up && ip addr add 192.0.2.1/32 dev lo && "
                                        "ip route add 192.0.2.0/24 dev lo"))
        abort();
    return requests_main(test_all);
}
