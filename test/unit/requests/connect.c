/*
 * Questions about a connect() and a listen(): hostile addresses and sockets, other protocols, the
 * page of the epoch. TAP.
 */
#include "test/unit/requests/requests_talk.h"

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

static void tests(void)
{
    test_addresses();
    test_protocols();
    test_listeners();
    test_page();
}

int main(void)
{
    return requests_main(tests);
}
