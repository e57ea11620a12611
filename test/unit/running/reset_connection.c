/*
 * btnsd ends a program's connection: the program's next call fails as if the peer had reset it.
 * TAP.
 */
#include "btnsd/running/reset_connection.h"
#include "btnsd/server/passed_fds.h"
#include "test/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int *result; /* in memory that both processes share */

static struct sockaddr_storage end_of(int fd, bool peer, struct btns_addr *a)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    (peer ? getpeername : getsockname)(fd, (struct sockaddr *)&ss, &len);
    if (a)
        btns_addr_from_sa(a, (struct sockaddr *)&ss, len);
    return ss;
}

static int listen_there(int family)
{
    int fd = socket(family, SOCK_STREAM, 0);
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (family == AF_INET6 ? bind(fd, (struct sockaddr *)&in6, sizeof in6)
                           : bind(fd, (struct sockaddr *)&in, sizeof in))
        return -1;
    return listen(fd, 5) ? -1 : fd;
}

static pid_t reader(int fd, int other)
{
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        close(other);
        result[1] = (int)recv(fd, &c, 1, 0);
        result[0] = errno;
        _exit(0);
    }
    return pid;
}

/* On newer kernels a call that is waiting when the socket is dissolved gets EPIPE. */
static bool is_reset(int error)
{
    return error == ECONNRESET || error == ECONNABORTED || error == EPIPE;
}

/* With the kernel's help if it offers any, or (bare) without. */
static void test_reset(int family, bool bare)
{
    struct err err;
    struct btnsd d = {.sockets = bare ? NULL : sockdiag_open(IPPROTO_TCP, &err)};
    struct latch l = {.uid = 0};
    char c;
    int listener = listen_there(family), ours = socket(family, SOCK_STREAM, 0);
    struct sockaddr_storage ss = end_of(listener, false, NULL);
    if (connect(ours, (struct sockaddr *)&ss, sizeof ss)) {
        check(true, "no loopback of family %d # SKIP", family);
        return;
    }
    int theirs = accept(listener, NULL, NULL);
    socklen_t len = sizeof l.cookie;
    getsockopt(ours, SOL_SOCKET, SO_COOKIE, &l.cookie, &len);
    end_of(ours, false, &l.local);
    end_of(ours, true, &l.remote);
    result[0] = result[1] = 0;
    l.pid = reader(ours, theirs);
    close(ours);
    usleep(100000);
    check(!reset_connection(&d, &l), "a connection of another process is reset (%s, %s)",
          family == AF_INET ? "IPv4" : "IPv6", bare ? "on a copy" : "as the kernel can");
    waitpid(l.pid, NULL, 0);
    check(result[1] == -1 && (is_reset(result[0])), "its program is told: %s", strerror(result[0]));
    check(recv(theirs, &c, 1, 0) == -1 && errno == ECONNRESET, "and its peer");
    check(reset_connection(&d, &l), "there is nothing left to reset");
    close(theirs);
    close(listener);
    sockdiag_close(d.sockets);
}

/* Any program can announce a socket that is not its own. */
static void test_owner(bool bare)
{
    struct err err;
    struct btnsd d = {.sockets = bare ? NULL : sockdiag_open(IPPROTO_TCP, &err)};
    struct latch l = {.uid = 65534, .pid = getpid()};
    int listener = listen_there(AF_INET), ours = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_storage ss = end_of(listener, false, NULL);
    int rc = connect(ours, (struct sockaddr *)&ss, sizeof ss);
    int theirs = accept(listener, NULL, NULL);
    socklen_t len = sizeof l.cookie;
    getsockopt(ours, SOL_SOCKET, SO_COOKIE, &l.cookie, &len);
    end_of(ours, false, &l.local);
    end_of(ours, true, &l.remote);
    check(!rc && reset_connection(&d, &l) == -EPERM && send(theirs, "x", 1, MSG_NOSIGNAL) == 1 &&
              recv(ours, &rc, 1, 0) == 1,
          "what another user says of root's connection does not reset it (%s)",
          bare ? "on a copy" : "as the kernel can");
    l.shown = true;
    check(!reset_connection(&d, &l) && send(ours, "x", 1, MSG_NOSIGNAL) == -1,
          "unless he had the socket, and passed it");
    close(ours);
    close(theirs);
    close(listener);
    sockdiag_close(d.sockets);
}

/* Resets this socket, and no other one of the process. */
static void test_other(void)
{
    struct btnsd d = {.sockets = NULL};
    int fds[2];
    struct latch l = {.cookie = 1, .pid = getpid()};
    check(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds) && reset_connection(&d, &l) == -ESRCH &&
              send(fds[0], "x", 1, MSG_NOSIGNAL) == 1,
          "other sockets are left alone");
    l.pid = 0;
    check(reset_connection(&d, &l) == -ESRCH, "a program that is not known is not looked for");
    close(fds[0]);
    close(fds[1]);
}

/* Withdrawing a rule ends the association with the rule's peer, and no other. */
static void test_datagrams(void)
{
    struct err err;
    struct btnsd d = {.sockets = sockdiag_open(IPPROTO_TCP, &err)};
    struct latch l = {.pid = getpid(), .protocol = IPPROTO_UDP, .flow = true};
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_storage ss;
    socklen_t len = sizeof l.cookie, size = sizeof ss;
    int ours = socket(AF_INET, SOCK_DGRAM, 0);
    int rc = connect(ours, (struct sockaddr *)&in, sizeof in);
    getsockopt(ours, SOL_SOCKET, SO_COOKIE, &l.cookie, &len);
    end_of(ours, false, &l.local); /* the address is known once latches were listed */
    end_of(ours, true, &l.remote);
    l.remote.port++;
    check(!rc && !reset_connection(&d, &l) && !getpeername(ours, (struct sockaddr *)&ss, &size),
          "a datagram socket that is connected to another peer stays so");
    l.remote.port--;
    check(!reset_connection(&d, &l) && getpeername(ours, (struct sockaddr *)&ss, &size) == -1,
          "one that is connected to the latch's peer is disconnected");
    check(recv(ours, &rc, 1, MSG_DONTWAIT) == -1 && errno == EHOSTUNREACH &&
              recv(ours, &rc, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN,
          "and a call that waits on it is told, once");
    close(ours);
    sockdiag_close(d.sockets);
}

/* A socket that sends to many peers gets this peer's error, if it asked for errors, and goes on. */
static void test_unconnected(void)
{
    const int on = 1;
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    struct btns_addr source, peer;
    char octet, control[512];
    int ours = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), rc;
    btns_addr_parse(&source, "127.0.0.1");
    btns_addr_parse(&peer, "127.0.0.9");
    peer.port = 9;
    rc = bind(ours, (struct sockaddr *)&in, sizeof in);
    reset_tell_of(ours, &source, &peer);
    check(!rc && recv(ours, &octet, 1, 0) == -1 && errno == EAGAIN,
          "a datagram socket that did not ask for errors hears of none");
    rc = setsockopt(ours, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    reset_tell_of(ours, &source, &peer);
    check(!rc && recv(ours, &octet, 1, 0) == -1 && errno == EHOSTUNREACH,
          "one that did is told, bound to any address: %s", strerror(errno));
    struct sockaddr_in to = {0};
    struct iovec iov = {&octet, 1};
    struct msghdr m = {.msg_name = &to,
                       .msg_namelen = sizeof to,
                       .msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    rc = (int)recvmsg(ours, &m, MSG_ERRQUEUE);
    check(rc >= 0 && to.sin_port == htons(9) && to.sin_addr.s_addr == htonl(0x7f000009),
          "and of which peer");
    close(ours);
}

int main(void)
{
    if (geteuid()) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    passed_init(); /* as btnsd has: a close() that takes a moment is interrupted */
    result = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    test_reset(AF_INET, true);
    test_reset(AF_INET, false);
    test_reset(AF_INET6, true);
    test_reset(AF_INET6, false);
    test_owner(true);
    test_owner(false);
    test_other();
    test_datagrams();
    test_unconnected();
    return check_end();
}
