/*
 * Passes pointers that cannot be read, or to objects that end at a page's end, to the calls that
 * the shim intercepts, and prints the results: the output must be the same with and without the
 * shim. With an argument: only addresses longer than any real one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096, MANY = 40, UNREADABLE = 6 };

static struct sockaddr_in server, listening;
static int receiver;
static const char *where = "";

/* errno is printed after success too, because the shim must not change it. */
static long show(const char *what, long rc)
{
    printf("%s %s = %ld %s\n", where, what, rc, errno ? strerrorname_np(errno) : "");
    errno = 0;
    return rc;
}
#define TRY(call) (errno = 0, show(#call, (long)(call)))

/* Maps three pages; only the middle one is accessible. */
static char *page(int protection)
{
    char *p = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(p + PAGE, PAGE, protection);
    return p + PAGE;
}

/* A copy of the object that ends at the end of a page. */
static void *at_the_end(const void *object, size_t size)
{
    return memcpy(page(PROT_READ | PROT_WRITE) + PAGE - size, object, size);
}

/* A copy whose last octets are not accessible. */
static void *copy_cut_off(const void *object, size_t size, size_t missing)
{
    return memcpy(page(PROT_READ | PROT_WRITE) + PAGE - size + missing, object, size - missing);
}

/* Memory that was readable a moment ago. */
static void *taken_away(const void *object, size_t size)
{
    char *p = at_the_end(object, size);
    char octet;
    struct iovec part = {&octet, 1};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_name = p, .msg_namelen = 16};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sendmsg(fd, &msg, MSG_DONTWAIT);
    close(fd);
    munmap(p + size - PAGE, PAGE);
    return p;
}

static int received(void)
{
    char octet;
    int n = 0;
    while (recv(receiver, &octet, 1, MSG_DONTWAIT) >= 0)
        n++;
    errno = 0;
    return n;
}

static struct iovec part = {(void *)"x", 1};

static struct msghdr message(void *name, socklen_t len)
{
    return (struct msghdr){.msg_name = name, .msg_namelen = len, .msg_iov = &part, .msg_iovlen = 1};
}

/* Makes every call with this address. */
static void addresses(int fd, void *a)
{
    struct msghdr msg = message(a, sizeof server);
    struct mmsghdr two[2] = {{message(&server, sizeof server), 0}, {msg, 0}};
    TRY(sendto(fd, "x", 1, MSG_DONTWAIT, a, sizeof server));
    TRY(sendto(fd, "x", 1, MSG_DONTWAIT, a, 0));
    TRY(sendto(fd, "x", 1, MSG_DONTWAIT, a, 1));
    TRY(sendto(fd, "x", 1, MSG_DONTWAIT, a, 200));
    TRY(sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmmsg(fd, two, 2, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmmsg(fd, two + 1, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, a, sizeof server));
    TRY(sendmsg(fd, &msg, MSG_FASTOPEN | MSG_NOSIGNAL));
    TRY(bind(fd, a, 1));
    TRY(bind(fd, a, 200));
    TRY(connect(fd, a, 0));
    TRY(connect(fd, a, 1));
    TRY(connect(fd, a, 200));
    TRY(connect(fd, a, (socklen_t)-1));
    TRY(syscall(SYS_sendto, fd, "x", 1, MSG_DONTWAIT, a, sizeof server));
    TRY(syscall(SYS_connect, fd, a, sizeof server));
}

/* Makes every call with a structure or an array at this place. */
static void structures(int fd, void *p)
{
    socklen_t len = 4;
    struct msghdr parts = message(&server, sizeof server), base = parts, control = parts;
    struct iovec bad = {p, 1};
    parts.msg_iov = p;
    base.msg_iov = &bad;
    control.msg_control = p;
    control.msg_controllen = 24;
    TRY(sendmsg(fd, p, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmsg(fd, p, MSG_FASTOPEN | MSG_NOSIGNAL));
    TRY(sendmmsg(fd, p, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmmsg(fd, p, 0, MSG_DONTWAIT));
    TRY(sendmmsg(fd, p, 2, MSG_FASTOPEN | MSG_NOSIGNAL));
    TRY(sendmsg(fd, &parts, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmsg(fd, &base, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(sendmsg(fd, &control, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, p, sizeof(struct tcp_md5sig)));
    TRY(getsockopt(fd, SOL_SOCKET, SO_TYPE, p, &len));
    TRY(getsockopt(fd, SOL_SOCKET, SO_ERROR, p, &len));
    TRY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &len, p));
    TRY(syscall(SYS_sendmsg, fd, p, MSG_DONTWAIT | MSG_NOSIGNAL));
    TRY(syscall(SYS_sendmmsg, fd, p, 1, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static const struct {
    const char *name;
    int family, type;
} sockets[] = {
    {"tcp", AF_INET, SOCK_STREAM},
    {"tcp6", AF_INET6, SOCK_STREAM},
    {"udp", AF_INET, SOCK_DGRAM},
    {"udp6", AF_INET6, SOCK_DGRAM},
    {"unix", AF_UNIX, SOCK_DGRAM},
    {"unix-stream", AF_UNIX, SOCK_STREAM},
    {"none", -1, 0},
};

static void bad_pointers(void)
{
    const struct msghdr msg = message(NULL, 0);
    void *const bad[] = {
        (void *)1,
        (void *)8,
        (void *)(uintptr_t)0x7ffffffff000,
        (void *)(uintptr_t)0x8000000000000000,
        (void *)(uintptr_t)0xfffffffffffffff0,
        page(PROT_NONE),
        copy_cut_off(&server, sizeof server, 1),
        copy_cut_off(&server, sizeof server, 8),
        copy_cut_off(&server, sizeof server, sizeof server - 1),
        copy_cut_off(&msg, sizeof msg, 1),
        copy_cut_off(&msg, sizeof msg, sizeof msg - 8),
        taken_away(&server, sizeof server),
    };
    for (size_t s = 0; s < sizeof sockets / sizeof *sockets; s++)
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            int fd = sockets[s].family < 0 ? -1 : socket(sockets[s].family, sockets[s].type, 0);
            char name[64];
            snprintf(name, sizeof name, "%s, pointer %zu:", sockets[s].name, i);
            where = name;
            addresses(fd, bad[i]);
            structures(fd, bad[i]);
            if (i < UNREADABLE) /* the shim refuses it where it can be read */
                TRY(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, bad[i], 4));
            TRY(bind(fd, bad[i], sizeof server));
            TRY(connect(fd, bad[i], sizeof server));
            if (fd >= 0)
                close(fd);
            fd = sockets[s].family < 0 ? 9999 : socket(sockets[s].family, sockets[s].type, 0);
            TRY(connect(fd, NULL, sizeof server));
            TRY(sendmsg(fd, NULL, 0));
            TRY(sendmmsg(fd, NULL, 1, 0));
            printf("%d came\n", received());
            close(fd);
        }
}

/* Of several messages only the first ones can be read, and are sent. */
static void arrays(void)
{
    static struct mmsghdr all[MANY];
    int fd = socket(AF_INET, SOCK_DGRAM, 0), plain = socket(AF_INET, SOCK_DGRAM, 0);
    where = "arrays:";
    connect(plain, (struct sockaddr *)&server, sizeof server);
    for (int i = 0; i < MANY; i++)
        all[i] = (struct mmsghdr){message(&server, sizeof server), 99};
    TRY(sendmmsg(fd, at_the_end(all, sizeof all), MANY, 0));
    printf("%d came\n", received());
    for (int missing = 1; missing <= MANY; missing += 6) {
        struct mmsghdr *p = copy_cut_off(all, sizeof all, (size_t)missing * sizeof *all);
        TRY(sendmmsg(fd, p, MANY, 0));
        TRY(sendmmsg(plain, p, MANY, 0));
        printf("%d came, %u of the first\n", received(), missing == MANY ? 0 : p->msg_len);
    }
    for (int bad = 0; bad < MANY; bad += 13) {
        void *name = all[bad].msg_hdr.msg_name;
        all[bad].msg_hdr.msg_name = copy_cut_off(&server, sizeof server, 1);
        TRY(sendmmsg(fd, all, MANY, 0));
        all[bad].msg_hdr.msg_name = name;
        all[bad].msg_hdr.msg_iov = (void *)8;
        TRY(sendmmsg(fd, all, MANY, 0));
        all[bad].msg_hdr.msg_iov = &part;
        printf("%d came, %u of one\n", received(), all[bad].msg_len);
    }
    for (int i = 0; i < MANY; i++)
        all[i].msg_len = 0;
    struct mmsghdr *fixed = at_the_end(all, sizeof *all);
    mprotect((void *)((uintptr_t)fixed & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ);
    TRY(sendmmsg(fd, fixed, 1, 0));
    printf("%d came\n", received());
    close(fd);
    close(plain);
}

/* Sends by sendto(), sendmsg() and sendmmsg() to this valid address, of exact or greater length. */
static void send_all(int fd, void *name, socklen_t len)
{
    struct msghdr *msg = malloc(sizeof *msg);
    struct mmsghdr one = {message(name, len), 0};
    *msg = message(name, len);
    TRY(sendto(fd, "x", 1, 0, name, len));
    TRY(sendmsg(fd, msg, 0));
    TRY(sendmsg(fd, at_the_end(msg, sizeof *msg), 0));
    TRY(sendmmsg(fd, &one, 1, 0));
    printf("%u\n", one.msg_len);
    free(msg);
}

static void right_places(void)
{
    static union {
        struct sockaddr_in in;
        char room[256];
    } own;
    char stack[256] = {0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    void *heap = calloc(1, 256), *mapped = page(PROT_READ | PROT_WRITE);
    own.in = server;
    memcpy(stack, &server, sizeof server);
    memcpy(heap, &server, sizeof server);
    memcpy(mapped, &server, sizeof server);
    void *const places[] = {&own, stack, heap, mapped};
    const socklen_t lengths[] = {sizeof server, 28, 128, 129, 200, 256, 0x7fffffff, 0x80000000};
    where = "right:";
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
            printf("place %zu, length %u\n", i, lengths[n]);
            send_all(fd, places[i], lengths[n]);
        }
    send_all(fd, at_the_end(&server, sizeof server), sizeof server);
    printf("%d came\n", received());
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int tcp = socket(AF_INET, SOCK_STREAM, 0);
        memcpy(places[i], &listening, sizeof listening);
        TRY(connect(tcp, places[i], sizeof listening));
        close(tcp);
    }
    int tcp = socket(AF_INET, SOCK_STREAM, 0);
    TRY(connect(tcp, at_the_end(&listening, sizeof listening), sizeof listening));
    close(tcp);
    close(fd);
}

static void visit(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&listening, sizeof listening);
    close(fd);
    errno = 0;
}

/* accept() accepts the connection and then finds that it cannot write the peer's address. */
static void accepting(int fd)
{
    char *p = page(PROT_READ | PROT_WRITE), *fixed = page(PROT_READ);
    socklen_t len = 16, none = 0, few = 4, most = 200, minus = (socklen_t)-1;
    struct sockaddr_storage from;
    where = "accept:";
    listen(fd, 64);
#define ACCEPT(addr, len)                                                                          \
    (visit(), TRY(accept4(fd, (struct sockaddr *)(addr), (void *)(len), 0) < 0 ? -1 : 1))
    ACCEPT(&from, &len);
    ACCEPT(&from, 8);
    ACCEPT(8, &len);
    ACCEPT(NULL, NULL);
    ACCEPT(NULL, 8);
    ACCEPT(p + PAGE, &len);
    ACCEPT(p + PAGE - 4, &len);
    ACCEPT(fixed, &len);
    ACCEPT(&from, fixed);
    ACCEPT(&from, &none);
    ACCEPT(&from, &few);
    ACCEPT(&from, &most);
    ACCEPT(&from, &minus);
    printf("lengths: %u %u %u %u\n", len, none, few, most);
    *(socklen_t *)(void *)p = 16;
    ACCEPT(p + 8, p);
    printf("%u %d\n", *(socklen_t *)(void *)p, ((struct sockaddr_in *)(void *)(p + 8))->sin_family);
    *(socklen_t *)(void *)p = 4;
    ACCEPT(p + PAGE - 4, p);
    printf("%u %d\n", *(socklen_t *)(void *)p, *(sa_family_t *)(void *)(p + PAGE - 4));
}

/* The same on another stack, with another heap. */
static void *again(void *arg)
{
    right_places();
    arrays();
    return arg;
}

/* The kernel uses the beginning of an address that is too long, and sends. */
static int long_names(void)
{
    char name[256] = {0};
    memcpy(name, &server, sizeof server);
    int fd = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
    struct msghdr msg = message(name, 200), to_tcp = message(name, 200);
    struct mmsghdr one = {message(name, 200), 0};
    TRY(sendmsg(fd, &msg, 0));
    TRY(sendmmsg(fd, &one, 1, 0));
    TRY(sendmsg(tcp, &to_tcp, MSG_FASTOPEN));
    printf("%d came\n", received());
    return 0;
}

int main(int argc, char **argv)
{
    (void)argv;
    socklen_t len = sizeof server;
    pthread_t thread;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    receiver = socket(AF_INET, SOCK_DGRAM, 0);
    server = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    listening = server;
    if (bind(receiver, (struct sockaddr *)&server, len) ||
        getsockname(receiver, (struct sockaddr *)&server, &len) ||
        bind(fd, (struct sockaddr *)&listening, len) ||
        getsockname(fd, (struct sockaddr *)&listening, &len))
        return 1;
    if (argc > 1)
        return long_names();
    accepting(fd);
    bad_pointers();
    arrays();
    right_places();
    pthread_create(&thread, NULL, again, NULL);
    pthread_join(thread, NULL);
    puts("done");
    return 0;
}
