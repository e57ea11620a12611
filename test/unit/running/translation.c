/*
 * A connection that this host itself translates does not leave in the clear once its socket is
 * bound to its guard. In its own network namespace without ESP: SPD entries that allow stand in for
 * guards. TAP.
 */
#include "btnsd/running/translation.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/server/epoch.h"
#include "test/unit/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQID 16400

static struct btnsd d;
static const struct keying by_key, by_spi = {.by_spi = true};
static struct guard guard = {.all = &d.guards, .state = GS_UP, .reqid = REQID, .keying = &by_key};

static bool run(const char *format, const char *word)
{
    char command[400];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, format, word);
#pragma GCC diagnostic pop
    return !system(command);
}

/* The number of packets that the kernel has blocked. */
static unsigned dropped(void)
{
    char name[64];
    unsigned number, all = 0;
    FILE *f = fopen("/proc/net/xfrm_stat", "re");
    while (f && fscanf(f, "%63s %u", name, &number) == 2)
        all += !strcmp(name, "XfrmOutPolBlock") || !strcmp(name, "XfrmInTmplMismatch") ? number : 0;
    if (f)
        fclose(f);
    return all;
}

enum outcome { CONNECTED, STOPPED, FAILED };

/* Waits until the connection is established, or the kernel has blocked one of its packets. */
static enum outcome outcome_of(int fd, const char *ip, uint16_t port)
{
    struct btns_addr a;
    struct sockaddr_storage ss;
    unsigned before = dropped();
    btns_addr_parse(&a, ip);
    a.port = port;
    socklen_t len = btns_addr_to_sa(&a, a.family, &ss);
    if (connect(fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
        return errno == EPERM && dropped() > before ? STOPPED : FAILED;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLOUT};
        int error = 0;
        socklen_t size = sizeof error;
        if (poll(&p, 1, 20) > 0)
            return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) || error ? FAILED
                                                                                : CONNECTED;
        if (dropped() > before)
            return STOPPED;
    }
}

enum binding { UNBOUND, BOUND, MARKED };

static void test_connect(const char *ip, uint16_t port, enum binding binding, enum outcome expected,
                         const char *what)
{
    static const char *const names[] = {"connected", "stopped", "failed"};
    int family = strchr(ip, ':') ? AF_INET6 : AF_INET;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    guard.keying = binding == MARKED ? &by_spi : &by_key;
    int rc = binding == UNBOUND ? 0 : translation_bind(fd, family, &guard);
    check(!rc, "%s: bound (%d)", what, rc);
    enum outcome is = outcome_of(fd, ip, port);
    check(is == expected, "%s, %s: %s", what, ip, names[is]);
    close(fd);
}

static bool listen_at(uint16_t port)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    return fd >= 0 && !bind(fd, (struct sockaddr *)&a, sizeof a) && !listen(fd, 8);
}

static unsigned entries(void)
{
    FILE *f = popen("ip xfrm policy | grep -c 'priority 62000'", "re");
    unsigned n = 0;
    if (!f || fscanf(f, "%u", &n) != 1)
        n = ~0u;
    if (f)
        pclose(f);
    return n;
}

static const char *look_now(void)
{
    d.translation.next = 0;
    return translation_by(&d);
}

static void test_family(const char *iptables, const char *from, const char *ip, const char *to)
{
    struct spd_entry e = {
        .dir = SPD_OUT, .priority = PRIO_GUARD, .action = SPD_ALLOW, .protocol = IPPROTO_TCP};
    char rule[300];
    struct err err = {""};
    btns_addr_parse(&e.local, from);
    btns_addr_parse(&e.remote, ip);
    e.local_bits = e.remote_bits = (uint8_t)btns_addr_bits(&e.local);
    for (uint16_t port = 8000; port <= 8002; port++) {
        e.remote.port = port;
        check(!spd_set(d.xfrm, &e, &err), "what stands for a guard %s", err.text);
    }
    test_connect(ip, 8000, UNBOUND, CONNECTED, "nothing translates");
    snprintf(rule, sizeof rule,
             "%s -t nat -A OUTPUT -p tcp -d %s --dport 8001 -j DNAT --to %s && "
             "%s -t nat -A OUTPUT -p tcp -d %s --dport 8002 -j REDIRECT "
             "--to-ports 8000",
             iptables, ip, to, iptables, ip);
    check(run("%s", rule), "the rules");
    uint64_t epoch = epoch_now(d.epoch);
    const char *by = look_now();
    check(by && strstr(by, "nat OUTPUT"), "what translates is found: %s", by ? by : "nothing");
    check(epoch_now(d.epoch) > epoch, "verdicts from the cache have ended");
    check(entries() == 2, "entries for marked packets: %u", entries());
    test_connect(ip, 8001, UNBOUND, CONNECTED, "translated, without a binding");
    test_connect(ip, 8001, MARKED, STOPPED, "translated and marked");
    test_connect(ip, 8002, UNBOUND, CONNECTED, "redirected to this host, without a binding");
    test_connect(ip, 8002, BOUND, STOPPED, "redirected to this host");
    test_connect(ip, 8000, MARKED, CONNECTED, "not translated, with its own guard");
    check(run("%s -t nat -F OUTPUT", iptables), "the rules go");
    check(!look_now(), "nothing translates any more");
}

/* The last check was a moment ago. */
static void test_reported(void)
{
    check(!look_now(), "nothing translates");
    check(run("%s", "iptables-nft -t nat -A OUTPUT -p tcp -d 10.77.0.2 --dport 8001 -j DNAT "
                    "--to 10.77.0.2:8003"),
          "a rule is added");
    check(!!translation_by(&d), "and found at the next question");
    check(run("%s", "iptables-nft -t nat -F OUTPUT") && !look_now(), "until it goes");
}

static void test_mark(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    uint32_t mark = 0x51;
    socklen_t size = sizeof mark;
    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
    socket_policy_mark(fd, true);
    getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &size);
    check(mark == (0x51 | SOCKET_MARK), "a program's own mark stays: %x", mark);
    socket_policy_mark(fd, false);
    getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &size);
    check(mark == 0x51, "and afterwards: %x", mark);
    check(socket_policy_expect(fd, AF_INET, 0) == -EINVAL, "reqid 0 would match every SA");
    close(fd);
}

static void test_entries(void)
{
    check(run("%s", "ip xfrm policy flush") && !entries(), "somebody flushes the SPD");
    translation_restore(&d);
    check(entries() == 2, "entries that were deleted come back: %u", entries());
    translation_end(&d);
    check(!entries(), "and go at the end: %u", entries());
    translation_restore(&d);
    check(!entries(), "and do not come back then: %u", entries());
}

/* Another host with services: a process in its own network namespace. */
static bool start_neighbour(void)
{
    int up[2], go[2];
    char octet;
    if (pipe(up) || pipe(go))
        return false;
    pid_t pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        bool ok = !unshare(CLONE_NEWNET) && write(up[1], "u", 1) == 1 &&
                  read(go[0], &octet, 1) == 1 &&
                  run("%s", "ip addr add 10.77.0.2/24 dev v1 && "
                            "ip addr add fd77::2/64 dev v1 nodad && ip link set v1 up") &&
                  listen_at(8000) && listen_at(8003);
        if (ok && write(up[1], "l", 1) == 1)
            pause();
        _exit(1);
    }
    char number[16];
    snprintf(number, sizeof number, "%d", pid);
    return pid > 0 && read(up[0], &octet, 1) == 1 &&
           run("ip link set lo up && ip link add v0 type veth peer name v1 && "
               "ip addr add 10.77.0.1/24 dev v0 && ip addr add fd77::1/64 dev v0 nodad && "
               "ip link set v0 up && ip link set v1 netns %s",
               number) &&
           write(go[1], "g", 1) == 1 && read(up[0], &octet, 1) == 1;
}

/* On a slow machine, too, a rule that the kernel does not report is found soon. */
static void test_pause(void)
{
    check(translation_pause(0) == 1000 && translation_pause(10) == 1000, "a second between two");
    check(translation_pause(50) == 5000, "a hundred times as long as a search takes");
    check(translation_pause(101) == 10000 && translation_pause(4000000000u) == 10000,
          "but never longer than ten seconds");
}

int main(void)
{
    struct err err = {""};
    if (unshare(CLONE_NEWNET) || !run("%s -t nat -L >/dev/null 2>&1", "iptables-nft")) {
        printf("1..0 # SKIP needs root, nftables and iptables-nft\n");
        return 0;
    }
    d.loop = loop_new();
    d.epoch = epoch_new();
    d.xfrm = xfrm_open(&err);
    check(d.loop && d.epoch && d.xfrm, "parts %s", err.text);
    check(start_neighbour() && listen_at(8000), "a neighbour, and this host's own listener");
    test_pause();
    check(!look_now() && !entries(), "nothing translates: no entries");
    test_family("iptables-nft", "10.77.0.1", "10.77.0.2", "10.77.0.2:8003");
    test_family("ip6tables-nft", "fd77::1", "fd77::2", "[fd77::2]:8003");
    test_reported();
    test_mark();
    test_entries();
    xfrm_close(d.xfrm);
    epoch_free(d.epoch);
    return check_end();
}
