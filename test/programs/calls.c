/*
 * Makes every call that the shim interposes, in success and in failure, and prints what came of it:
 * the output with the shim has to be that without. Descriptor numbers are part of it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int __connect(int fd, const struct sockaddr *addr, socklen_t len);
int __close(int fd);
pid_t __vfork(void);
int __clone(int (*work)(void *), void *stack, int flags, void *arg, ...);
int __dup2(int old, int new);
int _IO_fclose(FILE *f);

/* errno is shown after success too: nothing may change it. */
#define TRY(expression)                                                                            \
    ({                                                                                             \
        errno = 0;                                                                                 \
        long result_ = (long)(expression);                                                         \
        printf("%s = %ld %s\n", #expression, result_, errno ? strerrorname_np(errno) : "");        \
        result_;                                                                                   \
    })

#define SA(address) (const struct sockaddr *)&(address), sizeof(address)

static struct sockaddr_in v4(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct sockaddr_in6 v6(uint16_t port)
{
    return (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static uint16_t port_of(int fd)
{
    struct sockaddr_in6 a;
    socklen_t len = sizeof a;
    return getsockname(fd, (struct sockaddr *)&a, &len) ? 0 : ntohs(a.sin6_port);
}

static int listener(void)
{
    struct sockaddr_in any = v4(0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, SA(any)) || listen(fd, 8))
        perror("listener");
    return fd;
}

static int tcp(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static int nothing_listens_at(struct sockaddr_in *a)
{
    int fd = tcp();
    *a = v4(0);
    bind(fd, SA(*a));
    *a = v4(port_of(fd));
    return fd;
}

static void sockets(void)
{
    struct sockaddr_in a = v4(0);
    struct sockaddr_in6 b = v6(0);
    int fd = (int)TRY(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    TRY(fcntl(fd, F_GETFD));
    TRY(socket(-1, SOCK_STREAM, 0));
    TRY(socket(AF_INET, SOCK_STREAM, 9999));
    TRY(bind(fd, SA(b)));
    TRY(bind(fd, SA(a)));
    TRY(bind(fd, SA(a)));
    TRY(bind(-1, SA(a)));
    TRY(bind(fd, NULL, 16));
    TRY(close(fd));
    TRY(close(fd));
    TRY(close(-1));
}

static void listening(void)
{
    struct sockaddr_in6 b = v6(0);
    int fd = tcp(), six = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
    TRY(listen(fd, 3)); /* unbound: gets a port */
    TRY(port_of(fd) != 0);
    TRY(listen(fd, 5));
    TRY(bind(six, SA(b)));
    TRY(listen(six, 3));
    TRY(listen(udp, 3));
    TRY(listen(-1, 3));
    TRY(listen(0, 3));
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(listen(local, 3));
    close(fd), close(six), close(udp), close(local);
}

static void connect_failures(void)
{
    struct sockaddr_in a, good = v4(9);
    struct sockaddr_in6 b = v6(9);
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    int reserved = nothing_listens_at(&a), fd = tcp();
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a))); /* once more on the same socket */
    TRY(__connect(fd, SA(a)));
    TRY(connect(fd, SA(b)));
    TRY(connect(fd, SA(path)));
    TRY(connect(fd, (const struct sockaddr *)&good, 3));
    TRY(connect(fd, (const struct sockaddr *)&good, 0));
    TRY(connect(fd, (const struct sockaddr *)&good, 200));
    TRY(connect(fd, (const struct sockaddr *)&good, (socklen_t)-1));
    TRY(connect(fd, NULL, 16));
    TRY(connect(fd, (const struct sockaddr *)-1, 16)); /* NOLINT */
    TRY(connect(-1, SA(a)));
    TRY(connect(0, SA(a)));
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(local, SA(path)));
    TRY(connect(local, SA(a)));
    close(fd), close(reserved), close(local);
}

static void connect_successes(void)
{
    int server = listener(), fd = tcp(), six = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in a = v4(port_of(server)), any = a;
    struct sockaddr_in6 mapped = v6(port_of(server));
    struct sockaddr unspec = {.sa_family = AF_UNSPEC};
    any.sin_addr.s_addr = htonl(INADDR_ANY);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, &unspec, sizeof unspec));
    TRY(connect(fd, SA(any)));
    TRY(fcntl(fd, F_GETFL));
    TRY(connect(six, SA(mapped)));
    TRY(connect(server, SA(a)));
    int udp = socket(AF_INET, SOCK_DGRAM, 0), raw = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
    TRY(connect(udp, SA(a)));
    TRY(connect(raw, SA(a)));
    close(fd), close(six), close(server), close(udp), close(raw);
}

static void connect_v6(void)
{
    struct sockaddr_in6 b = v6(0);
    int server = socket(AF_INET6, SOCK_STREAM, 0), fd = socket(AF_INET6, SOCK_STREAM, 0);
    bind(server, SA(b));
    listen(server, 8);
    b = v6(port_of(server));
    TRY(connect(fd, SA(b)));
    TRY(connect(fd, SA(b)));
    int old = socket(AF_INET6, SOCK_STREAM, 0);
    TRY(connect(old, (const struct sockaddr *)&b, 24)); /* as before RFC 2553 */
    TRY(connect(old, (const struct sockaddr *)&b, 23));
    close(fd), close(old), close(server);
}

static int so_error(int fd)
{
    int error = -1;
    socklen_t len = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? -1 : error;
}

static void connect_nonblocking(void)
{
    int server = listener(), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = v4(port_of(server)), closed;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    TRY(connect(fd, SA(a)));
    TRY(poll(&p, 1, 60000));
    TRY(so_error(fd));
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(fcntl(fd, F_GETFL));
    int reserved = nothing_listens_at(&closed);
    int refused = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    p = (struct pollfd){.fd = refused, .events = POLLOUT};
    TRY(connect(refused, SA(closed)));
    TRY(poll(&p, 1, 60000));
    TRY(p.revents);
    TRY(so_error(refused));
    TRY(so_error(refused));
    close(fd), close(server), close(refused), close(reserved);
}

/* A listener whose queue is full does not answer: EALREADY, and SO_SNDTIMEO's EINPROGRESS. */
static void connect_unanswered(void)
{
    int server = tcp(), fill[2] = {tcp(), tcp()};
    struct sockaddr_in a = v4(0);
    struct timeval limit = {.tv_usec = 200000};
    socklen_t len = sizeof limit;
    bind(server, SA(a));
    listen(server, 0);
    a = v4(port_of(server));
    fcntl(fill[1], F_SETFL, O_NONBLOCK);
    TRY(connect(fill[0], SA(a)));
    TRY(connect(fill[1], SA(a)));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), slow = tcp();
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(setsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    TRY(connect(slow, SA(a)));
    TRY(getsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, &len));
    TRY(limit.tv_usec);
    close(fd), close(slow), close(server), close(fill[0]), close(fill[1]);
}

static void accepting(void)
{
    int server = listener(), fd = tcp(), other = tcp();
    struct sockaddr_in a = v4(port_of(server));
    struct sockaddr_storage from;
    socklen_t len = sizeof from, little = 4;
    connect(fd, SA(a));
    connect(other, SA(a));
    int in = (int)TRY(accept(server, (struct sockaddr *)&from, &len));
    TRY(len);
    TRY(from.ss_family);
    TRY(fcntl(in, F_GETFL));
    int in4 =
        (int)TRY(accept4(server, (struct sockaddr *)&from, &little, SOCK_NONBLOCK | SOCK_CLOEXEC));
    TRY(little);
    TRY(fcntl(in4, F_GETFL));
    TRY(fcntl(in4, F_GETFD));
    TRY(accept4(server, NULL, NULL, 12345));
    TRY(fcntl(server, F_SETFL, O_NONBLOCK));
    TRY(accept(server, NULL, NULL));
    TRY(accept4(server, NULL, NULL, SOCK_CLOEXEC));
    TRY(accept(fd, NULL, NULL));
    TRY(accept(-1, NULL, NULL));
    TRY(accept(0, NULL, NULL));
    close(server), close(fd), close(other), close(in), close(in4);
}

static void duplicating(void)
{
    int fd = tcp();
    TRY(dup(fd));
    TRY(dup(-1));
    TRY(dup2(fd, 40));
    TRY(dup2(-1, 40));
    TRY(dup2(fd, fd));
    TRY(dup3(fd, 41, O_CLOEXEC));
    TRY(fcntl(41, F_GETFD));
    TRY(dup3(fd, fd, 0));
    TRY(fcntl(fd, F_DUPFD, 50));
    TRY(fcntl(fd, F_DUPFD_CLOEXEC, 60));
    TRY(fcntl(60, F_GETFD));
    TRY(fcntl64(fd, F_DUPFD, 61));
    TRY(fcntl64(fd, F_DUPFD_CLOEXEC, 62));
    TRY(fcntl(fd, F_SETFL, O_NONBLOCK));
    TRY(fcntl(62, F_GETFL));
    TRY(fcntl(-1, F_DUPFD, 3));
    TRY(fcntl(fd, 424242, 3));
    TRY(close_range(40, 62, 0));
    TRY(close(50));
    TRY(close_range(9, 8, 0));
    TRY(close_range(40, 62, 424242));
    TRY(__close(fcntl(fd, F_DUPFD, 63)));
    TRY(__dup2(fd, 64));
    TRY(_IO_fclose(fdopen(64, "r")));
    TRY(dup2(fd, 63));
    TRY((closefrom(63), fcntl(63, F_GETFD)));
    FILE *f = fdopen(dup(fd), "r");
    TRY(fclose(f));
    close(fd);
}

static void shutting_down(void)
{
    int server = listener(), fd = tcp();
    struct sockaddr_in a = v4(port_of(server));
    TRY(shutdown(fd, SHUT_RDWR));
    TRY(shutdown(fd, 42));
    TRY(shutdown(-1, SHUT_WR));
    TRY(shutdown(0, SHUT_WR));
    close(fd);
    fd = tcp();
    TRY(connect(fd, SA(a)));
    TRY(shutdown(fd, SHUT_WR));
    TRY(shutdown(fd, SHUT_WR));
    TRY(shutdown(server, SHUT_RDWR));
    close(fd), close(server);
}

/* What rcmd() and rexec() ask for: everything is allowed. */
static int remote_server(int *listening)
{
    *listening = listener();
    int port = port_of(*listening);
    fflush(stdout);
    if (!fork()) {
        int fd = accept(*listening, NULL, NULL);
        if (write(fd, "", 1) != 1 || read(fd, &port, 1) < 0)
            _exit(1);
        while (read(fd, &port, sizeof port) > 0)
            ;
        _exit(0);
    }
    return htons((uint16_t)port);
}

/* These leave errno as it happens to be. */
#define RC(expression) printf("%s = %ld\n", #expression, (long)(expression))

static void remote(void)
{
    int server;
    char *host = "127.0.0.1";
    RC(rcmd(&host, (uint16_t)remote_server(&server), "me", "me", "true", NULL));
    puts(host);
    close(server);
    RC(rcmd_af(&host, (uint16_t)remote_server(&server), "me", "me", "true", NULL, AF_INET));
    close(server);
    host = "localhost";
    RC(rexec(&host, remote_server(&server), "me", "secret", "true", NULL));
    close(server);
    RC(rexec_af(&host, remote_server(&server), "me", "secret", "true", NULL, AF_INET));
    close(server);
}

static void numbers(void)
{
    int server = listener(), fd = tcp();
    struct sockaddr_in a = v4(port_of(server));
    TRY(syscall(SYS_connect, fd, &a, sizeof a));
    TRY(syscall(SYS_connect, fd, &a, sizeof a));
    TRY(syscall(SYS_connect, -1, &a, sizeof a));
    TRY(syscall(SYS_accept4, server, NULL, NULL, 12345));
    TRY(syscall(SYS_listen, -1, 3));
    TRY(syscall(SYS_bind, fd, &a, sizeof a));
    TRY(syscall(SYS_sendto, -1, "x", 1L, 0, NULL, 0));
    TRY(syscall(SYS_lseek, -1, 0L, SEEK_SET));
    TRY(syscall(424242L));
    TRY(syscall(SYS_getpid) == getpid());
    TRY(prctl(424242, 0L, 0L, 0L, 0L));
    TRY(syscall(SYS_prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
    TRY(syscall(SYS_close, fd));
    close(server);
}

/* So many octets have arrived: on a busy machine that can be later than they were sent. */
static void await(int fd, int octets)
{
    for (int there = 0; there < octets; usleep(1000))
        if (ioctl(fd, FIONREAD, &there) < 0)
            return;
}

static void messages(void)
{
    int server = listener(), fd = tcp(), unconnected = tcp();
    struct sockaddr_in a = v4(port_of(server));
    char data[] = "abcdef", got[16] = "";
    struct iovec iov = {data, 3}, into = {got, sizeof got};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    struct mmsghdr two[2] = {{.msg_hdr = msg}, {.msg_hdr = msg}};
    struct msghdr in = {.msg_iov = &into, .msg_iovlen = 1};
    struct mmsghdr in2[2] = {{.msg_hdr = in}, {.msg_hdr = in}};
    connect(fd, SA(a));
    int peer = accept(server, NULL, NULL);
    TRY(sendmsg(fd, &msg, 0));
    TRY(recvmsg(peer, &in, 0));
    TRY(sendmmsg(fd, two, 2, 0));
    await(peer, 6);
    TRY(recvmmsg(peer, in2, 2, MSG_DONTWAIT, NULL));
    TRY(sendto(fd, data, 6, 0, NULL, 0));
    await(peer, 6);
    TRY(recvmsg(peer, &in, MSG_PEEK));
    TRY(sendto(unconnected, data, 6, MSG_NOSIGNAL, NULL, 0));
    TRY(sendto(unconnected, data, 6, MSG_NOSIGNAL, SA(a)));
    TRY(sendmsg(unconnected, &msg, MSG_NOSIGNAL));
    TRY(sendmmsg(-1, two, 2, 0));
    TRY(recvmsg(unconnected, &in, 0));
    TRY(recvmmsg(-1, in2, 2, 0, NULL));
    TRY(sendmsg(-1, &msg, 0));
    close(fd), close(server), close(unconnected), close(peer);
}

static void fast_open(void)
{
    int server = listener(), fd[4] = {tcp(), tcp(), tcp(), tcp()};
    struct sockaddr_in a = v4(port_of(server)), closed;
    int reserved = nothing_listens_at(&closed);
    char data[] = "abcdef";
    struct iovec iov = {data, 3};
    struct msghdr msg = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &iov, .msg_iovlen = 1};
    struct mmsghdr one = {.msg_hdr = msg};
    TRY(sendto(fd[0], data, 6, MSG_FASTOPEN, SA(a)));
    TRY(sendto(fd[0], data, 6, MSG_FASTOPEN, SA(a)));
    TRY(sendmsg(fd[1], &msg, MSG_FASTOPEN));
    TRY(sendmmsg(fd[2], &one, 1, MSG_FASTOPEN));
    TRY(sendto(fd[3], data, 6, MSG_FASTOPEN, SA(closed)));
    TRY(sendto(-1, data, 6, MSG_FASTOPEN, SA(a)));
    for (int i = 0; i < 4; i++)
        close(fd[i]);
    close(server), close(reserved);
}

static void options(void)
{
    int fd = tcp(), on = 1;
    socklen_t len = sizeof on;
    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    TRY(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 1));
    TRY(setsockopt(fd, 4242, 1, &on, sizeof on));
    TRY(setsockopt(-1, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    TRY(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    TRY(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, &len));
    TRY(getsockopt(-1, SOL_SOCKET, SO_ERROR, &on, &len));
    TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, &on, &len));
    TRY(on);
    close(fd);
}

static char stack_of_child[65536];

static int ends_with(void *arg)
{
    return *(int *)arg;
}

static int status_of(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

static void processes(void)
{
    int how = 5, fd = tcp();
    pid_t pid = vfork();
    if (!pid)
        _exit(3);
    printf("vfork: %#x\n", (unsigned)status_of(pid));
    pid = __vfork();
    if (!pid)
        _exit(4);
    printf("__vfork: %#x\n", (unsigned)status_of(pid));
    pid = clone(ends_with, stack_of_child + sizeof stack_of_child, SIGCHLD, &how);
    printf("clone: %#x\n", (unsigned)status_of(pid));
    pid = __clone(ends_with, stack_of_child + sizeof stack_of_child, SIGCHLD, &how);
    printf("__clone: %#x\n", (unsigned)status_of(pid));
    TRY(clone(NULL, NULL, SIGCHLD, NULL));
    TRY(chroot("/no/such/place"));
    TRY(unshare(0));
    TRY(unshare(-1));
    TRY(setns(-1, 0));
    TRY(setns(fd, CLONE_NEWNET));
    /* Without errno: it may be left from a port that another program had, which is chance. */
    printf("bindresvport(fd, NULL) = %d\n", bindresvport(fd, NULL));
    TRY(bindresvport(-1, NULL));
    close(fd);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    sockets();
    listening();
    connect_failures();
    connect_successes();
    connect_v6();
    connect_nonblocking();
    connect_unanswered();
    accepting();
    duplicating();
    shutting_down();
    numbers();
    remote();
    messages();
    fast_open();
    options();
    processes();
    return 0;
}
