/*
 * A hanging btnsd must not delay close(), or a connection that needs no answer; and a closed socket
 * is really closed.
 */
#include "test/programs/waits/waits.h"

#include <signal.h>
#include <sys/epoll.h>

void hangs_for_nonblocking_connect(void)
{
    server = good_listener();
    kill(daemon_pid(), SIGSTOP);
    double before = now();
    for (int i = 0; i < 20; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect_place(fd, &server) < 0 && errno != EINPROGRESS)
            printf("%s\n", strerrorname_np(errno));
    }
    printf("%s\n",
           now() - before < 15 ? "soon" : "late"); /* it would take 20 minutes if each waited */
}

void hangs_for_listen(void)
{
    struct place p = place_of("127.0.0.1", "0");
    kill(daemon_pid(), SIGSTOP);
    double before = now();
    int fd = tcp_socket(&p);
    int rc = listen(fd, 8);
    printf("%s %s\n", name_of(rc, errno), now() - before < 15 ? "soon" : "late");
}

static int begin_connection(int epoll)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP, .data.fd = fd};
    if (connect_place(fd, &server) == 0 || errno != EINPROGRESS)
        err(1, "connect");
    if (epoll >= 0)
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
    return fd;
}

/* btnsd has made these connections fail, and hangs now. */
void hangs_for_close(void)
{
    int fd[10], error, epoll = epoll_create1(0);
    struct epoll_event e;
    server = full_listener();
    for (int i = 0; i < 10; i++)
        fd[i] = begin_connection(-1);
    struct epoll_event want = {.events = EPOLLRDHUP};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd[9], &want);
    while (epoll_wait(epoll, &e, 1, -1) != 1)
        ;
    kill(daemon_pid(), SIGSTOP);
    double before = now();
    socklen_t len = sizeof error;
    for (int i = 0; i < 10; i++) {
        getsockopt(fd[i], SOL_SOCKET, SO_ERROR, &error, &len);
        close(fd[i]);
    }
    printf("%s\n", now() - before < 2 ? "at once" : "late"); /* 2 s for each if btnsd were asked */
}

/* A socket that the program closes is closed even while btnsd has not decided yet. */
static void closes_at_once(void (*shut)(int fd))
{
    int epoll = epoll_create1(0);
    struct epoll_event e;
    server = good_listener();
    int fd = begin_connection(epoll);
    shut(fd);
    printf("%d events\n", epoll_wait(epoll, &e, 1, 0));
}

static void by_close(int fd)
{
    close(fd);
}

static void by_dup2(int fd)
{
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), fd);
}

static void by_dup3(int fd)
{
    dup3(open("/dev/null", O_RDONLY | O_CLOEXEC), fd, O_CLOEXEC);
}

static void by_close_range(int fd)
{
    close_range((unsigned)fd, (unsigned)fd, 0);
}

static void by_fclose(int fd)
{
    fclose(fdopen(fd, "r"));
}

void closes(void)
{
    static void (*const ways[])(int fd) = {by_close, by_dup2, by_dup3, by_close_range, by_fclose};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        closes_at_once(ways[i]);
    printf("%d more descriptors for the shim than its link\n",
           descriptors(900, false) - (native ? 0 : 1));
}

/* For strace: which system calls are made between the two calls of getppid()? */
void closes_many(void)
{
    enum { MANY = 150 };
    int fd[MANY];
    server = good_listener();
    for (int i = 0; i < MANY; i++)
        fd[i] = begin_connection(-1);
    for (int i = 0; i < MANY; i++)
        close(fd[i]);
    getppid();
    close(open("/dev/null", O_RDONLY | O_CLOEXEC));
    getppid();
}
