/*
 * Tells the service manager when btnsd is ready, over a socket that is a path or an abstract name.
 * TAP.
 */
#include "btnsd/base/notify.h"
#include "test/unit/check.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int manager(const char *name)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    memcpy(sa.sun_path, name, strlen(name));
    if (*name == '@')
        sa.sun_path[0] = '\0';
    if (bind(fd, (struct sockaddr *)&sa,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))))
        printf("# cannot bind %s\n", name);
    return fd;
}

/*
 * In a child, because a process notifies only one socket in its life. Returns true if it exited
 * well.
 */
static bool notifies(const char *socket)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (socket)
            setenv("NOTIFY_SOCKET", socket, 1);
        alarm(300);
        notify_init();
        notify_ready();
        _exit(getenv("NOTIFY_SOCKET") || getenv("WATCHDOG_USEC") || getenv("WATCHDOG_PID") ||
              notify_alive_ms());
    }
    return waitpid(pid, &status, 0) == pid && !status;
}

/* The interval between watchdog messages for these variables. */
static int beats(const char *usec, const char *pid, const char *socket)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        char own[16];
        snprintf(own, sizeof own, "%d", getpid());
        setenv("WATCHDOG_USEC", usec, 1);
        if (pid)
            setenv("WATCHDOG_PID", *pid ? pid : own, 1);
        if (socket)
            setenv("NOTIFY_SOCKET", socket, 1);
        notify_init();
        if (notify_alive_ms())
            notify_alive();
        _exit((int)notify_alive_ms());
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_watchdog(const char *path)
{
    char text[100];
    int fd = manager(path);
    check(beats("20000", "1", path) == 0, "a watchdog of another process is none of ours");
    check(beats("20000", NULL, NULL) == 0, "nobody to tell");
    check(beats("junk", NULL, path) == 0, "no number is no watchdog");
    check(recv(fd, text, sizeof text, 0) < 0, "nothing was told");
    check(beats("20000", NULL, path) == 10 && beats("20000", "", path) == 10,
          "twice as often as the watchdog wants");
    ssize_t n = recv(fd, text, sizeof text, 0);
    check(n == 10 && !memcmp(text, "WATCHDOG=1", 10), "it is told that we live");
    close(fd);
}

int main(void)
{
    char dir[80], path[120], abstract[120], text[100], longest[300];
    snprintf(path, sizeof path, "%s/s", scratch(dir, sizeof dir));
    snprintf(abstract, sizeof abstract, "@btns-unit-%d", getpid());
    const char *const names[] = {path, abstract};
    for (int i = 0; i < 2; i++) {
        int fd = manager(names[i]);
        bool ok = notifies(names[i]);
        ssize_t n = recv(fd, text, sizeof text, 0);
        check(ok && n == 7 && !memcmp(text, "READY=1", 7), "told, at %s", i ? "a name" : "a path");
        check(recv(fd, text, sizeof text, 0) < 0, "once; and children do not inherit the variable");
        close(fd);
    }
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    check(notifies(NULL) && notifies("") && notifies("@") && notifies("relative"),
          "nobody to tell: nothing is done");
    check(notifies(longest), "a path too long is nobody");
    check(notifies("/nonexistent/socket"), "a manager that went away is no reason to end");
    unlink(path);
    test_watchdog(path);
    scratch_remove(dir);
    return check_end();
}
