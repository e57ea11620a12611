/*
 * Tells the service manager that btnsd is ready, and then, for its watchdog, that btnsd is alive
 * (sd_notify(3), without libsystemd).
 */
#include "btnsd/base/notify.h"

#include "btnsd/base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un manager = {.sun_family = AF_UNIX};
static socklen_t manager_len; /* 0: none */
static uint64_t alive_ms;

/* 0: there is no watchdog, or it watches another process. */
static uint64_t notify_watchdog_usec(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!usec || (pid && strtol(pid, NULL, 10) != getpid()))
        return 0;
    return strtoull(usec, NULL, 10);
}

void notify_init(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path ? strlen(path) : 0;
    if (len > 1 && len < sizeof manager.sun_path && (*path == '/' || *path == '@')) {
        memcpy(manager.sun_path, path, len);
        if (*path == '@')
            manager.sun_path[0] = '\0'; /* an abstract name */
        manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    }
    alive_ms = notify_watchdog_usec() / 2000;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

static void notify_manager(const char *text)
{
    if (!manager_len)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
                         (struct sockaddr *)&manager, manager_len) < 0)
        log_warning("the service manager was not told %s: %s", text, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void notify_ready(void)
{
    notify_manager("READY=1");
}

uint64_t notify_alive_ms(void)
{
    return manager_len ? alive_ms : 0;
}

void notify_alive(void)
{
    notify_manager("WATCHDOG=1");
}
