/*
 * A stand-in for btnsd in the shim's tests: speaks wire.h, decides nothing, writes down what it is
 * told. Goes into the background once it listens; its process id is then in SOCKET.pid.
 *
 *     mock_btnsd SOCKET LOG [OPTION=VALUE...]
 *
 * verdict=clear|protected|unprotected|denied   older=VERDICT (of connections older than their
 * floor) error=ERRNO   text=REASON   cache=0|1   page=0|1 delay=MILLISECONDS (blocking connections
 * only)   fail=MILLISECONDS (disconnect a non-blocking connection that late)
 * break=short|long|version|type|id|cookie|verdict|close|silent|descriptors SIGUSR1 moves the epoch,
 * and writes that down.
 */
#include "libapi/wire/wire.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct {
    const char *verdict, *older, *text, *broken;
    uint32_t error;
    int cache, page, delay, fail;
} options = {.verdict = "clear", .text = "the mock says so", .broken = "", .cache = 1, .page = 1};

static struct btns_page *page;
static int page_fd, log_fd;

static void parse(const char *option)
{
    const char *value = strchr(option, '=');
    if (!value)
        errx(2, "what is %s?", option);
    value++;
    int number = atoi(value);
    if (!strncmp(option, "verdict=", 8))
        options.verdict = value;
    else if (!strncmp(option, "older=", 6))
        options.older = value;
    else if (!strncmp(option, "text=", 5))
        options.text = value;
    else if (!strncmp(option, "break=", 6))
        options.broken = value;
    else if (!strncmp(option, "error=", 6))
        options.error = (uint32_t)number;
    else if (!strncmp(option, "cache=", 6))
        options.cache = number;
    else if (!strncmp(option, "page=", 5))
        options.page = number;
    else if (!strncmp(option, "delay=", 6))
        options.delay = number;
    else if (!strncmp(option, "fail=", 5))
        options.fail = number;
    else
        errx(2, "what is %s?", option);
}

static void make_page(void)
{
    page_fd = memfd_create("epoch", MFD_CLOEXEC);
    if (page_fd < 0 || ftruncate(page_fd, 4096) < 0)
        err(1, "page");
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page_fd, 0);
    if (page == MAP_FAILED)
        err(1, "mmap");
    page->epoch = 7;
}

static void move_epoch(int number)
{
    (void)number;
    __atomic_add_fetch(&page->epoch, 1, __ATOMIC_SEQ_CST);
    (void)!write(log_fd, "EPOCH\n", 6);
}

static void nap(int milliseconds)
{
    struct timespec t = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    nanosleep(&t, NULL);
}

static const char *show(const struct btns_addr *a, char *buf, size_t size)
{
    char ip[INET6_ADDRSTRLEN] = "-";
    if (a->family)
        inet_ntop(a->family, a->ip, ip, sizeof ip);
    snprintf(buf, size, "%s:%u", ip, a->port);
    return buf;
}

static const char *type_name(unsigned type)
{
    static const char *const names[] = {[BTNS_REQ_CONNECT] = "CONNECT",
                                        [BTNS_REQ_LISTEN] = "LISTEN",
                                        [BTNS_MSG_CONNECTING] = "CONNECTING",
                                        [BTNS_MSG_ACCEPTED] = "ACCEPTED",
                                        [BTNS_REQ_WHY] = "WHY",
                                        [BTNS_REQ_ACCEPTED] = "MAYACCEPT"};
    const char *name = type < sizeof names / sizeof *names ? names[type] : NULL;
    return name ? name : "?";
}

/* Is the attached socket the one that the message is about? */
static const char *attached(const struct btns_flow *f, int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    if (fd < 0)
        return "none";
    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) < 0 || cookie != f->cookie)
        return "another";
    return "same";
}

static void write_down(const struct btns_flow *f, int fd, const struct ucred *from)
{
    char local[64], remote[64], line[256];
    int len =
        snprintf(line, sizeof line,
                 "%s local=%s remote=%s flags=%#x protocol=%u policy=%#llx socket=%s pid=%d\n",
                 type_name(f->hdr.type), show(&f->local, local, sizeof local),
                 show(&f->remote, remote, sizeof remote), f->flags, f->protocol,
                 (unsigned long long)f->policy, attached(f, fd), from->pid);
    if (write(log_fd, line, (size_t)len) != len)
        err(1, "log");
}

static uint32_t verdict_number(const char *name)
{
    static const char *const names[] = {"", "clear", "protected", "unprotected", "denied"};
    for (uint32_t i = 1; i < 5; i++)
        if (!strcmp(name, names[i]))
            return i;
    errx(2, "what is %s?", name);
}

static void make_answer(const struct btns_flow *f, struct btns_verdict_msg *m)
{
    const char *broken = options.broken;
    *m = (struct btns_verdict_msg){
        .hdr = {BTNS_WIRE_VERSION, BTNS_REP_VERDICT, f->hdr.id},
        .verdict = verdict_number(options.verdict),
        .error = options.error,
        .flags = options.cache ? BTNS_VF_CACHE : 0,
        .cookie = f->cookie,
        .epoch = __atomic_load_n(&page->epoch, __ATOMIC_SEQ_CST),
    };
    if (f->hdr.type == BTNS_REQ_ACCEPTED && options.older)
        m->verdict = verdict_number(options.older);
    if (f->hdr.type == BTNS_REQ_WHY && options.fail)
        m->verdict = BTNS_V_DENIED;
    if (f->hdr.type == BTNS_REQ_CONNECT && options.fail && (f->flags & BTNS_F_NONBLOCK))
        m->flags = BTNS_VF_LARVAL;
    snprintf(m->text, sizeof m->text, "%s", options.text);
    m->hdr.version = (uint16_t)(m->hdr.version + !strcmp(broken, "version"));
    m->hdr.type = (uint16_t)(m->hdr.type + !strcmp(broken, "type"));
    m->hdr.id += !strcmp(broken, "id");
    m->cookie += !strcmp(broken, "cookie");
    m->verdict = strcmp(broken, "verdict") ? m->verdict : 77;
}

static void send_answer(int to, const struct btns_flow *f, const void *answer, size_t size)
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {(void *)(uintptr_t)answer, size};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    int fds[3] = {page_fd, page_fd, page_fd};
    size_t count = !strcmp(options.broken, "descriptors")     ? 3
                   : (f->flags & BTNS_F_PAGE) && options.page ? 1
                                                              : 0;
    if (count) {
        msg.msg_control = &control;
        msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        *c = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    sendmsg(to, &msg, MSG_NOSIGNAL);
}

/* A copy of the program's socket for a moment; -1: the program has closed it. */
static int borrow(const struct btns_flow *f, pid_t pid)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    int fd = (int)syscall(SYS_pidfd_getfd, process, f->fd_plus_1 - 1, 0);
    close(process);
    if (fd >= 0 && !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) && cookie == f->cookie)
        return fd;
    close(fd);
    return -1;
}

static bool has_begun(const struct btns_flow *f, pid_t pid)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    int fd = borrow(f, pid);
    bool begun = fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
                 info.tcpi_state != TCP_CLOSE;
    close(fd);
    return begun;
}

/*
 * As btnsd does with a non-blocking connection that it cannot protect: tells why, and disconnects
 * the socket; but not before the attempt has begun.
 */
static void disconnect_late(int to, const struct btns_flow *f, pid_t pid)
{
    struct sockaddr unspec = {.sa_family = AF_UNSPEC};
    struct btns_verdict_msg m;
    while (!has_begun(f, pid))
        nap(5);
    nap(options.fail);
    make_answer(f, &m);
    m.verdict = BTNS_V_DENIED;
    m.flags = 0;
    send_answer(to, f, &m, sizeof m);
    int fd = borrow(f, pid);
    if (fd >= 0)
        connect(fd, &unspec, sizeof unspec);
    close(fd);
}

static void answer(int to, const struct btns_flow *f, pid_t pid)
{
    char bytes[sizeof(struct btns_verdict_msg) + 8] = {0};
    struct btns_verdict_msg m;
    size_t size = sizeof m;
    if (f->hdr.type == BTNS_REQ_CONNECT && !(f->flags & BTNS_F_NONBLOCK))
        nap(options.delay);
    if (!strcmp(options.broken, "close"))
        _exit(0);
    if (!strcmp(options.broken, "silent"))
        return;
    make_answer(f, &m);
    memcpy(bytes, &m, sizeof m);
    size -= strcmp(options.broken, "short") ? 0 : 1;
    size += strcmp(options.broken, "long") ? 0 : 1;
    send_answer(to, f, bytes, size);
    if (options.fail && f->hdr.type == BTNS_REQ_CONNECT && (f->flags & BTNS_F_NONBLOCK))
        disconnect_late(to, f, pid);
}

static int receive(int from, struct btns_flow *f, struct ucred *who, int *fd)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = {f, sizeof *f};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    ssize_t len = recvmsg(from, &msg, MSG_CMSG_CLOEXEC);
    *fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); len > 0 && c; c = CMSG_NXTHDR(&msg, c)) {
        if (c->cmsg_type == SCM_CREDENTIALS)
            memcpy(who, CMSG_DATA(c), sizeof *who);
        else if (c->cmsg_type == SCM_RIGHTS)
            memcpy(fd, CMSG_DATA(c), sizeof *fd);
    }
    return len == (ssize_t)sizeof *f;
}

/* One process a connection; it goes when the client or the mock goes. */
static void serve(int client)
{
    struct btns_flow f;
    struct ucred who = {0};
    int fd;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (receive(client, &f, &who, &fd)) {
        write_down(&f, fd, &who);
        bool one_way = f.hdr.type == BTNS_MSG_CONNECTING || f.hdr.type == BTNS_MSG_ACCEPTED;
        close(fd); /* the program's socket is its own again before it goes on */
        if (!one_way)
            answer(client, &f, who.pid);
    }
    _exit(0);
}

static int listen_at(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int on = 1, fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof name.sun_path)
        errx(2, "%s is too long", path);
    strcpy(name.sun_path, path);
    unlink(path);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
        bind(fd, (struct sockaddr *)&name, sizeof name) < 0 || listen(fd, 512) < 0)
        err(1, "%s", path);
    return fd;
}

/* The file tells that the mock is ready, so it appears whole. */
static void leave_pid(const char *path, pid_t pid)
{
    char name[256], temporary[256];
    snprintf(name, sizeof name, "%s.pid", path);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "w");
    if (!f || fprintf(f, "%d\n", pid) < 0 || fclose(f) || rename(temporary, name))
        err(1, "%s", name);
}

static void detach(const char *path)
{
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid > 0) {
        leave_pid(path, pid);
        exit(0);
    }
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    close_range(3, (unsigned)log_fd - 1, 0); /* what the test framework holds open */
}

int main(int argc, char **argv)
{
    if (argc < 3)
        errx(2, "usage: mock_btnsd SOCKET LOG [OPTION=VALUE...]");
    for (int i = 3; i < argc; i++)
        parse(argv[i]);
    int log = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    log_fd = log < 0 ? -1 : fcntl(log, F_DUPFD_CLOEXEC, 500);
    if (log_fd < 0)
        err(1, "%s", argv[2]);
    int fd = fcntl(listen_at(argv[1]), F_DUPFD_CLOEXEC, 501);
    make_page();
    page_fd = fcntl(page_fd, F_DUPFD_CLOEXEC, 502);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGUSR1, move_epoch);
    detach(argv[1]);
    for (;;) {
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0)
            continue;
        if (fork() == 0)
            serve(client);
        close(client);
    }
}
