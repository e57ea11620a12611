/*
 * Which latches give way to a program that asks for another suite: those of other users' living
 * programs give way only to root; latches without a program always do. TAP.
 */
#include "btnsd/running/displace_latches.h"
#include "btnsd/server/passed_fds.h"
#include "test/unit/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define ALICE 1000u
#define BOB   1001u

static struct btnsd d;
static struct guard guard = {.all = &d.guards};

static struct btns_addr end_of(int fd, bool peer)
{
    struct btns_addr a = {0};
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    if (!(peer ? getpeername : getsockname)(fd, (struct sockaddr *)&ss, &len))
        btns_addr_from_sa(&a, (struct sockaddr *)&ss, len);
    return a;
}

static int listen_there(struct sockaddr_in *to)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t len = sizeof *to;
    *to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool ok = !bind(fd, (struct sockaddr *)to, len) && !listen(fd, 5) &&
              !getsockname(fd, (struct sockaddr *)to, &len);
    return ok ? fd : -1;
}

static struct latch *latch_of(int fd, uid_t uid)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    struct latch *l = registry_add(d.latches, cookie, uid, true);
    l->local = end_of(fd, false);
    l->remote = end_of(fd, true);
    l->pid = getpid();
    l->state = BTNS_S_ESTABLISHED;
    latch_set_guard(l, &guard);
    return l;
}

static void test_displaced(uid_t holder, uid_t by, bool left, bool displaced)
{
    struct sockaddr_in to;
    int listener = listen_there(&to), ours = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || connect(ours, (struct sockaddr *)&to, sizeof to)) {
        check(false, "no connection on loopback");
        return;
    }
    int theirs = accept(listener, NULL, NULL);
    const struct latch *l = latch_of(ours, holder);
    if (left)
        close(ours); /* the kernel keeps it in FIN_WAIT2 */
    bool gave_way = latches_displace(&d, &guard, by, "chacha20poly1305");
    check(gave_way == displaced && !guard.latches == displaced &&
              (l->state == BTNS_S_CLOSED) == displaced,
          "%s's %s connection %s to user %u", holder ? "a user" : "root",
          left ? "closed" : "living", displaced ? "gives way" : "does not give way", by);
    check(left || displaced || send(ours, "x", 1, MSG_NOSIGNAL) == 1,
          "and what does not give way lives on");
    registry_drop(d.latches, registry_find(d.latches, l->cookie, holder));
    if (!left)
        close(ours);
    close(theirs);
    close(listener);
}

int main(void)
{
    struct err err;
    passed_init(); /* as btnsd has: a close() that takes a moment is interrupted */
    d.loop = d.guards.loop = loop_new();
    d.latches = registry_new();
    d.sockets = sockdiag_open(IPPROTO_TCP, &err);
    if (!d.sockets || geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    test_displaced(ALICE, BOB, false, false);
    test_displaced(ALICE, 0, false, true);
    test_displaced(0, ALICE, false, false);
    test_displaced(0, 0, false, false);
    test_displaced(ALICE, BOB, true, true);
    test_displaced(0, ALICE, true, true);
    test_displaced(0, 0, true, true);
    loop_cancel(d.loop, &guard.sweep);
    registry_free(d.latches);
    sockdiag_close(d.sockets);
    loop_free(d.loop);
    return check_end();
}
