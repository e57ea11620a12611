/*
 * parts ADDRESS PORT: measures what each part of a request with an answer costs btnsd, with the
 * functions and system calls of a CONNECT. Prints "PART MICROSECONDS" lines of this process's CPU
 * time: how much longer a question takes with that part, when a client has run in between.
 */
#include "btnsd/base/netns.h"
#include "btnsd/plan/facts.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 5000 };

static struct btns_addr peer;
static pid_t client;
static int channel, asked_about, loop;

/* A message with a descriptor and the sender's credentials, as a question is. */
union control {
    char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

static void send_question(int to)
{
    struct btns_flow f = {.hdr = {BTNS_WIRE_VERSION, BTNS_REQ_CONNECT, 1}};
    union control control = {.align = {CMSG_LEN(sizeof asked_about), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec iov = {&f, sizeof f};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(sizeof asked_about)};
    memcpy(CMSG_DATA(&control.align), &asked_about, sizeof asked_about);
    if (sendmsg(to, &m, MSG_NOSIGNAL) != sizeof f)
        err(1, "sendmsg");
}

/* A program that asks again as soon as it has its answer. */
static void ask_forever(int to)
{
    struct btns_verdict_msg answer;
    do
        send_question(to);
    while (recv(to, &answer, sizeof answer, 0) > 0);
    _exit(0);
}

static int descriptor_in(struct msghdr *m)
{
    int fd = -1;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
        if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
            memcpy(&fd, CMSG_DATA(h), sizeof fd);
    return fd;
}

/* Waits for a question, takes it with its socket, which is closed again, and answers. */
static void exchange(void)
{
    struct btns_flow f;
    struct btns_verdict_msg answer = {.hdr = {BTNS_WIRE_VERSION, BTNS_REP_VERDICT, 1}};
    struct epoll_event event;
    union control control;
    struct iovec iov = {&f, sizeof f};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    if (epoll_wait(loop, &event, 1, -1) != 1)
        err(1, "epoll_wait");
    passed_begin();
    ssize_t n = recvmsg(channel, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    passed_end();
    int fd = n == sizeof f ? descriptor_in(&m) : -1;
    if (fd < 0)
        err(1, "recvmsg");
    passed_close(fd, 0);
    if (send(channel, &answer, sizeof answer, MSG_NOSIGNAL) != sizeof answer)
        err(1, "send");
}

static void look_at_socket(void)
{
    struct socket_facts f;
    if (netns_of_socket(asked_about) != NETNS_OURS || facts_transport(asked_about, &f, NULL))
        errx(1, "the socket's facts");
}

/*
 * Looks up the process's program before and after the decision, and checks that the process lives.
 */
static void look_at_sender(void)
{
    char path[BTNS_PATH_MAX];
    int process = (int)syscall(SYS_pidfd_open, client, 0);
    struct pollfd p = {.fd = process, .events = POLLIN};
    if (process < 0 || !facts_program(client, path, sizeof path) ||
        !facts_program(client, path, sizeof path) || poll(&p, 1, 0))
        errx(1, "the client's facts");
    close(process);
}

static void look_up_route(void)
{
    struct route r;
    if (route_lookup(&(struct route_query){.remote = peer, .protocol = IPPROTO_TCP}, &r))
        errx(1, "the route");
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {{"exchange", exchange},
             {"socket", look_at_socket},
             {"sender", look_at_sender},
             {"route", look_up_route}};
enum { PARTS = sizeof parts / sizeof *parts };

/* Measures the first n parts together, one after the other. */
static double time_of(int n)
{
    double began = 0;
    for (int i = -1; i < ROUNDS; i++) {
        if (!i)
            began = now_us();
        for (int part = 0; part < n; part++)
            parts[part].run();
    }
    return (now_us() - began) / ROUNDS;
}

static void start_client(void)
{
    int pair[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
        setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on))
        err(1, "socketpair");
    client = fork();
    if (!client) {
        close(pair[0]);
        ask_forever(pair[1]);
    }
    close(pair[1]);
    channel = pair[0];
    loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    if (client < 0 || loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, channel, &event))
        err(1, "a client");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        errx(2, "usage: parts ADDRESS PORT");
    peer = (struct btns_addr){.family = AF_INET, .port = (uint16_t)atoi(argv[2])};
    if (inet_pton(AF_INET, argv[1], peer.ip) != 1)
        errx(2, "not an address: '%s'", argv[1]);
    asked_about = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    passed_init();
    start_client();
    double before = 0;
    for (int n = 1; n <= PARTS; n++) {
        double now = time_of(n);
        printf("%s %.3f\n", parts[n - 1].name, now - before);
        before = now;
    }
    kill(client, SIGKILL);
    waitpid(client, NULL, 0);
    return 0;
}
