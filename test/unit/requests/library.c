/* The requests of libbtns, through btnsd's socket: shapes, versions, and what is kept of a socket.
 * TAP. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/server/epoch.h"
#include "btnsd/users/socket_wishes.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/attrs.h"
#include "libapi/wire/refusal.h"
#include "test/unit/server/server_talk.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/stat.h>

static struct btnsd d;

static unsigned char message[BTNS_API_MAX];
static struct attrs_out question;
static union {
    struct btns_hdr hdr;
    unsigned char bytes[BTNS_API_MAX];
} answer;
static size_t answered; /* octets of attributes */

static struct attrs_out *begin_question(void)
{
    question =
        (struct attrs_out){.buf = message, .room = sizeof message, .len = sizeof(struct btns_hdr)};
    return &question;
}

/* -1: closed; else the errno of the answer. */
static int send_question(unsigned type, unsigned version, int with)
{
    const struct btns_hdr h = {(uint16_t)version, (uint16_t)type, 9};
    struct attr a;
    uint32_t error = 4711;
    int fd = dial();
    ssize_t n = -1;
    memcpy(message, &h, sizeof h);
    if (with >= 0)
        say_with(fd, message, question.len, with, 1);
    else
        say(fd, message, question.len);
    for (int i = 0; i < 200 && n < 0; i++) {
        turn(1);
        n = hear(fd, &answer, sizeof answer);
    }
    close(fd);
    turn(1);
    if (n <= 0 || answer.hdr.type != BTNS_API_ANSWER || answer.hdr.id != 9 ||
        answer.hdr.version != version)
        return -1;
    answered = (size_t)n - sizeof answer.hdr;
    return attrs_find(&answer.hdr + 1, answered, BTNS_API_ERROR, &a) && attr_u32(&a, &error)
               ? (int)error
               : 4712;
}

static int ask(unsigned type, int with)
{
    return send_question(type, BTNS_API_VERSION, with);
}

static bool answer_says(uint32_t type, uint32_t value)
{
    struct attr a;
    uint32_t is;
    return attrs_find(&answer.hdr + 1, answered, type, &a) && attr_u32(&a, &is) && is == value;
}

static bool is_shut(int fd)
{
    socklen_t filters = 0;
    return !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &filters) && filters;
}

static uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

static void put_policy(uint32_t type, uint32_t value)
{
    attrs_put_u32(begin_question(), BTNS_API_POLICY_TYPE, IPSEC_DEFAULT_POLICY);
    attrs_put_u32(&question, type, value);
}

static void test_shapes(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0), pipes[2];
    for (unsigned type = BTNS_API_SET_POLICY; type <= BTNS_API_LAST; type++) {
        begin_question();
        check(ask(type, -1) == -1, "type %u: without a socket it is closed", type);
        check(send_question(type, BTNS_API_VERSION + 1, tcp) == -1 &&
                  send_question(type, 0, tcp) == -1,
              "type %u: nor a version that is not known", type);
        put_policy(IPSEC_BTNS_STANDALONE, 1);
        for (unsigned v = 1; type == BTNS_API_SET_POLICY && v <= BTNS_API_VERSION; v++)
            check(!send_question(type, v, tcp), "version %u of %u: understood, and answered in it",
                  v, BTNS_API_VERSION);
        attrs_put_u32(begin_question(), IPSEC_BTNS_STANDALONE, 1);
        question.len -= 1;
        check(ask(type, tcp) == -1, "type %u: attributes that are cut off close it", type);
        begin_question();
        if (!pipe(pipes)) {
            check(ask(type, pipes[0]) == ENOTSOCK, "type %u: a pipe", type);
            close(pipes[0]);
            close(pipes[1]);
        }
    }
    begin_question();
    check(ask(BTNS_API_LAST + 1, tcp) == -1, "no type beyond the last");
    close(tcp);
}

/* What a later library may mean must not be left out. */
static void test_unknown(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    for (unsigned type = BTNS_API_SET_POLICY; type <= BTNS_API_LAST; type++) {
        attrs_put_u32(begin_question(), 0x4711, 1);
        check(ask(type, tcp) == EOPNOTSUPP, "type %u: an attribute that is not known", type);
    }
    attrs_put_u32(begin_question(), BTNS_API_FLAGS, BTNS_F_NONBLOCK | BTNS_F_BYPASS);
    check(ask(BTNS_API_CONNECT, tcp) == EOPNOTSUPP, "a flag that is not known");
    attrs_put_u64(begin_question(), BTNS_API_FLAGS, BTNS_F_NONBLOCK);
    check(ask(BTNS_API_CONNECT, tcp) == EINVAL, "a flag of a wrong length");
    attrs_put_u64(begin_question(), BTNS_API_FD, 3);
    check(ask(BTNS_API_CONNECT, tcp) == EINVAL, "a descriptor of a wrong length");
    attrs_put(begin_question(), IPSEC_CHANNEL_PEER_KEY, "01234567890123456789012345678901", 32);
    attrs_put_u32(&question, IPSEC_CHANNEL_REQID, 1);
    check(ask(BTNS_API_SET_PEER, tcp) == EOPNOTSUPP && !is_shut(tcp),
          "something else of a peer than its key");
    close(tcp);
}

/* Without a route to it, connect() tells whether the socket's own policy stops it: EPERM. */
static int connect_error(int fd)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(0x7f000001);
    return connect(fd, (struct sockaddr *)&to, sizeof to) ? errno : 0;
}

static void test_policy(void)
{
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    begin_question();
    check(ask(BTNS_API_GET_POLICY, tcp) == ENODATA && ask(BTNS_API_CONNECT, tcp) == ENODATA &&
              ask(BTNS_API_LISTEN, tcp) == ENODATA,
          "a socket without a policy has none, and nothing is asked about it");
    put_policy(IPSEC_POLICY_TIMEOUT, 61000);
    check(ask(BTNS_API_SET_POLICY, tcp) == EINVAL && !is_shut(tcp), "a wrong one changes nothing");
    put_policy(IPSEC_POLICY_ACTION, IPSEC_ACTION_BYPASS);
    check(ask(BTNS_API_SET_POLICY, tcp) == EPERM, "none that bypasses");
    put_policy(0x4711, 1);
    check(ask(BTNS_API_SET_POLICY, tcp) == EOPNOTSUPP, "none that a later library means");
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, tcp) && is_shut(tcp), "a good one shuts the socket");
    check(connect_error(tcp) == EPERM, "a connect() past btnsd fails with EPERM");
    begin_question();
    check(!ask(BTNS_API_GET_POLICY, tcp) && answer_says(IPSEC_BTNS_STANDALONE, 1),
          "it is read as it was set");
    const struct socket_wish *w = socket_wish_find(d.wishes, cookie_of(tcp));
    attrs_put(begin_question(), IPSEC_CHANNEL_PEER_KEY, "01234567890123456789012345678901", 32);
    check(!ask(BTNS_API_SET_PEER, tcp) && w && w->wish.expects, "a peer beside it");
    begin_question();
    check(!ask(BTNS_API_SET_POLICY, tcp) && w->wish.expects && is_shut(tcp) &&
              ask(BTNS_API_GET_POLICY, tcp) == ENODATA,
          "the policy goes, the peer stays");
    check(!ask(BTNS_API_SET_PEER, tcp) && !socket_wish_find(d.wishes, cookie_of(tcp)) &&
              !is_shut(tcp),
          "when both are taken back, the socket is as it was");
    check(connect_error(tcp) == ECONNREFUSED, "and connects");
    check(ask(BTNS_API_INQUIRE, tcp) == ENOTCONN, "what is not connected has no channel");
    close(tcp);
}

/* The octet would leave with the first segment of TCP Fast Open. */
static int early_error(int fd)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    inet_pton(AF_INET6, "::ffff:192.0.2.2", &to.sin6_addr);
    return sendto(fd, "x", 1, MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to,
                  sizeof to) < 0
               ? errno
               : 0;
}

static uint32_t mark_of(int fd)
{
    uint32_t mark = 0;
    socklen_t len = sizeof mark;
    getsockopt(fd, SOL_SOCKET, SO_MARK, &mark, &len);
    return mark;
}

static void test_both_families(void)
{
    int tcp = socket(AF_INET6, SOCK_STREAM, 0), on = 1;
    const uint32_t own = 0x51;
    setsockopt(tcp, SOL_SOCKET, SO_MARK, &own, sizeof own);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, tcp) && mark_of(tcp) == (own | SHUT_MARK),
          "an IPv6 socket is shut: mark %x", mark_of(tcp));
    check(early_error(tcp) == EPERM, "to an IPv4 address, too, with TCP Fast Open");
    check(setsockopt(tcp, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on) ||
              (early_error(tcp) == EPERM && early_error(tcp) == EPERM),
          "and a second time");
    struct socket_facts f;
    check(!facts_socket(tcp, &f, NULL) && f.mark == own, "rules and routes are for its own mark");
    begin_question();
    check(!ask(BTNS_API_SET_POLICY, tcp) && mark_of(tcp) == own, "opened again, it has only that");
    check(early_error(tcp) == EINPROGRESS, "and sends");
    close(tcp);
}

/* Does the SPD block, both ways of IP, what is marked as shut? */
static int shut_entries(void)
{
    FILE *p = popen("ip -o xfrm policy | grep -c 'action block priority 1 .*mark 0x4000'", "re");
    int n = -1;
    if (p && fscanf(p, "%d", &n) != 1)
        n = -1;
    if (p)
        pclose(p);
    return n;
}

/* 0, or the errno of a datagram to this port of the host itself. */
static int send_error(int udp, uint32_t ip)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(ip);
    return sendto(udp, "x", 1, 0, (struct sockaddr *)&to, sizeof to) < 0 ? errno : 0;
}

static void ask_to_send(uint32_t flags, uint32_t ip)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    to.sin_addr.s_addr = htonl(ip);
    attrs_put_u32(begin_question(), BTNS_API_FLAGS, flags);
    attrs_put(&question, BTNS_API_REMOTE, &to, sizeof to);
}

#define HERE     0x7f000001u
#define NOT_HERE 0xc0000202u

static void test_datagrams(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};
    at.sin_addr.s_addr = htonl(HERE);
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, udp) && is_shut(udp) && mark_of(udp) == SHUT_MARK,
          "a datagram socket is shut by its policy, too");
    check(send_error(udp, HERE) == EPERM && send_error(udp, NOT_HERE) == EPERM,
          "and sends nothing past btnsd");
    ask_to_send(BTNS_F_SENDS | BTNS_F_NONBLOCK, HERE);
    check(!ask(BTNS_API_CONNECT, udp) && is_shut(udp) && !mark_of(udp) && !send_error(udp, HERE),
          "to this host itself it sends, and libbtns goes on asking");
    socket_limit(udp, false);
    check(mark_of(udp) == UNGUARDED_MARK && send_error(udp, NOT_HERE) == EPERM && is_shut(udp),
          "where no guard stands a limited one sends nothing");
    ask_to_send(BTNS_F_SENDS, HERE);
    attrs_put(&question, IPSEC_CHANNEL_PEER_KEY, "01234567890123456789012345678901", 32);
    check(ask(BTNS_API_CONNECT, udp) == ERRNO_UNPROTECTED && mark_of(udp) == UNGUARDED_MARK,
          "nor a datagram for another one than this host to it");
    check(ask(BTNS_API_CONNECT, tcp) == EINVAL, "TCP has no datagrams");
    begin_question();
    check(ask(BTNS_API_INQUIRE, udp) == ENOTCONN, "without an address there is nobody to tell of");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    check(!ask(BTNS_API_INQUIRE, udp) && answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR) &&
              answer_says(IPSEC_CHANNEL_TRANSPORT, IPPROTO_UDP),
          "with one there is");
    attrs_put_u64(&question, BTNS_API_CAME, 0);
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "not who sent what has no stamp");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    attrs_put_u64(&question, BTNS_API_CAME, (uint64_t)instant_now().real);
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "nor to an address that is not known");
    attrs_put(&question, BTNS_API_LOCAL, &at, sizeof at);
    d.guards.ended = instant_now();
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "nor when a guard may have ended since");
    d.guards.ended.mono -= 9000000000;
    d.guards.ended.real -= 9000000000;
    check(!ask(BTNS_API_INQUIRE, udp) && answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR),
          "else it came in the clear");
    d.guards.ended.real -= 3600000000000;
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "nor when the clock was set meanwhile");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    attrs_put(&question, BTNS_API_LOCAL, &at, sizeof at);
    struct instant later = instant_now();
    for (int i = 0; i < 100000 && !instant_surely_before(&d.guards.ended, &later, later.real); i++)
        later = instant_now();
    attrs_put_u64(&question, BTNS_API_CAME, (uint64_t)later.real);
    check(!ask(BTNS_API_INQUIRE, udp), "but one that came after that is told");
    begin_question();
    check(!ask(BTNS_API_SET_POLICY, udp) && !is_shut(udp) && !mark_of(udp),
          "taken back, nothing is left of it");
    if (connect(udp, (struct sockaddr *)&at, sizeof at))
        check(false, "connect");
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(ask(BTNS_API_SET_POLICY, udp) == EISCONN, "a connected one takes no policy");
    begin_question();
    check(!ask(BTNS_API_INQUIRE, udp) && answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR),
          "but says with whom it is connected");
    close(udp);
    close(tcp);
}

/* For one datagram, of a socket that has no policy. */
static void test_messages(void)
{
    struct attrs_out policy;
    unsigned char room[64];
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    ask_to_send(BTNS_F_SENDS, HERE);
    check(ask(BTNS_API_CONNECT, udp) == ENODATA, "nothing is asked for");
    policy = (struct attrs_out){.buf = room, .room = sizeof room};
    attrs_put_u32(&policy, IPSEC_POLICY_ACTION, IPSEC_ACTION_BYPASS);
    attrs_put(&question, BTNS_API_POLICY, room, policy.len);
    check(ask(BTNS_API_CONNECT, udp) == EPERM, "none that bypasses");
    ask_to_send(BTNS_F_SENDS, HERE);
    attrs_put(&question, BTNS_API_POLICY, room, policy.len - 1);
    check(ask(BTNS_API_CONNECT, udp) == EINVAL, "nor one that is cut off");
    policy.len = 0;
    attrs_put_u32(&policy, IPSEC_BTNS_STANDALONE, 1);
    ask_to_send(BTNS_F_SENDS, HERE);
    attrs_put(&question, BTNS_API_POLICY, room, policy.len);
    check(!ask(BTNS_API_CONNECT, udp) && !is_shut(udp) && !send_error(udp, HERE),
          "a message's own policy, without one of its socket");
    close(udp);
}

static void drop_wish(void *arg, struct socket_wish *w)
{
    (void)arg;
    socket_wish_drop(d.wishes, w->cookie);
}

static void test_end(void)
{
    int tcp = socket(AF_INET6, SOCK_STREAM, 0);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, tcp) && shut_entries() == 2, "a shut socket: two SPD entries");
    shut_sockets_end(&d);
    check(shut_entries() == 2 && early_error(tcp) == EPERM, "which outlive btnsd beside it");
    socket_wishes_each(d.wishes, drop_wish, NULL);
    shut_sockets_end(&d);
    check(!shut_entries(), "and go with btnsd where none is shut");
    close(tcp);
}

static int listener(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    if (bind(fd, (struct sockaddr *)at, len) || listen(fd, 1) ||
        getsockname(fd, (struct sockaddr *)at, &len))
        check(false, "a listener");
    return fd;
}

static void test_calls(void)
{
    struct sockaddr_in at;
    int heard = listener(&at), tcp = socket(AF_INET, SOCK_STREAM, 0);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, tcp), "a policy");
    check(ask(BTNS_API_SET_POLICY, heard) == EISCONN, "none for what listens already");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    attrs_put_u32(&question, BTNS_API_FD, (uint32_t)tcp);
    check(!ask(BTNS_API_CONNECT, tcp) && !is_shut(tcp),
          "to this host itself it may go in the clear");
    check(!connect(tcp, (struct sockaddr *)&at, sizeof at), "and connects");
    begin_question();
    check(!ask(BTNS_API_INQUIRE, tcp) && answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR) &&
              answer_says(IPSEC_CHANNEL_PROTOCOL, 0) && answer_says(IPSEC_CHANNEL_CONFIDENTIAL, 0),
          "which is said of it");
    check(!ask(BTNS_API_INQUIRE, heard), "a listener can be asked about");
    check(ask(BTNS_API_SET_POLICY, tcp) == EISCONN, "a connected socket takes no policy");
    int other = socket(AF_INET, SOCK_STREAM, 0);
    attrs_put(begin_question(), IPSEC_CHANNEL_PEER_KEY, "01234567890123456789012345678901", 32);
    check(!ask(BTNS_API_SET_PEER, other), "a peer");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    check(ask(BTNS_API_CONNECT, other) == ERRNO_UNPROTECTED && is_shut(other),
          "this host itself is not the peer that is expected, and the socket stays shut");
    close(other);
    close(tcp);
    close(heard);
}

static void test_places(void)
{
    int here = open("/proc/self/ns/net", O_RDONLY);
    if (here < 0 || unshare(CLONE_NEWNET))
        return;
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    if (setns(here, CLONE_NEWNET))
        exit(1);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(ask(BTNS_API_SET_POLICY, tcp) == ENETDOWN && !is_shut(tcp),
          "a socket of another network namespace: ENETDOWN");
    begin_question();
    check(ask(BTNS_API_INQUIRE, tcp) == ENETDOWN, "nor is anything said of it");
    close(tcp);
    close(here);
}

static bool prepare(const char *dir)
{
    static const char policy[] = "format = 1\n";
    char path[200];
    struct err err = {""};
    snprintf(path, sizeof path, "%s/known_peers", dir);
    d.loop = loop;
    d.epoch = epoch_new();
    d.latches = registry_new();
    d.wishes = socket_wishes_new();
    d.rules = rules_load_text("policy", policy, sizeof policy - 1, &err);
    d.peers = peers_load(path, &err);
    d.guards.peers = d.peers;
    d.server = server_new(loop, socket_path, request_dispatch, &d, &err);
    d.xfrm = xfrm_open(&err);
    bool ok = d.xfrm && d.epoch && d.latches && d.wishes && d.rules && d.peers && d.server;
    check(ok, "prepared %s", err.text);
    return ok;
}

static const char link_up[] =
    "ip link set lo up && ip link add va type veth peer name vb && ip link set vb up && "
    "ip link set va up && ip addr add 192.0.2.1/24 dev va";

int main(void)
{
    char dir[80];
    if (geteuid() || unshare(CLONE_NEWNET) || system(link_up)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    snprintf(socket_path, sizeof socket_path, "%s/s", scratch(dir, sizeof dir));
    chmod(dir, 0755);
    loop = loop_new();
    if (prepare(dir)) {
        test_shapes();
        test_unknown();
        test_policy();
        test_both_families();
        test_calls();
        test_datagrams();
        test_messages();
        test_end();
        test_places();
    }
    server_free(d.server);
    xfrm_close(d.xfrm);
    registry_free(d.latches);
    socket_wishes_free(d.wishes);
    peers_free(d.peers);
    rules_free(d.rules);
    epoch_free(d.epoch);
    loop_free(loop);
    scratch_remove(dir);
    return check_end();
}
