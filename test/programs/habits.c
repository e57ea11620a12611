/*
 * Programs' habits with descriptors and processes, one a name. Each prints what came of it.
 *
 *     habits NAME HOST PORT
 */
#include "test/shim/tool.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct place server;
static char **arguments;

static int highest(void)
{
    int top = -1;
    for (int fd = 3; fd < 1100; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            top = fd;
    return top;
}

/* Nothing new below the shim's own number, and that one is not for children. */
static void counts(void)
{
    int before = descriptors(0, false);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d more\n", descriptors(0, false) - before);
    printf("%d below 900\n", descriptors(3, false) - descriptors(900, false));
    fflush(stdout);
    descriptors(900, true);
}

static void closes_all(void)
{
    for (int i = 0; i < 3; i++) {
        close_range(3, ~0u, 0);
        printf("%s\n", visit(&server));
    }
    printf("%d open\n", descriptors(3, false));
}

/* Puts a connection of its own wherever the shim has put something. */
static void dups_over_all(void)
{
    int own[2], top;
    char octet;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, own) < 0)
        err(1, "socketpair");
    printf("%s\n", visit(&server));
    top = highest();
    printf("%s\n", top > own[1] ? "there is a link" : "there is no link");
    if (dup2(own[0], top) < 0)
        err(1, "dup2");
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("it got %s\n", read(own[1], &octet, 1) < 0 ? strerrorname_np(errno) : "something");
    printf("%s\n", write(top, "x", 1) == 1 && read(own[1], &octet, 1) == 1 ? "still its own"
                                                                           : "not its own");
}

static void wait_for(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        printf("child: %d\n", status);
}

static void forks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    for (int i = 0; i < 3; i++) {
        pid_t pid = fork();
        if (!pid) {
            printf("%s\n", visit(&server));
            fflush(stdout);
            _exit(0);
        }
        wait_for(pid);
    }
    printf("%s\n", visit(&server));
}

/* The child shares the parent's memory, but not its descriptors. */
static void vforks(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        close_range(3, ~0u, 0);
        execl("/proc/self/exe", "habits", "counts", arguments[2], arguments[3], NULL);
        _exit(99);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
}

static void connects_in_vfork(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = vfork();
    if (!pid) {
        int fd = tcp_socket(&server);
        close_range((unsigned)fd + 1, ~0u, 0);
        _exit(connect_place(fd, &server) < 0);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
}

static void execs(void)
{
    printf("%s\n", visit(&server));
    fflush(stdout);
    execl("/proc/self/exe", "habits", "lists", arguments[2], arguments[3], NULL);
}

static void lists(void)
{
    printf("%d open\n", descriptors(3, true));
}

static void clears_environment(void)
{
    clearenv();
    printf("%s\n", visit(&server));
}

/* 0, 1 and 2 stay the program's to give away. */
static void closes_standard(void)
{
    int out = fcntl(1, F_DUPFD, 10);
    close_range(0, 2, 0);
    int fd = socket(server.ss.ss_family, SOCK_STREAM, 0); /* takes 0 */
    int rc = connect_place(fd, &server);
    int next = open("/dev/null", O_RDONLY), after = open("/dev/null", O_RDONLY);
    dprintf(out, "%d %d %d %d\n", fd, rc, next, after);
}

/* What is on descriptor 2 now is not where messages went at the start. */
static void replaces_stderr(void)
{
    int fd = open("stderr-of-its-own", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct stat st;
    dup2(fd, 2);
    printf("%s\n", visit(&server));
    fstat(fd, &st);
    printf("%ld octets\n", (long)st.st_size);
}

static void has_socket_as_stderr(void)
{
    int own[2];
    char octet;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, own) < 0)
        err(1, "socketpair");
    dup2(own[0], 2);
    printf("%s\n", visit(&server));
    printf("it got %s\n", read(own[1], &octet, 1) < 0 ? strerrorname_np(errno) : "something");
}

static void breaks_stderr(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        err(1, "pipe");
    dup2(ends[1], 2);
    close(ends[0]);
    printf("%s\n", visit(&server)); /* and no SIGPIPE */
}

/* A program at its limit cannot be asked for; but what is known needs no descriptor. */
static void has_none_left(void)
{
    struct rlimit limit = {40, 40};
    setrlimit(RLIMIT_NOFILE, &limit);
    int fd = tcp_socket(&server);
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    printf("%s\n", connect_place(fd, &server) < 0 ? strerrorname_np(errno) : "ok");
    close(fd);
}

static void has_few(void)
{
    struct rlimit limit = {12, 12};
    setrlimit(RLIMIT_NOFILE, &limit);
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    printf("%d open\n", descriptors(3, false));
}

/* A loopback interface that is down is no way to anywhere. */
static void leaves_its_network(void)
{
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    int old = tcp_socket(&server);
    if (unshare(CLONE_NEWNET))
        err(1, "unshare");
    printf("%s\n", visit(&server));
    printf("%s\n", connect_place(old, &server) ? strerrorname_np(errno) : "its old socket: ok");
}

static struct place own_address(void)
{
    struct place own = server;
    ((struct sockaddr_in *)&own.ss)->sin_port = 0;
    return own;
}

/* A socket with an address of its own, so that the kernel does not choose one. */
static int bound_socket(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    if (bind(fd, (struct sockaddr *)&own.ss, own.len) < 0)
        err(1, "bind");
    return fd;
}

static int bound_by_another_number(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own), other = dup(fd);
    bind(other, (struct sockaddr *)&own.ss, own.len);
    return fd;
}

static int bound_by_a_child(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    pid_t pid = fork();
    if (!pid)
        _exit(bind(fd, (struct sockaddr *)&own.ss, own.len));
    wait_for(pid);
    return fd;
}

static int bound_by_number(void)
{
    struct place own = own_address();
    int fd = tcp_socket(&own);
    syscall(SYS_bind, fd, &own.ss, own.len);
    return fd;
}

static int put_over_a_fresh_one(void)
{
    int fd = tcp_socket(&server), bound = bound_socket();
    return dup2(bound, fd);
}

static int put_after_fclose(void)
{
    int fresh = tcp_socket(&server), bound = bound_socket();
    fclose(fdopen(fresh, "r+"));
    return dup(bound);
}

static int put_after_close_range(void)
{
    int fresh = tcp_socket(&server), bound = bound_socket();
    close_range((unsigned)fresh, (unsigned)fresh, 0);
    return dup(bound);
}

static int passed_by_message(void)
{
    int pair[2], fresh = tcp_socket(&server), bound = bound_socket();
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&pair, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    control.align = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof bound)};
    memcpy(CMSG_DATA(&control.align), &bound, sizeof bound);
    sendmsg(pair[0], &msg, 0);
    close(fresh);
    if (recvmsg(pair[1], &msg, 0) != 1)
        err(1, "recvmsg");
    memcpy(&bound, CMSG_DATA(&control.align), sizeof bound);
    return bound;
}

/* The last one, after which nothing is known of any number. */
static int other_table_of_a_vfork(void)
{
    int fd = bound_socket();
    pid_t pid = vfork();
    if (!pid) {
        close(fd);
        if (tcp_socket(&server) != fd)
            _exit(1);
        _exit(0);
    }
    wait_for(pid);
    return fd;
}

/* Each of these sockets is bound, in a way or at a number that is hard to follow. */
static void binds_oddly(void)
{
    static int (*const ways[])(void) = {
        bound_socket,          bound_by_another_number, bound_by_a_child,
        bound_by_number,       put_over_a_fresh_one,    put_after_fclose,
        put_after_close_range, passed_by_message,       other_table_of_a_vfork};
    printf("%s\n", visit(&server));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        printf("%s\n", visit(&server));
        printf("%s\n", connect_place(ways[i](), &server) ? strerrorname_np(errno) : "ok");
    }
}

static int visit_from_elsewhere(void *arg)
{
    (void)arg;
    printf("%s\n", visit(&server));
    fflush(stdout);
    return 0;
}

/* Its parent's cached verdicts are of another network. */
static void clones_into_another_network(void)
{
    static char stack[65536];
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = clone(visit_from_elsewhere, stack + sizeof stack, CLONE_NEWNET | SIGCHLD, NULL);
    if (pid < 0)
        err(1, "clone");
    wait_for(pid);
}

/* Closed 0 to 2 are what pipe() gives away first. */
static void pipes_where_stderr_was(void)
{
    int out = fcntl(1, F_DUPFD, 10), ends[2];
    char got[200];
    close_range(0, 2, 0);
    if (open("/dev/null", O_RDONLY) != 0 || pipe(ends) < 0 || write(ends[1], "HEAD", 4) != 4)
        _exit(1);
    const char *result = visit(&server);
    if (write(ends[1], "TAIL", 4) != 4)
        _exit(1);
    ssize_t n = read(ends[0], got, sizeof got);
    dprintf(out, "%s, %d and %d, %.*s\n", result, ends[0], ends[1], (int)n, got);
}

static const char *name_of(long rc)
{
    return rc < 0 ? strerrorname_np(errno) : "ok";
}

static void opens_late(void)
{
    int fd = tcp_socket(&server), on = 1, off = 0;
    printf("%s\n", name_of(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof on)));
    printf("%s\n", name_of(connect_place(fd, &server)));
    printf("%s\n", name_of(setsockopt(tcp_socket(&server), IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &off,
                                      sizeof off)));
}

static bool listen_late(int family, bool bound)
{
    int fd = socket(family, SOCK_STREAM, 0), on = 1, late = 0;
    struct sockaddr_in6 any = {.sin6_family = (sa_family_t)family}, got = {0};
    socklen_t len = sizeof any, late_len = sizeof late;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bound && bind(fd, (struct sockaddr *)&any, len) < 0)
        err(1, "bind");
    if (listen(fd, 3) < 0)
        err(1, "listen");
    getsockname(fd, (struct sockaddr *)&got, &len);
    getsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, &late_len);
    return got.sin6_port && late;
}

static void listens_late(void)
{
    bool all = listen_late(AF_INET, false) && listen_late(AF_INET, true) &&
               listen_late(AF_INET6, false) && listen_late(AF_INET6, true);
    printf("ok\n%s\n%s\n", all ? "a port" : "no port", all ? "still late" : "changed");
}

static const char *port_text(const struct place *p)
{
    static char text[8];
    snprintf(text, sizeof text, "%u", ntohs(((const struct sockaddr_in *)&p->ss)->sin_port));
    return text;
}

static void connect_raw(const struct place *p)
{
    int fd = tcp_socket(p);
    printf("connect %s\n", name_of(syscall(SYS_connect, fd, &p->ss, p->len)));
}

static void calls_by_number(void)
{
    char octet = 'x';
    struct iovec iov = {&octet, 1};
    struct place own = place_of("127.0.0.1", "0");
    struct msghdr m = {
        .msg_name = &server.ss, .msg_namelen = server.len, .msg_iov = &iov, .msg_iovlen = 1};
    int listener = tcp_socket(&own);
    connect_raw(&server);
    printf("sendto %s\n", name_of(syscall(SYS_sendto, tcp_socket(&server), &octet, 1L, MSG_FASTOPEN,
                                          &server.ss, server.len)));
    printf("sendmsg %s\n", name_of(syscall(SYS_sendmsg, tcp_socket(&server), &m, MSG_FASTOPEN)));
    if (bind(listener, (struct sockaddr *)&own.ss, own.len) < 0)
        err(1, "bind");
    printf("listen %s\n", name_of(syscall(SYS_listen, listener, 8)));
    getsockname(listener, (struct sockaddr *)&own.ss, &own.len);
    for (int i = 0; i < 2; i++) /* without a question: not by the shim */
        if (!fork())
            _exit(execl("/usr/bin/env", "env", "-u", "LD_PRELOAD", "bash", "-c",
                        "exec 3<>/dev/tcp/127.0.0.1/$0", port_text(&own), NULL));
    printf("accept %s\n", name_of(syscall(SYS_accept, listener, NULL, NULL)));
    printf("accept4 %s\n", name_of(syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC)));
}

/* The server takes part in neither protocol: it says more than a zero octet, which is an error
 * message. */
static void runs_remotely(void)
{
    char *host = arguments[2];
    uint16_t port = htons((uint16_t)atoi(arguments[3]));
    printf("%s\n", name_of(rcmd(&host, port, "me", "me", "true", NULL)));
    host = arguments[2];
    printf("%s\n", name_of(rexec(&host, port, "me", "secret", "true", NULL)));
}

/* btnsd's socket is not there, but btnsd runs. */
static void change_root(void)
{
    if (mkdir("empty", 0755) || chroot("empty") || chdir("/"))
        err(1, "chroot");
}

static void ask_again(void)
{
    printf("%s\n", name_of(connect_place(tcp_socket(&server), &server)));
}

static void changes_root(void)
{
    change_root();
    ask_again();
}

/* And the connection from before is closed, too. */
static void changes_root_and_closes(void)
{
    change_root();
    close_range(3, ~0u, 0);
    ask_again();
}

/* As a server does that serves each client from within a jail, as another user. */
static void changes_root_in_a_child(void)
{
    change_root();
    int status;
    if (!fork()) {
        if (setgid(65534) || setuid(65534))
            err(1, "setuid");
        ask_again();
        struct sockaddr_in any = {.sin_family = AF_INET};
        int s = socket(AF_INET, SOCK_STREAM, 0);
        printf("%s ", name_of(bind(s, (struct sockaddr *)&any, sizeof any)));
        printf("%s\n", name_of(listen(s, 1)));
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
}

/* Root has no number there. */
static void changes_user_namespace(void)
{
    if (unshare(CLONE_NEWUSER))
        err(1, "unshare");
    ask_again();
}

#define ALLOW(number)                                                                              \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* What accept() and the printing of its outcome need, and what the manual page has for accept(). */
static void forbid_the_rest(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_accept),
        ALLOW(SYS_write),
        ALLOW(SYS_exit_group),
        ALLOW(SYS_getsockopt),
        ALLOW(SYS_sendmsg),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        err(1, "seccomp");
}

static void connect_twice(const struct place *to)
{
    char path[256];
    int pid = 0;
    snprintf(path, sizeof path, "%s.pid", getenv("BTNS_SOCKET_PATH"));
    FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%d", &pid) != 1)
        err(1, "%s", path);
    int first = tcp_socket(to), second = tcp_socket(to);
    char octet;
    if (connect_place(first, to) || kill(pid, SIGKILL))
        err(1, "connect");
    struct pollfd link = {.fd = highest(), .events = POLLIN};
    if (poll(&link, 1, 60000) != 1) /* the parent's link is this one */
        errx(1, "the link does not end");
    if (connect_place(second, to))
        err(1, "connect");
    (void)!read(second, &octet, 1); /* until the server has ended */
}

/* A server that forbids itself everything but to serve; then btnsd is restarted or ends. */
static void is_sandboxed(void)
{
    struct place own = place_of("127.0.0.1", "0");
    int listener = tcp_socket(&own);
    if (bind(listener, (struct sockaddr *)&own.ss, own.len) < 0 || listen(listener, 8) < 0)
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&own.ss, &own.len);
    pid_t pid = fork();
    if (!pid) {
        close(listener);
        connect_twice(&own);
        _exit(0);
    }
    forbid_the_rest();
    for (int i = 0; i < 2; i++)
        if (accept(listener, NULL, NULL) >= 0 && write(1, "ok\n", 3) < 0) /* stdio calls fstat() */
            _exit(1);
    _exit(0);
}

/* Nobody is told of such a fork; the child has none of the memory that its parent shares. */
static void forks_by_number(void)
{
    printf("%s\n", visit(&server));
    printf("%s\n", visit(&server));
    fflush(stdout);
    pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (!pid) {
        printf("%s\n", visit(&server));
        fflush(stdout);
        _exit(0);
    }
    wait_for(pid);
    printf("%s\n", visit(&server));
}

static const struct {
    const char *name;
    void (*run)(void);
} habits[] = {
    {"counts", counts},
    {"closes-all", closes_all},
    {"dups-over-all", dups_over_all},
    {"forks", forks},
    {"forks-by-number", forks_by_number},
    {"vforks", vforks},
    {"connects-in-vfork", connects_in_vfork},
    {"execs", execs},
    {"lists", lists},
    {"clears-environment", clears_environment},
    {"closes-standard", closes_standard},
    {"replaces-stderr", replaces_stderr},
    {"has-socket-as-stderr", has_socket_as_stderr},
    {"breaks-stderr", breaks_stderr},
    {"has-none-left", has_none_left},
    {"has-few", has_few},
    {"leaves-its-network", leaves_its_network},
    {"binds-oddly", binds_oddly},
    {"clones-into-another-network", clones_into_another_network},
    {"pipes-where-stderr-was", pipes_where_stderr_was},
    {"opens-late", opens_late},
    {"listens-late", listens_late},
    {"calls-by-number", calls_by_number},
    {"runs-remotely", runs_remotely},
    {"is-sandboxed", is_sandboxed},
    {"changes-root", changes_root},
    {"changes-root-and-closes", changes_root_and_closes},
    {"changes-root-in-a-child", changes_root_in_a_child},
    {"changes-user-namespace", changes_user_namespace},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 4)
        errx(2, "usage: habits NAME HOST PORT");
    arguments = argv;
    server = place_of(argv[2], argv[3]);
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (!strcmp(argv[1], habits[i].name)) {
            habits[i].run();
            return 0;
        }
    errx(2, "what is %s?", argv[1]);
}
