/*
 * Starts the private charon with a /run of its own: in a mount namespace that is made for it, or in
 * btnsd's namespace if btnsd's unit has bound the directory over /run there. charon_conf.c writes
 * its configuration.
 */
#include "btnsd/base/file.h"
#include "btnsd/ike/charon/charon_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_MAX (16 * 1024 * 1024)

/* The step that failed in the child, reported to its parent. Nothing arrives once charon runs. */
struct failure {
    int error;
    char what[60];
};

bool charon_run_is_ours(const struct charon_paths *paths)
{
    struct stat ours, run;
    return !stat(paths->run, &ours) && !stat("/run", &run) && ours.st_dev == run.st_dev &&
           ours.st_ino == run.st_ino;
}

const char *charon_host_path(const struct charon_paths *paths, const char *path,
                             char out[FILE_PATH])
{
    if (strncmp(path, "/run/", 5) || !charon_run_is_ours(paths))
        return path;
    return file_path(out, "/run/host", path + 5) ? path : out;
}

/* ---- starting: the child's side, after fork ---- */

static void __attribute__((noreturn)) fail_charon_child(int report, const char *what)
{
    struct failure f = {.error = errno};
    snprintf(f.what, sizeof f.what, "%s", what);
    if (write(report, &f, sizeof f) != sizeof f)
        _exit(126);
    _exit(127);
}

static void reset_charon_signals(void)
{
    sigset_t none;
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    /* When the log reaches LOG_MAX it stops growing, and charon goes on. */
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * charon's paths for its pid file and its configuration are compiled in, so our directory is bound
 * over /run.
 */
static void mount_charon_run(const char *run, int report)
{
    if (unshare(CLONE_NEWNS))
        fail_charon_child(report, "unshare(CLONE_NEWNS)");
    /*
     * Our mounts stay in this namespace. An unmount outside still reaches us, so that we keep no
     * file system busy.
     */
    if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL))
        fail_charon_child(report, "make mounts private");
    if (mount(run, "/run", NULL, MS_BIND, NULL))
        fail_charon_child(report, "bind the run directory over /run");
}

/*
 * Hides the files that list protocols and ports from charon, which would read them some twenty
 * times for each connection that it loads: it looks up each protocol and port of a traffic selector
 * as a name first, although btnsd writes numbers. If they cannot be hidden, charon is only slower.
 */
static void hide_names_from_charon(void)
{
    static const char *const tables[] = {"/etc/protocols", "/etc/services"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (mount("/dev/null", tables[i], NULL, MS_BIND, NULL))
            continue;
}

/* Opened by name inside the namespace, because AppArmor checks inherited descriptors again. */
static void close_charon_descriptors(int report)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW;
    int null = open("/dev/null", O_RDWR), log = open("/run/" CHARON_LOG, flags, 0600);
    if (log < 0)
        fail_charon_child(report, CHARON_LOG);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
        fail_charon_child(report, "standard descriptors");
    /* Marked close-on-exec, not closed: `report` must last until exec. */
    if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC))
        fail_charon_child(report, "close_range");
}

static void __attribute__((noreturn)) become_charon(const struct charon_paths *paths, int report)
{
    char *argv[] = {(char *)(uintptr_t)paths->binary, NULL};
    char *envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", "STRONGSWAN_CONF=" CHARON_CONF,
                    NULL};
    struct rlimit size = {.rlim_cur = LOG_MAX, .rlim_max = LOG_MAX};
    setsid();
    umask(077);
    reset_charon_signals();
    if (!charon_run_is_ours(paths)) {
        mount_charon_run(paths->run, report);
        hide_names_from_charon();
    }
    close_charon_descriptors(report);
    if (setrlimit(RLIMIT_FSIZE, &size))
        fail_charon_child(report, "setrlimit");
    if (chdir("/"))
        fail_charon_child(report, "chdir /");
    execve(paths->binary, argv, envp);
    fail_charon_child(report, paths->binary);
}

/* ---- starting: the parent's side ---- */

/* Waits until the child has become charon. Returns 0, or -errno with the reason. */
static int wait_for_charon_exec(pid_t child, int report, struct err *err)
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

static pid_t spawn_charon(const struct charon_paths *paths, struct err *err)
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
        error = wait_for_charon_exec(child, report[0], err);
    close(report[0]);
    return error ? error : child;
}

/*
 * charon refuses to start when its pid file names a living process, and the old socket must not be
 * taken for the new one's. The last log is kept as .old.
 */
static int clear_charon_leftovers(const struct charon_paths *paths)
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
    charon_end_stale(paths); /* two charons must not share a directory */
    error = clear_charon_leftovers(paths);
    if (error) {
        err_set(err, "%s: %s", paths->run, strerror(-error));
        return error;
    }
    return spawn_charon(paths, err);
}
