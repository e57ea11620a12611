/* Runs work on untrusted text in a confined child process, and collects the answer. */
#include "btnsd/rules/read/child.h"

#include "btnsd/rules/read/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The child's exit status; 0: the answer is complete. */
enum { CHILD_FAILED = 1, CHILD_EXITED, CHILD_NOT_CONFINED = 64 /* plus the errno */ };

#define LOOKUP_FILES 64 /* may be open, while names are looked up */

struct task {
    const char *name;
    unsigned files; /* how many files it may open */
    int ms;
    int (*work)(void *arg, struct policy_stream *out);
    void *arg;
};

/* A library may call exit(), which must not run the daemon's exit handlers. */
static void exit_child(void)
{
    _exit(CHILD_EXITED);
}

static void write_child_answer(const struct policy_stream *out)
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
    if (!rc && atexit(exit_child))
        rc = -ENOMEM;
    if (rc)
        _exit(CHILD_NOT_CONFINED - rc);
    if (t->work(t->arg, &out))
        _exit(CHILD_FAILED);
    write_child_answer(&out);
    _exit(0);
}

void policy_child_be(int fd, bool opens_files, int (*work)(void *arg, struct policy_stream *out),
                     void *arg)
{
    const struct task t = {.files = opens_files ? LOOKUP_FILES : 0, .work = work, .arg = arg};
    be_child(&t, fd, confine_memory_limit());
}

static int start_child_task(const struct task *t, struct policy_child_process *c)
{
    int pipe_fd[2];
    size_t memory = confine_memory_limit();
    if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK))
        return -errno;
    fcntl(pipe_fd[1], F_SETFL, 0); /* the child's end may block */
    *c = (struct policy_child_process){.name = t->name, .pid = fork()};
    if (c->pid == 0)
        be_child(t, pipe_fd[1], memory);
    int rc = c->pid < 0 ? -errno : 0;
    close(pipe_fd[1]);
    c->fd = pipe_fd[0];
    if (rc)
        close(c->fd);
    return rc;
}

static int child_time_left_ms(const struct timespec *deadline)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms =
        (long)(deadline->tv_sec - now.tv_sec) * 1000 + (deadline->tv_nsec - now.tv_nsec) / 1000000;
    return ms > 0 ? (int)ms : 0;
}

int policy_child_collect(const struct policy_child_process *c, struct policy_stream *out,
                         struct err *err)
{
    char part[65536];
    for (;;) {
        ssize_t n = read(c->fd, part, sizeof part);
        if (!c->pid && !out->len && (n == 0 || (n < 0 && errno == ECONNRESET))) {
            err_set(err, "%s: no answer; the journal of btns-reader@* says why", c->name);
            return -EPROTO;
        }
        if (n == 0)
            return 0;
        if (n < 0 && errno == EAGAIN)
            return -EAGAIN;
        if (n < 0 && errno != EINTR) {
            err_set(err, "%s: its pipe: %s", c->name, strerror(errno));
            return -EIO;
        }
        if (n > 0 && out->len + (size_t)n > POLICY_STREAM_MAX) {
            err_set(err, "%s said more than %u octets", c->name, POLICY_STREAM_MAX);
            return -EFBIG;
        }
        if (n > 0 && record_append(out, part, (size_t)n)) {
            err_set(err, "out of memory");
            return -ENOMEM;
        }
    }
}

void policy_child_reaped(struct policy_child_process *c, int status)
{
    c->reaped = true;
    c->status = status;
}

static int judge_child_status(const char *name, int status, struct err *err)
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

int policy_child_end(struct policy_child_process *c, struct err *err)
{
    close(c->fd);
    if (!c->pid)
        return 0; /* its service manager knows how it ended; an incomplete answer is refused */
    if (!c->reaped) {
        kill(c->pid, SIGKILL); /* a child that has already ended keeps its status */
        while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
            ;
    }
    return judge_child_status(c->name, c->status, err);
}

/* Waits for the end of the pipe, which the child's end causes. */
static int wait_for_child(const struct policy_child_process *c, int ms, struct policy_stream *out,
                          struct err *err)
{
    struct timespec deadline;
    int rc;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += ms / 1000;
    while ((rc = policy_child_collect(c, out, err)) == -EAGAIN) {
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        if (!poll(&p, 1, child_time_left_ms(&deadline))) {
            err_set(err, "%s took longer than %d s", c->name, ms / 1000);
            return -ETIMEDOUT;
        }
    }
    return rc;
}

int policy_child_finish(struct policy_child_process *c, int ms, struct policy_stream *out,
                        struct err *err)
{
    struct err ended = {""};
    int rc = wait_for_child(c, ms, out, err);
    int end = policy_child_end(c, &ended);
    if (!rc && end)
        *err = ended;
    return rc ? rc : end;
}

static int run_child_task(const struct task *t, struct policy_stream *out, struct err *err)
{
    struct policy_child_process c;
    int rc = start_child_task(t, &c);
    if (!rc)
        return policy_child_finish(&c, t->ms, out, err);
    err_set(err, "cannot start %s: %s", t->name, strerror(-rc));
    return rc;
}

static struct task reader_child(int (*work)(void *arg, struct policy_stream *out), void *arg)
{
    return (struct task){POLICY_READER, 0, POLICY_CHILD_MS, work, arg};
}

int policy_child_start(int (*work)(void *arg, struct policy_stream *out), void *arg,
                       struct policy_child_process *c)
{
    const struct task t = reader_child(work, arg);
    return start_child_task(&t, c);
}

int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err)
{
    const struct task t = reader_child(work, arg);
    return run_child_task(&t, out, err);
}

static struct task looker_child(int (*work)(void *arg, struct policy_stream *out), void *arg)
{
    return (struct task){POLICY_LOOKER, LOOKUP_FILES, POLICY_LOOKUP_MS, work, arg};
}

int policy_lookup_child_start(int (*work)(void *arg, struct policy_stream *out), void *arg,
                              struct policy_child_process *c)
{
    const struct task t = looker_child(work, arg);
    return start_child_task(&t, c);
}

int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err)
{
    const struct task t = looker_child(work, arg);
    return run_child_task(&t, out, err);
}
