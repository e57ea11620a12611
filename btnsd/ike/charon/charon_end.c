/* Ends a private charon that outlived its btnsd. */
#include "btnsd/base/file.h"
#include "btnsd/ike/charon/charon_run.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define TERM_PATIENCE 3000 /* ms */
#define KILL_PATIENCE 1000

static pid_t charon_pid_in_file(const struct charon_paths *paths)
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

/* Does this process run the program that we start (or one that an upgrade has replaced since)? */
static bool runs_charon(pid_t pid, const char *binary)
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

static bool charon_ended_within(int pidfd, int ms)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    return poll(&p, 1, ms) == 1;
}

void charon_end_stale(const struct charon_paths *paths)
{
    pid_t pid = charon_pid_in_file(paths);
    int pidfd = pid ? pidfd_open(pid, 0) : -1;
    if (pidfd < 0)
        return;
    /* Checked after pidfd_open(): from here on, another process cannot get this pid. */
    if (runs_charon(pid, paths->binary)) {
        pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
        if (!charon_ended_within(pidfd, TERM_PATIENCE)) {
            pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
            charon_ended_within(pidfd, KILL_PATIENCE);
        }
    }
    close(pidfd);
}
