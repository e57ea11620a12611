/*
 * Both ends of the benchmarks' connections. Prints only the measurement of one side of one round.
 */
#include "test/bench/net/net.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int reach(const struct sockaddr_in *sa)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)sa, sizeof *sa))
        err(1, "connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* Does what the shim must do when a program connects. */
static bool asks_for_cookies;

static void ask_for_cookie(int fd)
{
    uint64_t cookie;
    socklen_t len = sizeof cookie;
    if (asks_for_cookies && getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
        err(1, "SO_COOKIE");
}

static void connect_close(const struct sockaddr_in *sa)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ask_for_cookie(fd);
    if (fd < 0 || connect(fd, (const struct sockaddr *)sa, sizeof *sa))
        err(1, "connect");
    close(fd);
}

static int bench_connects(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    unsigned n = number(arg[2]);
    for (int i = 0; i < WARM_UP; i++)
        connect_close(&sa);
    struct watch w = watch_start();
    for (unsigned i = 0; i < n; i++)
        connect_close(&sa);
    watch_print(&w, n);
    return 0;
}

/* The same in batches. */
static int connects_least(char **arg)
{
    enum { EACH = 100 };
    struct sockaddr_in sa = address(arg[0], arg[1]);
    unsigned batches = number(arg[2]) / EACH;
    struct watch least = {UINT64_MAX, UINT64_MAX};
    for (int i = 0; i < WARM_UP; i++)
        connect_close(&sa);
    for (unsigned i = 0; i < batches; i++) {
        struct watch before = watch_start();
        for (int j = 0; j < EACH; j++)
            connect_close(&sa);
        struct watch after = watch_start();
        least =
            watch_least(least, (struct watch){after.wall - before.wall, after.cpu - before.cpu});
    }
    watch_print_each(least, EACH);
    return 0;
}

static int connects_with_cookies(char **arg)
{
    asks_for_cookies = true;
    return bench_connects(arg);
}

/* Makes, uses and closes a local socket, a pipe and a file. */
static int local_files(char **arg)
{
    unsigned n = number(arg[2]);
    struct sockaddr_un sa = local_address();
    int listener = listener_at((struct sockaddr *)&sa, sizeof sa);
    struct watch w = watch_start();
    for (unsigned i = 0; i < n; i++) {
        int ends[2], fd = socket(AF_UNIX, SOCK_STREAM, 0), file = open("/dev/null", O_RDWR);
        if (connect(fd, (struct sockaddr *)&sa, sizeof sa) || pipe(ends))
            err(1, "local");
        int peer = accept(listener, NULL, NULL), other = dup(file);
        if (write(ends[1], "x", 1) != 1 || write(file, "x", 1) != 1)
            err(1, "write");
        close(peer), close(fd), close(ends[0]), close(ends[1]), close(file), close(other);
    }
    watch_print(&w, n);
    return 0;
}

static char ping[PING];

static void by_send(int fd, struct sockaddr_in *to)
{
    size_t got = 0;
    (void)to;
    if (send(fd, ping, PING, MSG_NOSIGNAL) != PING)
        err(1, "send");
    while (got < PING) {
        ssize_t n = recv(fd, ping + got, PING - got, 0);
        if (n <= 0)
            err(1, "recv");
        got += (size_t)n;
    }
}

/* With an address: sends datagrams to it. A ping is one segment, so it comes back whole. */
static void by_msg(int fd, struct sockaddr_in *to)
{
    struct iovec iov = {ping, PING};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    m.msg_name = to;
    m.msg_namelen = to ? sizeof *to : 0;
    if (sendmsg(fd, &m, MSG_NOSIGNAL) != PING)
        err(1, "sendmsg");
    m.msg_name = NULL;
    m.msg_namelen = 0;
    if (recvmsg(fd, &m, 0) != PING)
        err(1, "recvmsg");
}

static void pings(int fd, struct sockaddr_in *to, void (*once)(int, struct sockaddr_in *),
                  unsigned n)
{
    for (int i = 0; i < WARM_UP; i++)
        once(fd, to);
    struct watch w = watch_start();
    for (unsigned i = 0; i < n; i++)
        once(fd, to);
    watch_print(&w, n);
}

static int ping_send(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    pings(reach(&sa), NULL, by_send, number(arg[2]));
    return 0;
}

static int ping_msg(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    pings(reach(&sa), NULL, by_msg, number(arg[2]));
    return 0;
}

static int ping_udp(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    struct timeval patience = {.tv_sec = 2}; /* if a datagram is lost, so is the measurement */
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    pings(fd, &sa, by_msg, number(arg[2]));
    return 0;
}

/*
 * The very first connection: prints the microseconds until it is made, and until the first octet
 * back.
 */
static int first(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    struct watch w = watch_start();
    int fd = reach(&sa);
    uint64_t connected = nanoseconds(CLOCK_MONOTONIC);
    by_send(fd, NULL);
    printf("%.1f %.1f\n", (double)(nanoseconds(CLOCK_MONOTONIC) - w.wall) / 1000,
           (double)(connected - w.wall) / 1000);
    return 0;
}

static int hold(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    by_send(reach(&sa), NULL);
    puts("held");
    fflush(stdout);
    pause();
    return 0;
}

/* Round trips until the file arg[2] exists; prints the longest one in microseconds. */
static int load(char **arg)
{
    struct sockaddr_in sa = address(arg[0], arg[1]);
    int fd = reach(&sa);
    uint64_t worst = 0, n = 0;
    for (; n % 16 || access(arg[2], F_OK); n++) {
        uint64_t start = nanoseconds(CLOCK_MONOTONIC);
        by_send(fd, NULL);
        uint64_t took = nanoseconds(CLOCK_MONOTONIC) - start;
        worst = took > worst ? took : worst;
    }
    printf("%llu %llu\n", (unsigned long long)n, (unsigned long long)(worst / 1000));
    return 0;
}

/* Prints the Mbit/s that the other end has read within about arg[2] milliseconds. */
static int bulk(char **arg)
{
    static char chunk[CHUNK];
    struct sockaddr_in sa = address(arg[0], arg[1]);
    uint64_t limit = number(arg[2]) * 1000000ull, sent = 0, now;
    int fd = reach(&sa);
    struct watch w = watch_start();
    do {
        ssize_t n = send(fd, chunk, sizeof chunk, MSG_NOSIGNAL);
        if (n < 0)
            err(1, "send");
        sent += (uint64_t)n;
        now = nanoseconds(CLOCK_MONOTONIC);
    } while (now - w.wall < limit);
    shutdown(fd, SHUT_WR);
    if (recv(fd, chunk, 1, 0) != 0)
        errx(1, "the sink did not take it all");
    now = nanoseconds(CLOCK_MONOTONIC);
    printf("%.2f\n", (double)sent * 8000 / (double)(now - w.wall));
    return 0;
}

/* Waits until btnsd has read about the connections that were just made or closed. */
static double each_when_quiet(int fd, unsigned n)
{
    usleep(QUIET_US);
    for (unsigned i = 0; i < n / 4; i++)
        by_send(fd, NULL);
    uint64_t start = nanoseconds(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < n; i++)
        by_send(fd, NULL);
    return (double)(nanoseconds(CLOCK_MONOTONIC) - start) / (1000.0 * n);
}

/*
 * ADDRESS PORT COUNT PINGS ROUNDS: prints a line "alone among" for each round: microseconds a ping
 * on one connection while it is alone, and while it is one of COUNT. Then reports that it is done
 * and waits to be ended.
 */
static int many(char **arg)
{
    static int fd[CONNS];
    struct sockaddr_in sa = address(arg[0], arg[1]);
    unsigned count = number(arg[2]), n = number(arg[3]), rounds = number(arg[4]);
    if (count > CONNS)
        errx(2, "at most %d connections", CONNS);
    for (unsigned r = 0; r < rounds; r++) {
        fd[0] = reach(&sa);
        double alone = each_when_quiet(fd[0], n);
        for (unsigned i = 1; i < count; i++)
            fd[i] = reach(&sa);
        printf("%.3f %.3f\n", alone, each_when_quiet(fd[0], n));
        for (unsigned i = 0; i < count && r + 1 < rounds; i++)
            close(fd[i]);
    }
    puts("held");
    fflush(stdout);
    pause();
    return 0;
}

static const struct {
    const char *name;
    int args;
    int (*run)(char **arg);
} modes[] = {{"serve", -1, serve},
             {"filter", -1, under_filter},
             {"connect", 3, bench_connects},
             {"connect-least", 3, connects_least},
             {"send", 3, ping_send},
             {"msg", 3, ping_msg},
             {"udp", 3, ping_udp},
             {"first", 2, first},
             {"hold", 2, hold},
             {"load", 3, load},
             {"bulk", 3, bulk},
             {"many", 5, many},
             {"accept", 3, accept_tcp},
             {"accept-local", 3, accept_local},
             {"local", 3, local_files},
             {"connect-cookie", 3, connects_with_cookies}};

int main(int argc, char **argv)
{
    struct rlimit files = {65536, 65536};
    if (setrlimit(RLIMIT_NOFILE, &files))
        (void)0; /* fewer connections: the measurement that needs more reports it */
    for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(argv[1], modes[i].name) && (modes[i].args < 0 || argc == modes[i].args + 2))
            return modes[i].run(argv + 2);
    errx(2, "usage: net MODE ARG...");
}
