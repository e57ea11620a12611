/*
 * What other threads, signals and the program's own limits do to a call that waits: for btnsd,
 * which is $BTNS_SOCKET_PATH.pid and stopped, or (native) for a server that does not answer. Prints
 * what came of it: under the shim it has to be what it is without.
 *
 *     waits native|shim NAME
 */
#include "test/shim/tool.h"

#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static bool native;
static struct place server;
static int sock;
static pid_t waiting;
static int result, result_errno;

static const char *name_of(int rc, int error)
{
    return rc < 0 ? strerrorname_np(error) : "ok";
}

static pid_t daemon_pid(void)
{
    char path[256];
    int pid = 0;
    snprintf(path, sizeof path, "%s.pid", getenv("BTNS_SOCKET_PATH"));
    FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%d", &pid) != 1)
        errx(1, "%s", path);
    fclose(f);
    return pid;
}

static struct place good_listener(void)
{
    struct place p = place_of("127.0.0.1", "0");
    int fd = tcp_socket(&p);
    if (bind(fd, (struct sockaddr *)&p.ss, p.len) < 0 || listen(fd, 8) < 0)
        err(1, "listen");
    getsockname(fd, (struct sockaddr *)&p.ss, &p.len);
    return p;
}

/* Does the other thread sleep in poll(), or (native) its socket wait for an answer? */
static bool is_waiting(void)
{
    char path[64], line[64] = "";
    uint8_t state = 0;
    socklen_t len = sizeof state;
    pid_t tid = __atomic_load_n(&waiting, __ATOMIC_SEQ_CST);
    if (native)
        return !getsockopt(sock, IPPROTO_TCP, TCP_INFO, &state, &len) && state == TCP_SYN_SENT;
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
    FILE *f = tid ? fopen(path, "re") : NULL;
    bool polls = f && fgets(line, sizeof line, f) && atol(line) == SYS_ppoll;
    if (f)
        fclose(f);
    return polls;
}

static void await_waiting(void)
{
    while (!is_waiting())
        usleep(1000);
}

static void keep_result(int rc)
{
    result_errno = errno;
    result = rc;
}

static void *connects(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result(connect_place(sock, &server));
    return NULL;
}

static void *listens(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result(listen(sock, 8));
    return NULL;
}

static void *sends(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result((int)sendto(sock, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
                            (const struct sockaddr *)&server.ss, server.len));
    return NULL;
}

static pthread_t begin_thread(void *(*call)(void *))
{
    pthread_t t;
    server = native ? full_listener() : good_listener();
    sock = tcp_socket(&server);
    if (!native)
        kill(daemon_pid(), SIGSTOP);
    if (pthread_create(&t, NULL, call, NULL))
        errx(1, "pthread_create");
    await_waiting();
    return t;
}

/* While the call waits its socket is closed, and another one gets the number. */
static void reuse_number(void *(*call)(void *))
{
    uint8_t state = 0;
    socklen_t len = sizeof state;
    pthread_t t = begin_thread(call);
    close(sock);
    int own = tcp_socket(&server);
    kill(daemon_pid(), SIGCONT);
    pthread_join(t, NULL);
    getsockopt(own, IPPROTO_TCP, TCP_INFO, &state, &len);
    printf("%s %s; the other socket is %s\n",
           own == sock ? "same number:" : "another number:", name_of(result, result_errno),
           state == TCP_CLOSE ? "as it was" : "changed");
}

static void reuses_in_connect(void)
{
    reuse_number(connects);
}

static void reuses_in_listen(void)
{
    reuse_number(listens);
}

static void reuses_in_message(void)
{
    reuse_number(sends);
}

static void gives_up_by_shutdown(void)
{
    pthread_t t = begin_thread(connects);
    int rc = shutdown(sock, SHUT_RDWR);
    printf("shutdown: %s\n", name_of(rc, errno));
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
    rc = shutdown(sock, SHUT_RDWR);
    printf("shutdown again: %s\n", name_of(rc, errno));
}

static void gives_up_by_connect(void)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    pthread_t t = begin_thread(connects);
    int rc = connect(sock, &none, sizeof none);
    printf("connect(AF_UNSPEC): %s\n", name_of(rc, errno));
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
}

static void is_cancelled(void)
{
    void *end;
    int before = descriptors(0, false);
    pthread_t t = begin_thread(connects);
    pthread_cancel(t);
    pthread_join(t, &end);
    close(sock);
    /* the listener and what fills its queue; or the listener and the link */
    printf("%s, %d left\n", end == PTHREAD_CANCELED ? "cancelled" : "not cancelled",
           descriptors(0, false) - before - (native ? 3 : 2));
}

static volatile sig_atomic_t handled;

static void on_alarm(int number)
{
    (void)number;
    handled++;
}

static void handle_alarm(int flags)
{
    struct sigaction a = {.sa_handler = on_alarm, .sa_flags = flags};
    struct itimerval t = {.it_value = {0, 300000}};
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &t, NULL);
}

static void limit_socket(long milliseconds)
{
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static void connect_alone(void)
{
    server = full_listener();
    sock = tcp_socket(&server);
    if (!native)
        kill(daemon_pid(), SIGSTOP);
}

static void print_connect(void)
{
    int rc = connect_place(sock, &server);
    printf("%s, handled %d\n", name_of(rc, errno), handled);
}

/* A socket with a limit of its own is interrupted by any handler. */
static void has_limit_and_restarts(void)
{
    connect_alone();
    limit_socket(100000);
    handle_alarm(SA_RESTART);
    print_connect();
}

/* The thread that connects is the only one that takes the signal. */
static void restarts(void)
{
    sigset_t alarm_only;
    pthread_t t = begin_thread(connects);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    handle_alarm(SA_RESTART);
    while (!handled)
        usleep(1000);
    await_waiting();
    shutdown(sock, SHUT_RDWR);
    pthread_join(t, NULL);
    printf("%s, handled %d\n", name_of(result, result_errno), handled);
}

static void is_interrupted(void)
{
    connect_alone();
    handle_alarm(0);
    print_connect();
}

static void has_limit(void)
{
    connect_alone();
    limit_socket(300);
    print_connect();
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void hangs_for_nonblocking_connect(void)
{
    server = good_listener();
    kill(daemon_pid(), SIGSTOP);
    double before = now();
    for (int i = 0; i < 20; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect_place(fd, &server) < 0 && errno != EINPROGRESS)
            printf("%s\n", strerrorname_np(errno));
    }
    printf("%s\n", now() - before < 15 ? "soon" : "late"); /* 20 minutes, were each to wait */
}

static void hangs_for_listen(void)
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

/* btnsd has failed these connections, and hangs now. */
static void hangs_for_close(void)
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
    printf("%s\n", now() - before < 2 ? "at once" : "late"); /* 2 s each, were btnsd asked */
}

/* What the program closes is closed, while btnsd has not decided yet. */
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

static void closes(void)
{
    static void (*const ways[])(int fd) = {by_close, by_dup2, by_dup3, by_close_range, by_fclose};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        closes_at_once(ways[i]);
    printf("%d more descriptors for the shim than its link\n",
           descriptors(900, false) - (native ? 0 : 1));
}

/* For strace: what is between the two calls of getppid()? */
static void closes_many(void)
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

/* A child has nothing of what its parent's other threads wait with. */
static void forks_while_others_wait(void)
{
    int status;
    pthread_t t = begin_thread(connects);
    fflush(stdout);
    pid_t pid = fork();
    if (!pid)
        _exit(descriptors(900, false));
    waitpid(pid, &status, 0);
    printf("the child has %d of the shim's\n", WEXITSTATUS(status));
    shutdown(sock, SHUT_RDWR);
    pthread_join(t, NULL);
    printf("connect: %s\n", name_of(result, result_errno));
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"reuses-in-connect", reuses_in_connect},
    {"reuses-in-listen", reuses_in_listen},
    {"reuses-in-message", reuses_in_message},
    {"gives-up-by-shutdown", gives_up_by_shutdown},
    {"gives-up-by-connect", gives_up_by_connect},
    {"is-cancelled", is_cancelled},
    {"has-limit-and-restarts", has_limit_and_restarts},
    {"restarts", restarts},
    {"is-interrupted", is_interrupted},
    {"has-limit", has_limit},
    {"hangs-for-nonblocking-connect", hangs_for_nonblocking_connect},
    {"hangs-for-listen", hangs_for_listen},
    {"hangs-for-close", hangs_for_close},
    {"closes", closes},
    {"closes-many", closes_many},
    {"forks-while-others-wait", forks_while_others_wait},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc != 3)
        errx(2, "usage: waits native|shim NAME");
    native = !strcmp(argv[1], "native");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!strcmp(argv[2], cases[i].name)) {
            cases[i].run();
            return 0;
        }
    errx(2, "what is %s?", argv[2]);
}
