/* Runs work on outside text in a confined child process, and collects what it has to say. */
#include "child.h"

#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What the child's exit status says; 0: all was written. */
enum { CHILD_FAILED = 1, CHILD_EXITED, CHILD_NOT_CONFINED = 64 /* plus the errno */ };

struct task {
    const char *name;
    unsigned files; /* that it may have open, itself */
    int ms;
    int (*work)(void *arg, struct policy_stream *out);
    void *arg;
};

struct child {
    const struct task *task;
    pid_t pid;
    int fd;
    struct timespec deadline;
};

/* Outside code may call exit(): that must run none of the daemon's own exit handlers. */
static void exit_at_once(void)
{
    _exit(CHILD_EXITED);
}

static void write_all(const struct policy_stream *out)
{
    for (size_t at = 0; at < out->len;) {
        ssize_t n = write(CONFINED_FD, out->data + at, out->len - at);
        if (n < 0 && errno != EINTR)
            _exit(CHILD_FAILED);
        at += n > 0 ? (size_t)n : 0;
    }
}

static void be_child(const struct task *t, int fd, size_t memory) __attribute__((noreturn));
static void be_child(const struct task *t, int fd, size_t memory)
{
    struct policy_stream out = {0};
    int rc = policy_confine(fd, memory, t->files);
    if (!rc && atexit(exit_at_once))
        rc = -ENOMEM;
    if (rc)
        _exit(CHILD_NOT_CONFINED - rc);
    if (t->work(t->arg, &out))
        _exit(CHILD_FAILED);
    write_all(&out);
    _exit(0);
}

static int start(struct child *c)
{
    int pipe_fd[2];
    size_t memory = policy_memory_limit();
    if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK))
        return -errno;
    fcntl(pipe_fd[1], F_SETFL, 0); /* the child's end may block */
    c->pid = fork();
    if (c->pid == 0)
        be_child(c->task, pipe_fd[1], memory);
    int rc = c->pid < 0 ? -errno : 0;
    close(pipe_fd[1]);
    c->fd = pipe_fd[0];
    if (rc)
        close(c->fd);
    return rc;
}

static int time_left_ms(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms =
        (long)(deadline->tv_sec - now.tv_sec) * 1000 + (deadline->tv_nsec - now.tv_nsec) / 1000000;
    return ms > 0 ? (int)ms : 0;
}

/* Until the end of the pipe: only the child's own end closes it. */
static int collect(const struct child *c, struct policy_stream *out, struct err *err)
{
    char part[65536];
    for (;;) {
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        int ready = poll(&p, 1, time_left_ms(&c->deadline));
        if (!ready) {
            err_set(err, "%s took longer than %d s", c->task->name, c->task->ms / 1000);
            return -ETIMEDOUT;
        }
        ssize_t n = ready > 0 ? read(c->fd, part, sizeof part) : -1;
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            err_set(err, "%s: its pipe: %s", c->task->name, strerror(errno));
            return -EIO;
        }
        if (n > 0 && out->len + (size_t)n > POLICY_STREAM_MAX) {
            err_set(err, "%s said more than %u octets", c->task->name, POLICY_STREAM_MAX);
            return -EFBIG;
        }
        if (n > 0 && policy_append(out, part, (size_t)n)) {
            err_set(err, "out of memory");
            return -ENOMEM;
        }
    }
}

/* Nothing is left of the child after this; its status, or 0 if somebody else has reaped it. */
static int end(const struct child *c)
{
    int status = 0;
    close(c->fd);
    kill(c->pid, SIGKILL); /* to one that ends by itself this is nothing: its status stands */
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int judge(const char *name, int status, struct err *err)
{
    static const char *const reason[] = {
        [CHILD_FAILED] = "failed (out of memory?)",
        [CHILD_EXITED] = "gave up: libconfuse ended it",
    };
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    if (WIFSIGNALED(status))
        err_set(err, "%s died of signal %d (%s)", name, WTERMSIG(status),
                strsignal(WTERMSIG(status)));
    else if (code >= CHILD_NOT_CONFINED)
        err_set(err, "%s could not be confined: %s", name, strerror(code - CHILD_NOT_CONFINED));
    else if (code < (int)(sizeof reason / sizeof *reason))
        err_set(err, "%s %s", name, reason[code]);
    else
        err_set(err, "%s ended with status %d", name, code);
    return -EPROTO;
}

static int run(const struct task *t, struct policy_stream *out, struct err *err)
{
    struct child c = {.task = t};
    clock_gettime(CLOCK_MONOTONIC, &c.deadline);
    c.deadline.tv_sec += t->ms / 1000;
    int rc = start(&c);
    if (rc) {
        err_set(err, "cannot start %s: %s", t->name, strerror(-rc));
        return rc;
    }
    rc = collect(&c, out, err);
    int status = end(&c);
    return rc ? rc : judge(t->name, status, err);
}

int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err)
{
    const struct task t = {"the policy reader", 0, POLICY_CHILD_MS, work, arg};
    return run(&t, out, err);
}

int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err)
{
    const struct task t = {"looking up names", 64, POLICY_LOOKUP_MS, work, arg};
    return run(&t, out, err);
}
