/*
 * The requests of libbtns over btnsd's socket: forms, versions, and what btnsd remembers about a
 * socket. TAP.
 */
#include "test/unit/requests/library_talk.h"

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

/* A request that this btnsd does not fully understand is refused, not partly obeyed. */
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

/* Without a route, connect()'s error shows whether the socket's own policy stops it: EPERM. */
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

static void test_library_places(void)
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

static void tests(void)
{
    test_shapes();
    test_unknown();
    test_policy();
    test_calls();
    test_library_places();
}

int main(void)
{
    return library_main(tests);
}
