/* The private IKE daemon as a process: started in a mount namespace of its own, ended when stale.
 * What it is told is in charon_conf.c. */
#include "charon.h"
#include "file.h"
#include "ike.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_MAX       (16 * 1024 * 1024)
#define TERM_PATIENCE 3000 /* ms */
#define KILL_PATIENCE 1000

/* What the child could not do, for its parent: nothing arrives once charon runs. */
struct failure {
    int error;
    char what[60];
};

/* ---- starting: the child's side, after fork ---- */

static void __attribute__((noreturn)) fail(int report, const char *what)
{
    struct failure f = {.error = errno};
    snprintf(f.what, sizeof f.what, "%s", what);
    if (write(report, &f, sizeof f) != sizeof f)
        _exit(126);
    _exit(127);
}

static void default_signals(void)
{
    sigset_t none;
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    /* At LOG_MAX the log ends; charon does not. */
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* charon's paths for its pid file and for the configuration are fixed: /run becomes ours. */
static void own_run(const char *run, int report)
{
    if (unshare(CLONE_NEWNS))
        fail(report, "unshare(CLONE_NEWNS)");
    /* Ours stay here; an unmount outside still reaches us, so that nothing is kept busy. */
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL))
        fail(report, "make mounts private");
    if (mount(run, "/run", NULL, MS_BIND, NULL))
        fail(report, "bind the run directory over /run");
}

/* By its name inside: AppArmor looks again at what a program inherits. */
static void own_descriptors(int report)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW;
    int null = open("/dev/null", O_RDWR), log = open("/run/" CHARON_LOG, flags, 0600);
    if (log < 0)
        fail(report, CHARON_LOG);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        fail(report, "standard descriptors");
    /* Marked, not closed: report must last until exec. */
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
        fail(report, "close_range");
}

static void __attribute__((noreturn)) become_charon(const struct charon_paths *paths, int report)
{
    char *argv[] = {(char *)(uintptr_t)paths->binary, NULL};
    char *envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", "STRONGSWAN_CONF=" CHARON_CONF,
                    NULL};
    struct rlimit size = {.rlim_cur = LOG_MAX, .rlim_max = LOG_MAX};
    setsid();
    umask(077);
    default_signals();
    own_run(paths->run, report);
    own_descriptors(report);
    if (setrlimit(RLIMIT_FSIZE, &size))
        fail(report, "setrlimit");
    if (chdir("/"))
        fail(report, "chdir /");
    execve(paths->binary, argv, envp);
    fail(report, paths->binary);
}

/* ---- starting: the parent's side ---- */

/* Waits until the child is charon, or says why it is not; 0 or -errno. */
static int hear_of(pid_t child, int report, struct err *err)
{
    struct failure f;
    ssize_t n;
    do
        n = read(report, &f, sizeof f);
    while (n < 0 && errno == EINTR);
    if (!n)
        return 0;
    waitpid(child, NULL, 0);
    if (n != sizeof f) {
        err_set(err, "charon: could not be started");
        return -EIO;
    }
    err_set(err, "charon: %.*s: %s", (int)sizeof f.what, f.what, strerror(f.error));
    return -f.error;
}

static pid_t spawn(const struct charon_paths *paths, struct err *err)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC)) {
        int error = -errno;
        err_set(err, "charon: pipe: %s", strerror(-error));
        return error;
    }
    pid_t child = fork();
    if (!child)
        become_charon(paths, report[1]);
    int error = child < 0 ? -errno : 0;
    close(report[1]);
    if (child < 0)
        err_set(err, "charon: fork: %s", strerror(-error));
    else
        error = hear_of(child, report[0], err);
    close(report[0]);
    return error ? error : child;
}

/*
 * charon believes a pid file whose number lives, and its socket must not be taken for the new
 * one's. The last log is kept as .old.
 */
static int clear_leftovers(const struct charon_paths *paths)
{
    char pid[FILE_PATH], socket[FILE_PATH], log[FILE_PATH], old[FILE_PATH];
    if (file_path(pid, paths->run, CHARON_PID) || file_path(socket, paths->run, CHARON_SOCKET) ||
        file_path(log, paths->run, CHARON_LOG) || file_path(old, paths->run, CHARON_LOG ".old"))
        return -ENAMETOOLONG;
    unlink(pid);
    unlink(socket);
    rename(log, old);
    return 0;
}

pid_t charon_start(const struct charon_paths *paths, struct err *err)
{
    int error = charon_conf_write(paths, err);
    if (error)
        return error;
    charon_end_stale(paths); /* two on one directory is never right */
    error = clear_leftovers(paths);
    if (error) {
        err_set(err, "%s: %s", paths->run, strerror(-error));
        return error;
    }
    return spawn(paths, err);
}

/* ---- ending ---- */

static pid_t pid_in_file(const struct charon_paths *paths)
{
    char path[FILE_PATH], text[16] = "", *end;
    if (file_path(path, paths->run, CHARON_PID))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    long pid = strtol(text, &end, 10);
    return end != text && (!*end || *end == '\n') && pid > 1 && pid <= INT_MAX ? (pid_t)pid : 0;
}

/* Is it the program we start (also when that was replaced by an upgrade since)? */
static bool runs(pid_t pid, const char *binary)
{
    char link[40], exe[PATH_MAX], want[PATH_MAX];
    static const char deleted[] = " (deleted)";
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    ssize_t n = readlink(link, exe, sizeof exe - 1);
    if (n < 0 || !realpath(binary, want))
        return false;
    exe[n] = '\0';
    size_t len = strlen(want);
    return !strncmp(exe, want, len) && (!exe[len] || !strcmp(exe + len, deleted));
}

static bool ended_within(int pidfd, int ms)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    return poll(&p, 1, ms) == 1;
}

void charon_end_stale(const struct charon_paths *paths)
{
    pid_t pid = pid_in_file(paths);
    int pidfd = pid ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0)
        return;
    /* Checked after it was opened: from here on the number cannot come to mean another process. */
    if (runs(pid, paths->binary)) {
        pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
        if (!ended_within(pidfd, TERM_PATIENCE)) {
            pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
            ended_within(pidfd, KILL_PATIENCE);
        }
    }
    close(pidfd);
}
