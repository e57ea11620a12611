/*
 * Theory of operation. Three processes: the keeper, which was started (btns-run's own process), the
 * supervisor, and the program, each the child of the one before it.
 * - The keeper stands for the program towards the shell or the service manager: it has the process
 *   id that they know, passes on signals, stops and ends when the program does (keeper.c).
 * - The supervisor is above everything that the program starts, as it adopts orphans: so the
 *   kernel lets it look into them also where only ancestors may (Yama), and btnsd takes its word
 *   for them. It has a session of its own, and no descriptor of the program's. It lives until no
 *   process is under the filter (children.c).
 * - The program is in the keeper's session and process group, with its terminal and descriptors.
 */
#include "shim/supervise/launch.h"

#include "shim/supervise/children.h"
#include "shim/supervise/filter.h"
#include "shim/supervise/keeper.h"
#include "shim/supervise/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t launch_draw_mark(struct err *err)
{
    uint64_t mark = 0;
    if (getrandom(&mark, sizeof mark, 0) == (ssize_t)sizeof mark && mark)
        return mark;
    err_set(err, "no random number can be drawn: %s", strerror(errno));
    return 0;
}

/* A message to the supervisor about the program, before the program runs. */
struct birth {
    pid_t program;
    int listener; /* the filter's descriptor, or -errno */
};

/*
 * Updates the variables by which systemd names the process that sockets and the watchdog are meant
 * for.
 */
static void launch_rename_supervisor(char **env, pid_t before)
{
    static const char *const names[] = {"LISTEN_PID=", "WATCHDOG_PID="};
    static char text[2][40];
    for (; *env; env++)
        for (size_t i = 0; i < 2; i++) {
            size_t n = strlen(names[i]);
            if (strncmp(*env, names[i], n) || atol(*env + n) != before)
                continue;
            snprintf(text[i], sizeof text[i], "%s%d", names[i], getpid());
            *env = text[i];
        }
}

/*
 * Runs in the program's process. Returns 0 once the supervisor has the filter's descriptor, or
 * -errno.
 */
static int launch_under_filter(const struct filter *f, int supervisor)
{
    int listener = filter_install(f), ready = 0;
    if (write(supervisor, &listener, sizeof listener) != sizeof listener)
        return -EPIPE;
    if (listener < 0)
        return listener;
    if (read(supervisor, &ready, sizeof ready) != sizeof ready)
        return -EPIPE;
    close(listener);
    return ready;
}

static void say_launch_failure(int error, struct err *err)
{
    if (error == -EBUSY)
        err_set(err, "this runs under another program's supervisor (a seccomp filter that "
                     "notifies), and the kernel allows one only");
    else if (error == -EPERM || error == -EACCES)
        err_set(err,
                "the kernel lets btns-run look into no other process (is "
                "kernel.yama.ptrace_scope 3?): %s",
                strerror(-error));
    else
        err_set(err,
                "the kernel's seccomp cannot notify a supervisor (it needs Linux 5.9 and "
                "CONFIG_SECCOMP_FILTER): %s",
                strerror(-error));
}

struct start {
    const struct supervision *v;
    const char *path;
    char **argv, **env;
    const struct start_failures *as;
    pid_t keeper;
    sigset_t mask; /* the program's signal mask */
};

static int exec_launched(const struct start *s, int supervisor, struct err *err)
{
    struct filter f;
    filter_build(&f, s->v->mark, s->v->require);
    int rc = launch_under_filter(&f, supervisor);
    if (rc) {
        say_launch_failure(rc, err);
        return s->as->own_failure;
    }
    launch_rename_supervisor(s->env, s->keeper);
    sigprocmask(SIG_SETMASK, &s->mask, NULL);
    execve(s->path, s->argv, s->env);
    err_set(err, "%.400s: %s", s->path, strerror(errno));
    return s->as->cannot_run;
}

/* Copies the filter's descriptor out of the program's process. */
static int launch_fetch_listener(pid_t program, int socket)
{
    int number, ready = 0;
    if (read(socket, &number, sizeof number) != sizeof number)
        return -EPIPE;
    if (number < 0)
        return number;
    int process = (int)syscall(SYS_pidfd_open, program, 0);
    int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);
    if (fd < 0)
        ready = -errno;
    if (process >= 0)
        close(process);
    if (write(socket, &ready, sizeof ready) != sizeof ready && fd >= 0) {
        close(fd);
        return -EPIPE;
    }
    return fd < 0 ? ready : fd;
}

/*
 * Runs the supervisor's process, which forks the program's. Returns only in the program's process.
 */
static int launch_supervisor(const struct start *s, int keeper, struct err *err)
{
    int pair[2];
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
        err_set(err, "cannot make a pair of sockets: %s", strerror(errno));
        return s->as->own_failure;
    }
    pid_t program = fork();
    if (program < 0) {
        err_set(err, "cannot fork: %s", strerror(errno));
        return s->as->own_failure;
    }
    if (!program) {
        close(keeper);
        close(pair[0]);
        return exec_launched(s, pair[1], err);
    }
    close(pair[1]);
    const struct news born = {
        .program = program}; /* told before it runs, because the program may kill this process */
    send(keeper, &born, sizeof born, MSG_NOSIGNAL);
    int listener = launch_fetch_listener(program, pair[0]);
    close(pair[0]);
    setsid();
    children_watch(s->v, program, listener < 0 ? -1 : listener, keeper);
    _exit(0);
}

int launch_program(const struct supervision *v, const char *path, char **argv, char **env,
                   const struct start_failures *as, struct err *err)
{
    struct start s = {v, path, argv, env, as, getpid(), {{0}}};
    sigset_t all;
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        err_set(err, "cannot make a pair of sockets: %s", strerror(errno));
        return as->own_failure;
    }
    lines_begin();
    /* Set at once: the program may kill the supervisor before the keeper does anything else. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &s.mask);
    pid_t supervisor = fork();
    if (supervisor < 0) {
        sigprocmask(SIG_SETMASK, &s.mask, NULL);
        err_set(err, "cannot fork: %s", strerror(errno));
        return as->own_failure;
    }
    if (!supervisor) {
        close(pair[0]);
        return launch_supervisor(&s, pair[1], err);
    }
    close(pair[1]);
    keeper_run(supervisor, pair[0]);
    return as->own_failure; /* not reached */
}
