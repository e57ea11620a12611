/* A client of btnsd for the benchmark: prints the cost of a request, or the memory of a latch. */
#include "libapi/wire/wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { COOKIES = 900, FIRST_PORT = 10000 };

static struct sockaddr_un where = {.sun_family = AF_UNIX};
static pid_t btnsd;
static int asked_about = -1; /* the socket that is attached to CONNECT requests */
static uint64_t cookie;
static struct btns_addr peer, own;

static int channel(void)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&where, sizeof where))
        err(1, "%s", where.sun_path);
    return fd;
}

static void answered(int fd)
{
    char reply[BTNS_MSG_MAX];
    if (recv(fd, reply, sizeof reply, 0) <= 0)
        err(1, "btnsd went away");
}

static struct btns_flow flow(enum btns_type type, uint64_t about)
{
    return (struct btns_flow){.hdr = {BTNS_WIRE_VERSION, (uint16_t)type, 1},
                              .protocol = IPPROTO_TCP,
                              .cookie = about,
                              .remote = peer};
}

static void tell(int fd, const struct btns_flow *f)
{
    if (send(fd, f, sizeof *f, MSG_NOSIGNAL) != sizeof *f)
        err(1, "send");
}

/* Waits until btnsd has read everything that was sent before: answers come in order. */
static void settle(int fd)
{
    struct btns_hdr h = {BTNS_WIRE_VERSION, BTNS_REQ_STATUS, 2};
    if (send(fd, &h, sizeof h, MSG_NOSIGNAL) != sizeof h)
        err(1, "send");
    answered(fd);
}

static void accepted(int fd, unsigned i)
{
    struct btns_flow f = flow(BTNS_MSG_ACCEPTED, 0x100000000u + i);
    f.local = own;
    tell(fd, &f);
}

/* Connections for btnsd to find among the kernel's. TCP_REPAIR makes them, without another end. */
static void hold_connections(void)
{
    static bool held;
    const int on = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(own.port)}, there = here;
    memcpy(&here.sin_addr, own.ip, sizeof here.sin_addr);
    memcpy(&there.sin_addr, peer.ip, sizeof there.sin_addr);
    for (unsigned i = 0; i < COOKIES && !held; i++) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        there.sin_port = htons((uint16_t)(FIRST_PORT + i));
        if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) ||
            bind(fd, (struct sockaddr *)&here, sizeof here) ||
            connect(fd, (struct sockaddr *)&there, sizeof there))
            err(1, "TCP_REPAIR");
    }
    held = true;
}

static struct btns_flow accepted_of(unsigned i)
{
    hold_connections();
    struct btns_flow f = flow(BTNS_MSG_ACCEPTED, 0);
    f.local = own;
    f.remote.port = (uint16_t)(FIRST_PORT + i % COOKIES);
    return f;
}

static void accepted_few(int fd, unsigned i)
{
    struct btns_flow f = accepted_of(i);
    tell(fd, &f);
}

static void connecting(int fd, unsigned i)
{
    struct btns_flow f = flow(BTNS_MSG_CONNECTING, 0x200000000u + i % COOKIES);
    tell(fd, &f);
}

static struct btns_ring *ring;

static void share_ring(int fd)
{
    struct btns_hdr h = {BTNS_WIRE_VERSION, BTNS_MSG_RING, 3};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&h, sizeof h};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    int file = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ftruncate(file, BTNS_RING_SIZE) || fcntl(file, F_ADD_SEALS, BTNS_RING_SEALS))
        err(1, "memory");
    ring = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    control.align = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.align), &file, sizeof file);
    if (ring == MAP_FAILED || sendmsg(fd, &m, MSG_NOSIGNAL) != sizeof h)
        err(1, "memory");
    settle(fd);
}

/*
 * Puts a message into the ring. btnsd empties the ring before it answers, so the message always
 * fits.
 */
static void put(int fd, const struct btns_flow *f, unsigned i)
{
    if (!ring)
        share_ring(fd);
    struct btns_slot *s = &ring->slot[i % BTNS_RING_SLOTS];
    while (__atomic_load_n(&s->state, __ATOMIC_SEQ_CST) != BTNS_SLOT_FREE)
        settle(fd);
    s->flow = *f;
    __atomic_store_n(&s->state, BTNS_SLOT_FULL, __ATOMIC_SEQ_CST);
}

static void accepted_by_ring(int fd, unsigned i)
{
    struct btns_flow f = accepted_of(i);
    put(fd, &f, i);
}

static void connecting_by_ring(int fd, unsigned i)
{
    struct btns_flow f = flow(BTNS_MSG_CONNECTING, 0x200000000u + i % COOKIES);
    put(fd, &f, i);
}

static void ask_connect(int fd, unsigned i)
{
    struct btns_flow f = flow(BTNS_REQ_CONNECT, cookie);
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&f, sizeof f};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    (void)i;
    control.align = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.align), &asked_about, sizeof asked_about);
    if (sendmsg(fd, &m, MSG_NOSIGNAL) != sizeof f)
        err(1, "sendmsg");
    answered(fd);
}

static void one_shot(int fd, unsigned i)
{
    int own_channel = channel();
    (void)fd;
    ask_connect(own_channel, i);
    close(own_channel);
}

static double nanoseconds(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t))
        err(1, "btnsd's clock");
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static long resident(void)
{
    char path[64], line[128];
    long kilobytes = -1;
    snprintf(path, sizeof path, "/proc/%d/status", btnsd);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1)
            break;
    if (!f || kilobytes < 0)
        errx(1, "%s: no VmRSS", path);
    fclose(f);
    return kilobytes * 1024;
}

static void run(void (*once)(int, unsigned), unsigned n)
{
    clockid_t its;
    int fd = channel();
    if (clock_getcpuclockid(btnsd, &its))
        errx(1, "btnsd's clock");
    once(fd, 0);
    settle(fd);
    double wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(its);
    for (unsigned i = 0; i < n; i++)
        once(fd, i);
    settle(fd);
    printf("%.0f %.0f\n", (nanoseconds(its) - cpu) / n, (nanoseconds(CLOCK_MONOTONIC) - wall) / n);
}

static void memory(unsigned n)
{
    int fd = channel();
    for (unsigned i = 0; i < COOKIES;
         i++) /* allocates the tables and buffers that all clients share */
        accepted(fd, i);
    settle(fd);
    long before = resident();
    for (unsigned i = 0; i < n; i++)
        accepted(fd, COOKIES + i);
    settle(fd);
    printf("%.1f\n", (double)(resident() - before) / n);
}

/* Announces connections to more and more hosts, and asks about them, until it is killed. */
static void flood(void)
{
    int fd = channel();
    for (unsigned i = (unsigned)getpid() * 7919;; i++) {
        peer.ip[2] = (uint8_t)(1 + i / 250 % 250);
        peer.ip[3] = (uint8_t)(1 + i % 250);
        peer.port = (uint16_t)(1024 + i % 50000);
        struct btns_flow f = flow(BTNS_MSG_CONNECTING, 0x300000000u + i);
        if (i % 4)
            tell(fd, &f);
        else
            ask_connect(fd, i);
    }
}

static void ask_status(int fd, unsigned i)
{
    (void)fd;
    (void)i;
    int status = system("btnsctl status >/dev/null");
    if (status)
        errx(1, "btnsctl status: %d", status);
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median time of n calls in microseconds, with pauses between them like a program's. */
static void latency(void (*once)(int, unsigned), unsigned n)
{
    double *took = calloc(n, sizeof *took);
    for (unsigned i = 0; took && i < n; i++) {
        double began = nanoseconds(CLOCK_MONOTONIC);
        once(-1, i);
        took[i] = (nanoseconds(CLOCK_MONOTONIC) - began) / 1000;
        usleep(2000);
    }
    if (!took || !n)
        errx(1, "nothing was measured");
    qsort(took, n, sizeof *took, compare_times);
    printf("%.1f\n", took[n / 2]);
    free(took);
}

static const struct {
    const char *name;
    void (*once)(int, unsigned);
} modes[] = {{"accepted", accepted_few},
             {"connecting", connecting},
             {"accepted-ring", accepted_by_ring},
             {"connecting-ring", connecting_by_ring},
             {"connect", ask_connect},
             {"one-shot", one_shot}};

static void prepare(const char *path, const char *ip, int port)
{
    struct ucred who;
    socklen_t len = sizeof who;
    snprintf(where.sun_path, sizeof where.sun_path, "%s", path);
    int fd = channel();
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
        err(1, "SO_PEERCRED");
    btnsd = who.pid;
    close(fd);
    peer = (struct btns_addr){.family = AF_INET, .port = (uint16_t)port};
    if (inet_pton(AF_INET, ip, peer.ip) != 1)
        errx(2, "not an address: '%s'", ip);
    own = (struct btns_addr){.family = AF_INET, .port = 7999, .ip = {10, 77, 0, 1}};
    asked_about = socket(AF_INET, SOCK_STREAM, 0);
    len = sizeof cookie;
    if (getsockopt(asked_about, SOL_SOCKET, SO_COOKIE, &cookie, &len))
        err(1, "SO_COOKIE");
}

int main(int argc, char **argv)
{
    if (argc != 6)
        errx(2, "usage: requests SOCKET PEER PORT "
                "accepted|connecting|accepted-ring|connecting-ring|connect|one-shot|memory|"
                "latency|status|flood N");
    unsigned n = (unsigned)atoi(argv[5]);
    prepare(argv[1], argv[2], atoi(argv[3]));
    if (!strcmp(argv[4], "memory")) {
        memory(n);
        return 0;
    }
    if (!strcmp(argv[4], "latency") || !strcmp(argv[4], "status")) {
        latency(argv[4][0] == 'l' ? one_shot : ask_status, n);
        return 0;
    }
    if (!strcmp(argv[4], "flood"))
        flood();
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(argv[4], modes[i].name)) {
            run(modes[i].once, n);
            return 0;
        }
    errx(2, "what is %s?", argv[4]);
}
