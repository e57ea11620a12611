/*
 * The requests of libbtns about datagram sockets: a policy, a policy for one message, and the
 * sender of a datagram. TAP.
 */
#include "test/unit/requests/library_talk.h"

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
    check(!ask(BTNS_API_SET_POLICY, udp) && is_shut(udp) && mark_of(udp) == BTNS_SHUT_MARK,
          "a datagram socket is shut by its policy, too");
    check(send_error(udp, HERE) == EPERM && send_error(udp, NOT_HERE) == EPERM,
          "and sends nothing past btnsd");
    ask_to_send(BTNS_F_SENDS | BTNS_F_NONBLOCK, HERE);
    check(!ask(BTNS_API_CONNECT, udp) && is_shut(udp) && !mark_of(udp) && !send_error(udp, HERE),
          "to this host itself it sends, and libbtns goes on asking");
    socket_policy_limit(udp, false);
    check(mark_of(udp) == BTNS_UNGUARDED_MARK && send_error(udp, NOT_HERE) == EPERM && is_shut(udp),
          "where no guard stands a limited one sends nothing");
    ask_to_send(BTNS_F_SENDS, HERE);
    attrs_put(&question, IPSEC_CHANNEL_PEER_KEY, "01234567890123456789012345678901", 32);
    check(ask(BTNS_API_CONNECT, udp) == ERRNO_UNPROTECTED && mark_of(udp) == BTNS_UNGUARDED_MARK,
          "nor a datagram for another one than this host to it");
    check(ask(BTNS_API_CONNECT, tcp) == EINVAL, "TCP has no datagrams");
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

/* A datagram's sender is told only if no guard can have ended since it arrived. */
static void test_senders(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9)};
    at.sin_addr.s_addr = htonl(HERE);
    int udp = socket(AF_INET, SOCK_DGRAM, 0);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, udp), "a policy");
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
    d.guards.past.whole = instant_now();
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "nor when a guard may have ended since");
    d.guards.past.whole.mono -= 9000000000;
    d.guards.past.whole.real -= 9000000000;
    check(!ask(BTNS_API_INQUIRE, udp) && answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR),
          "else it came in the clear");
    d.guards.past.whole.real -= 3600000000000;
    check(ask(BTNS_API_INQUIRE, udp) == EAGAIN, "nor when the clock was set meanwhile");
    attrs_put(begin_question(), BTNS_API_REMOTE, &at, sizeof at);
    attrs_put(&question, BTNS_API_LOCAL, &at, sizeof at);
    struct instant later = instant_now();
    for (int i = 0; i < 100000 && !instant_surely_before(&d.guards.past.whole, &later, later.real);
         i++)
        later = instant_now();
    attrs_put_u64(&question, BTNS_API_CAME, (uint64_t)later.real);
    check(!ask(BTNS_API_INQUIRE, udp), "but one that came after that is told");
    close(udp);
}

/* A policy for one datagram, on a socket without a policy. */
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

static void tests(void)
{
    test_datagrams();
    test_senders();
    test_messages();
}

int main(void)
{
    return library_main(tests);
}
