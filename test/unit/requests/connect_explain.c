/*
 * `btnsctl explain` says what connect() does: both are asked through btnsd's socket, for every
 * combination of rule, wish, user and kind of destination, and compared. The kernel is a network
 * namespace of the test's own; the key manager is the test's, and every peer proves its key. TAP.
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "libapi/wire/refusal.h"
#include "test/unit/server/server_talk.h"

#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

static struct btnsd d;
static unsigned *compared; /* shared with the children */
static unsigned differences;
static unsigned *kinds; /* bits: which verdicts have occurred */

/* Every peer proves its key immediately. */
static int begin_up(struct guard *g, enum guard_event *first, struct err *err)
{
    (void)err;
    g->state = GS_PROVING;
    g->sa[g->sas++] = 0x1234;
    *first = GE_SA_UP;
    return 0;
}
static const struct keying proving = {.own = true, .begin = begin_up};
static const struct keying *const managers[] = {&proving, &proving, &proving};

static bool settled(void *arg, uint64_t *mark)
{
    (void)arg;
    (void)mark;
    return true;
}

static void unchanged(void *arg, struct guard *g)
{
    (void)arg;
    (void)g;
}
static const struct guards_ops ops = {.settle = settled, .changed = unchanged, .freed = unchanged};

/* One rule for each third octet of the destination's address. */
static const struct {
    const char *action, *profile;
} rules[] = {
    {"bypass", ""},       {"prefer", "known"}, {"protect", "any"},
    {"protect", "named"}, {"discard", ""},     {"protect", "mandatory"},
};
#define RULES (sizeof rules / sizeof *rules)

/* The kinds of destination: the last octet. */
enum {
    GLOBAL = 1,
    PORT_0,
    NO_LATCH_RANGE,
    NO_LATCH_PEER,
    RECENT,
    ITSELF,
    LINK_LOCAL,
    GLOBAL_6,
    NO_ROUTE,
    LOOPBACK,
    BROKEN,
    KINDS
};

static struct btns_addr destination(unsigned rule, unsigned kind)
{
    char text[64];
    struct btns_addr a;
    if (kind == LINK_LOCAL)
        snprintf(text, sizeof text, "fe80::%u:7", rule);
    else if (kind == GLOBAL_6)
        snprintf(text, sizeof text, "2001:db8:0:%u::8", rule);
    else if (kind == NO_ROUTE)
        snprintf(text, sizeof text, "198.18.%u.9", rule);
    else if (kind == LOOPBACK)
        snprintf(text, sizeof text, "127.0.%u.1", rule);
    else
        snprintf(text, sizeof text, "10.9.%u.%u", rule, kind);
    if (!btns_addr_parse(&a, text))
        abort();
    a.port = kind == PORT_0 ? 0 : 8000;
    if (kind == LINK_LOCAL)
        a.scope = if_nametoindex("v0");
    return a;
}

static struct rules *load_rules(const char *dir, struct err *err)
{
    static char text[8192];
    size_t n = (size_t)snprintf(
        text, sizeof text,
        "format = 1\nno-latch = { \"10.9.0.3\", \"10.9.1.3\", \"10.9.2.3\", \"10.9.3.3\", "
        "\"10.9.4.3\", \"10.9.5.3\" }\n"
        "profile \"known\" { identity = known-key }\nprofile \"any\" { identity = any-key }\n"
        "profile \"named\" { identity = named permit = { \"bob\" } }\n"
        "profile \"mandatory\" { identity = any-key }\nprogram \"p\" { match = { \"*\" }\n");
    for (unsigned i = 0; i < RULES; i++) {
        bool mandatory = !strcmp(rules[i].profile, "mandatory");
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "rule \"r%u\" { at = { connect } remote = { \"10.9.%u.0/24\", "
                              "\"2001:db8:0:%u::/64\", \"198.18.%u.0/24\", \"127.0.%u.0/24\", "
                              "\"fe80::%u:0/112\" } action = %s %s%s%s %s }\n",
                              i, i, i, i, i, i, rules[i].action,
                              rules[i].profile[0] ? "profile = \"" : "", rules[i].profile,
                              rules[i].profile[0] ? "\"" : "",
                              mandatory ? "mandatory = true reason = \"the test\"" : "");
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "}\n");
    char path[200];
    snprintf(path, sizeof path, "%s/policy", dir);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/policy/p.conf", dir);
    FILE *f = fopen(path, "w");
    if (!f || fwrite(text, 1, n, f) != n || fclose(f))
        abort();
    snprintf(path, sizeof path, "%s/policy", dir);
    return rules_load(path, err);
}

static struct btns_verdict_msg hear_verdict(int fd)
{
    struct btns_verdict_msg v = {.verdict = UINT32_MAX};
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, 60000) == 1)
        recv(fd, &v, sizeof v, 0);
    return v;
}

static struct btns_verdict_msg connect_to(const struct btns_addr *to, uint32_t flags)
{
    int fd = dial(), tcp = socket((int)to->family, SOCK_STREAM, 0);
    struct btns_flow q = {
        .hdr = header(BTNS_REQ_CONNECT, 1), .flags = flags, .protocol = IPPROTO_TCP, .remote = *to};
    socklen_t len = sizeof q.cookie;
    getsockopt(tcp, SOL_SOCKET, SO_COOKIE, &q.cookie, &len);
    say_with(fd, &q, sizeof q, tcp, 1);
    struct btns_verdict_msg v = hear_verdict(fd);
    close(fd);
    close(tcp);
    return v;
}

static struct btns_verdict_msg explain(const struct btns_addr *to, uint32_t flags)
{
    static struct btns_explain m;
    int fd = dial();
    m = (struct btns_explain){.hdr = header(BTNS_REQ_EXPLAIN, 1), .flags = flags, .remote = *to};
    if (readlink("/proc/self/exe", m.program, sizeof m.program - 1) < 0)
        abort();
    say(fd, &m, sizeof m);
    struct btns_verdict_msg v = hear_verdict(fd);
    close(fd);
    return v;
}

static void compare(unsigned rule, unsigned kind, uint32_t flags)
{
    const struct btns_addr to = destination(rule, kind);
    /* explain first, because a connection changes what a later one can share */
    const struct btns_verdict_msg said = explain(&to, flags), done = connect_to(&to, flags);
    bool same =
        said.verdict == done.verdict && said.error == done.error && said.verdict != UINT32_MAX;
    bool because = (done.verdict != BTNS_V_UNPROTECTED && done.error != ERRNO_UNPROTECTED) ||
                   strstr(said.text, done.text);
    ++*compared;
    if (said.verdict < 32)
        *kinds |= 1u << said.verdict;
    if (same && because)
        return;
    differences++;
    printf("# rule %u (%s), kind %u, flags %x, uid %u:\n#   explain %u, %u (%s)\n#   connect %u, "
           "%u (%s)\n",
           rule, rules[rule].action, kind, flags, getuid(), said.verdict, said.error, said.text,
           done.verdict, done.error, done.text);
}

static void compare_all(void)
{
    for (unsigned rule = 0; rule < RULES; rule++)
        for (unsigned kind = 1; kind < KINDS; kind++)
            for (unsigned f = 0; f < 8; f++)
                compare(rule, kind,
                        (f & 1 ? BTNS_F_REQUIRE : 0) | (f & 2 ? BTNS_F_PREFER : 0) |
                            (f & 4 ? BTNS_F_BYPASS : 0));
}

/*
 * Compares in a child, while the loop answers here. Returns true if the child found no difference.
 */
static bool compare_as(uid_t uid)
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (uid && (setgroups(0, NULL) || setgid(uid) || setuid(uid)))
            _exit(2);
        compare_all();
        fflush(stdout);
        _exit(differences != 0);
    }
    while (waitpid(pid, &status, WNOHANG) != pid)
        turn(1);
    return WIFEXITED(status) && !WEXITSTATUS(status);
}

/*
 * A program that uses a cached verdict tells btnsd afterwards. Does a guard exist then, and does
 * the next connect() ask?
 */
static void warm(unsigned rule, unsigned kind, uint64_t cookie, const char *what)
{
    struct btns_addr to = destination(rule, kind), host, local;
    to.port = 8001; /* another service than those that are compared */
    host = to;
    struct btns_flow q = {.hdr = header(BTNS_MSG_CONNECTING, 1),
                          .protocol = IPPROTO_TCP,
                          .cookie = cookie,
                          .remote = to};
    uint64_t before = epoch_now(d.epoch);
    int fd = dial();
    say(fd, &q, sizeof q);
    turn(5);
    close(fd);
    host.port = 0;
    btns_addr_parse(&local, "10.9.200.1");
    check(guard_find(&d.guards, &local, &host, (struct service){IPPROTO_TCP, to.port}, false) &&
              epoch_now(d.epoch) != before,
          "a warm connect() %s: a guard all the same, and cached verdicts end", what);
}

/* The service there had latches, and another key came: its guard refuses everybody. */
static bool break_latches(unsigned rule)
{
    struct err err = {""};
    static const struct demand any = {.identity = IDENTITY_ANY_KEY};
    static const struct key_source own = {.keys = KEYS_PRIVATE};
    struct guard_want want = {.remote = destination(rule, BROKEN),
                              .service = {IPPROTO_TCP, 8000},
                              .suite = suite_or_default(NULL),
                              .demand = &any,
                              .source = &own};
    btns_addr_parse(&want.local, "10.9.200.1");
    struct guard *g = guard_want(&d.guards, &want, &err);
    if (!g)
        return check(false, "a guard: %s", err.text), false;
    g->state = GS_FAILED;
    g->code = BTNS_R_IDENTITY;
    snprintf(g->reason, sizeof g->reason, "another key was proved there");
    return true;
}

static bool make_network(void)
{
    return !unshare(CLONE_NEWNET) &&
           !system("ip link set lo up && ip link add v0 type veth peer name v1 && "
                   "ip addr add 10.9.200.1/16 dev v0 && "
                   "ip addr add 2001:db8::1/32 dev v0 nodad && ip link set v1 up && "
                   "ip link set v0 up && for i in 0 1 2 3 4 5; do "
                   "ip addr add 10.9.$i.6/32 dev v0 || exit; done");
}

static bool prepare_explain(const char *dir)
{
    char path[200];
    struct err err = {""}, policy_error = {""};
    snprintf(path, sizeof path, "%s/known_peers", dir);
    d.loop = loop;
    d.epoch = epoch_new();
    d.latches = registry_new();
    d.waiting = count_by_user_new(LIMIT_WAITS);
    d.xfrm = xfrm_open(&err);
    d.sockets = sockdiag_open(IPPROTO_TCP, &err);
    d.rules = load_rules(dir, &policy_error);
    d.peers = peers_load(path, &err);
    d.server = server_new(loop, socket_path, request_dispatch, &d, &err);
    d.guards.loop = loop;
    d.guards.xfrm = d.xfrm;
    d.guards.sockets = d.sockets;
    d.guards.peers = d.peers;
    d.guards.rules = (const struct rules *const *)&d.rules;
    d.guards.keying = managers;
    d.guards.ops = &ops;
    d.guards.arg = &d;
    d.guards.linger_ms = 100000000;
    check(d.rules, "the policy: %s", policy_error.text);
    bool ok = d.epoch && d.latches && d.xfrm && d.sockets && d.rules && d.peers && d.server;
    for (unsigned i = 0; ok && i < RULES; i++) {
        struct btns_key key = {.raw = {(uint8_t)(i + 1)}};
        struct btns_addr peer = destination(i, NO_LATCH_PEER), recent = destination(i, RECENT);
        peer.port = 0;
        ok = !peers_seen(d.peers, &key, &peer, 1795255200, &err) &&
             !peers_set_no_latch(d.peers, &key, true, &err);
        recent_failure_silent(&d.recent_failures, &recent, "nobody answers IKE there");
        ok = ok && break_latches(i);
    }
    check(ok, "all that answers is there");
    return ok;
}

int main(void)
{
    char dir[80];
    if (geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    if (!make_network()) {
        printf("1..0 # SKIP no network namespace with a veth pair can be made here\n");
        return 0;
    }
    compared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    kinds = compared + 1;
    setenv("TMPDIR", "/run", 1); /* policies are read only where nobody else can write */
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    if (prepare_explain(dir)) {
        warm(2, NO_LATCH_RANGE, 1, "to an address that is no longer to be latched");
        warm(1, RECENT, 2, "where protection has just failed, under prefer");
        check(compare_as(0), "explain and connect give root the same answers");
        check(compare_as(NOBODY), "explain and connect give another user the same answers");
        check(*compared == 2 * RULES * (KINDS - 1) * 8, "all %u were compared", *compared);
        check(*kinds == (1u << BTNS_V_CLEAR | 1u << BTNS_V_PROTECTED | 1u << BTNS_V_DENIED |
                         1u << BTNS_V_UNPROTECTED),
              "and every verdict was among them");
    }
    server_free(d.server);
    scratch_remove(dir);
    return check_end();
}
