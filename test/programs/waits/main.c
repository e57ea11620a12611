/*
 * Other threads, signals and time limits act on a call that waits: for a stopped btnsd, whose
 * process id is in $BTNS_SOCKET_PATH.pid, or (native) for a server that does not answer. Prints the
 * results, which must be the same under the shim as without.
 *
 *     waits native|shim NAME
 */
#include "test/programs/waits/waits.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

bool native;
struct place server;
int sock;
int result, result_errno;
static pid_t waiting;

const char *name_of(int rc, int error)
{
    return rc < 0 ? strerrorname_np(error) : "ok";
}

struct place good_listener(void)
{
    struct place p = place_of("127.0.0.1", "0");
    int fd = tcp_socket(&p);
    if (bind(fd, (struct sockaddr *)&p.ss, p.len) < 0 || listen(fd, 8) < 0)
        err(1, "listen");
    getsockname(fd, (struct sockaddr *)&p.ss, &p.len);
    return p;
}

/* Does the other thread sleep in poll(), or (native) does its socket wait for an answer? */
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

void await_waiting(void)
{
    while (!is_waiting())
        usleep(1000);
}

static void keep_result(int rc)
{
    result_errno = errno;
    result = rc;
}

void *connects(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result(connect_place(sock, &server));
    return NULL;
}

void *listens(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result(listen(sock, 8));
    return NULL;
}

void *sends(void *arg)
{
    (void)arg;
    __atomic_store_n(&waiting, (pid_t)syscall(SYS_gettid), __ATOMIC_SEQ_CST);
    keep_result((int)sendto(sock, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
                            (const struct sockaddr *)&server.ss, server.len));
    return NULL;
}

pthread_t begin_thread(void *(*call)(void *))
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

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
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
