/* btnsd's table of requests, through its socket: what is malformed closes the connection, what is
 * not for everybody is refused, and everybody is told of his own. TAP. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"
#include "test/unit/server/server_talk.h"

#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define NOBODY 65534
#define HOLD   200 /* the test's own: makes the client one that waits */

static struct btnsd d;

/* What programs have sent takes two rounds to read. */
static bool settle(void *arg, uint64_t *mark)
{
    struct btnsd *all = arg;
    if (!*mark)
        epoch_move(all->epoch);
    return (*mark = !*mark) == 0;
}

static const struct guards_ops guards_ops = {.settle = settle};
static unsigned went;

static void on_gone(void *arg)
{
    (void)arg;
    went++;
}

static bool handler(void *arg, struct request *r)
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

/* The next message of the answer; its length, 0: closed. */
static ssize_t next(int fd)
{
    ssize_t n = hear(fd, &answer, sizeof answer);
    for (int i = 0; i < 200 && n < 0; i++) {
        turn(1);
        n = hear(fd, &answer, sizeof answer);
    }
    return n;
}

static ssize_t ask(int fd, void *msg, size_t len, unsigned type)
{
    struct btns_hdr h = header(type, 77);
    memcpy(msg, &h, sizeof h);
    say(fd, msg, len);
    return next(fd);
}

/* Is a connection closed for this message, without an answer? */
static bool refused(const void *msg, size_t len, int with)
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

/* Each request: its very length, and whether a socket comes with it. Written down again here. */
static const struct {
    unsigned type;
    size_t len;
    bool longer, with_socket;
} shapes[] = {
    {BTNS_REQ_CONNECT, 80, false, true},
    {BTNS_REQ_LISTEN, 80, false, true},
    {BTNS_MSG_CONNECTING, 80, false, false},
    {BTNS_MSG_ACCEPTED, 80, false, false},
    {BTNS_REQ_WHY, 80, false, false},
    {BTNS_REQ_EXPLAIN, 1072, false, false},
    {BTNS_REQ_POLICY, 8, true, false},
    {BTNS_REQ_STATUS, 8, false, false},
    {BTNS_REQ_LATCHES, 8, false, false},
    {BTNS_REQ_PEERS, 8, false, false},
    {BTNS_REQ_RELOAD, 8, false, false},
    {BTNS_REQ_FORGET, 64, false, false},
    {BTNS_REQ_WATCH, 16, false, false},
    {BTNS_REQ_TRY, 1104, false, true},
    {BTNS_REQ_POLICY_ADD, 72, true, false},
    {BTNS_REQ_POLICY_REMOVE, 152, false, false},
    {BTNS_REQ_POLICY_BLOCK, 152, false, false},
    {BTNS_REQ_POLICY_LIST, 152, false, false},
    {BTNS_REQ_NOLATCH, 48, false, false},
    {BTNS_REQ_ACCEPTED, 80, false, true},
    {BTNS_MSG_RING, 8, false, true},
    {BTNS_REQ_SPEAK, 8, false, true},
    {BTNS_MSG_CHANNEL, 8, false, true},
    {BTNS_REQ_IMPORT, 264, false, true},
    {BTNS_REQ_KEYSCAN, 32, false, false},
    {BTNS_REQ_ROTATE, 8, false, false},
};

static void test_shapes(void)
{
    static char msg[4096];
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t len = shapes[i].len;
        int with = shapes[i].with_socket ? tcp : -1;
        *(struct btns_hdr *)msg = header(shapes[i].type, 1);
        check((len == sizeof(struct btns_hdr) || refused(msg, len - 1, with)) &&
                  (shapes[i].longer || refused(msg, len + 1, with)),
              "type %u: neither shorter nor longer than %zu", shapes[i].type, len);
        check(refused(msg, len, shapes[i].with_socket ? -1 : tcp), "type %u: %s socket is refused",
              shapes[i].type, shapes[i].with_socket ? "none for a" : "an unasked");
        *(struct btns_hdr *)msg = header(shapes[i].type, 1);
        ((struct btns_hdr *)msg)->version++;
        check(refused(msg, len, with), "type %u: another version is refused", shapes[i].type);
    }
    for (size_t i = 0; i < 5; i++) {
        static const unsigned none[] = {0, 40, 64, 199, 65535};
        *(struct btns_hdr *)msg = header(none[i], 1);
        check(refused(msg, sizeof(struct btns_hdr), -1), "type %u is none", none[i]);
    }
    close(tcp);
}

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static struct btns_flow flow_of(int fd, unsigned type)
{
    struct btns_flow q = {.hdr = header(type, 5), .protocol = IPPROTO_TCP, .cookie = cookie_of(fd)};
    btns_addr_parse(&q.remote, "127.0.0.1");
    q.remote.port = 9;
    return q;
}

static ssize_t send_flow(int to, const struct btns_flow *q, int with)
{
    say_with(to, q, sizeof *q, with, 1);
    return next(to);
}

static void test_addresses(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0), fd = dial();
    struct btns_flow q = flow_of(tcp, BTNS_REQ_CONNECT);
    bool clear = send_flow(fd, &q, tcp) == sizeof answer.verdict &&
                 answer.verdict.verdict == BTNS_V_CLEAR && answer.verdict.cookie == q.cookie &&
                 answer.verdict.epoch == epoch_now(d.epoch);
    check(clear, "a connect() to this host itself: clear, with cookie and epoch");
    q.cookie++;
    check(refused(&q, sizeof q, tcp), "another socket's cookie is refused");
    q.cookie--;
    q.remote.family = 0;
    check(refused(&q, sizeof q, tcp), "so is a connect() to nowhere");
    q.remote.family = 77;
    check(refused(&q, sizeof q, tcp), "or to an address of no known family");
    q.remote = (struct btns_addr){.family = AF_INET6, .ip = {[10] = 0xff, 0xff, 192, 0, 2, 1}};
    check(refused(&q, sizeof q, tcp), "or to an IPv4 address in IPv6's clothes");
    q.remote = (struct btns_addr){.family = AF_INET, .ip = {192, 0, 2, 1, 1}};
    check(refused(&q, sizeof q, tcp), "or to one with something behind it");
    btns_addr_parse(&q.remote, "192.0.2.1");
    q.local.family = 1;
    check(refused(&q, sizeof q, tcp), "or from none");
    q.local.family = 0;
    check(send_flow(fd, &q, tcp) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_DENIED,
          "or to port 0, which would be every port: %s", answer.verdict.text);
    close(fd);
    close(tcp);
}

static void test_protocols(void)
{
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_TCP), udp = socket(AF_INET, SOCK_DGRAM, 0);
    int fd = dial();
    struct btns_flow q = flow_of(raw, BTNS_REQ_CONNECT);
    check(send_flow(fd, &q, raw) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_DENIED && answer.verdict.error == EPROTONOSUPPORT,
          "what is neither of TCP nor of UDP is denied: %s", answer.verdict.text);
    close(raw);
    q = flow_of(udp, BTNS_REQ_CONNECT);
    check(refused(&q, sizeof q, udp), "a datagram socket is none of TCP");
    q.protocol = IPPROTO_UDP;
    check(send_flow(fd, &q, udp) == sizeof answer.verdict && answer.verdict.verdict == BTNS_V_CLEAR,
          "datagrams to this host itself go: %s", answer.verdict.text);
    close(udp);
    int multipath = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
    if (multipath >= 0) {
        q = flow_of(multipath, BTNS_REQ_CONNECT);
        q.protocol = IPPROTO_MPTCP;
        check(send_flow(fd, &q, multipath) == sizeof answer.verdict &&
                  answer.verdict.verdict == BTNS_V_CLEAR,
              "MPTCP to this host itself is left alone: %s", answer.verdict.text);
        q.flags = BTNS_F_REQUIRE;
        btns_addr_parse(&q.remote, "192.0.2.1");
        q.remote.port = 9;
        check(send_flow(fd, &q, multipath) == sizeof answer.verdict &&
                  answer.verdict.verdict == BTNS_V_DENIED,
              "MPTCP that has to be protected is denied: %s", answer.verdict.text);
        close(multipath);
    }
    close(fd);
}

static void test_listeners(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0), fd = dial();
    struct btns_flow q = flow_of(tcp, BTNS_REQ_LISTEN);
    q.cookie++;
    check(refused(&q, sizeof q, tcp), "a listener's cookie has to be its own");
    q = flow_of(tcp, BTNS_REQ_LISTEN);
    check(send_flow(fd, &q, tcp) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_DENIED && answer.verdict.error == EADDRNOTAVAIL,
          "and without a port it would listen on all of them: %s", answer.verdict.text);
    q = flow_of(tcp, BTNS_REQ_CONNECT);
    struct btns_hdr hold = header(HOLD, 0);
    say(fd, &hold, sizeof hold);
    turn(5);
    went = 0;
    check(send_flow(fd, &q, tcp) == 0 && went == 1,
          "a second request of a connection that waits closes it, and the first is forgotten");
    close(fd);
    close(tcp);
}

static void test_page(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0), fd = dial();
    struct btns_flow q = flow_of(tcp, BTNS_REQ_CONNECT);
    q.flags = BTNS_F_PAGE;
    struct iovec iov = {&answer, sizeof answer};
    char control[CMSG_SPACE(sizeof(int))];
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    say_with(fd, &q, sizeof q, tcp, 1);
    turn(5);
    ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    int page = -1;
    if (n == sizeof answer.verdict && CMSG_FIRSTHDR(&m))
        memcpy(&page, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof page);
    uint64_t *seen = mmap(NULL, 4096, PROT_READ, MAP_SHARED, page, 0);
    check(seen != MAP_FAILED && *seen == epoch_now(d.epoch), "the page comes when asked for");
    close(page);
    close(fd);
    close(tcp);
}

static int *result; /* shared with a child */

static void in_child(void (*what)(void), bool nobody)
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

static void as_nobody(void (*what)(void))
{
    in_child(what, true);
}

static void as_root(void (*what)(void))
{
    in_child(what, false);
}

/* In the child: the parent's loop answers. */
static ssize_t ask_away(int fd, void *msg, size_t len, unsigned type)
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

/* The error of the end that answers; -1: there is none. */
static int end_away(int fd)
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

static int speak_away(int fd, int process)
{
    struct btns_hdr h = header(BTNS_REQ_SPEAK, 3);
    say_with(fd, &h, sizeof h, process, 1);
    return end_away(fd);
}

static int list_away(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 4);
    say(fd, &h, sizeof h);
    return end_away(fd);
}

/* A child that each octet makes dumpable or not: the latter as a set-user-ID program. */
static pid_t fork_changing(int *changes)
{
    int pair[2];
    char dumpable;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
        _exit(1);
    pid_t pid = fork();
    *changes = pair[!pid];
    close(pair[!!pid]);
    if (pid)
        return pid;
    while (read(*changes, &dumpable, 1) == 1 && !prctl(PR_SET_DUMPABLE, dumpable))
        if (write(*changes, &dumpable, 1) != 1)
            break;
    _exit(0);
}

static bool change(int changes, char dumpable)
{
    return write(changes, &dumpable, 1) == 1 && read(changes, &dumpable, 1) == 1;
}

static void speaking(void)
{
    int changes, fd = dial(), parents = (int)syscall(SYS_pidfd_open, getppid(), 0);
    pid_t pid = fork_changing(&changes);
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    bool another = speak_away(fd, parents) == EPERM;
    bool privileged = change(changes, 0) && speak_away(fd, process) == EPERM;
    bool own = change(changes, 1) && !speak_away(fd, process) && !list_away(fd);
    bool changed = change(changes, 0) && list_away(fd) == EPERM;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    bool ended = list_away(fd) == ESRCH;
    *result = another | privileged << 1 | own << 2 | changed << 3 | ended << 4;
}

static void test_speaking(void)
{
    as_nobody(speaking);
    check(*result == 31,
          "a user speaks for his own process, while it has no privilege and lives: %d", *result);
}

static ssize_t next_away(int fd)
{
    ssize_t n = -1;
    for (int i = 0; i < 60000 && n < 0; i++) {
        n = hear(fd, &answer, sizeof answer);
        if (n < 0)
            usleep(1000);
    }
    return n;
}

static int ask_reload(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_RELOAD, 9);
    say(fd, &h, sizeof h);
    return end_away(fd);
}

/* What comes of handing over `end`: the error that `own` gets for what is root's alone; -1: none.
 */
static int hand_over(int end, int own)
{
    struct btns_hdr h = header(BTNS_MSG_CHANNEL, 0);
    int link = dial(), error;
    say_with(link, &h, sizeof h, end, 1);
    close(end);
    error = own < 0 ? next_away(link) == 0 ? 0 : -1 : ask_reload(own);
    close(link);
    return error;
}

static int make_pair(int *own, int type)
{
    int ends[2];
    if (socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends))
        _exit(1);
    *own = ends[0];
    return ends[1];
}

/* A pair that is somebody else's, as when its maker is a service of root's that was connected to.
 */
static int make_pair_elsewhere(int *own)
{
    int end = make_pair(own, SOCK_SEQPACKET);
    pid_t pid = fork();
    if (pid)
        return waitpid(pid, NULL, 0) == pid ? end : -1;
    *result = hand_over(end, -1) == 0;
    _exit(0);
}

static void handing_over(void)
{
    int own = -1, other = -1, all = 0, listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0btns-test-handed"};
    int end = make_pair(&own, SOCK_SEQPACKET);
    all |= hand_over(end, own) == EPERM;
    all |= (ask_reload(own) == EPERM) << 1;
    all |= (hand_over(make_pair(&other, SOCK_STREAM), -1) == 0) << 2;
    all |= (hand_over(dial(), -1) == 0) << 3;
    if (!bind(listener, (struct sockaddr *)&name, sizeof name) && !listen(listener, 1))
        all |= (hand_over(listener, -1) == 0) << 4;
    make_pair_elsewhere(&other);
    all |= (*result == 1) << 5;
    *result = all;
}

static void test_handed_over(void)
{
    static const char *const whats[] = {
        "one end of a pair is a connection of its maker's",
        "which goes on when the one that it was handed over by has ended",
        "a stream is none",
        "nor is a connection, whose other end is somebody else's",
        "nor a listener",
        "nor a pair that another process has made"};
    as_nobody(handing_over);
    for (int i = 0; i < 6; i++)
        check(*result >= 0 && *result >> i & 1, "handed over: %s", whats[i]);
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

static int inherited; /* a socket of btnsd's namespace, in the hands of the child */

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
    say(fd, &list, sizeof list); /* answered when that was read */
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

static void fill_registry(unsigned of_root, unsigned of_nobody)
{
    for (unsigned i = 0; i < of_root + of_nobody; i++) {
        struct latch *l = registry_add(d.latches, 1ull << 50 | i, i < of_root ? 0 : NOBODY, true);
        l->state = BTNS_S_UNPROTECTED;
        intern_set(&l->program, "p");
        intern_set(&l->rule, "r");
    }
}

static unsigned listed(int fd, ssize_t (*following)(int fd))
{
    unsigned n = 0;
    for (ssize_t len; (len = following(fd)) == sizeof answer.latch; n++)
        if (answer.hdr.type != BTNS_REP_LATCH || answer.hdr.id != 77 ||
            *answer.latch.program != 'p')
            return 0;
    return answer.hdr.type == BTNS_REP_END && !answer.end.error ? n : 0;
}

static void list_own(void)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    int fd = dial();
    say(fd, &h, sizeof h);
    *result = (int)listed(fd, next_away);
}

static void test_lists(void)
{
    enum { ROOTS = 5000, NOBODYS = 300 };
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    fill_registry(ROOTS, NOBODYS);
    int fd = dial();
    say(fd, &h, sizeof h);
    unsigned n = listed(fd, next);
    check(n == ROOTS + NOBODYS, "thousands of latches are listed, all of them to root: %u", n);
    as_nobody(list_own);
    check(*result == NOBODYS, "to others their own: %d", *result);
    int slow = dial(); /* only now: who does not read for long is of no use */
    say(slow, &h, sizeof h);
    bool begun = next(slow) == sizeof answer.latch;
    for (unsigned i = 0; i < ROOTS; i++)
        registry_socket_gone(d.latches, 1ull << 50 | i);
    n = begun ? 1 + listed(slow, next) : 0;
    check(n >= NOBODYS && n < ROOTS, "those that end while a list is read are left out: %u", n);
    close(fd);
    close(slow);
}

static void test_why(void)
{
    struct btns_flow q = {.cookie = 1ull << 51, .protocol = IPPROTO_TCP};
    int fd = dial();
    check(ask(fd, &q, sizeof q, BTNS_REQ_WHY) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_CLEAR,
          "why: of an unknown socket nothing is said");
    struct latch *l = registry_add(d.latches, q.cookie, NOBODY, true);
    intern_set(&l->program, "p");
    intern_set(&l->rule, "p");
    l->state = BTNS_S_FAILED;
    intern_set(&l->reason, "no luck");
    check(ask(fd, &q, sizeof q, BTNS_REQ_WHY) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_DENIED && !strcmp(answer.verdict.text, "no luck"),
          "of a failed one the reason");
    close(fd);
}

static void test_explain(void)
{
    struct btns_explain m = {.remote = {.family = AF_INET, .port = 80, .ip = {192, 0, 2, 1}}};
    int fd = dial();
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == EINVAL,
          "explain: a program is needed");
    memset(m.program, 'x', sizeof m.program);
    m.program[0] = '/';
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_PROTECTED,
          "a path without an end is cut");
    m.flags = BTNS_F_ACCEPT;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.verdict == BTNS_V_PROTECTED && strstr(answer.verdict.text, "anywhere"),
          "for a listener: what a peer anywhere gets");
    m.remote.family = 999;
    m.remote.family = 0;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == EINVAL,
          "and an address");
    m.remote.family = 999;
    m.hdr = header(BTNS_REQ_EXPLAIN, 1);
    check(refused(&m, sizeof m, -1), "an address of no known family is refused");
    m.remote.family = AF_INET;
    m.policy = 4711;
    check(ask(fd, &m, sizeof m, BTNS_REQ_EXPLAIN) == sizeof answer.verdict &&
              answer.verdict.error == ENOENT,
          "a policy of nobody's is unknown, not denied");
    close(fd);
}

static bool prepare(const char *dir)
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

/* The rows of LINGERING among the latches that are listed to root. */
static unsigned lingering(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 77);
    unsigned n = 0;
    say(fd, &h, sizeof h);
    while (next(fd) == sizeof answer.latch && answer.hdr.type == BTNS_REP_LATCH)
        n += answer.latch.state == BTNS_S_LINGERING && answer.latch.remote.port == 8000;
    return n;
}

/* A guard without a latch is listed while it is in the way of a new connection. */
static void test_lingering(void)
{
    struct guard g = {.all = &d.guards,
                      .state = GS_FAILED,
                      .local = {.family = AF_INET, .ip = {192, 0, 2, 7}},
                      .remote = {.family = AF_INET, .ip = {192, 0, 2, 8}},
                      .service = {IPPROTO_TCP, 8000}};
    int fd = dial();
    d.guards.peers = d.peers;
    guard_enter(&g);
    d.guards.list = &g;
    unsigned unused = lingering(fd);
    guard_set_key(&g, &(struct btns_key){.raw = {8}});
    guard_set_latched(&g);
    unsigned failed = lingering(fd);
    g.state = GS_UP;
    unsigned idle = lingering(fd);
    check(!unused && failed == 1 && !idle,
          "a guard whose latches have ended is listed, unless it is idle: %u %u %u", unused, failed,
          idle);
    d.guards.list = NULL;
    guard_leave(&g);
    close(fd);
}

int main(void)
{
    char dir[80];
    if (geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (prepare(dir)) {
        test_shapes();
        test_addresses();
        test_protocols();
        test_listeners();
        test_page();
        test_privilege();
        test_speaking();
        test_handed_over();
        test_namespaces();
        test_lingering();
        test_lists();
        test_why();
        test_explain();
    }
    server_free(d.server);
    registry_free(d.latches);
    sockdiag_close(d.sockets);
    peers_free(d.peers);
    rules_free(d.rules);
    epoch_free(d.epoch);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
