/*
 * A socket that libbtns has shut by a policy: in both families, with TCP Fast Open, and when btnsd
 * ends. TAP.
 */
#include "test/unit/requests/library_talk.h"

#include "btnsd/plan/facts.h"

#include <netinet/tcp.h>

/* Tries to send an octet in the SYN (TCP Fast Open). */
static int early_error(int fd)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9)};
    inet_pton(AF_INET6, "::ffff:192.0.2.2", &to.sin6_addr);
    return sendto(fd, "x", 1, MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to,
                  sizeof to) < 0
               ? errno
               : 0;
}

static void test_both_families(void)
{
    int tcp = socket(AF_INET6, SOCK_STREAM, 0), on = 1;
    const uint32_t own = 0x51;
    setsockopt(tcp, SOL_SOCKET, SO_MARK, &own, sizeof own);
    put_policy(IPSEC_BTNS_STANDALONE, 1);
    check(!ask(BTNS_API_SET_POLICY, tcp) && mark_of(tcp) == (own | BTNS_SHUT_MARK),
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

/* How many SPD entries block packets marked as shut. */
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

static void tests(void)
{
    test_both_families();
    test_end();
}

int main(void)
{
    return library_main(tests);
}
