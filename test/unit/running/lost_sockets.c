/*
 * Latches whose socket has been closed without a report: after lost reports, and with forged
 * cookies. With the kernel's real sockets, in a network namespace of its own. TAP.
 */
#include "btnsd/running/lost_sockets.h"
#include "btnsd/plan/facts.h"
#include "btnsd/users/socket_wishes.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OLD   (62 * 1000)
#define YOUNG (30 * 1000)

static struct btnsd d;

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static uint64_t note(uint64_t cookie, bool sure, pid_t pid, uint64_t age)
{
    struct latch *l = registry_add(d.latches, cookie, 1000, sure);
    l->pid = pid;
    l->created = loop_now() - age;
    return cookie;
}

static bool known(uint64_t cookie)
{
    return registry_find(d.latches, cookie, 1000) != NULL;
}

static pid_t sleeper(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int listener, connected[2], idle;

static void open_sockets(void)
{
    if (seteuid(1000))
        check(false, "needs root");
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(listener, (struct sockaddr *)&in, sizeof in);
    listen(listener, 5);
    getsockname(listener, (struct sockaddr *)&in, &len);
    connected[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connected[0], (struct sockaddr *)&in, sizeof in))
        check(false, "no loopback");
    connected[1] = accept(listener, NULL, NULL);
    idle = socket(AF_INET, SOCK_STREAM, 0);
    if (seteuid(0))
        check(false, "root again");
}

/*
 * Finds a process that is older than a latch that still counts as young; 0: this machine has none
 * yet.
 */
static pid_t elder(void)
{
    return facts_process_lives(1, OLD + 1000) ? 1 : 0;
}

static void test_process(void)
{
    pid_t pid = sleeper();
    check(facts_process_lives(pid, 0) && facts_process_lives(pid, 500), "a process lives");
    check(!facts_process_lives(pid, 60000), "it is none that was there a minute ago");
    check(facts_process_lives(getppid(), 0) && facts_process_lives(1, 5000), "others do as well");
    kill(pid, SIGKILL);
    siginfo_t si;
    waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT);
    check(!facts_process_lives(pid, 0), "a dead one that nobody has buried does not");
    waitpid(pid, NULL, 0);
    check(!facts_process_lives(pid, 0) && !facts_process_lives(0, 0), "nor one that is gone");
}

static void test_made_up(void)
{
    pid_t dead = sleeper();
    end(dead);
    uint64_t lie = note(1ull << 60, false, dead, OLD);
    uint64_t fresh = note(1ull << 60 | 1, false, dead, YOUNG);
    uint64_t of_living = note(1ull << 60 | 2, false, elder(), elder() ? OLD : YOUNG);
    uint64_t shown = note(1ull << 60 | 3, true, dead, OLD);
    uint64_t of_child = note(cookie_of(connected[0]), false, dead, OLD);
    uint64_t listens = note(cookie_of(listener), false, dead, OLD);
    struct latch *false_one = registry_add(d.latches, of_child, 1001, false);
    false_one->pid = dead;
    false_one->created = loop_now() - OLD;
    lost_sockets_sweep(&d);
    check(!known(lie), "a cookie that no socket has goes when its announcer is dead");
    check(known(fresh), "but not at once: its connect() may be under way");
    check(known(of_living), "nor while he lives");
    check(known(shown), "nor when the socket itself was shown: its end is reported");
    check(known(of_child) && known(listens), "nor when the kernel has such a socket");
    check(!registry_find(d.latches, of_child, 1001), "but for another user, who does not have it");
    check(registry_find(d.latches, of_child, 1000)->seen,
          "which need not be looked after any more");
    check(d.sweep.slot != 0, "what cannot be told yet is looked at again");
    registry_find(d.latches, of_living, 1000)->pid = dead;
    registry_find(d.latches, of_living, 1000)->created -= OLD;
    registry_find(d.latches, fresh, 1000)->created -= OLD;
    loop_cancel(d.loop, &d.sweep);
    lost_sockets_sweep(&d);
    check(!known(of_living) && !known(fresh), "and goes then");
    check(!d.sweep.slot, "with nothing left to look after, nothing is");
    registry_socket_gone(d.latches, shown);
}

static void test_lost(void)
{
    pid_t self = elder();
    uint64_t conn = note(cookie_of(connected[0]), true, self, OLD);
    uint64_t accepted = note(cookie_of(connected[1]), true, self, OLD);
    uint64_t listens = note(cookie_of(listener), true, self, OLD);
    uint64_t gone = note(1ull << 61, true, self, OLD);
    uint64_t young = note(cookie_of(idle), true, self, YOUNG);
    uint64_t young_gone = note(1ull << 61 | 1, true, self, YOUNG);
    lost_sockets_compare(&d);
    check(known(conn) && known(accepted) && known(listens), "living sockets keep their latches");
    check(!known(gone), "a dead socket whose end was not reported loses its latch");
    check(known(young) && known(young_gone), "young ones cannot be told from idle ones yet");
    check(d.lost && d.sweep.slot, "they are looked at once more");
    uint64_t later = note(1ull << 61 | 2, true, self, 0);
    registry_find(d.latches, later, 1000)->created = d.lost + 1;
    registry_find(d.latches, young_gone, 1000)->created -= OLD;
    registry_find(d.latches, young, 1000)->created -= OLD;
    loop_cancel(d.loop, &d.sweep);
    lost_sockets_sweep(&d);
    check(!known(young_gone), "and go then");
    check(known(later) && !d.lost && !d.sweep.slot,
          "those noted after the loss are none of its concern");
    close(connected[1]); /* first, so it is the one that waits */
    close(connected[0]);
    registry_find(d.latches, accepted, 1000)->created = loop_now() - OLD;
    lost_sockets_compare(&d);
    check(!known(accepted), "a TIME_WAIT is no socket that anybody has");
}

static bool wishes(uint64_t cookie)
{
    return socket_wish_find(d.wishes, cookie) != NULL;
}

static uint64_t wish(uint64_t cookie, uint64_t age)
{
    struct err err;
    struct socket_wish *w = socket_wish_get(d.wishes, cookie, 1000, &err);
    if (w)
        w->since = loop_now() - age;
    return cookie;
}

static void test_lost_wishes(void)
{
    uint64_t listens = wish(cookie_of(listener), OLD), gone = wish(1ull << 61, OLD);
    uint64_t young = wish(1ull << 61 | 1, YOUNG);
    lost_sockets_sweep(&d);
    check(wishes(gone), "as long as no report is lost, a policy stays until its socket ends");
    lost_sockets_compare(&d);
    check(wishes(listens), "living sockets keep their own policies");
    check(!wishes(gone), "a dead socket whose end was not reported loses its own");
    check(wishes(young) && d.lost && d.sweep.slot, "a young one is looked at once more");
    socket_wish_find(d.wishes, young)->since -= OLD;
    loop_cancel(d.loop, &d.sweep);
    lost_sockets_sweep(&d);
    check(!wishes(young) && !d.lost, "and goes then");
    struct err err;
    for (uint64_t i = 0; i < 1023; i++)
        wish(1ull << 62 | i, OLD);
    check(!socket_wish_get(d.wishes, 1, 1000, &err), "a user has as many as a user may");
    lost_sockets_compare(&d);
    check(socket_wish_get(d.wishes, 1, 1000, &err), "what was lost counts against nobody");
    socket_wish_drop(d.wishes, 1);
    loop_cancel(d.loop, &d.sweep);
    d.lost = 0;
}

int main(void)
{
    struct err err = {""};
    if (unshare(CLONE_NEWNET) || system("ip link set lo up")) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    d.loop = d.guards.loop = loop_new();
    d.latches = registry_new();
    d.wishes = socket_wishes_new();
    d.sockets = sockdiag_open(IPPROTO_TCP, &err);
    check(d.sockets != NULL, "sockets %s", err.text);
    d.floors.xfrm = xfrm_open(&err);
    open_sockets();
    test_process();
    test_made_up();
    test_lost_wishes();
    test_lost();
    socket_wishes_free(d.wishes);
    registry_free(d.latches);
    sockdiag_close(d.sockets);
    xfrm_close(d.floors.xfrm);
    loop_cancel(d.loop, &d.guards.resets);
    loop_free(d.loop);
    return check_end();
}
