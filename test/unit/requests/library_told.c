/* btnsd's reports to libbtns: events of watched sockets, and why a call was refused. TAP. */
#include "test/unit/requests/library_talk.h"

/* The type of the next message on a watching connection; 0: none. */
static unsigned next_message(int watching)
{
    ssize_t n = -1;
    for (int i = 0; i < 20 && n < 0; i++) {
        turn(1);
        n = hear(watching, &answer, sizeof answer);
    }
    answered = n > 0 ? (size_t)n - sizeof answer.hdr : 0;
    return n > 0 ? answer.hdr.type : 0;
}

static unsigned ask_to_watch(int watching, int fd)
{
    const struct btns_hdr h = {1, BTNS_API_WATCH, 9};
    say_with(watching, &h, sizeof h, fd, 1);
    return next_message(watching);
}

static void break_flow(int fd, const struct btns_addr *remote)
{
    const struct event e = {.kind = BTNS_E_BROKEN,
                            .cookie = cookie_of(fd),
                            .state = BTNS_S_FAILED,
                            .reason = BTNS_R_IDENTITY,
                            .program = "",
                            .suite = "",
                            .rule = "",
                            .text = "",
                            .remote = *remote};
    event_emit(&d.events, &e);
}

static void test_watch(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
    int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
    int watching = dial();
    struct btns_addr peer, other;
    inet_pton(AF_INET, "192.0.2.2", &to.sin_addr);
    check(ask_to_watch(watching, udp) == BTNS_API_ANSWER && answer_says(BTNS_API_ERROR, ENOTCONN),
          "a datagram socket that is not connected cannot be watched");
    check(!connect(udp, (struct sockaddr *)&to, sizeof to), "it is connected");
    check(ask_to_watch(watching, udp) == BTNS_API_EVENT && answer_says(IPSEC_CHANNEL_STATE, 0),
          "a connected one can: it has no latch");
    check(ask_to_watch(watching, tcp) == BTNS_API_EVENT, "and a TCP socket beside it");
    btns_addr_from_sa(&peer, (struct sockaddr *)&to, sizeof to);
    other = peer;
    other.port = 10;
    break_flow(udp, &other);
    break_flow(udp, &peer);
    check(next_message(watching) == BTNS_API_EVENT &&
              answer_says(IPSEC_CHANNEL_STATE, IPSEC_STATE_BROKEN) &&
              answer_says(IPSEC_CHANNEL_REASON_CODE, IPSEC_REASON_IDENTITY) &&
              !next_message(watching),
          "it is told of the flow to its peer, and not of another one");
    break_flow(tcp, &other);
    check(next_message(watching) == BTNS_API_EVENT, "and of the connection");
    close(watching);
    close(udp);
    close(tcp);
    turn(5);
}

/* ---- why a connection was refused */

static void test_refused(void)
{
    struct attr a;
    char text[64] = "";
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    refused_socket_set(&d.refused_sockets, cookie_of(tcp), "by a rule");
    begin_question();
    check(ask(BTNS_API_INQUIRE, tcp) == ENOTCONN &&
              attrs_find(&answer.hdr + 1, answered, IPSEC_CHANNEL_REASON, &a) &&
              attr_text(&a, text, sizeof text) && !strcmp(text, "by a rule"),
          "of a socket that was refused it is said why");
    refused_socket_set(&d.refused_sockets, cookie_of(tcp) + REFUSED_SOCKETS, NULL);
    check(refused_socket_find(&d.refused_sockets, cookie_of(tcp)) != NULL,
          "another socket's success changes nothing");
    refused_socket_set(&d.refused_sockets, cookie_of(tcp), NULL);
    check(ask(BTNS_API_INQUIRE, tcp) == ENOTCONN &&
              !attrs_find(&answer.hdr + 1, answered, IPSEC_CHANNEL_REASON, &a),
          "until it was asked about anew");
    refused_socket_set(&d.refused_sockets, cookie_of(tcp), "once more");
    refused_socket_set(&d.refused_sockets, cookie_of(tcp) + REFUSED_SOCKETS, "a later one");
    check(!refused_socket_find(&d.refused_sockets, cookie_of(tcp)),
          "or another one has taken its place");
    refused_sockets_free(&d.refused_sockets);
    close(tcp);
}

static void tests(void)
{
    test_watch();
    test_refused();
}

int main(void)
{
    return library_main(tests);
}
